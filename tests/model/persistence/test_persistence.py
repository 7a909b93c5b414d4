"""A model folder gives the same scores wherever it is loaded, holds no code or path, and is replaced whole or not."""

from __future__ import annotations

import json
import os
import resource
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pecrs.data.truecase import Truecaser
from pecrs.errors import CheckpointError, ConfigError
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import LAYOUT, export_pretrained, from_pretrained, model_folder
from tiny import FAMILIES, World, all_scores, load_folder, make_world, save_folder, tiny_config, world


def shaken(family: str, tuning: str = "lora", seed: int = 0, **model: object) -> PecrsModel:
    """A model in which nothing that is trained is at its initial value."""
    made = world(family).model(tiny_config(tuning, model=model))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.trained_parameters().values():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    made.refresh_vectors()
    return made.eval()


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_folder(shaken("bert"), folder, world("bert").base, include_base=True)
    return folder


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "model"))


def same_scores(one: PecrsModel, other: PecrsModel, place: World) -> None:
    batch = place.batch(one)
    left, right = all_scores(one, batch), all_scores(other, batch)
    assert set(left) == set(right) >= {"retrieval", "tokens", "decisions"}
    for name, scores in left.items():
        assert torch.isfinite(scores).all()
        assert torch.equal(scores, right[name]), name


@pytest.mark.parametrize("tuning", ["lora", "full"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_round_trip_keeps_every_score(family, tuning, tmp_path):
    model, place = shaken(family, tuning), world(family)
    config = tiny_config(tuning, generation={"shortlist": 3, "unseen_bias": -0.5}, seed=7)
    save_folder(model, tmp_path / "model", place.base, include_base=True, config=config)
    pretrained = from_pretrained(tmp_path / "model")
    loaded = pretrained.model
    same_scores(model, loaded, place)
    assert not loaded.training
    assert pretrained.config == config
    assert (loaded.settings, loaded.data, loaded.catalogue) == (model.settings, model.data, model.catalogue)
    new = model.catalogue.items[:3]
    assert torch.equal(loaded.encode_new_items(new), model.encode_new_items(new))
    assert set(loaded.trained_parameters()) == set(model.trained_parameters())


@pytest.mark.parametrize(
    "model",
    [
        {"reranker": False, "item_embedding": False, "popularity_bias": "none"},
        {"popularity_bias": "learned", "similarity": "angular", "learn_scale": False, "candidate_position": "zero"},
    ],
)
def test_a_round_trip_keeps_every_score_of_variants(model, tmp_path):
    made = shaken("llama", **model)
    save_folder(made, tmp_path / "model", world("llama").base, include_base=False)
    same_scores(made, load_folder(tmp_path / "model"), world("llama"))


def test_a_loaded_model_saves_to_an_equal_folder(folder, tmp_path):
    save_folder(load_folder(folder), tmp_path / "again", str(folder / LAYOUT.base), include_base=True)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert (tmp_path / "again" / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_only_safetensors_and_json_lie_on_disk_and_no_path_of_the_machine(tmp_path):
    for family in FAMILIES:
        for tuning in ("lora", "full"):
            place = make_world(tmp_path / f"source-{family}-{tuning}", family, dialogues=2)
            folder = tmp_path / f"{family}-{tuning}"
            save_folder(place.model(tiny_config(tuning)), folder, place.base, include_base=True)
            files = [path for path in folder.rglob("*") if path.is_file()]
            assert {path.suffix for path in files} == {".safetensors", ".json", ".jsonl"}
            for path in files:
                assert str(tmp_path).encode() not in path.read_bytes(), path
                assert str(Path.home()).encode() + b"/" not in path.read_bytes(), path
                if path.suffix == ".json":
                    json.loads(path.read_text())
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_folder_with_its_base_may_move(folder, tmp_path):
    moved = folder.rename(tmp_path / "moved")
    same_scores(load_folder(moved), shaken("bert"), world("bert"))


def test_without_its_base_a_folder_names_it_and_takes_another_place(tmp_path):
    place = make_world(tmp_path / "one", "llama", dialogues=4)
    model = place.model(tiny_config())
    save_folder(model, tmp_path / "model", place.base, include_base=False)
    assert not (tmp_path / "model" / LAYOUT.base).exists()
    assert json.loads((tmp_path / "model" / LAYOUT.marker).read_text())["base"] == place.base
    same_scores(model, load_folder(tmp_path / "model"), place)
    (tmp_path / "one").rename(tmp_path / "two")
    with pytest.raises(CheckpointError, match=r"model\.backbone"):
        load_folder(tmp_path / "model")
    moved = place.base.replace("/one/", "/two/")
    same_scores(model, load_folder(tmp_path / "model", base=moved), place)


def test_a_name_of_a_hub_is_kept_as_it_is(tmp_path):
    save_folder(shaken("llama"), tmp_path / "model", "someone/some-model", include_base=False)
    assert json.loads((tmp_path / "model" / LAYOUT.marker).read_text())["base"] == "someone/some-model"
    same_scores(load_folder(tmp_path / "model", base=world("llama").base), shaken("llama"), world("llama"))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("limit", [0, 3_000, 60_000])
def test_a_disk_that_fills_up_leaves_the_old_model(folder, limit):
    before = files_of(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(CheckpointError, match="cannot be written"):
            save_folder(shaken("bert", seed=1), folder, world("bert").base, include_base=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_of(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    load_folder(folder)


@pytest.mark.parametrize("step", ["away", "in"])
def test_a_swap_that_fails_leaves_the_old_model(folder, monkeypatch, step):
    before, rename, failed = files_of(folder), os.replace, []

    def replace(self: Path, target: Path) -> Path:
        if not failed and (self if step == "away" else target) == folder:
            failed.append(self)
            raise OSError(5, "Input/output error")
        rename(self, target)
        return Path(target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_folder(shaken("bert", seed=1), folder, world("bert").base, include_base=True)
    assert failed
    assert files_of(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_new_model_replaces_the_old_one(folder):
    save_folder(shaken("bert", seed=1), folder, world("bert").base, include_base=True)
    same_scores(load_folder(folder), shaken("bert", seed=1), world("bert"))
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_not_a_model_is_never_replaced(tmp_path, kind):
    target = tmp_path / "precious"
    if kind == "folder":
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
    else:
        target.write_text("mine")
    with pytest.raises(CheckpointError, match="not a model folder"):
        save_folder(shaken("llama"), target, world("llama").base, include_base=False)
    assert (target / "thesis.txt" if kind == "folder" else target).read_text() == "mine"


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))


@pytest.mark.parametrize("tuning", ["lora", "full"])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_exported_model_is_smaller_and_stands_alone(family, tuning, tmp_path):
    made = make_world(tmp_path, family)
    model = shaken(family, tuning)
    save_folder(model, tmp_path / "model", made.base, include_base=False)
    export_pretrained(tmp_path / "model", tmp_path / "small", without=["plot"])
    save_folder(model, tmp_path / "model", made.base, include_base=True)
    assert size(tmp_path / "small") < size(tmp_path / "model")
    shutil.rmtree(made.base)
    shutil.rmtree(tmp_path / "model")
    small = load_folder(tmp_path / "small")
    assert small.item_encoder.embedding is None
    assert not any(str(tmp_path) in path.read_text() for path in (tmp_path / "small").rglob("*.json"))
    assert "plot" not in small.catalogue.fields
    assert not any(item.values("plot") for item in small.catalogue)
    assert [item.name for item in small.catalogue] == [item.name for item in model.catalogue]
    norms = small.catalogue_vectors.norm(dim=1)
    torch.testing.assert_close(norms, small.item_encoder.scale.expand(len(norms)))
    batch = world(family).batch(model)
    left, right = all_scores(model, batch), all_scores(small, batch)
    for name, scores in left.items():
        assert float((scores - right[name]).abs().mean()) < 0.05 * float(scores.std()) + 1e-4, name


def test_an_export_of_an_export_is_the_same(tmp_path, folder):
    export_pretrained(folder, tmp_path / "one")
    export_pretrained(tmp_path / "one", tmp_path / "two")
    for path in (tmp_path / "one").rglob("*.safetensors"):
        other = load_file(tmp_path / "two" / path.relative_to(tmp_path / "one"))
        # Item vectors are brought to their norm when they are read, which in few dimensions may move a last bit.
        tolerance = 2**-10 if path.name == LAYOUT.vectors else 0
        for name, tensor in load_file(path).items():
            torch.testing.assert_close(other[name], tensor, rtol=tolerance, atol=0, msg=f"{path.name}: {name}")


def test_an_export_may_change_how_replies_are_made_and_keeps_spellings(tmp_path, folder):
    (folder / LAYOUT.truecaser).write_text('{"i": "I"}')
    export_pretrained(folder, tmp_path / "small", overrides=["strategy=greedy", "decision_threshold=0.4"])
    before, after = from_pretrained(folder), from_pretrained(tmp_path / "small")
    assert (after.config.generation.strategy, after.config.generation.decision_threshold) == ("greedy", 0.4)
    assert after.config.generation.top_k == before.config.generation.top_k
    assert after.model.truecaser == Truecaser({"i": "I"})
    with pytest.raises(ConfigError, match="nope"):
        export_pretrained(folder, tmp_path / "other", overrides=["nope=1"])
    (folder / LAYOUT.truecaser).write_text('{"i": 1}')
    with pytest.raises(CheckpointError, match=r"truecase\.json"):
        load_folder(folder)


def test_a_folder_of_an_older_version_is_read_with_its_names(tmp_path, folder):
    marker = json.loads((folder / LAYOUT.marker).read_text())
    training, generation = marker["config"]["training"], marker["config"]["generation"]
    training["pass_tokens"], training["item_embedding_start"] = 512, "comentions"
    generation["follow_wishes"] = False
    del training["micro_batch_tokens"], generation["follow_constraints"]
    (folder / LAYOUT.marker).write_text(json.dumps(marker))
    (folder / "spelling.json").write_text('{"i": "I"}')
    loaded = from_pretrained(folder)
    assert loaded.config.training.micro_batch_tokens == 512
    assert loaded.config.training.item_embedding_start == "cooccurrence"
    assert not loaded.config.generation.follow_constraints
    assert loaded.model.truecaser == Truecaser({"i": "I"})
    export_pretrained(folder, tmp_path / "new")
    assert json.loads((tmp_path / "new" / LAYOUT.truecaser).read_text()) == {"i": "I"}
    (folder / LAYOUT.truecaser).write_text('{"we": "We"}')
    assert load_folder(folder).truecaser == Truecaser({"we": "We"})


def test_a_model_that_replaces_an_older_one_does_not_take_its_words(folder):
    model = load_folder(folder)
    (folder / "spelling.json").write_text('{"i": "I"}')
    save_folder(model, folder, world("bert").base, include_base=True)
    assert load_folder(folder).truecaser is None


def test_an_export_names_the_field_that_is_none_and_spares_what_is_not_a_model(tmp_path, folder):
    with pytest.raises(ConfigError, match="without: 'colour' is none of the catalogue's fields title"):
        export_pretrained(folder, tmp_path / "small", without=["colour"])
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="not a model folder"):
        export_pretrained(folder, tmp_path / "precious")
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["thesis.txt"]
    assert not (tmp_path / "small").exists()


def test_an_export_replaces_neither_a_run_nor_what_it_is_made_of(tmp_path, folder):
    run = tmp_path / "run"
    shutil.copytree(folder, run / "model")
    (run / "config.json").write_text("{}")
    (run / "checkpoint").mkdir()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(CheckpointError, match=r"run: not replaced: it is not a model folder"):
        export_pretrained(folder, run)
    with pytest.raises(CheckpointError, match="not replaced: it is what is to be exported"):
        export_pretrained(folder, tmp_path / "run" / ".." / "model")
    with pytest.raises(CheckpointError, match="not replaced"):
        export_pretrained(folder, run / "config.json")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_is_no_part_of_a_model_outlives_it(tmp_path, folder):
    export_pretrained(folder, tmp_path / "small")
    (tmp_path / "small" / "MODEL_CARD.md").write_text("What it is for.")
    (tmp_path / "small" / "figures").mkdir()
    (tmp_path / "small" / "figures" / "recall.txt").write_text("0.5")
    (tmp_path / "small" / LAYOUT.truecaser).write_text('{"i": "I"}')  # the source has none
    export_pretrained(folder, tmp_path / "small")
    assert (tmp_path / "small" / "MODEL_CARD.md").read_text() == "What it is for."
    assert (tmp_path / "small" / "figures" / "recall.txt").read_text() == "0.5"
    assert load_folder(tmp_path / "small").truecaser is None


def test_a_run_stands_for_its_best_model(tmp_path, folder):
    assert model_folder(folder) == folder
    assert model_folder(folder.parent) == folder
    with pytest.raises(CheckpointError, match="no such folder"):
        model_folder(tmp_path / "nowhere")


NEEDED = (
    "config.json", "heads.safetensors", "item_vectors.safetensors", "catalogue.jsonl", "tokenizer/tokenizer.json",
    "adapter/adapter_model.safetensors", "adapter/adapter_config.json", "base/model.safetensors", "base/config.json",
)  # fmt: skip


@pytest.mark.parametrize("content", [None, b"cut", b"5", b"\x80\x04\x95\x05pickle"])
@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_cut_or_foreign_file_is_a_checkpoint_error(folder, name, content):
    path = folder / name
    whole = path.read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(whole[: len(whole) // 2] if content == b"cut" else content)
    with pytest.raises(CheckpointError, match=str(folder)):
        load_folder(folder)


def test_files_of_another_model_are_checkpoint_errors(folder, tmp_path):
    other = tmp_path / "other"
    save_folder(shaken("llama_untied", item_embedding=False), other, world("llama_untied").base, include_base=True)
    for name in ("heads.safetensors", "adapter", "base"):
        kept = folder.parent / "kept"
        (folder / name).rename(kept)
        (shutil.copytree if (other / name).is_dir() else shutil.copy)(other / name, folder / name)
        with pytest.raises(CheckpointError):
            load_folder(folder)
        shutil.rmtree(folder / name) if kept.is_dir() else (folder / name).unlink()
        kept.rename(folder / name)
    load_folder(folder)


@pytest.mark.parametrize("change", [{"format": 1}, {"format": None}, {"config": {"model": {"lora": {"rnk": 1}}}}])
def test_another_format_or_an_unknown_field_is_refused(folder, change):
    marker = json.loads((folder / LAYOUT.marker).read_text())
    (folder / LAYOUT.marker).write_text(json.dumps({**marker, **change}))
    with pytest.raises(CheckpointError, match=r"format 3|unknown field"):
        load_folder(folder)


def test_what_is_no_folder_is_a_checkpoint_error(tmp_path):
    for name in ("nothing", "file"):
        (tmp_path / "file").write_text("")
        with pytest.raises(CheckpointError, match="not a model folder"):
            load_folder(tmp_path / name)


class Mine:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_a_planted_pickle_is_never_opened(folder, tmp_path):
    mark = tmp_path / "opened"
    torch.save(Mine(mark), tmp_path / "pickle.bin")
    payload = (tmp_path / "pickle.bin").read_bytes()
    names = ["pytorch_model.bin", "adapter_model.bin", "model.pt", "training_args.bin"]
    for place in (folder, folder / "adapter", folder / "base", folder / "tokenizer"):
        for name in names:
            (place / name).write_bytes(payload)
    load_folder(folder)
    assert not mark.exists()
    for name in ("heads.safetensors", "adapter/adapter_model.safetensors", "base/model.safetensors"):
        whole = (folder / name).read_bytes()
        for content in (None, payload):
            (folder / name).unlink(missing_ok=True)
            if content is not None:
                (folder / name).write_bytes(content)
            with pytest.raises(CheckpointError):
                load_folder(folder)
        (folder / name).write_bytes(whole)
    assert not mark.exists()
    torch.load(tmp_path / "pickle.bin", weights_only=False)
    assert mark.exists()  # the trap works
