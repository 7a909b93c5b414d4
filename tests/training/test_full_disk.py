"""Disks that are full or not to be written, runs that are not what they were: one line is said, and nothing lost."""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands import CONFIG, run
from pecrs.data.files import read_json, remove_leftovers, replacing_folder, write_json
from pecrs.data.loaders.prepare import load_prepared, save_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.progress import silent
from pecrs.data.splits import Prepared
from pecrs.errors import CheckpointError, DataError
from pecrs.training.run_log import RunLog

SETTINGS = CONFIG.replace("epochs: 1,", "epochs: 2, checkpoint_minutes: 0.00001,")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Data, settings, and a run that was trained to its end."""
    place = tmp_path_factory.mktemp("disk")
    catalogue, talks = film_world(0, 30)
    save_prepared(place / "data", Prepared(catalogue, {"train": tuple(talks[:24]), "valid": tuple(talks[24:])}))
    (place / "tiny.yaml").write_text(SETTINGS)
    (place / "pretrain.yaml").write_text(
        "{start: scratch, scratch: {vocabulary: 400, hidden: 16, layers: 1, heads: 2, intermediate: 24, positions: 96},"
        " length: 48, batch_tokens: 600, tokens: 2000, item_texts: 2, held_out: 0.2, validations: 1}"
    )
    (place / "corpora").mkdir()
    (place / "corpora" / "a.jsonl").write_text(
        "".join(
            json.dumps({"turns": [["USER", f"Hello number {n}"], ["SYSTEM", "Good day"]]}) + "\n" for n in range(60)
        )
    )
    return place


@pytest.fixture
def folder(place, tmp_path, capsys) -> Path:
    """A copy of the run, so that a test may ruin it."""
    if not (place / "run").exists():
        code, _, error = run(capsys, *training(place, place / "run"))
        assert code == 0, error
    return Path(shutil.copytree(place / "run", tmp_path / "run"))


def training(place: Path, output: Path, *more: object) -> tuple[object, ...]:
    return ("train", place / "tiny.yaml", "--data", place / "data", "--output", output, *more)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def losses(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key not in ("tokens_per_second", "seconds")} for row in rows]


def refused(capsys, expected: str, *arguments: object) -> str:
    """Run a command that must end with one line and exit code 2."""
    code, _, error = run(capsys, *arguments)
    assert code == 2, error
    assert error.startswith("pecrs: ")
    assert error.count("\n") == 1
    assert expected in error
    return error


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let every file end after so many bytes: what is written beyond fails half-way, as on a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def read_only(monkeypatch):
    """Make everything below a folder read-only, for whoever runs the tests."""

    def forbid(folder: Path) -> None:
        def guarded(original, position=0):
            def call(*arguments, **named):
                path = arguments[position] if arguments else None
                mode = str(arguments[1]) if len(arguments) > 1 else str(named.get("mode", "r"))
                writes = original not in (open, io.open) or not mode.startswith("r") or "+" in mode
                if original is os.open:
                    writes = bool(arguments[1] & (os.O_WRONLY | os.O_RDWR))
                if writes and isinstance(path, str | Path) and Path(path).is_relative_to(folder):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
                return original(*arguments, **named)

            return call

        for module, name in (
            (os, "open"),
            (os, "mkdir"),
            (os, "rename"),
            (os, "replace"),
            (os, "unlink"),
            (io, "open"),
        ):
            monkeypatch.setattr(module, name, guarded(getattr(module, name)))
        monkeypatch.setattr(builtins, "open", guarded(open))

    return forbid


@pytest.mark.parametrize("limit", [0, 300, 3_000, 30_000])
def test_a_run_whose_disk_fills_up_goes_on_when_there_is_room(place, folder, limit, tmp_path, capsys):
    cut = tmp_path / "cut"
    with full_disk(limit):
        refused(capsys, str(cut), *training(place, cut))
    resume = ("--resume",) if (cut / "config.json").exists() else ()
    code, _, error = run(capsys, *training(place, cut, *resume))
    assert code == 0, error
    assert losses(cut) == losses(folder)
    assert not [path for path in cut.rglob(".*") if ".tmp-" in path.name]


@pytest.mark.parametrize("limit", [0, 300, 3_000])
def test_a_resumed_run_whose_disk_is_full_keeps_its_checkpoint_and_model(place, folder, limit, capsys):
    shutil.rmtree(folder / "model")
    progress = read_json(folder / "checkpoint" / "progress.json")
    write_json(folder / "checkpoint" / "progress.json", {**progress, "epoch": 1, "batch": 0, "step": 3})
    before = files_of(folder / "checkpoint")
    with full_disk(limit):
        refused(capsys, str(folder), *training(place, folder, "--resume"))
    assert files_of(folder / "checkpoint") == before
    assert not [path for path in folder.rglob(".*") if ".tmp-" in path.name]


WRITERS = {
    "prepare": ("prepare", "generic", "--source", "{own}", "--output", "{output}"),
    "predict": ("predict", "--model", "{run}", "--data", "{data}", "--output", "{output}/p.jsonl"),
    "evaluate": ("evaluate", "--model", "{run}", "--data", "{data}", "--output", "{output}"),
    "export": ("export", "{run}", "--output", "{output}/small"),
    "train": ("train", "{tiny}", "--data", "{data}", "--output", "{output}/run"),
    "pretrain": ("pretrain", "{pretrain}", "--corpora", "{corpora}", "--output", "{output}/stage"),
    "reproduce": ("reproduce", "table1", "--output", "{output}"),
    "download": ("download", "redial", "--output", "{output}"),
}


def written(command: str, place: Path, folder: Path, output: Path) -> tuple[str, ...]:
    own = folder.parent / "own"
    own.mkdir()
    (own / "catalogue.csv").write_text("id,title\nb1,The Sea House\n")
    (own / "dialogues.jsonl").write_text('{"id": "1", "turns": [{"speaker": "seeker", "text": "Hello"}]}\n')
    names = ("data", "pretrain.yaml", "corpora", "tiny.yaml")
    places = {name.removesuffix(".yaml"): place / name for name in names}
    return tuple(part.format(**places, own=own, run=folder, output=output) for part in WRITERS[command])


@pytest.mark.parametrize("command", [name for name in WRITERS if name != "download"])
def test_every_writer_tells_a_full_disk_in_one_line(command, place, folder, tmp_path, capsys):
    output = tmp_path / "out"
    arguments = written(command, place, folder, output)
    for limit in (0, 100):
        with full_disk(limit):
            refused(capsys, str(output), *arguments)
    assert not [path for path in output.rglob("*") if path.is_file() and path.suffix in (".jsonl", ".safetensors")]


def test_a_disk_that_fills_up_keeps_the_prepared_folder_that_was_there(place, folder, tmp_path, capsys):
    output = tmp_path / "out"
    arguments = written("prepare", place, folder, output)
    assert run(capsys, *arguments)[0] == 0
    before = files_of(output)
    (folder.parent / "own" / "catalogue.csv").write_text("id,title\nb1,The Lake House\n")
    with full_disk(100):  # the catalogue fits, the dialogues do not
        refused(capsys, str(output), *arguments)
    assert files_of(output) == before


@pytest.mark.parametrize("command", WRITERS)
def test_every_writer_tells_a_read_only_disk_in_one_line(command, place, folder, tmp_path, capsys, read_only):
    output = tmp_path / "out"
    output.mkdir()
    arguments = written(command, place, folder, output)
    read_only(output)
    refused(capsys, str(output), *arguments)
    assert not list(output.iterdir())


def test_a_disk_that_fills_up_keeps_earlier_predictions(place, folder, tmp_path, capsys):
    arguments = written("predict", place, folder, tmp_path / "out")
    assert run(capsys, *arguments)[0] == 0
    before = files_of(tmp_path / "out")
    with full_disk(500):
        refused(capsys, "p.jsonl", *arguments)
    assert files_of(tmp_path / "out") == before


def test_a_log_that_cannot_be_written_is_told_and_the_checkpoint_is_kept(place, folder, capsys):
    before = files_of(folder / "checkpoint")
    (folder / "log.jsonl").unlink()
    (folder / "log.jsonl").mkdir()
    refused(capsys, f"{folder}: the log cannot be written", *training(place, folder, "--resume"))
    assert files_of(folder / "checkpoint") == before


def test_tensorboard_that_cannot_write_ends_the_run_by_one_error(tmp_path, capfd):
    log = RunLog(tmp_path, 10_000, 0, silent)

    def write() -> None:
        with log:
            log._file.close()
            log._file = io.StringIO()
            for step in range(10_000):
                log.step(0, step, {"total": 1.0}, 1, 1.0)

    with full_disk(1000), pytest.raises(CheckpointError, match="the log cannot be written: File too large"):
        write()
    assert capfd.readouterr() == ("", "")


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize("name", ["state.safetensors", "progress.json"])
def test_a_cut_checkpoint_is_named_and_kept(name, place, folder, capsys):
    shorten(folder / "checkpoint" / name)
    before = files_of(folder)
    refused(capsys, f"{folder}/checkpoint/{name}: broken checkpoint", *training(place, folder, "--resume"))
    assert files_of(folder) == before


@pytest.mark.parametrize(
    "name", ["heads.safetensors", "item_vectors.safetensors", "backbone.safetensors", "base/model.safetensors"]
)
def test_a_cut_model_file_is_named(name, folder, capsys):
    shorten(folder / "model" / name)
    refused(capsys, f"{folder}/model/{name}", "chat", "--model", folder, "--message", "Hello")


@pytest.mark.parametrize("split", ["train", "valid"])
def test_changed_data_are_told_and_the_run_is_kept(split, place, folder, tmp_path, capsys):
    data = load_prepared(place / "data")
    splits = {name: part[:-1] if name == split else part for name, part in data.splits.items()}
    save_prepared(tmp_path / "other", Prepared(data.catalogue, splits))
    before = files_of(folder)
    arguments = training(place, folder, "--resume", "--data", tmp_path / "other")
    refused(capsys, f"{folder}/checkpoint: the checkpoint was made on other training data", *arguments)
    assert files_of(folder) == before


def test_a_changed_configuration_is_told_and_the_run_is_kept(place, folder, capsys):
    before = files_of(folder)
    error = refused(capsys, "training.seed: ", *training(place, folder, "--resume", "--set", "training.seed=4"))
    assert str(folder) in error
    assert files_of(folder) == before


def test_what_a_killed_start_leaves_does_not_stop_the_next(place, folder, tmp_path, capsys):
    started = tmp_path / "started"
    for name in (".config.json.tmp-abcdefgh", ".base.tmp-01234567/model.safetensors"):
        (started / name).parent.mkdir(parents=True, exist_ok=True)
        (started / name).write_text("cut")
    code, _, error = run(capsys, *training(place, started))
    assert code == 0, error
    assert losses(started) == losses(folder)
    assert not [path for path in started.iterdir() if path.name.startswith(".")]


def test_leftovers_are_removed_and_nothing_else(tmp_path):
    kept = [".settings", ".model.old/config.json", ".my.settings", "a.tmp-abcdefgh", ".x.tmp-abc", ".x.tmp-ABCDEFGH"]
    for name in (*kept, ".log.jsonl.tmp-abcdefgh", "sub/.model.tmp-a_cdefg1/model.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    remove_leftovers(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), Exception("No space left")])
def test_a_folder_that_fails_half_way_keeps_the_old_one(error, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").write_text("")

    def fail() -> None:
        with replacing_folder(tmp_path / "model") as new:
            (new / "half").write_text("")
            raise error

    with pytest.raises(CheckpointError, match=r"model: cannot be written: .*No space left"):
        fail()
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["model", "model/old"]


def test_an_error_of_the_program_is_not_taken_for_one_of_the_disk(tmp_path):
    with pytest.raises(ZeroDivisionError), replacing_folder(tmp_path / "model"):
        raise ZeroDivisionError
    with full_disk(0), pytest.raises(DataError, match=r"x\.json: cannot be written: File too large"):
        write_json(tmp_path / "x.json", [1])
    assert not list(tmp_path.iterdir())
