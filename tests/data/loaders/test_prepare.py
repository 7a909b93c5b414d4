import json

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.loaders.prepare import load_prepared, load_source, prepare, save_prepared, statistics
from pecrs.data.splits import Prepared, Reading, split_by_hash
from pecrs.errors import ConfigError, DataError

S, R = Speaker.SEEKER, Speaker.RECOMMENDER
CATALOGUE = Catalogue((Item("a", "Alien", 1979, {"plot": ("Space. 🚀",)}), Item("b", "Brazil")), ("title", "plot"))
TRAIN = (
    Dialogue("1", (Turn(S, "hi", messages=(0,)), Turn(R, "Alien!", (Mention(0, 5, "a"),), messages=(2,)))),
    Dialogue("2", (Turn(R, "hello", (), ("b",), (0,)), Turn(R, "or both", (), ("b", "a"), (1,)))),
)
VALID = (Dialogue("3", (Turn(S, "🎬", messages=(0,)), Turn(R, "x", messages=(1,)))),)
DOMAIN = Prepared(CATALOGUE, {"train": TRAIN, "valid": VALID}, {"train": 1}, {"valid": 2})


def test_a_prepared_folder_reads_back_equal(tmp_path):
    (tmp_path / "test.jsonl").write_text("of an earlier run")
    save_prepared(tmp_path, DOMAIN)
    again = load_prepared(tmp_path)
    assert (again.catalogue, again.splits) == (DOMAIN.catalogue, DOMAIN.splits)
    assert again.test == ()


def test_statistics_count_by_hand():
    counted = statistics(DOMAIN)
    train = counted.splits["train"]
    assert (train.items, train.dialogues, train.utterances, train.recommender_utterances) == (2, 2, 4, 3)
    assert (train.with_items, train.without_items, train.empty_messages) == (3, 0, 1)
    assert (train.instances, train.labels, train.novel_instances, train.novel_labels) == (2, 3, 2, 2)
    assert (train.empty_dialogues, counted.splits["valid"].empty_dialogues, counted.total.empty_dialogues) == (0, 2, 2)
    assert ("empty dialogues", "0", "2", "2") in counted.rows
    assert (counted.total.dialogues, counted.total.utterances, counted.total.without_items) == (3, 6, 1)
    assert counted.header == ("", "train", "valid", "total")
    assert counted.rows[2] == ("utterances", "4", "2", "6")
    assert counted.catalogue_items == 2


def test_prepare_writes_what_the_loader_reads(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    turns = [{"speaker": "seeker", "text": "hi"}, {"speaker": "recommender", "text": "[[a]]"}]
    for name in ("train", "valid", "test"):
        (source / f"{name}.jsonl").write_text(json.dumps({"id": name, "turns": turns}) + "\n")
    (source / "catalogue.csv").write_text("id,title,brand\na,Boot,Acme\n")
    metadata = tmp_path / "facts.jsonl"
    metadata.write_text('{"id": "a", "plot": "Sturdy."}\n')
    counted = prepare("generic", source, tmp_path / "out", fields=("title", "brand"), metadata=metadata)
    loaded = load_prepared(tmp_path / "out")
    assert loaded.splits == load_source("generic", source).splits
    assert loaded.catalogue.fields == ("title", "plot", "brand")
    assert list(counted.splits) == ["train", "valid", "test"]
    assert counted.total.instances == 3


def test_progress_is_told_while_films_are_looked_up(tmp_path, monkeypatch):
    monkeypatch.setenv("TMDB_API_KEY", "unused, as the cache answers everything")
    source, cache, seen = tmp_path / "source", tmp_path / "cache.jsonl", []
    source.mkdir()
    (source / "catalogue.csv").write_text("id,title\na,Alien\nb,Brazil\n")
    turns = [{"speaker": "seeker", "text": "hi"}]
    (source / "dialogues.jsonl").write_text(json.dumps({"id": "1", "turns": turns}) + "\n")
    cache.write_text('{"id": "a", "found": true, "plot": "Space."}\n{"id": "b", "found": false}\n')
    prepare("generic", source, tmp_path / "out", tmdb_cache=cache, progress=seen.append)
    assert [(step.done, step.total) for step in seen] == [(0, 2), (1, 2), (2, 2)]
    assert load_prepared(tmp_path / "out").catalogue["a"].values("plot") == ("Space.",)


def test_wrong_arguments(tmp_path):
    with pytest.raises(ConfigError, match="'x' is unknown; one of redial"):
        prepare("x", tmp_path, tmp_path / "out")
    with pytest.raises(ConfigError, match="is the source"):
        prepare("generic", tmp_path, tmp_path / "sub" / "..")
    with pytest.raises(ConfigError, match="redial has its own fields"):
        prepare("redial", tmp_path, tmp_path / "out", fields=("title",))
    with pytest.raises(ConfigError, match="validation: inspired has its own splits"):
        prepare("inspired", tmp_path, tmp_path / "out", validation="time")
    with pytest.raises(ConfigError, match="validation: one of published, unseen-workers is expected, not 'time'"):
        prepare("redial", tmp_path, tmp_path / "out", validation="time")


def test_folders_that_are_not_prepared(tmp_path):
    with pytest.raises(DataError, match=r"catalogue\.jsonl is missing"):
        load_prepared(tmp_path)
    CATALOGUE.save(tmp_path / "catalogue.jsonl")
    assert load_prepared(tmp_path) == Prepared(CATALOGUE, {})
    save_prepared(tmp_path, DOMAIN)
    Catalogue((Item("b", "Brazil"),), ("title",)).save(tmp_path / "catalogue.jsonl")
    with pytest.raises(DataError, match=r"train\.jsonl.*'a' is not in the catalogue"):
        load_prepared(tmp_path)


def test_dialogues_of_unknown_items_are_not_written(tmp_path):
    with pytest.raises(DataError, match="not in the catalogue"):
        save_prepared(tmp_path, Prepared(Catalogue((Item("b", "B"),), ("title",)), {"train": TRAIN}))
    assert list(tmp_path.iterdir()) == []


def test_the_hash_split_keeps_copies_together_and_is_about_80_10_10():
    dialogues = [Dialogue(str(n), (Turn(S, f"talk {n % 1000}", messages=(0,)),)) for n in range(2000)]
    splits = split_by_hash([Reading(dialogue, 1, 0) for dialogue in dialogues])
    sizes = {name: len(members) / 2000 for name, members in splits.items()}
    assert abs(sizes["train"] - 0.8) < 0.04
    assert abs(sizes["valid"] - 0.1) < 0.03
    texts = [{reading.dialogue.turns[0].text for reading in members} for members in splits.values()]
    assert sum(map(len, texts)) == len(set().union(*texts)) == 1000


def test_prepared_redial(data_folder, tmp_path):
    if not (data_folder / "redial").is_dir():
        pytest.skip("the data folder has no redial")
    counted = prepare("redial", data_folder / "redial" / "valid_data.jsonl", tmp_path)
    valid = counted.splits["valid"]
    assert (valid.dialogues, valid.utterances + valid.empty_messages) == (1000, 18482)
    assert (valid.instances, valid.labels, valid.novel_instances, valid.novel_labels) == (3388, 3881, 3153, 3572)
    assert len(load_prepared(tmp_path).catalogue) == 6924
