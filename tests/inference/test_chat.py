"""A chat: what is linked, remembered, excluded and explained."""

import pytest
from rich.console import Console

from models import small_catalogue, tiny_config, tiny_model
from pecrs.cli.terminal import run_command
from pecrs.data.dialogue import Speaker
from pecrs.errors import DataError
from pecrs.inference.chat import LIKED_SAID, Chat, script_records
from pecrs.inference.decoding import NOTHING_LEFT
from pecrs.inference.moves import MoveKind
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Filters

pytestmark = pytest.mark.usefixtures("double")

FILMS = small_catalogue().items


@pytest.fixture
def chat():
    config = tiny_config(data={"max_context_tokens": 96}, generation={"shortlist": 6, "decision_threshold": 0.0})
    return Chat(Recommender(tiny_model("gpt2", config).model, settings=config.generation), seed=0)


def test_titles_are_linked_and_both_sides_remembered(chat):
    reply = chat.say(f"I love {FILMS[3].title}!")
    assert [turn.speaker for turn in chat.turns] == [Speaker.SEEKER, Speaker.RECOMMENDER]
    assert chat.turns[0].items == (FILMS[3].id,)
    assert chat.turns[1].text == reply.text
    assert [turn.messages for turn in chat.turns] == [(0,), (1,)]
    assert FILMS[3].id not in {entry.item.id for entry in reply.items}


def test_excluded_items_never_return_until_a_reset(chat):
    first = chat.say("Hello").items[0].item
    chat.reset()
    assert chat.exclude(first.title) == (first.name,)
    assert first.id not in {entry.item.id for entry in chat.say("Hello").items}
    chat.reset()
    assert chat.turns == []
    assert chat.say("Hello").items[0].item == first


def test_why_sorts_turns_by_their_effect(chat):
    with pytest.raises(DataError, match="nothing has been said"):
        chat.why()
    chat.say(f"I love {FILMS[3].title}!")
    reply = chat.say("Another?")
    why = chat.why()
    assert why.title == reply.items[0].item.name
    assert why.retrieval == reply.items[0].retrieval
    strengths = [abs(effect.change) for effect in why.effects]
    assert strengths == sorted(strengths, reverse=True)
    assert len(why.turns) == len(why.effects) == 3
    assert chat.why(FILMS[3].title).title == FILMS[3].name


def test_a_bad_message_changes_nothing(chat):
    chat.say("Hello")
    before = list(chat.turns)
    with pytest.raises(DataError, match="the message is empty"):
        chat.say("  ")
    with pytest.raises(DataError, match="no item of the catalogue is recognised"):
        chat.exclude("qqqq zzzz")
    assert chat.turns == before


def test_who_has_named_everything_hears_that_nothing_is_left(chat):
    chat.say(" ".join(f'I know "{film.name}".' for film in FILMS))
    reply = chat.say("What else?")
    assert (reply.move, reply.text, reply.items) == (MoveKind.NOTHING, NOTHING_LEFT, ())
    assert [turn.text for turn in chat.turns[-2:]] == ["What else?", reply.text]
    with pytest.raises(DataError, match="name a title"):
        chat.why()
    assert chat.why(FILMS[3].title).effects


def test_who_has_excluded_everything_hears_that_nothing_is_left(chat):
    for film in FILMS:
        chat.exclude(film.name)
    console = Console(record=True, width=200, force_terminal=False)
    assert run_command(chat, "Hello", console)
    assert NOTHING_LEFT in console.export_text()
    assert len(chat.turns) == 2
    assert next(iter(script_records(chat, ["Really?"])))["move"] == "nothing"


def test_scripts_give_records(chat):
    records = list(script_records(chat, ["Hello", f"I love {FILMS[3].title}"]))
    assert len(records) == 2
    assert records[1]["mentions"] == [{"start": 7, "end": 7 + len(FILMS[3].title), "item": FILMS[3].id}]
    assert [entry["rank"] for entry in records[1]["items"]] == list(range(1, len(records[1]["items"]) + 1))
    assert records[1]["text"] == chat.turns[-1].text


def test_commands(chat):
    console = Console(record=True, width=200, force_terminal=False)
    assert run_command(chat, "Hello [bold]there", console)
    assert run_command(chat, "", console)
    assert run_command(chat, "/history", console)
    assert run_command(chat, "/why", console)
    assert run_command(chat, f"/exclude {FILMS[5].title}", console)
    assert run_command(chat, "/help", console)
    assert run_command(chat, "/reset", console)
    assert not run_command(chat, "/quit", console)
    with pytest.raises(DataError, match="unknown command /nope"):
        run_command(chat, "/nope", console)
    shown = console.export_text()
    assert "seeker  Hello [bold]there" in shown
    assert f"never again: {FILMS[5].name}" in shown
    assert chat.turns == []


def test_liked_items_open_the_conversation_and_seen_ones_never_return(chat):
    seen = [item.id for item in FILMS[:4]]
    other = Chat(chat.recommender, filters=Filters(exclude=frozenset(seen)), liked=seen, seed=0)
    (opening,) = other.turns
    assert opening.speaker is Speaker.SEEKER
    assert opening.text == f"I like {FILMS[0].name}, {FILMS[1].name}, {FILMS[2].name} and {FILMS[3].name}."
    assert opening.items == tuple(seen)
    assert [opening.text[m.start : m.end] for m in opening.mentions] == [item.name for item in FILMS[:4]]
    reply = other.say("Something else?")
    assert [turn.messages for turn in other.turns] == [(0,), (1,), (2,)]
    assert {entry.item.id for entry in reply.items}.isdisjoint(seen)
    other.reset()
    assert other.turns == [opening]
    many = Chat(chat.recommender, liked=[item.id for item in FILMS] * 2)
    assert len(many.turns[0].items) <= LIKED_SAID
    with pytest.raises(DataError):
        Chat(chat.recommender, liked=["none"])
