"""The model of the package: there without arguments, small, described, and fit to be shipped."""

import json

import pytest

from pecrs import Chat
from pecrs.data.catalogue import Item
from pecrs.data.installed import BUNDLED
from pecrs.evaluation.behaviour.run import load_suite, play
from pecrs.inference.moves import MoveKind
from pecrs.ranking.features import Features
from pecrs.ranking.folder import load_reordering

FILES = sorted(path for path in BUNDLED.rglob("*") if path.is_file())


def test_it_is_small_and_made_of_safetensors_and_json():
    assert sum(path.stat().st_size for path in FILES) <= 69e6
    assert {path.suffix for path in FILES} == {".safetensors", ".json", ".jsonl", ".md", ".tsv"}


def test_it_stands_alone_and_holds_no_plots_and_no_path(recommender):
    assert json.loads((BUNDLED / "config.json").read_text())["base"] is None
    assert recommender.catalogue.fields == ("title", "actors", "directors", "genres")
    assert not any(item.values("plot") for item in recommender.catalogue)
    texts = [path.read_text(encoding="utf-8") for path in FILES if path.suffix != ".safetensors"]
    assert not any("/tmp/" in text or "/home/" in text or "/work/" in text for text in texts)


def test_it_has_every_feature_that_its_weights_were_fitted_to(recommender):
    fitted = load_reordering(BUNDLED)
    assert fitted is not None
    assert fitted.weights.names == Features(recommender.catalogue, fitted.counts).names


def test_its_card_says_what_people_must_know():
    card = (BUNDLED / "MODEL_CARD.md").read_text(encoding="utf-8")
    for topic in ("Data", "Licences", "Recipe", "Figures", "Limits", "Intended use", "Compute"):
        assert f"## {topic}" in card


def test_a_conversation(recommender):
    chat = Chat(recommender, seed=0)
    reply = chat.say("I love scary films like Annabelle and The Conjuring. What should I watch?")
    assert reply.recommends
    horror = ["horror" in entry.item.values("genres") for entry in reply.items]
    assert sum(horror) > 5
    assert reply.items[0].item.name in reply.text
    assert reply.text[0].isupper()
    again = chat.say("I've seen that. Anything from the 80s?")
    assert all(1980 <= (entry.item.year or 0) <= 1989 for entry in again.items)
    assert reply.items[0].item.id not in {entry.item.id for entry in again.items}


def test_new_items_need_their_text_only(recommender):
    item = Item("new", "The Haunted Doll", 2031, {"genres": ("horror", "thriller"), "actors": ("Vera Farmiga",)})
    chat = Chat(recommender.with_items([item]), seed=0)
    reply = chat.say("I love scary films like Annabelle. Something from 2031?")
    assert [entry.item.id for entry in reply.items] == ["new"]


def test_who_has_named_all_of_a_small_catalogue_hears_so_and_the_turns_stay(recommender):
    names = ("Alien (1979)", "Jaws (1975)", "Heat (1995)")
    kept = {item.name: item.id for item in recommender.catalogue if item.name in names}
    others = [item.id for item in recommender.catalogue if item.id not in kept.values()]
    assert (len(kept), len(others)) == (3, len(recommender.catalogue) - 3)
    chat = Chat(recommender.with_items([], others), seed=0)
    chat.say("I have seen Alien (1979), Jaws (1975) and Heat (1995).")
    reply = chat.say("What else?")
    assert (reply.move, reply.items) == (MoveKind.NOTHING, ())
    assert "nothing left" in reply.text or "all I have" in reply.text
    assert [turn.text for turn in chat.turns[-2:]] == ["What else?", reply.text]


@pytest.mark.parametrize(
    "text", ["thanks to my brother I love horror", "thank you for smoking was great", "I loved the long kiss goodnight"]
)
def test_words_of_thanks_and_goodbye_that_mean_neither_close_nothing(text, recommender):
    reply = Chat(recommender, seed=0).say(text)
    assert (reply.move, len(reply.items) > 0) == (MoveKind.RECOMMEND, True)


def test_conversations_of_the_suite_mostly_hold(recommender):
    held, total = play(recommender, load_suite("conversations")[:6]).checks
    assert held / total > 0.9


def test_every_file_is_named_in_one_place():
    names = {path.relative_to(BUNDLED).parts[0] for path in FILES}
    assert names == {
        "MODEL_CARD.md", "adapter", "base", "catalogue.jsonl", "config.json", "heads.safetensors",
        "item_vectors.safetensors", "truecase.json", "tokenizer",
        "message_reader.safetensors", "description_sources.tsv", "ranking.safetensors",
    }  # fmt: skip
