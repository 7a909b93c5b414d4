"""Encoding of catalogues in shards: equal to encoding at once, resumed to the byte, and nobody else's are taken."""

import gzip
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from pecrs.data.catalogue import Catalogue, Item, ItemText
from pecrs.errors import CheckpointError, DataError
from pecrs.index import encoding
from pecrs.index.encoding import Shard, encode_catalogue, encode_shard, load_encoded, read_shards, shard_path
from tiny import tiny_config, world

SIZE = 5


@pytest.fixture(scope="module")
def model():
    return world().model(tiny_config(model={"item_embedding": True})).eval()


@pytest.fixture
def catalogue(model, tmp_path):
    """The model's own films, one of them with another title, and new ones between them."""
    own = list(model.catalogue)
    new = [replace(item, id=f"new-{item.id}", title=f"{item.title} Returns") for item in own[:7]]
    renamed = replace(own[3], title="Another Name")
    items = Catalogue((*new[:4], *own[:3], renamed, *own[4:], *new[4:]), model.catalogue.fields)
    items.save(tmp_path / "items.jsonl")
    return tmp_path / "items.jsonl"


def killed_after(model, shards):
    """An engine that dies once some shards are done."""

    def encode(waiting):
        for done, shard in enumerate(waiting):
            if done == shards:
                raise KeyboardInterrupt
            yield shard.number, encode_shard(model, shard.items)

    return encode


def watched(model, seen):
    def encode(waiting):
        for shard in waiting:
            seen.append(shard.number)
            yield shard.number, encode_shard(model, shard.items)

    return encode


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_models_own_items_keep_their_vectors_and_others_are_read_from_text(model):
    known = model.catalogue.items[4]
    changed, new = replace(known, title="Another Name"), replace(known, id="new")
    vectors = encode_shard(model, [changed, known, new])
    torch.testing.assert_close(vectors[[0, 2]], model.encode_new_items([changed, new]))
    assert torch.equal(vectors[1], model.catalogue_vectors[4])
    assert not torch.allclose(vectors[1], vectors[2])  # the learned embedding


def test_a_field_that_the_model_does_not_read_makes_no_other_item(model):
    known = model.catalogue.items[4]
    told = replace(known, facts={**known.facts, "price": ("9.99",)})
    assert torch.equal(encode_shard(model, [told])[0], model.catalogue_vectors[4])


def test_more_items_than_are_read_together(model, monkeypatch):
    items = [Item(f"n{number}", f"Number {number}") for number in range(9)]
    together = encode_shard(model, items)
    monkeypatch.setattr(encoding, "_READ_TOGETHER", 4)
    torch.testing.assert_close(encode_shard(model, items), together)


def test_shards_hold_the_catalogue_in_order(model, catalogue):
    shards = list(read_shards(catalogue, SIZE))
    assert [shard.number for shard in shards] == list(range(len(shards)))
    assert {len(shard.items) for shard in shards[:-1]} == {SIZE}
    assert [item for shard in shards for item in shard.items] == list(Catalogue.load(catalogue))


def test_reading_takes_no_more_of_the_file_than_is_asked_for(model, catalogue):
    with catalogue.open("a") as stream:
        stream.write("{broken\n")
    shards = read_shards(catalogue, SIZE)
    assert isinstance(next(shards), Shard)
    lines = len(catalogue.read_text().splitlines())
    with pytest.raises(DataError, match=f"items.jsonl:{lines}: broken JSON"):
        list(shards)


def test_an_encoded_catalogue_holds_the_items_and_the_vectors_of_each(model, catalogue, tmp_path):
    manifest = encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE)
    items, vectors = load_encoded(model, tmp_path / "out")
    assert items == Catalogue.load(catalogue)
    assert manifest.items == len(items) == len(vectors)
    torch.testing.assert_close(vectors, encode_shard(model, items.items))


def test_one_shard_and_a_compressed_catalogue(model, catalogue, tmp_path):
    packed = tmp_path / "items.jsonl.gz"
    packed.write_bytes(gzip.compress(catalogue.read_bytes()))
    encode_catalogue(model, packed, tmp_path / "out")
    items, vectors = load_encoded(model, tmp_path / "out")
    assert items == Catalogue.load(catalogue)
    assert torch.equal(vectors, encode_shard(model, items.items))


def test_a_run_that_is_killed_goes_on_and_yields_the_same_bytes(model, catalogue, tmp_path):
    encode_catalogue(model, catalogue, tmp_path / "whole", shard_items=SIZE)
    with pytest.raises(KeyboardInterrupt) as killed:
        encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=killed_after(model, 2))
    assert killed.traceback[-1].name == "encode"  # its frame lives on, and with it what it reads
    with pytest.raises(CheckpointError, match="not a complete index"):
        load_encoded(model, tmp_path / "out")
    (tmp_path / "out" / "shards" / ".000002.safetensors").write_bytes(b"half")
    seen: list[int] = []
    manifest = encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=watched(model, seen))
    assert seen == list(range(2, len(manifest.shards)))
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_what_is_complete_is_not_computed_again(model, catalogue, tmp_path):
    seen: list[int] = []
    for _ in range(2):
        encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=watched(model, seen))
    assert seen == list(range(-(-len(Catalogue.load(catalogue)) // SIZE)))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_progress_counts_items_that_are_there_as_well(model, catalogue, tmp_path, elsewhere):
    total, told = len(Catalogue.load(catalogue)), []
    encode = watched(model, []) if elsewhere else None
    for _ in range(2):
        encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=encode, report=told.append)
    assert {(step.what, step.total) for step in told} == {("encoding items", total)}
    done = [step.done for step in told]
    assert (done[0], done[-1], done.count(0), done.count(total)) == (0, total, 2, 2)
    half = done.index(total) + 1
    assert done[:half] == sorted(done[:half])


def test_shards_may_come_in_any_order(model, catalogue, tmp_path):
    def backwards(waiting):
        return reversed([(shard.number, encode_shard(model, shard.items)) for shard in waiting])

    encode_catalogue(model, catalogue, tmp_path / "whole", shard_items=SIZE)
    encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=backwards)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_only_the_shards_of_changed_items_are_computed_again(model, catalogue, tmp_path):
    encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE)
    items = list(Catalogue.load(catalogue))
    items[SIZE] = replace(items[SIZE], title="Something Else")
    changed = Catalogue((*items, Item("last", "The Last One")), model.catalogue.fields)
    changed.save(catalogue)
    seen: list[int] = []
    encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE, encode=watched(model, seen))
    assert seen == [1, (len(changed) - 1) // SIZE]
    assert load_encoded(model, tmp_path / "out")[0] == changed


def test_a_shorter_catalogue_leaves_no_shard_behind(model, catalogue, tmp_path):
    encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE)
    manifest = encode_catalogue(model, catalogue, tmp_path / "out", shard_items=2 * SIZE)
    assert len(list((tmp_path / "out" / "shards").iterdir())) == len(manifest.shards)


def test_another_models_shards_are_computed_again_and_not_loaded(model, catalogue, tmp_path):
    encode_catalogue(model, catalogue, tmp_path / "out", shard_items=SIZE)
    other = world().model(tiny_config(seed=1)).eval()
    with pytest.raises(CheckpointError, match="another model"):
        load_encoded(other, tmp_path / "out")
    encode_catalogue(other, catalogue, tmp_path / "out", shard_items=SIZE)
    items, vectors = load_encoded(other, tmp_path / "out")
    torch.testing.assert_close(vectors, encode_shard(other, items.items))


@pytest.mark.parametrize("damage", ["truncated", "missing", "foreign", "shape"])
def test_a_damaged_shard_is_refused_and_made_anew(model, catalogue, tmp_path, damage):
    folder = tmp_path / "out"
    encode_catalogue(model, catalogue, folder, shard_items=SIZE)
    before, path = content(folder), shard_path(folder, 1)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-10])
    elif damage == "missing":
        path.unlink()
    elif damage == "foreign":
        path.write_bytes(shard_path(folder, 0).read_bytes())
    else:
        with encoding.safe_open(path, framework="pt") as stored:
            about = stored.metadata()
        save_file({"vectors": load_file(path)["vectors"][:-1].contiguous()}, path, about)
    with pytest.raises(CheckpointError, match=r"000001|shape"):
        load_encoded(model, folder)
    encode_catalogue(model, catalogue, folder, shard_items=SIZE)
    assert content(folder) == before


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_broken_manifest_is_refused(model, catalogue, tmp_path, text):
    encode_catalogue(model, catalogue, tmp_path / "out")
    (tmp_path / "out" / "manifest.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"manifest\.json"):
        load_encoded(model, tmp_path / "out")


def test_a_catalogue_that_was_changed_afterwards_is_refused(model, catalogue, tmp_path):
    encode_catalogue(model, catalogue, tmp_path / "out")
    with (tmp_path / "out" / "catalogue.jsonl").open("a") as stream:
        stream.write('{"id": "x", "title": "X"}\n')
    with pytest.raises(CheckpointError, match="another catalogue"):
        load_encoded(model, tmp_path / "out")


def test_a_catalogue_of_another_domain_is_read_by_its_own_fields(model, tmp_path):
    goods = Catalogue((Item("x", "X", None, {"brand": ("Acme",)}), Item("y", "Y")), ("title", "brand"))
    goods.save(tmp_path / "items.jsonl")
    encode_catalogue(model, tmp_path / "items.jsonl", tmp_path / "out")
    loaded, vectors = load_encoded(model, tmp_path / "out")
    assert loaded.fields == ("title", "brand")
    torch.testing.assert_close(vectors, model.encode_new_items(goods.items, goods))
    other = model.encode_new_items(goods.items, ItemText(("title",)))
    assert not torch.allclose(vectors[0], other[0])


def test_a_catalogue_without_items_is_refused(model, catalogue, tmp_path):
    catalogue.write_text(catalogue.read_text().splitlines()[0] + "\n")
    with pytest.raises(DataError, match="is empty"):
        encode_catalogue(model, catalogue, tmp_path / "out")


def test_a_destination_that_cannot_be_written_is_refused(model, catalogue):
    with pytest.raises(CheckpointError, match="cannot be written"):
        encode_catalogue(model, catalogue, catalogue)


def test_a_folder_that_is_something_else_is_left_alone(model, catalogue, tmp_path):
    before = content(tmp_path)
    with pytest.raises(CheckpointError, match="not an index"):
        encode_catalogue(model, catalogue, tmp_path)
    assert content(tmp_path) == before
