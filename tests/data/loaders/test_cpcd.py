import json

import pytest

from pecrs.data.dialogue import ItemLabel, Speaker, check_items
from pecrs.data.loaders.cpcd import SPLIT_FILES, TRACK_FILE, load_cpcd
from pecrs.data.protocol import standard_instances
from pecrs.errors import DataError

LIKED, DISLIKED = ItemLabel(suggested=True, liked=True), ItemLabel(suggested=True, liked=False)


def track(name, title, artists=("Outkast",), album="Speakerboxxx", canonical=None):
    return {
        "track_ids": name,
        "track_titles": title,
        "track_release_titles": album,
        "track_artists": list(artists),
        "track_canonical_ids": canonical or name,
        "track_cluster_ids": f"cluster of {canonical or name}",
    }


def turn(query, response, liked=(), disliked=(), shown=()):
    return {
        "user_query": query,
        "system_response": response,
        "search_queries": ["a search"],
        "search_results": [list(shown)],
        "liked_results": list(liked),
        "disliked_results": list(disliked),
    }


TRACKS = [
    track("hey-1", "Hey Ya! (Radio Mix)", canonical="hey"),
    track("hey", "Hey  Ya!"),
    track("funk", "Uptown Funk", ("Mark Ronson", "Bruno Mars"), ""),
    track("sun", "Walking on Sunshine", ("Katrina",)),
]


def conversation(*turns, **changes):
    record = {
        "id": "00079c9c8dd7b55a",
        "turns": list(turns),
        "tracks": {entry["track_ids"]: entry for entry in TRACKS},
        "goal_playlist": ["hey-1"],
    }
    return record | changes


def write(folder, *records, split="train"):
    path = folder / SPLIT_FILES[split]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_liked_tracks_are_named_and_both_are_labelled(tmp_path):
    first = turn("A dance party!", "Which genre?")
    second = turn(
        " Any ", "I added Walking on sunshine and more.", ["hey-1", "sun"], ["funk"], ["hey-1", "sun", "funk"]
    )
    write(tmp_path, conversation(first, second))
    loaded = load_cpcd(tmp_path)
    (only,) = loaded.train
    assert only.id == "00079c9c8dd7b55a"
    assert [(said.speaker, said.text, said.items, said.messages) for said in only.turns] == [
        (Speaker.SEEKER, "A dance party!", (), (0,)),
        (Speaker.RECOMMENDER, "Which genre?", (), (1,)),
        (Speaker.SEEKER, "Any", (), (2,)),
        (Speaker.RECOMMENDER, "I added Walking on sunshine and more.", ("sun", "hey"), (3,)),
    ]
    (mention,) = only.turns[3].mentions
    assert only.turns[3].text[mention.start : mention.end] == "Walking on sunshine"
    assert dict(only.labels) == {"funk": DISLIKED, "hey": LIKED, "sun": LIKED}
    (instance,) = standard_instances(loaded.train)
    assert set(instance.labels) == {"sun", "hey"}


def test_the_tracks_of_a_cluster_are_one_item(tmp_path):
    write(tmp_path, conversation(turn("hi", "hello")))
    catalogue = load_cpcd(tmp_path).catalogue
    assert [(item.id, item.title) for item in catalogue] == [
        ("hey", "Hey Ya!"),
        ("funk", "Uptown Funk"),
        ("sun", "Walking on Sunshine"),
    ]
    assert catalogue.fields == ("title", "artists", "album")
    assert dict(catalogue["funk"].facts) == {"artists": ("Mark Ronson", "Bruno Mars")}
    assert catalogue["hey"].values("album") == ("Speakerboxxx",)


def test_the_list_of_tracks_comes_first(tmp_path):
    write(tmp_path, conversation(turn("hi", "hello")))
    listed = [track("late-1", "Late", canonical="late"), track("sun", "Walking on Sunshine")]
    (tmp_path / TRACK_FILE).write_text("".join(json.dumps(entry) + "\n" for entry in listed))
    assert [item.id for item in load_cpcd(tmp_path).catalogue] == ["late", "sun", "hey", "funk"]


def test_splits_and_single_files(tmp_path):
    write(tmp_path, conversation(turn("hi", "hello")))
    valid = write(tmp_path, conversation(turn("hi", "hello"), id="2"), split="valid")
    write(tmp_path, conversation(turn("hi", "hello"), id="3"), split="test")
    loaded = load_cpcd(tmp_path)
    assert {name: [d.id for d in members] for name, members in loaded.splits.items()} == {
        "train": ["00079c9c8dd7b55a"],
        "valid": ["2"],
        "test": ["3"],
    }
    assert list(load_cpcd(valid).splits) == ["valid"]
    other = tmp_path / "mine.jsonl"
    valid.rename(other)
    assert list(load_cpcd(other).splits) == ["train"]


def test_tracks_without_words_are_said(tmp_path):
    write(tmp_path, conversation(turn("more", " ", ["sun"], ["funk"]), turn("", "Fine?", ["hey"])))
    loaded = load_cpcd(tmp_path)
    (only,) = loaded.train
    assert [said.messages for said in only.turns] == [(0,), (3,)]
    assert only.labels["sun"] == LIKED
    assert loaded.remarks == ("1 liked tracks were shown without a word and belong to no turn",)
    assert loaded.empty_messages == {"train": 2}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (conversation(turn("a", "b", ["none"])), "turns[0].liked_results"),
        (conversation(turn("a", "b", [], ["none"])), "turns[0].disliked_results"),
        (conversation(turn("a", None)), "turns[0].system_response"),
        (conversation({"user_query": "a"}), "turns[0].system_response"),
        (conversation(tracks={"x": track("x", " ")}), "track_titles"),
        (conversation(tracks=[]), "tracks"),
        (conversation(id=None), "id"),
    ],
)
def test_bad_records_name_file_line_and_field(tmp_path, record, field):
    path = write(tmp_path, conversation(turn("hi", "hello"), id="0"), record)
    with pytest.raises(DataError) as caught:
        load_cpcd(tmp_path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), 2, field)


def test_bad_sources(tmp_path):
    with pytest.raises(DataError, match=r"no dialogue file: one of cpcd_v1\.dialogs\.dev\.train\.jsonl"):
        load_cpcd(tmp_path)
    write(tmp_path, conversation(turn("hi", "hello")))
    write(tmp_path, conversation(turn("hi", "hello")), split="valid")
    with pytest.raises(DataError, match=r"is in cpcd_v1\.dialogs\.dev\.train\.jsonl too"):
        load_cpcd(tmp_path)


def test_the_public_file(data_folder):
    if not (data_folder / "cpcd").is_dir():
        pytest.skip("the data folder has no cpcd")
    loaded = load_cpcd(data_folder / "cpcd")
    assert list(loaded.splits) == ["valid"]
    assert len(loaded.valid) == 50
    assert sum(len(dialogue.turns) for dialogue in loaded.valid) == 2 * 287 - 4
    assert loaded.empty_messages == {"valid": 4}
    assert len(loaded.catalogue) == 8771
    assert loaded.catalogue.fields == ("title", "artists", "album")
    check_items(loaded.valid, (item.id for item in loaded.catalogue))
    answers = [label.liked for dialogue in loaded.valid for label in dialogue.labels.values()]
    assert (len(answers), all(answer is not None for answer in answers)) == (len(answers), True)
    assert 980 < sum(answers) <= 1005
