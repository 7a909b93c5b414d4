import json

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.loaders.generic import load_generic
from pecrs.data.loaders.plain_titles import SAMPLE, FoundTitle, link_titles, marks_items
from pecrs.data.splits import Reading

CATALOGUE = Catalogue((Item("a", "Alien", 1979), Item("b", "Brazil", 1985)), ("title",))
S, R = Speaker.SEEKER, Speaker.RECOMMENDER


def finder(catalogue, seen=None):
    """Find titles in any case; in lower case with doubt."""

    def find(text, before):
        if seen is not None:
            seen.append(tuple(before))
        spans = [(text.lower().find(item.title.lower()), item) for item in catalogue]
        return [
            FoundTitle(Mention(at, at + len(item.title), item.id), "" if text[at].isupper() else "lower case")
            for at, item in sorted(spans, key=lambda span: span[0])
            if at >= 0
        ]

    return find


def talk(number, *said):
    turns = tuple(Turn(speaker, text, messages=(place,)) for place, (speaker, text) in enumerate(said))
    return Reading(Dialogue(str(number), turns), len(turns), number)


def test_titles_are_linked_in_the_light_of_what_came_before_and_reported():
    seen = []
    readings = {
        "train": [talk(1, (S, "I like Alien"), (R, "Then brazil, or alien"), (R, "Bye"))],
        "valid": [talk(2, (S, "Hi"))],
    }
    assert not marks_items(readings)
    linked, report = link_titles(readings, CATALOGUE, finder(CATALOGUE, seen))
    assert marks_items(linked)
    assert seen == [(), ("a",), ("a", "b", "a"), ()]
    turns = linked["train"][0].dialogue.turns
    assert [turn.items for turn in turns] == [("a",), ("b", "a"), ()]
    assert turns[1].mentions == (Mention(5, 11, "b"), Mention(16, 21, "a"))
    assert [turn.messages for turn in turns] == [(0,), (1,), (2,)]
    assert report == [
        "no message marks an item, so titles were linked: 3 mentions of 2 items; 1 sure, 2 uncertain (lower case 2)",
        "1 of 2 recommender turns (50.0%) name an item",
        "uncertain: dialogue 1, message 1: 'brazil' as Brazil (1985): lower case",
        "uncertain: dialogue 1, message 1: 'alien' as Alien (1979): lower case",
    ]


def test_the_report_shows_a_sample_in_order_and_says_where_nothing_was_found():
    many, seen = {"train": [talk(n, (R, "alien")) for n in range(100)]}, []
    _, report = link_titles(many, CATALOGUE, finder(CATALOGUE), lambda at: seen.append((at.done, at.total)))
    assert seen == [(n, 100) for n in range(101)]
    numbers = [int(line.split()[2].rstrip(",")) for line in report[2:]]
    assert len(set(numbers)) == SAMPLE
    assert numbers == sorted(numbers)
    assert link_titles(many, CATALOGUE, finder(CATALOGUE))[1] == report
    _, report = link_titles({"train": [talk(1, (S, "hi"))]}, CATALOGUE, finder(CATALOGUE))
    assert report == [
        "no message marks an item, so titles were linked: 0 mentions of 0 items; 0 sure, 0 uncertain",
        "0 of 0 recommender turns (0.0%) name an item",
    ]


def write(folder, *dialogues):
    rows = "id,title,year\na,Alien,1979\nb,Brazil,1985\n"
    (folder / "catalogue.csv").write_text(rows)
    records = [
        {"id": n, "turns": [{"speaker": speaker, "text": text} for speaker, text in turns]}
        for n, turns in enumerate(dialogues)
    ]
    (folder / "dialogues.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


PLAIN = (("seeker", "hi"), ("recommender", "Alien"))
MARKED = (("seeker", "Alien?"), ("recommender", "[[b]]"))


def test_titles_are_searched_only_where_no_message_marks_an_item(tmp_path):
    loaded = load_generic(write(tmp_path, PLAIN, (*PLAIN, PLAIN[0])), find_titles=finder)
    assert [turn.items for dialogue in (*loaded.train, *loaded.valid) for turn in dialogue.turns if turn.items] == [
        ("a",),
        ("a",),
    ]
    assert len(loaded.train) == len(loaded.valid) == 1  # split after linking, so that both can be evaluated
    assert loaded.remarks[0].startswith("no message marks an item, so titles were linked: 2 mentions")
    loaded = load_generic(write(tmp_path, PLAIN, MARKED), find_titles=finder)
    named = [turn.items for dialogue in loaded.train for turn in dialogue.turns]
    assert named == [(), (), (), ("b",)]
    assert not any("linked" in remark for remark in loaded.remarks)
    loaded = load_generic(write(tmp_path, PLAIN))
    assert loaded.remarks[0] == "no message marks an item, and titles in the texts were not searched for"
