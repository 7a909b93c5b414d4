import json
import zipfile

import pytest

from pecrs.data.dialogue import ItemLabel, Speaker, check_items
from pecrs.data.loaders.redial import load_redial, load_redial_catalogue
from pecrs.errors import ConfigError, DataError

CSV = "movieId,movieName,nbMentions\r\n1,Alien  (1979),5\r\n2,Okja,1\r\n3,Alien  (1979),2\r\n"
VALID_ID = "16162"


def dialogue(texts=(), **changes):
    record = {
        "conversationId": "7",
        "initiatorWorkerId": 0,
        "respondentWorkerId": 1,
        "movieMentions": {"1": "Alien  (1979)", "9": "Gone  Film (1999)", "8": None},
        "initiatorQuestions": {"1": {"suggested": 1, "seen": 2, "liked": 0}},
        "respondentQuestions": [],
        "messages": [
            {"text": text, "senderWorkerId": position % 2, "messageId": position, "timeOffset": 0}
            for position, text in enumerate(texts or ("hi", "see @1"))
        ],
    }
    return record | changes


def write(folder, *records, name="train_data.jsonl", table=CSV):
    folder.mkdir(exist_ok=True)
    (folder / "movies_with_mentions.csv").write_text(table, newline="", encoding="utf-8")
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return folder / name


def turns(tmp_path, *texts, **changes):
    return load_redial(write(tmp_path / "d", dialogue(texts, **changes))).train[0].turns


def test_roles_ids_labels_and_texts(tmp_path):
    loaded = load_redial(write(tmp_path / "d", dialogue(["hi", "see @1"], conversationId=12)))
    (only,) = loaded.train
    assert only.id == "12"
    assert [turn.speaker for turn in only.turns] == [Speaker.SEEKER, Speaker.RECOMMENDER]
    assert only.turns[1].text == "see Alien (1979)"
    assert only.turns[1].items == ("1",)
    assert only.turns[1].messages == (1,)
    assert only.labels == {"1": ItemLabel(suggested=True, seen=None, liked=False)}


@pytest.mark.parametrize(
    ("text", "expected", "items"),
    [
        ("@1, and", "Alien (1979), and", ["1"]),
        ("I like @2.", "I like Okja.", ["2"]),
        ("two @2s", "two Okjas", ["2"]),
        ("(@2)@1@3", "(Okja)Alien (1979) Alien (1979)", ["2", "1", "3"]),
        ("really@2!", "really Okja!", ["2"]),
        ("@2 or @1 or @2", "Okja or Alien (1979) or Okja", ["2", "1"]),
        ("gone @9 here", "gone Gone Film (1999) here", []),
        ("none @8 and @77, me@55.com", "none @8 and @77, me@55.com", []),
        ("  @2 \n", "Okja", ["2"]),
        ("🎬 @2 🚀", "🎬 Okja 🚀", ["2"]),
        ("at @ 2", "at @ 2", []),
    ],
)
def test_mentions_become_titles_and_spans_cover_them(tmp_path, text, expected, items):
    (turn,) = turns(tmp_path, text)
    assert turn.text == expected
    assert list(turn.items) == items
    names = {"1": "Alien (1979)", "2": "Okja", "3": "Alien (1979)"}
    assert [turn.text[m.start : m.end] for m in turn.mentions] == [names[m.item] for m in turn.mentions]


def test_empty_messages_are_left_out_counted_and_keep_the_numbering(tmp_path):
    loaded = load_redial(write(tmp_path / "d", dialogue(["", "hello", " \n", "@1"])))
    assert [turn.messages for turn in loaded.train[0].turns] == [(1,), (3,)]
    assert loaded.empty_messages == {"train": 2}


def test_empty_lists_stand_for_empty_maps(tmp_path):
    (only,) = load_redial(write(tmp_path / "d", dialogue(movieMentions=[], initiatorQuestions=[]))).train
    assert only.labels == {}
    assert only.turns[1].items == ("1",)


def test_long_and_single_turns(tmp_path):
    (turn,) = turns(tmp_path, "word " * 4999 + "@1")
    assert turn.text.endswith("word Alien (1979)")
    assert len(turn.text.split()) == 4999 + 2


def test_the_whole_catalogue_is_kept_and_declares_what_it_has(tmp_path):
    path = write(tmp_path / "d", dialogue())
    loaded = load_redial(path)
    assert [(item.id, item.title, item.year) for item in loaded.catalogue] == [
        ("1", "Alien", 1979),
        ("2", "Okja", None),
        ("3", "Alien", 1979),
    ]
    assert loaded.catalogue.fields == ("title",)
    facts = {"movieId": "2", "actors": ["Tilda Swinton", "Tilda  Swinton "], "genres": ["Drama", "drama"], "plot": ""}
    (path.parent / "movies.jsonl").write_text(json.dumps(facts) + "\n")
    joined = load_redial(path)
    assert joined.catalogue.fields == ("title", "actors", "genres")
    assert dict(joined.catalogue["2"].facts) == {"actors": ("Tilda Swinton",), "genres": ("drama",)}


@pytest.mark.parametrize("prefix", ["", "redial_dataset/"])
def test_a_zip_and_the_held_out_validation_dialogues(tmp_path, prefix):
    train = write(tmp_path / "d", dialogue(), dialogue(conversationId=VALID_ID))
    test = write(tmp_path / "d", dialogue(conversationId="8"), dialogue(conversationId="9"), name="test_data.jsonl")
    archive = tmp_path / "d" / "redial_dataset.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.write(train, prefix + "train_data.jsonl")
        stream.write(test, prefix + "test_data.jsonl")
        stream.write(tmp_path / "d" / "movies_with_mentions.csv", prefix + "movies_with_mentions.csv")
    loaded = load_redial(archive)
    assert [d.id for d in loaded.train] == ["7"]
    assert [d.id for d in loaded.valid] == [VALID_ID]
    assert len(loaded.test) == 2
    with zipfile.ZipFile(tmp_path / "CAPITALS.ZIP", "w") as stream:
        stream.writestr("movies_with_mentions.csv", CSV)
        stream.write(test, "valid_data.jsonl")
    assert load_redial(tmp_path / "CAPITALS.ZIP").valid == loaded.test
    (tmp_path / "d" / "movies_with_mentions.csv").unlink()
    assert load_redial(tmp_path / "d") == loaded


def test_given_validation_dialogues_are_not_split_again(tmp_path):
    write(tmp_path / "d", dialogue(), dialogue(conversationId=VALID_ID))
    write(tmp_path / "d", dialogue(conversationId="8"), name="valid_data.jsonl")
    loaded = load_redial(tmp_path / "d")
    assert [d.id for d in loaded.train] == ["7", VALID_ID]
    assert [d.id for d in loaded.valid] == ["8"]
    assert [d.id for d in load_redial(tmp_path / "d" / "valid_data.jsonl").valid] == ["8"]


@pytest.mark.parametrize(
    ("name", "split"), [("valid_part.json", "valid"), ("train.json", "train"), ("x.jsonl", "train")]
)
def test_a_single_file_is_never_split(tmp_path, name, split):
    loaded = load_redial(write(tmp_path / "d", dialogue(), dialogue(conversationId=VALID_ID), name=name))
    assert {split: [d.id for d in members] for split, members in loaded.splits.items()} == {split: ["7", VALID_ID]}


@pytest.mark.parametrize(("name", "advice"), [("valid_data.jsonl", True), ("test_data.jsonl", False)])
def test_a_dialogue_must_not_stand_in_two_splits(tmp_path, name, advice):
    write(tmp_path / "d", dialogue(), dialogue(conversationId=VALID_ID))
    other = write(tmp_path / "d", dialogue(conversationId="8"), dialogue(conversationId=VALID_ID), name=name)
    with pytest.raises(DataError, match=rf"'{VALID_ID}' is in train_data\.jsonl too") as caught:
        load_redial(tmp_path / "d")
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(other), 2, "conversationId")
    assert ("holds the published validation ids out" in str(caught.value)) == advice


def test_empty_dialogues_are_left_out_and_counted_by_split(tmp_path):
    nothing = dialogue(messages=[], conversationId="1")
    blank = dialogue(["", " \n"], conversationId="2")
    held_out = dialogue(["", "hello"], conversationId=VALID_ID)
    write(tmp_path / "d", nothing, dialogue(), blank, held_out)
    loaded = load_redial(tmp_path / "d")
    assert ([d.id for d in loaded.train], [d.id for d in loaded.valid]) == (["7"], [VALID_ID])
    assert loaded.empty_dialogues == {"train": 2, "valid": 0}
    assert loaded.empty_messages == {"train": 2, "valid": 1}


def message(**changes):
    return [{"text": "hi", "senderWorkerId": 0} | changes]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (dialogue(messages=message(senderWorkerId=5)), "messages[0].senderWorkerId"),
        (dialogue(messages=message(text=None)), "messages[0].text"),
        (dialogue(messages=["hi"]), "messages[0]"),
        (dialogue(messages=None), "messages"),
        (dialogue(messages={}), "messages"),
        (dialogue(respondentWorkerId=0), "respondentWorkerId"),
        (dialogue(initiatorWorkerId=None), "initiatorWorkerId"),
        (dialogue(conversationId=""), "conversationId"),
        (dialogue(movieMentions=["1"]), "movieMentions"),
        (dialogue(movieMentions="x"), "movieMentions"),
        (dialogue(initiatorQuestions={"1": [1]}), "initiatorQuestions.1"),
        (dialogue(initiatorQuestions={"1": {"seen": 3}}), "initiatorQuestions.1.seen"),
        (dialogue(initiatorQuestions={"1": {"liked": "1"}}), "initiatorQuestions.1.liked"),
        (dialogue(), "conversationId"),
    ],
)
def test_bad_records_name_file_line_and_field(tmp_path, record, field):
    path = write(tmp_path / "d", dialogue(), record)
    with pytest.raises(DataError) as caught:
        load_redial(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), 2, field)


@pytest.mark.parametrize(
    ("table", "line", "field"),
    [
        ("movieId,movieName\n1,A\n1,B\n", 3, "movieId"),
        ("movieId,movieName\nx,A\n", 2, "movieId"),
        ("movieId,movieName\n1, \n", 2, "movieName"),
        ("movieId,name\n1,A\n", 1, "movieName"),
        ("movieId,movieName\n1,A,B\n", 2, None),
        ("movieId,movieName\n", None, None),
        ("", None, None),
    ],
)
def test_bad_catalogues_name_line_and_field(tmp_path, table, line, field):
    path = tmp_path / "movies_with_mentions.csv"
    path.write_text(table)
    with pytest.raises(DataError) as caught:
        load_redial_catalogue(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), line, field)


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"movieId": "5"}, "movieId"), ({"movieId": "1", "actors": [1]}, "actors[0]"), ({"actors": []}, "movieId")],
)
def test_bad_metadata_names_line_and_field(tmp_path, facts, field):
    path = write(tmp_path / "d", dialogue())
    (path.parent / "movies.jsonl").write_text("\n" + json.dumps(facts) + "\n")
    with pytest.raises(DataError, match=r"movies\.jsonl:2:") as caught:
        load_redial(path)
    assert caught.value.field == field


def test_bad_sources(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load_redial(tmp_path / "absent")
    with pytest.raises(DataError, match=r"movies_with_mentions\.csv is missing"):
        load_redial(tmp_path)
    write(tmp_path / "d", dialogue())
    with pytest.raises(DataError, match="validation ids"):
        load_redial(tmp_path / "d")
    (tmp_path / "d" / "train_data.jsonl").unlink()
    with pytest.raises(DataError, match="no dialogue file"):
        load_redial(tmp_path / "d")
    (tmp_path / "bad.zip").write_bytes(b"not a zip")
    with pytest.raises(DataError, match="not a zip archive"):
        load_redial(tmp_path / "bad.zip")


def test_a_damaged_zip_is_named(tmp_path):
    train = write(tmp_path / "d", dialogue(), dialogue(conversationId=VALID_ID))
    archive = tmp_path / "redial_dataset.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.write(train.parent / "movies_with_mentions.csv", "movies_with_mentions.csv")
        stream.write(train, "train_data.jsonl")
    archive.write_bytes(archive.read_bytes().replace(b"see @1", b"see @2", 1))
    with pytest.raises(DataError, match=r"redial_dataset.zip/train_data.jsonl:\d+: damaged archive"):
        load_redial(archive)


def held(number, seeker, recommender, **changes):
    messages = [{"text": "hi", "senderWorkerId": seeker}, {"text": "see @1", "senderWorkerId": recommender}]
    workers = {"initiatorWorkerId": seeker, "respondentWorkerId": recommender}
    return dialogue(conversationId=number, messages=messages, **workers) | changes


def test_validation_by_unseen_workers(tmp_path):
    write(
        tmp_path / "d",
        held("13999", 0, 1),
        held("14001", 5, 6),
        held("14002", 1, 7),
        held("r1", -1, -2, recovered={"level": "text"}),
        held("12", -1, -2, recovered={"level": "text+id"}),
        held("20000", 8, -2),
        held("14000", 2, 3, recovered={"level": "full"}),
    )
    write(tmp_path / "d", held("30000", 5, 9), held("400", 2, 9), name="valid_data.jsonl")
    write(tmp_path / "d", held("50000", 0, 1), name="test_data.jsonl")
    loaded = load_redial(tmp_path / "d", "unseen-workers")
    assert [d.id for d in loaded.train] == ["13999", "14000", "400"]
    assert [d.id for d in loaded.valid] == ["14001"]
    assert [d.id for d in loaded.test] == ["50000"]
    (said,) = loaded.remarks
    assert "3 dialogues up to conversation 14,000 are for training, 1 later ones of other workers" in said
    assert "2 later ones with a worker of training and 3 without known workers or number are left out" in said
    assert load_redial(tmp_path / "d", "published") == load_redial(tmp_path / "d")


def test_wrong_rules_of_validation(tmp_path):
    path = write(tmp_path / "d", held("13999", 0, 1), held("14001", 0, 2))
    with pytest.raises(
        ConfigError, match=r"published, unseen-workers is expected, not 'unseen'; did you mean 'unseen-w"
    ):
        load_redial(path, "unseen")
    with pytest.raises(DataError, match="no dialogue up to number 14,000, or") as caught:
        load_redial(path, "unseen-workers")
    assert (caught.value.path, caught.value.field) == (path, "conversationId")


def test_the_public_files_by_unseen_workers(data_folder):
    folder = data_folder / "redial"
    if not folder.is_dir():
        pytest.skip("the data folder has no redial")
    loaded = load_redial(folder, "unseen-workers")
    for split, name, count in (("train", "disjoint_train_ids.txt", 3353), ("valid", "disjoint_dev_ids.txt", 905)):
        assert len(loaded.splits[split]) == count
        assert {d.id for d in loaded.splits[split]} == set((folder / name).read_text().split())
    assert "1,034 later ones with a worker of training and 4,713 without known workers" in loaded.remarks[0]


def test_the_public_files(data_folder):
    if not (data_folder / "redial").is_dir():
        pytest.skip("the data folder has no redial")
    loaded = load_redial(data_folder / "redial")
    assert len(loaded.catalogue) == 6924
    assert loaded.catalogue.fields == ("title", "actors", "directors", "genres", "plot")
    assert (len(loaded.train), len(loaded.valid)) == (9005, 1000)
    assert loaded.empty_messages == {"train": 156, "valid": 7}
    for dialogues in loaded.splits.values():
        check_items(dialogues, (item.id for item in loaded.catalogue))
        assert not any("@" + item in turn.text for d in dialogues for turn in d.turns for item in turn.items)
