"""Whole simulations: the controls score lower, a bad model is found out, and the report can be read."""

import json
import re

import pytest
from worlds import Attentive, Deaf

import pecrs
from commands import run
from endpoint import chat_completions, says
from films import film_catalogue
from models import tiny_config, tiny_model
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.language_models import Endpoint
from pecrs.evaluation.baselines.simple import LatestMentionThenPopularity, Popularity
from pecrs.evaluation.simulation.conversation import Conversation, Verdict
from pecrs.evaluation.simulation.systems import Ranked, Remote, Sabotaged
from pecrs.linking import Linker

WORLD, DIALOGUES = film_world(0, 60)
DATA = Prepared(WORLD, {"train": tuple(DIALOGUES[:40]), "valid": tuple(DIALOGUES[40:])})
FILMS = film_catalogue()


@pytest.mark.parametrize("goal", ["target", "free"])
def test_the_controls_score_lower_than_one_who_listens(goal):
    found = pecrs.simulate(Attentive(WORLD), DATA, goal=goal, count=40, rounds=8)
    assert found.sane
    assert list(found.measures) == ["model", "popularity", "copying", "sabotaged"]
    assert found.measures["model"].success[-1] > 0.5
    assert found.measures["copying"].repeats > 0.3
    assert "popularity scores lower, as it must" in repr(found)


def test_one_who_does_not_listen_is_found_out():
    found = pecrs.simulate(Deaf(WORLD), DATA, count=20, rounds=4)
    assert not found.sane
    assert "DOES NOT SCORE LOWER" in repr(found)


def test_the_same_seed_gives_the_same_conversations():
    first, second, other = (pecrs.simulate(Attentive(WORLD), DATA, count=5, rounds=4, seed=n) for n in (1, 1, 2))
    assert first.played == second.played
    assert first.played != other.played


def test_conversations_end_with_an_item_with_patience_or_with_the_rounds():
    found = pecrs.simulate(Attentive(WORLD), DATA, count=30, rounds=5)
    for several in found.played.values():
        for played in several:
            last = played.exchanges[-1].judgement.verdict
            assert (last is Verdict.ACCEPTED) + played.gave_up + (len(played.exchanges) == 5) >= 1
            assert (played.accepted is None) or (played.accepted == len(played.exchanges))


def test_a_model_of_ours_is_asked_as_in_a_chat(double):
    config = tiny_config(data={"max_context_tokens": 96}, generation={"shortlist": 6})
    recommender = pecrs.Recommender(tiny_model("gpt2", config).model, settings=config.generation)
    found = pecrs.simulate(recommender, count=3, rounds=2)
    [first, *_] = found.played["model"][0].exchanges
    chat = pecrs.Chat(recommender, seed=found.profiles[0].seed)
    assert first.reply.turn.text == chat.say(first.message.text).text


def test_language_models_speak_for_users_and_what_they_leak_does_not_count():
    with chat_completions(lambda body: says("Is it Heat, or Collateral?")) as stub:
        model = Endpoint("some", stub.base)
        told = pecrs.simulate(Attentive(WORLD), DATA, users="llm", user_model=model, count=9, rounds=2)
    assert told.settings.users == "llm"
    assert {exchange.message.text for exchange in told.played["model"][0].exchanges} == {"Is it Heat, or Collateral?"}


def test_what_is_saved_can_be_read(tmp_path):
    found = pecrs.simulate(Attentive(WORLD), DATA, tmp_path, count=4, rounds=4)
    record = json.loads((tmp_path / "simulation.json").read_text())
    assert record["sane"] is found.sane
    assert record["measures"]["model"]["success"] == list(found.measures["model"].success)
    lines = [json.loads(line) for line in (tmp_path / "dialogues.jsonl").read_text().splitlines()]
    assert [(line["system"], line["user"]) for line in lines[:5]] == [
        *(("model", n) for n in (1, 2, 3, 4)),
        ("popularity", 1),
    ]
    page = (tmp_path / "report.html").read_text()
    assert found.played["model"][0].exchanges[0].message.text.replace("'", "&#x27;") in page
    assert not re.search(r"%(?:policy|style|about|table|order|curves|shown|dialogues)%|<script", page)
    assert all(str(entry).split(":")[0] in page for entry in found.order)
    assert (tmp_path / "curves.svg").read_text().count("<polyline") == 4


def conversation(*texts):
    speakers = (Speaker.SEEKER, Speaker.RECOMMENDER)
    return Conversation(tuple(Turn(speakers[n % 2], text) for n, text in enumerate(texts)), 0)


def test_baselines_recommend_what_is_popular_or_what_was_named():
    popular = Popularity.of_counts({"big": 3, "heat": 2}, FILMS)
    linker = Linker(FILMS)
    new = Ranked(popular, FILMS, linker, new_only=True)
    assert new.reply(conversation("Hi")).items == ("big",)
    assert new.reply(conversation("I loved Big (1988)")).items == ("heat",)
    copying = Ranked(LatestMentionThenPopularity(popular), FILMS, linker, new_only=False)
    assert copying.reply(conversation("I loved Inception (2010)")).items == ("ince",)
    assert copying.reply(conversation("Hi")).turn.text == "Have you seen Big (1988)?"


def test_sabotage_keeps_the_words_and_replaces_the_items():
    items = {
        Sabotaged(Deaf(FILMS), FILMS).reply(Conversation((Turn(Speaker.SEEKER, "Hi"),), n)).items for n in range(20)
    }
    assert len(items) > 5
    said = Sabotaged(Deaf(FILMS), FILMS).reply(conversation("Hi"))
    assert said.turn.text == f"Try {FILMS[said.items[0]].name}."
    assert said.turn.items == said.items


def test_a_service_is_asked_as_usersimcrs_asks():
    with chat_completions(lambda body: (200, "How about Inception (2010)? Unlike Big (1988) it is new.")) as stub:
        reply = Remote(f"{stub.base}/", Linker(FILMS)).reply(
            conversation("I liked Big (1988)", "Yes?", "something new")
        )
    assert stub.asked == [{"context": ["I liked Big (1988)", "Yes?", "something new"], "message": "something new"}]
    assert reply.items == ("ince",)


def test_a_service_that_fails_is_named():
    linker = Linker(FILMS)
    with chat_completions(lambda body: (500, "broken")) as stub:
        with pytest.raises(ConfigError, match=f"{stub.base} answers 500: broken"):
            Remote(stub.base, linker).reply(conversation("Hi"))
        stub.answer = lambda body: (200, " ")
        with pytest.raises(DataError, match="answers with no text"):
            Remote(stub.base, linker).reply(conversation("Hi"))
    with pytest.raises(ConfigError, match="cannot be reached"):
        Remote(stub.base, linker).reply(conversation("Hi"))


def test_wrong_settings_are_refused():
    with pytest.raises(ConfigError, match="users: one of agenda, llm"):
        pecrs.simulate(Deaf(WORLD), DATA, users="people")
    with pytest.raises(ConfigError, match="a language model is needed for llm"):
        pecrs.simulate(Deaf(WORLD), DATA, users="llm")
    with pytest.raises(ConfigError, match="rounds: at least one"):
        pecrs.simulate(Deaf(WORLD), DATA, rounds=0)
    with pytest.raises(DataError, match="train dialogues are needed"):
        pecrs.simulate("http://localhost:1")
    with pytest.raises(DataError, match="split"):
        pecrs.simulate(Deaf(WORLD), DATA, split="test")


def test_the_command_says_what_goes_together(capsys, tmp_path):
    code, _, error = run(capsys, "simulate", "--users", "llm")
    assert (code, error) == (2, "pecrs: --users llm and --user-model go together\n")
    code, _, error = run(capsys, "simulate", "--model", "http://localhost:1")
    assert code == 2
    assert "train dialogues are needed" in error
    code, _, error = run(capsys, "simulate", "--model", tmp_path / "none")
    assert code == 2
