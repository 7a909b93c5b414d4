"""A stranger's model folder and archives: nothing in them runs, reaches outside, or takes more than it has."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file
from test_persistence import same_scores, shaken

from pecrs.data import files
from pecrs.data.loaders import redial
from pecrs.data.loaders.download import unpack
from pecrs.data.loaders.prepare import prepare
from pecrs.errors import CheckpointError, ConfigError, DataError, PecrsError
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.persistence import folder as persistence
from pecrs.training.pretrain.corpora import read_corpora
from tiny import load_folder, save_folder, world

DEEP = "[" * 100_000 + "]" * 100_000
TRAP = "from pathlib import Path\nPath({mark!r}).touch()\nclass Evil:\n    pass\n"


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("untrusted") / "model"
    save_folder(shaken("llama"), folder, world("llama").base, include_base=True)
    return folder


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "model"))


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def change_config(folder: Path, section: str, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())["config"]
    *parents, last = section.split(".")
    place = config
    for name in parents:
        place = place[name]
    place[last] = {**place[last], **values}
    change(folder / "config.json", config=config)


def move_shard(folder: Path, name: str) -> None:
    """Leave the weights of the base outside, named by an index."""
    weights = folder / "base" / "model.safetensors"
    names = dict.fromkeys(load_file(weights), name)
    weights.rename(folder.parent / "outside.safetensors")
    index = folder / "base" / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": names}))


def link(path: Path) -> None:
    """Replace a file or folder by a link to it outside."""
    outside = path.parents[1] / "outside"
    path.rename(outside)
    path.symlink_to(outside)


def declare(path: Path, shape: list[int], size: int) -> None:
    """Write safetensors that declare a tensor of a shape and a size, and hold four bytes."""
    header = json.dumps({"states": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


HEADS, BASE = "heads.safetensors", "base/config.json"
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a shard above": (lambda f: move_shard(f, "../../outside.safetensors"), r"index\.json: weight_map.*would leave"),
    "an absolute shard": (lambda f: move_shard(f, "/tmp/outside.safetensors"), r"index\.json: weight_map.*would leave"),
    "a shard of Windows": (lambda f: move_shard(f, "..\\outside.safetensors"), r"index\.json: weight_map.*would leave"),
    "weights named elsewhere": (lambda f: change(f / BASE, transformers_weights="../x.safetensors"), r"would leave"),
    "a vocabulary elsewhere": (
        lambda f: change(f / "tokenizer/tokenizer_config.json", vocab_file="/etc/passwd"),
        r"tokenizer_config\.json: vocab_file: '/etc/passwd' would leave",
    ),
    "a linked file": (lambda f: link(f / HEADS), r"heads\.safetensors: the link leaves"),
    "a linked folder": (lambda f: link(f / "adapter"), r"adapter: the link leaves"),
    "a pipe": (lambda f: (os.remove(f / BASE), os.mkfifo(f / BASE)), r"config\.json: neither a file nor a folder"),
    "a broken link": (lambda f: (f / "notes").symlink_to("nowhere"), r"notes: neither a file nor a folder"),
    "a deep marker": (lambda f: (f / "config.json").write_text(DEEP), r"config\.json: broken JSON"),
    "a deep base": (lambda f: (f / BASE).write_text(DEEP), r"base/config\.json: broken JSON"),
    "a deep tokeniser": (lambda f: (f / "tokenizer/tokenizer.json").write_text(DEEP), "no tokeniser can be loaded"),
    "deep settings of the tokeniser": (
        lambda f: (f / "tokenizer/tokenizer_config.json").write_text(DEEP),
        r"tokenizer_config\.json: broken JSON",
    ),
    "deep adapters": (lambda f: (f / "adapter/adapter_config.json").write_text(DEEP), r"adapter_config.*broken JSON"),
    "deep truecaser": (lambda f: (f / "truecase.json").write_text(DEEP), r"truecase\.json: broken JSON"),
    "a deep item": (lambda f: (f / "catalogue.jsonl").write_text('{"fields": ["title"]}\n' + DEEP), r"jsonl:2: broken"),
    "an unknown field": (lambda f: change(f / "config.json", extra=1), r"config\.json: unknown field 'extra'"),
    "a base that is no name": (lambda f: change(f / "config.json", base=["x"]), r"config\.json: base"),
    "an unknown setting": (lambda f: change_config(f, "model", code="x"), "unknown field"),
    "a huge tensor": (lambda f: declare(f / HEADS, [2**40], 2**42), r"heads\.safetensors: cannot be read"),
    "a tensor of another size": (lambda f: declare(f / HEADS, [2**40], 4), r"heads\.safetensors: cannot be read"),
    "a product that overflows": (lambda f: declare(f / HEADS, [2**33, 2**33], 4), r"heads\.safetensors: cannot be"),
    "a huge header": (
        lambda f: (f / HEADS).write_bytes(struct.pack("<Q", 2**60) + b"{}"),
        r"heads\.safetensors: cannot be read",
    ),
    "a cut file": (
        lambda f: (f / "base/model.safetensors").write_bytes((f / "base/model.safetensors").read_bytes()[:-9]),
        r"base/model\.safetensors: cannot be read",
    ),
    "very many layers": (lambda f: change(f / BASE, num_hidden_layers=10**9), "num_hidden_layers: 1000000000 is"),
    "a huge vocabulary": (lambda f: change(f / BASE, vocab_size=10**10), r"base/config\.json: .* weights are declared"),
    "a huge width": (lambda f: change(f / BASE, hidden_size=10**6, head_dim=8), r"base/config\.json: .* declared"),
    "a width beyond numbers": (lambda f: change(f / BASE, intermediate_size=10**30), r"base/config\.json"),
    "long item texts": (lambda f: change_config(f, "data", max_item_tokens=10**12), r"heads.*max_item_tokens"),
    "huge adapters": (lambda f: change_config(f, "model.lora", rank=10**9), r"adapter_model.*rank 1000000000"),
    "other adapters": (lambda f: change(f / "adapter/adapter_config.json", use_dora=True), r"adapter_config.*use_dora"),
    "adapters of another kind": (
        lambda f: change(f / "adapter/adapter_config.json", peft_type="XLORA", adapters={"0": "/etc"}),
        r"adapter_config.*peft_type",
    ),
    "adapters that import": (
        lambda f: change(f / "adapter/adapter_config.json", megatron_config={"x": 1}, megatron_core="evil"),
        r"adapter_config.*megatron_co",
    ),
    "adapters chosen by a pattern": (
        lambda f: change(f / "adapter/adapter_config.json", target_modules="(a+)+b"),
        r"adapter_config.*target_modules",
    ),
    "a model of its own code": (
        lambda f: change(f / BASE, model_type="evil", auto_map={"AutoModelForCausalLM": "evil.Evil"}),
        r"base/config\.json: not a causal language model",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_folder_that_is_not_what_it_says_is_refused_by_the_name_of_the_file(kind, folder, tmp_path, monkeypatch):
    damage, message = REFUSED[kind]
    damage(folder)
    for place in (folder / "base" / "evil.py", tmp_path / "path" / "evil.py"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(TRAP.format(mark=str(tmp_path / "ran")))
    monkeypatch.syspath_prepend(str(tmp_path / "path"))
    with pytest.raises(CheckpointError, match=message):
        load_folder(folder)
    assert "evil" not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_the_trap_works(tmp_path, monkeypatch):
    (tmp_path / "evil_trap.py").write_text(TRAP.format(mark=str(tmp_path / "ran")))
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("evil_trap")
    assert (tmp_path / "ran").exists()


def test_code_beside_a_known_family_is_not_run(folder, tmp_path):
    code = {name: "evil.Evil" for name in ("AutoConfig", "AutoModelForCausalLM", "AutoModel")}
    change(folder / BASE, auto_map=code)
    change(folder / "tokenizer/tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.Evil", "evil.Evil"]})
    for place in ("base", "tokenizer", "adapter", "."):
        (folder / place / "evil.py").write_text(TRAP.format(mark=str(tmp_path / "ran")))
    same_scores(load_folder(folder), shaken("llama"), world("llama"))
    assert not (tmp_path / "ran").exists()


def test_a_chat_template_is_never_rendered(folder):
    template = "{{ 1 // 0 }}{% for i in range(10**12) %}x{% endfor %}"
    change(folder / "tokenizer/tokenizer_config.json", chat_template=template)
    (folder / "tokenizer/chat_template.jinja").write_text(template)
    recommender = Recommender(load_folder(folder))
    assert recommender.model.vocabulary.tokenizer.chat_template == template
    same_scores(recommender.model, shaken("llama"), world("llama"))


def test_adapters_that_name_another_base_stay_on_the_one_at_hand(folder):
    change(folder / "adapter/adapter_config.json", base_model_name_or_path="/etc", revision="main")
    same_scores(load_folder(folder), shaken("llama"), world("llama"))


def test_adapters_beside_the_base_are_not_loaded_with_it(folder):
    (folder / "base/adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "/etc"}')
    with pytest.raises(CheckpointError, match=r"base/adapter_config\.json: adapters do not belong there"):
        load_folder(folder)


def test_links_inside_a_folder_and_of_a_hub_cache_are_followed(saved, tmp_path):
    snapshot, blobs = tmp_path / "models--a--b/snapshots/0123", tmp_path / "models--a--b/blobs"
    blobs.mkdir(parents=True)
    for number, path in enumerate(sorted(path for path in saved.rglob("*") if path.is_file())):
        shutil.copy(path, blobs / str(number))
        place = snapshot / path.relative_to(saved)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(Path(os.path.relpath(blobs / str(number), place.parent)))
    (snapshot / "again.json").symlink_to("config.json")
    same_scores(load_folder(snapshot), shaken("llama"), world("llama"))


def test_files_of_a_backbone_that_are_not_what_their_names_say_are_told(tmp_path):
    vocabulary = shaken("llama").vocabulary
    for name, content in (("config.json", DEEP), ("tokenizer.json", DEEP), ("config.json", "5")):
        base = Path(shutil.copytree(world("llama").base, tmp_path / f"{name}-{len(content)}"))
        (base / name).write_text(content)
        with pytest.raises(ConfigError, match=r"^model\.backbone: "):
            load_tokenizer(str(base)) if name == "tokenizer.json" else load_base(str(base), vocabulary)


def test_the_package_reads_no_pickle_and_trusts_no_code():
    package = Path(persistence.__file__).parents[2]
    sources = {path: path.read_text() for path in package.rglob("*.py")}
    del sources[package / "cluster" / "jobs.py"]  # between a job and the workers that it started itself
    assert len(sources) > 100
    for path, text in sources.items():
        for forbidden in (
            "torch.load(",
            "pickle.load",
            "import pickle",
            "trust_remote_code=True",
            "weights_only=False",
        ):
            assert forbidden not in text, (path, forbidden)


# Archives and originals


def archive(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, content in members:
            stream.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", b"x")],
        [("/tmp/evil", b"x")],
        [("a\\..\\..\\evil", b"x")],
        [("SHA256SUMS", b"x")],
        [("a.zip", b"x")],
        [("a", b"x"), ("a/b", b"x")],
        [("a/b", b"x"), ("a", b"x")],
        [("n" * 300, b"x")],
        [("big", bytes(10**6))],
    ],
    ids=["above", "absolute", "windows", "record", "itself", "under a file", "over a folder", "long name", "bomb"],
)
def test_an_archive_stays_inside_its_folder_and_its_limit(members, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "SHA256SUMS").write_text("mine")
    with pytest.raises(DataError):
        unpack(archive(tmp_path / "a.zip", ("good", b"x"), *members), out, 10**5)
    assert (out / "SHA256SUMS").read_text() == "mine"
    assert not (tmp_path / "evil").exists()
    assert not [path for path in out.rglob("*") if path.name.startswith(".unpack")]


def test_a_link_in_an_archive_is_not_made(tmp_path):
    member = zipfile.ZipInfo("link")
    member.external_attr = 0o120777 << 16
    with pytest.raises(DataError, match="not a plain file"):
        unpack(archive(tmp_path / "a.zip", (member, b"/etc/passwd"), ("link/x", b"x")), tmp_path / "out", 100)
    assert not list((tmp_path / "out").iterdir())


CATALOGUE = b"movieId,movieName\n1,Alien (1979)\n"


def test_an_archive_is_read_in_place_wherever_its_members_want_to_be(tmp_path):
    dialogue = {
        "conversationId": "1", "initiatorWorkerId": 1, "respondentWorkerId": 2,
        "messages": [{"text": "@1", "senderWorkerId": 2}],
    }  # fmt: skip
    lines = json.dumps(dialogue).encode() + b"\n"
    other = json.dumps({**dialogue, "conversationId": "2"}).encode()
    members = [
        ("../movies_with_mentions.csv", CATALOGUE),
        ("/train_data.jsonl", lines),
        ("a/../valid_data.jsonl", other),
    ]
    try:
        prepare("redial", archive(tmp_path / "a.zip", *members), tmp_path / "out")
    except PecrsError:  # that zipfile cannot open such names is as good
        pass
    assert {path.name for path in tmp_path.iterdir()} <= {"a.zip", "out"}


def test_a_bomb_in_an_original_archive_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(redial, "_MAX_UNPACKED", 10**5)
    source = archive(tmp_path / "a.zip", ("movies_with_mentions.csv", CATALOGUE), ("train_data.jsonl", bytes(10**6)))
    with pytest.raises(DataError, match=r"train_data\.jsonl would unpack to more than 100,000 bytes"):
        prepare("redial", source, tmp_path / "out")


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_MAX_LINE", 1000)
    with gzip.open(tmp_path / "a.jsonl.gz", "wb") as stream:
        stream.write(b'{"turns": []}\n' + b" " * 10**6)
    with pytest.raises(DataError, match=r"a\.jsonl\.gz:2: the line is longer than 1,000 characters"):
        list(read_corpora(tmp_path))
    (tmp_path / "catalogue.csv").write_bytes(b"id,title\n1," + b"x" * 10**6)
    (tmp_path / "dialogues.jsonl").write_text("")
    with pytest.raises(DataError, match=r"catalogue\.csv:2: the line is longer"):
        prepare("generic", tmp_path, tmp_path / "out")
