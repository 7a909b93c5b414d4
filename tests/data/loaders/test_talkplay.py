import pyarrow
import pyarrow.parquet
import pytest

from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.talkplay import load_talkplay
from pecrs.data.protocol import standard_instances
from pecrs.errors import DataError


def track(name, title, **changes):
    record = {
        "track_id": name,
        "ISRC": ["GB1"],
        "track_name": [title],
        "artist_name": ["Arctic Monkeys"],
        "album_name": ["Favourite Worst Nightmare"],
        "tag_list": ["indie rock", "british", "indie  rock"],
        "popularity": 81.0,
        "release_date": "2007-04-23",
        "duration": 253000,
        "artist_id": ["a"],
        "album_id": ["b"],
    }
    return record | changes


TRACKS = [track(f"t{n}", f"Song Number {n}") for n in range(8)] + [
    track("old", "Old One", release_date="", tag_list=[])
]


def session(number, *changes, user=None):
    """Return a session of eight turns in the published form, with messages put in the place of some."""
    messages = []
    for turn in range(1, 9):
        messages += [
            {"turn_number": turn, "role": "user", "content": f"request {turn}", "thought": "a wish"},
            {"turn_number": turn, "role": "music", "content": f"t{turn - 1}", "thought": "it fits"},
            {"turn_number": turn, "role": "assistant", "content": f"Here is song number {turn - 1}.", "thought": None},
        ]
    for index, content in changes:
        messages[index]["content"] = content
    return {
        "session_id": f"s{number}",
        "user_id": user or f"u{number}",
        "session_date": "2020-01-18",
        "user_profile": {"age": 36, "user_split": "train"},
        "conversation_goal": {"category": "J", "listener_goal": "one song"},
        "conversations": messages,
        "goal_progress_assessments": [{"turn_number": 1, "goal_progress_assessment": None}],
    }


def save(folder, rows, name):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    return path


def write(folder, *sessions, split="test", tracks=TRACKS, nested=False):
    data, metadata = ("TalkPlayData-Challenge-Dataset/data/", "TalkPlayData-Challenge-Track-Metadata/data/")
    save(folder, tracks, f"{metadata if nested else ''}all_tracks-00000-of-00001.parquet")
    return save(folder, sessions, f"{data if nested else ''}{split}-00000-of-00001.parquet")


@pytest.mark.parametrize("nested", [False, True])
def test_a_track_and_the_words_about_it_are_one_turn(tmp_path, nested):
    write(tmp_path, session(1), nested=nested)
    loaded = load_talkplay(tmp_path)
    (only,) = loaded.test
    assert len(only.turns) == 16
    assert [(turn.speaker, turn.text, turn.items, turn.messages) for turn in only.turns[:4]] == [
        (Speaker.SEEKER, "request 1", (), (0,)),
        (Speaker.RECOMMENDER, "Here is song number 0.", ("t0",), (1, 2)),
        (Speaker.SEEKER, "request 2", (), (3,)),
        (Speaker.RECOMMENDER, "Here is song number 1.", ("t1",), (4, 5)),
    ]
    (mention,) = only.turns[1].mentions
    assert only.turns[1].text[mention.start : mention.end] == "song number 0"
    instances = standard_instances(loaded.test)
    assert [instance.labels for instance in instances] == [(f"t{n}",) for n in range(8)]


def test_tracks_have_facts(tmp_path):
    write(tmp_path, session(1))
    catalogue = load_talkplay(tmp_path).catalogue
    assert catalogue.fields == ("title", "artists", "album", "tags")
    first, last = catalogue["t0"], catalogue["old"]
    assert (first.title, first.year, first.values("artists")) == ("Song Number 0", 2007, ("Arctic Monkeys",))
    assert first.values("tags") == ("indie rock", "british")
    assert (last.year, last.values("tags")) == (None, ())


def test_users_of_validation_are_not_in_training(tmp_path):
    write(tmp_path, *(session(n, user=f"u{n // 2}") for n in range(40)), split="train")
    save(tmp_path, [session("x", user="u0")], "test-00000-of-00001.parquet")
    loaded = load_talkplay(tmp_path)
    users = {name: {int(d.id[1:]) // 2 for d in members} for name, members in loaded.splits.items() if name != "test"}
    assert users["valid"]
    assert users["train"].isdisjoint(users["valid"])
    assert len(loaded.train) + len(loaded.valid) == 40
    assert [d.id for d in loaded.test] == ["sx"]
    assert loaded.remarks == (f"{len(users['valid'])} of 20 groups by field 'user_id' are held out for validation",)


def test_several_files_and_messages_without_text(tmp_path):
    write(tmp_path, session(1, (2, " "), (23, None)))
    save(tmp_path, [session(2)], "test-00001-of-00002.parquet")
    loaded = load_talkplay(tmp_path)
    assert [d.id for d in loaded.test] == ["s1", "s2"]
    assert loaded.empty_messages == {"test": 2}
    assert loaded.remarks == ("2 tracks were played without a word and belong to no turn",)
    turns = loaded.test[0].turns
    assert len(turns) == 14
    assert [turn.items for turn in turns[:3]] == [(), (), ("t1",)]
    assert {item for turn in turns for item in turn.items} == {f"t{n}" for n in range(1, 7)}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (session(2, (1, "none")), "conversations[1].content"),
        (session(2, (4, None)), "conversations[4].content"),
        (session(2) | {"session_id": "s1"}, "session_id"),
        (session(2) | {"user_id": None}, "user_id"),
        (session(2) | {"conversations": None}, "conversations"),
        (
            session(2) | {"conversations": [{"turn_number": 1, "role": "dj", "content": "x", "thought": ""}]},
            "conversations[0].role",
        ),
    ],
)
def test_bad_sessions_name_file_row_and_field(tmp_path, changed, field):
    path = write(tmp_path, session(1), changed)
    with pytest.raises(DataError) as caught:
        load_talkplay(tmp_path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), 2, field)


def test_bad_tracks_and_folders(tmp_path):
    with pytest.raises(DataError, match=r"no tracks: all_tracks-\*\.parquet is expected"):
        load_talkplay(tmp_path)
    save(tmp_path, TRACKS, "all_tracks-00000-of-00001.parquet")
    with pytest.raises(DataError, match="no sessions"):
        load_talkplay(tmp_path)
    for tracks, field in (([*TRACKS, TRACKS[0]], "track_id"), ([track("t", " ")], "track_name")):
        write(tmp_path, session(1), tracks=tracks)
        with pytest.raises(DataError) as caught:
            load_talkplay(tmp_path)
        assert caught.value.field == field
    write(tmp_path, session(1), split="train")
    with pytest.raises(DataError, match="field 'user_id': dialogues of at least two groups are expected, not 1"):
        load_talkplay(tmp_path)
