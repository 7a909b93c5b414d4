"""Search: FAISS finds what exact search finds, with its scores; items come and go; filters hold; bad files refused."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from pecrs.config import GenerationConfig
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.protocol import instances
from pecrs.errors import CheckpointError, ConfigError, DataError
from pecrs.index import ItemIndex
from pecrs.index.encoding import encode_shard
from pecrs.index.folder import build_index, load_index
from pecrs.index.nearest import NearestItems
from pecrs.inference.ranker import Ranker
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Filters
from pecrs.model.retriever import Mentions
from tiny import save_folder, tiny_config, world

KINDS = ("Flat", "HNSW16", "IVF4,Flat", "PCA12,Flat,RFlat")
"""Exhaustive, a graph, inverted lists, and a transformed index that is refined; all find everything where asked to."""

SEARCH = {"Flat": "", "HNSW16": "efSearch=60", "IVF4,Flat": "nprobe=4", "PCA12,Flat,RFlat": "k_factor_rf=60"}
NEW = (
    Item("n1", "A New Film", 2024, {"genres": ("comedy",), "plot": ("Somebody laughs.",)}),
    Item("n2", "Another New Film", 2025, {"genres": ("drama",), "plot": ("Somebody weeps.",)}),
)


SETTINGS = GenerationConfig(rerank_weight=0.0, shortlist=10, unseen_bias=0.3)
UNSEEN = SETTINGS.unseen_bias


def make(**model):
    return world().model(tiny_config(model=model)).eval()


@pytest.fixture(scope="module")
def model():
    return make()


@pytest.fixture(scope="module")
def index(model):
    return ItemIndex.of_model(model, UNSEEN)


@torch.no_grad()
def questions(model, index):
    batch = world().batch(model, 8)
    stream, _ = model.read(batch, batch.items, index.vectors)
    return stream[batch.queries], Mentions.gather(batch.mentions, len(batch.queries), index.vectors, stream)


def approximate(index, kind):
    return index.approximate(kind, SEARCH[kind])


def assert_same(one, other):
    torch.testing.assert_close(one.scores, other.scores, atol=1e-5, rtol=0)
    assert torch.equal(one.items, other.items)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@torch.no_grad()
def test_what_faiss_finds_is_what_exact_search_finds(kind, similarity):
    model = make(similarity=similarity)
    index = ItemIndex.of_model(model, UNSEEN)
    asked = questions(model, index)
    assert len(asked[1].items)
    assert_same(approximate(index, kind).search(*asked, 10), index.search(*asked, 10))


@pytest.mark.parametrize("switch", ["mention_feature", "repeat_feature"])
@pytest.mark.parametrize("bias", ["none", "log", "learned"])
@torch.no_grad()
def test_each_part_of_a_score_may_be_missing(switch, bias):
    model = make(**{switch: False, "popularity_bias": bias})
    index = ItemIndex.of_model(model, 0.0)
    asked = questions(model, index)
    assert_same(index.approximate("Flat").search(*asked, 10), index.search(*asked, 10))


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@torch.no_grad()
def test_directions_give_the_scores_of_items_that_the_context_does_not_name(similarity):
    model = make(similarity=similarity)
    index = ItemIndex.of_model(model, UNSEEN)
    states, mentions = questions(model, index)
    expected = index.scores(states, mentions)
    directions = model.retriever.direction(states, index.norm, mentions)
    products = directions @ (index.vectors / index.norm).T + index.shared_bias
    scores = products * model.retriever.log_scale.exp()
    other = torch.ones_like(scores, dtype=torch.bool)
    other[mentions.queries, mentions.items] = False
    torch.testing.assert_close(scores[other], expected[other], atol=1e-4, rtol=0)
    assert not torch.allclose(scores[~other], expected[~other], atol=1e-2)


@torch.no_grad()
def test_items_of_the_context_are_found_wherever_faiss_ranks_them():
    model = make()
    model.retriever.pointer.bias.fill_(100.0)  # to name one again is best
    index = ItemIndex.of_model(model, UNSEEN)
    states, mentions = questions(model, index)
    found = index.approximate("Flat").search(states, mentions, 10)
    named = {query: set(mentions.items[mentions.queries == query].tolist()) for query in range(len(states))}
    for query, items in named.items():
        assert set(found.items[query, : len(items)].tolist()) == items


@torch.no_grad()
def test_scores_of_some_items_are_theirs_among_all(model, index):
    states, mentions = questions(model, index)
    some = torch.tensor([0, 7, 8, 30, 59])
    everything = index.scores(states, mentions)
    torch.testing.assert_close(index.scores(states, mentions, some), everything[:, some])
    alone = [index.scores(states[row : row + 1], mentions.of_query(row))[0] for row in range(len(states))]
    torch.testing.assert_close(torch.stack(alone), everything)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@torch.no_grad()
def test_only_what_is_allowed_is_found_and_all_of_it(model, index, kind, share):
    states, mentions = questions(model, index)
    allowed = torch.rand(len(states), len(index), generator=torch.Generator().manual_seed(0)) < share
    allowed[:, 0] = True
    found = approximate(index, kind).search(states, mentions, 10, allowed)
    expected = index.search(states, mentions, 10, allowed)
    finite = torch.isfinite(expected.scores)
    assert torch.equal(torch.isfinite(found.scores), finite)
    assert torch.equal(finite.sum(1), allowed.sum(1).clamp_max(10))
    assert torch.equal(found.items[finite], expected.items[finite])
    assert allowed.gather(1, found.items)[finite].all()


@torch.no_grad()
def test_a_search_that_comes_up_short_is_made_up_for(model, index):
    asked = questions(model, index)
    assert_same(index.approximate("IVF16,Flat", "nprobe=1").search(*asked, 40), index.search(*asked, 40))


@torch.no_grad()
def test_more_may_be_asked_for_than_there_is(model, index):
    asked = questions(model, index)
    assert_same(index.approximate("Flat").search(*asked, 1000), index.search(*asked, 1000))


@torch.no_grad()
def test_product_quantisers_take_any_width(model, index):
    found = index.approximate("IVF2,PQ4x4", "nprobe=2").search(*questions(model, index), 20)
    exact = index.search(*questions(model, index), 20)
    common = [len(set(a) & set(b)) for a, b in zip(found.items.tolist(), exact.items.tolist(), strict=True)]
    assert sum(common) > 0.5 * 20 * len(common)  # 20 of 60 at random would be a third


def changed_films(catalogue):
    """New films, some with the id of an old one, and films to remove."""
    return [*NEW, replace(catalogue.items[5], title="Renamed"), replace(catalogue.items[20], year=1950)], [
        catalogue.items[i].id for i in (0, 33, 59)
    ]


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_changes_at_run_time_give_what_a_new_index_would(model, index, kind):
    before = Recommender(model, settings=SETTINGS, index=approximate(index, kind))
    changed, removed = changed_films(model.catalogue)
    after = before.with_items(changed[:1], removed[:1]).with_items(changed[1:], removed[1:])
    assert after.index.nearest.index is before.index.nearest.index  # nothing was built
    anew = replace(after.index, nearest=None)
    asked = questions(model, index)
    for rebuilt in (anew, approximate(anew, kind)):
        assert_same(after.index.search(*asked, 10), rebuilt.search(*asked, 10))
    assert_same(before.index.search(*asked, 10), index.search(*asked, 10))  # whoever still holds it is not disturbed


@torch.no_grad()
def test_an_item_that_comes_back_is_found_again(model, index):
    recommender = Recommender(model, settings=SETTINGS, index=index.approximate("Flat"))
    gone = recommender.with_items([], [model.catalogue.items[3].id])
    back = gone.with_items([model.catalogue.items[3]])
    asked = questions(model, index)
    assert 3 not in gone.index.nearest.entries.tolist()[3:4]
    found = back.index.search(*asked, len(back.catalogue) - 1)
    assert_same(found, replace(back.index, nearest=None).search(*asked, len(back.catalogue) - 1))


def test_rankings_and_replies_are_those_of_exact_search(model, index):
    exact, quick = (
        Recommender(model, settings=SETTINGS),
        Recommender(model, settings=SETTINGS, index=index.approximate("HNSW16", "efSearch=60")),
    )
    asked = [point for point in instances(world().dialogues, "standard", "all")][:12]
    for one, other in zip(exact.rank(asked, 10), quick.rank(asked, 10), strict=True):
        assert one.items == other.items
    turns = [Turn(Speaker.SEEKER, f"I like {model.catalogue.items[4].name}, what else?")]
    for filters in (
        Filters(),
        Filters.of("year=1900..1999"),
        Filters(exclude=frozenset({model.catalogue.items[0].id})),
    ):
        replies = [r.respond(turns, recommend=True, seed=0, filters=filters, count=5) for r in (exact, quick)]
        assert replies[0].text == replies[1].text
        ids = [[entry.item.id for entry in reply.items] for reply in replies]
        assert ids[0] == ids[1]
        scores = [[entry.retrieval for entry in reply.items] for reply in replies]
        assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_rerankers_get_what_the_search_found():
    settings = {"rerank_weight": 0.5, "shortlist": 7}
    model = world().model(tiny_config(model={"reranker": True}, generation=settings)).eval()
    asked = [point for point in instances(world().dialogues, "standard", "all")][:6]
    exact = Ranker.of_model(model, SETTINGS)
    quick = Ranker(model, model.catalogue, exact.index.approximate("Flat"), SETTINGS)
    for one, other in zip(exact.rank(asked, 20), quick.rank(asked, 20), strict=True):
        assert one.items == other.items
        assert list(one.scores) == pytest.approx(list(other.scores), abs=1e-5)


@pytest.fixture
def catalogue(model, tmp_path):
    """The model's own films, one of them renamed, and new ones."""
    renamed = replace(model.catalogue.items[5], title="Renamed")
    items = (*NEW[:1], *model.catalogue.items[:5], renamed, *model.catalogue.items[6:], *NEW[1:])
    Catalogue(items, model.catalogue.fields).save(tmp_path / "catalogue.jsonl")
    return tmp_path / "catalogue.jsonl"


def test_items_that_training_knew_keep_their_biases_and_others_get_that_of_the_unseen(
    model, index, catalogue, tmp_path
):
    build_index(model, catalogue, tmp_path / "index", unseen_bias=UNSEEN)
    _, loaded = load_index(model, tmp_path / "index", UNSEEN)
    places = [0, 6, len(loaded) - 1]
    assert loaded.bias[places].tolist() == pytest.approx([0.3] * 3)
    known = [i for i in range(len(loaded)) if i not in places]
    own = [i for i in range(len(index)) if i != 5]
    assert torch.equal(loaded.bias[known], index.bias[own])
    assert torch.equal(loaded.vectors[known], index.vectors[own])


@pytest.mark.parametrize("kind", ["", *KINDS])
@torch.no_grad()
def test_a_built_index_is_loaded_as_it_was(model, catalogue, tmp_path, kind):
    folder = tmp_path / "index"
    assert build_index(model, catalogue, folder, kind, SEARCH.get(kind, ""), unseen_bias=UNSEEN, shard_items=25) == 62
    items, loaded = load_index(model, folder, UNSEEN)
    assert (loaded.nearest is None) == (not kind)
    assert items == Catalogue.load(catalogue)
    asked = questions(model, loaded)
    assert_same(loaded.search(*asked, 10), replace(loaded, nearest=None).search(*asked, 10))
    if kind:
        width = loaded.vectors.shape[1] + 1
        held = NearestItems.load(folder / "items.faiss", len(loaded), width, SEARCH[kind], mapped=False)
        assert_same(replace(loaded, nearest=held).search(*asked, 10), loaded.search(*asked, 10))
    changed, removed = changed_films(items)
    after = Recommender(model, items, loaded, SETTINGS).with_items(changed, removed)
    assert_same(after.index.search(*asked, 10), replace(after.index, nearest=None).search(*asked, 10))


def counting(model, encoded):
    """Encode here, and keep how many items each shard had."""

    def encode(shards):
        for shard in shards:
            encoded.append(len(shard.items))
            yield shard.number, encode_shard(model, shard.items)

    return encode


def test_another_search_over_the_same_items_encodes_nothing(model, catalogue, tmp_path):
    encoded = []
    encode = counting(model, encoded)
    build_index(model, catalogue, tmp_path / "index", "Flat", encode=encode, unseen_bias=UNSEEN)
    build_index(model, catalogue, tmp_path / "index", "HNSW16", encode=encode, unseen_bias=UNSEEN)
    assert encoded == [62]
    assert json.loads((tmp_path / "index" / "search.json").read_text())["search"] == "efSearch=2048"
    build_index(model, catalogue, tmp_path / "index", encode=encode, unseen_bias=UNSEEN)
    assert load_index(model, tmp_path / "index", UNSEEN)[1].nearest is None
    assert encoded == [62]


MISTAKES = [
    ("Banana", "", "index Banana"), ("IVF100,Flat", "", "index IVF100,Flat"), ("IDMap,Flat", "", "index IDMap"),
    ("Flat", "bananas=3", "search bananas=3"), ("HNSW16", "efSearch=0", "efSearch: a whole number from 1"),
    ("IVF4,Flat", "nprobe=-3", "nprobe: a whole number"), ("IVF4,Flat", "nprobe=1.5", "nprobe: a whole number"),
    ("HNSW16", "efConstruction=x,efSearch=9", "efConstruction: a whole"), ("", "nprobe=3", "no parameters"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "search", "words"), MISTAKES)
def test_a_search_that_cannot_be_built_leaves_the_one_that_is_there(model, catalogue, tmp_path, kind, search, words):
    encoded = []
    encode = counting(model, encoded)
    build_index(model, catalogue, tmp_path / "index", "HNSW16", unseen_bias=UNSEEN)
    before = {path: path.read_bytes() for path in (tmp_path / "index").iterdir() if path.is_file()}
    with pytest.raises(ConfigError, match=words):
        build_index(model, catalogue, tmp_path / "index", kind, search, encode=encode, unseen_bias=UNSEEN)
    assert {path: path.read_bytes() for path in (tmp_path / "index").iterdir() if path.is_file()} == before
    assert load_index(model, tmp_path / "index", UNSEEN)[1].nearest is not None
    assert not encoded


@pytest.mark.parametrize(
    ("kind", "search", "words"), [mistake for mistake in MISTAKES if mistake[0][:2] not in ("IV", "ID")]
)
def test_mistakes_that_need_no_items_to_be_seen_are_told_before_any_is_encoded(
    model, catalogue, tmp_path, kind, search, words
):
    with pytest.raises(ConfigError, match=words):
        build_index(model, catalogue, tmp_path / "index", kind, search, unseen_bias=UNSEEN)
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("wrong", ['{"id": "x"}', "{", "same id"])
def test_a_wrong_catalogue_leaves_the_index_that_is_there(model, catalogue, tmp_path, wrong):
    build_index(model, catalogue, tmp_path / "index", "Flat", unseen_bias=UNSEEN)
    lines = catalogue.read_text().splitlines()
    catalogue.write_text("\n".join([*lines, lines[-1] if wrong == "same id" else wrong]))
    with pytest.raises(DataError, match=rf"catalogue\.jsonl:{len(lines) + 1}"):
        build_index(model, catalogue, tmp_path / "index", unseen_bias=UNSEEN)
    assert len(load_index(model, tmp_path / "index", UNSEEN)[1]) == 62


@pytest.mark.parametrize("kind", ["IVF8,Flat", "IVF8,PQ2x2np", "PCA16,IVF8,PQ2x2,RFlat", "HNSW8_PQ2x2"])
def test_few_items_are_no_matter_for_a_warning(index, kind, capfd):
    index.approximate(kind)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign", "flipped"])
def test_a_damaged_search_is_refused(model, catalogue, tmp_path, damage):
    build_index(model, catalogue, tmp_path / "index", "HNSW16", unseen_bias=UNSEEN)
    path = tmp_path / "index" / "items.faiss"
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[:-100])
    elif damage == "foreign":
        other = ItemIndex.of_model(model, UNSEEN).approximate("Flat")
        other.nearest.save(path)
    else:
        path.write_bytes(content[:-100] + bytes([content[-100] ^ 1]) + content[-99:])
    with pytest.raises(CheckpointError, match=r"items\.faiss"):
        load_index(model, tmp_path / "index", UNSEEN)


@pytest.mark.parametrize("text", ["{", "[1]", '{"format": 7}', '{"format": 1}'])
def test_a_broken_manifest_of_a_search_is_refused(model, catalogue, tmp_path, text):
    build_index(model, catalogue, tmp_path / "index", "Flat", unseen_bias=UNSEEN)
    (tmp_path / "index" / "search.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"search\.json"):
        load_index(model, tmp_path / "index", UNSEEN)


def test_a_search_over_other_items_or_biases_is_refused(model, index, catalogue, tmp_path):
    folder = tmp_path / "index"
    build_index(model, catalogue, folder, "Flat", unseen_bias=UNSEEN)
    with pytest.raises(CheckpointError, match="other biases"):
        load_index(model, folder, 0.7)
    old = {name: (folder / name).read_bytes() for name in ("search.json", "items.faiss")}
    Catalogue(Catalogue.load(catalogue).items[::-1], model.catalogue.fields).save(catalogue)
    build_index(model, catalogue, folder, unseen_bias=UNSEEN)
    for name, content in old.items():
        (folder / name).write_bytes(content)
    with pytest.raises(CheckpointError, match="other items"):
        load_index(model, folder, UNSEEN)


@pytest.mark.parametrize("content", [b"", b"IxFI", b"no index at all", bytes(200)])
def test_what_is_no_file_of_faiss_is_refused(tmp_path, content):
    path = tmp_path / "items.faiss"
    path.write_bytes(content)
    for mapped in (True, False):
        with pytest.raises(CheckpointError, match=r"items\.faiss"):
            NearestItems.load(path, 60, 17, "", mapped=mapped)


def test_an_index_of_other_size_is_refused(index, tmp_path):
    index.approximate("Flat").nearest.save(tmp_path / "items.faiss")
    for count, width in ((59, 17), (60, 99)):
        with pytest.raises(CheckpointError, match="is not an index of"):
            NearestItems.load(tmp_path / "items.faiss", count, width, "")


@pytest.mark.parametrize("kind", ["Banana", "IVF100,Flat", "IDMap,Flat", "LSH", "PQ4x4", "PQ4x4fs", ""])
def test_what_faiss_cannot_build_or_search_is_refused(index, kind):
    with pytest.raises(ConfigError, match=f"^index {kind}: "):
        index.approximate(kind)


def test_parameters_that_faiss_does_not_know_are_refused(index):
    with pytest.raises(ConfigError, match="search bananas=3"):
        index.approximate("Flat", "bananas=3")


def test_without_faiss_the_extra_is_named(index, catalogue, model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ConfigError, match=r"pip install 'pecrs\[scale\]'"):
        build_index(model, catalogue, tmp_path / "index", "Flat", unseen_bias=UNSEEN)
    assert not (tmp_path / "index").exists()
    build_index(model, catalogue, tmp_path / "index")  # exact search needs none
    assert len(load_index(model, tmp_path / "index", UNSEEN)[1]) == 62


def test_a_recommender_is_loaded_with_an_index(model, catalogue, tmp_path):
    save_folder(
        model, tmp_path / "model", world().base, include_base=False, config=tiny_config(generation=SETTINGS.to_dict())
    )
    build_index(model, catalogue, tmp_path / "index", "Flat", unseen_bias=UNSEEN)
    loaded = Recommender.from_pretrained(tmp_path / "model", index=tmp_path / "index")
    assert loaded.index.nearest is not None
    assert [item.id for item in loaded.catalogue] == [item.id for item in Catalogue.load(catalogue)]
    found = loaded.recommend([Turn(Speaker.SEEKER, "anything you like?")], count=len(loaded.catalogue))
    assert {entry.item.id for entry in found} >= {"n1", "n2"}
    other = make(similarity="dot")
    other.catalogue_vectors = -other.catalogue_vectors
    save_folder(other, tmp_path / "other", world().base, include_base=False)
    with pytest.raises(CheckpointError, match="another model"):
        Recommender.from_pretrained(tmp_path / "other", index=tmp_path / "index")


def test_searches_in_several_threads_do_not_disturb_each_other(model, index):
    from concurrent.futures import ThreadPoolExecutor

    quick = index.approximate("HNSW16", "efSearch=60")
    states, mentions = (value for value in questions(model, index))
    allowed = torch.ones(len(states), len(index), dtype=torch.bool)
    allowed[:, ::3] = False

    @torch.no_grad()
    def search(_):
        return quick.search(states, mentions, 10, allowed).items

    expected = search(0)
    with ThreadPoolExecutor(4) as pool:
        assert all(torch.equal(items, expected) for items in pool.map(search, range(40)))


def test_entries_may_be_gone_and_come_in_any_order():
    vectors = torch.eye(4)
    nearest = NearestItems.build(vectors, None, "Flat").changed(torch.tensor([2, -1, 0, 1]), 4)
    assert nearest.entries.tolist() == [2, -1, 0, 1]
    assert nearest.outside.tolist() == [3]
    assert nearest.search(vectors[2], 1).tolist() == [0, 3]
    allowed = torch.tensor([False, True, True, False])
    assert np.sort(nearest.search(vectors[2], 4, allowed).numpy()).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        *(("Flat", 5), ("HNSW16", 5), ("IVF2,Flat", 5), ("IVF2,PQ4x4,RFlat", 5)),
        *(("IVF2,PQ4x4", 15), ("PCA4,IVF2,Flat", 15), ("HNSW16_SQ8", 15), ("SQ8", 15)),
        *(("PCA4,HNSW16", 15), ("HNSW16,RFlat", 5)),
    ],
)
def test_more_are_found_where_vectors_are_rounded(kind, found):
    vectors = torch.nn.functional.normalize(torch.randn(200, 16, generator=torch.Generator().manual_seed(0)))
    nearest = NearestItems.build(vectors, None, kind, "")
    assert len(nearest.search(vectors[0], 5)) == found


def test_parameters_of_building_are_set_before_a_graph_is_built():
    vectors = torch.randn(400, 16, generator=torch.Generator().manual_seed(0))
    sparse, dense = (
        NearestItems.build(vectors, None, "HNSW2", f"efConstruction={count},efSearch=9") for count in (1, 200)
    )
    assert (dense.index.hnsw.efConstruction, dense.index.hnsw.efSearch) == (200, 9)
    best = (torch.nn.functional.normalize(vectors, dim=1) @ vectors.T).argmax(0)
    found = [sum(int(best[i]) in some.search(vectors[i], 3) for i in range(400)) for some in (sparse, dense)]
    assert found[0] < found[1]


@pytest.mark.parametrize("description", ["IVF4,PQ2x4", "PCA8,IVF4,PQ2x4", "IVF4,PQ2x4,RFlat"])
def test_no_quantiser_learns_codes_that_no_search_reads(description):
    import faiss

    vectors = torch.randn(400, 16, generator=torch.Generator().manual_seed(0))
    built = NearestItems.build(vectors, None, description)  # which owns its parts
    part = faiss.downcast_index(built.index)
    while not hasattr(part, "do_polysemous_training"):
        part = faiss.downcast_index(part.base_index if hasattr(part, "base_index") else part.index)
    assert not part.do_polysemous_training
