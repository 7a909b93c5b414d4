import gzip
import json

import pytest

from pecrs.data.acts import LabelledSpan
from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.requests import load_requests
from pecrs.errors import DataError

SOURCES = {
    "sgd": ["ask_recommendation", "ask_more", "ask_fact", "transact", "off_topic", "thanks"],
    "clinc150": ["change_mind", "unsure", "ask_recommendation", "goodbye"],
    "multidogo": ["greeting", "goodbye", "thanks", "affirm", "negate", "off_topic"],
    "nlu_eval": ["praise", "stop", "small_talk", "transact", "ask_recommendation", "negate"],
    "redial": [],
    "simplequestions": ["ask_fact", "find_item", "off_topic"],
    "taskmaster3": ["ask_fact", "ask_recommendation", "transact"],
}
SIMPLE = {"ask_fact", "off_topic"}


def line(source="sgd", acts=("ask_recommendation",), **others):
    record = {"source": source, "context": [], "text": "any other thrillers?", "acts": list(acts)}
    return {**record, "source_acts": [], "spans": [], "domain": "film", **others}


@pytest.fixture
def load(tmp_path):
    described = {name: {"acts_the_scheme_can_express": acts} for name, acts in SOURCES.items()}
    (tmp_path / "sources.json").write_text(json.dumps(described), encoding="utf-8")
    path = tmp_path / "requests.jsonl.gz"

    def read(*records):
        with gzip.open(path, "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(record) + "\n" for record in records)
        return list(load_requests(path))

    return read


def test_a_message_with_context_spans_and_facts(load):
    (message,) = load(
        line(
            acts=["ask_fact", "transact"],
            context=[["user", "hi"], ["system", "Heat?"]],
            text="who made Heat and what is it rated",
            spans=[{"start": 9, "end": 13, "text": "Heat", "type": "title", "role": "ask"}],
            asks=["average_rating", "director", "album"],
        )
    )
    assert message.context == ((Speaker.SEEKER, "hi"), (Speaker.RECOMMENDER, "Heat?"))
    assert message.spans == (LabelledSpan(9, 13, "title", "ask"),)
    assert message.acts == {"ask_fact"}
    assert message.known == {"ask_recommendation", "ask_more", "ask_fact", "off_topic", "thanks"}
    assert message.facts == {"rating", "director", "other"}
    assert message.facts_known
    assert message.source == "sgd"


@pytest.mark.parametrize(
    ("record", "acts", "known"),
    [
        (line("redial", []), set(), set()),
        (line("sgd", []), set(), set()),
        (
            line("simplequestions", ["find_item"]),
            {"ask_recommendation"},
            {"ask_recommendation", "ask_fact", "off_topic"},
        ),
        (line("simplequestions", ["ask_fact"], asks=["works"]), {"ask_fact"}, SIMPLE),
        (line("clinc150", ["unsure"]), {"no_preference"}, {"no_preference", "ask_recommendation", "goodbye"}),
        (line("clinc150", ["change_mind"]), set(), {"no_preference", "ask_recommendation", "goodbye"}),
        (line("clinc150", ["ask_recommendation"], domain="other"), set(), {"no_preference", "goodbye"}),
        (line("nlu_eval", ["stop"]), set(), {"small_talk", "ask_recommendation"}),
        (line("nlu_eval", ["transact"]), set(), {"small_talk", "negate"}),
        (line("nlu_eval", ["small_talk"], source_acts=["general_quirky"]), set(), set()),
        (line("multidogo", ["thanks"]), {"thanks"}, {"thanks", "off_topic"}),
        (line("multidogo", ["off_topic"]), {"off_topic"}, set(SOURCES["multidogo"])),
    ],
)
def test_what_a_source_cannot_say_stays_unknown(load, record, acts, known):
    (message,) = load(record)
    assert message.acts == acts
    assert message.known == known


@pytest.mark.parametrize(
    ("record", "known"),
    [
        (line("sgd", ["ask_fact"], asks=["cast"]), True),
        (line("sgd", ["ask_fact"]), False),
        (line("sgd", ["thanks"]), True),
        (line("taskmaster3", ["ask_fact"], asks=["cast"]), False),
        (line("sgd", []), False),
    ],
)
def test_kinds_of_facts_are_known_where_the_source_names_them(load, record, known):
    (message,) = load(record)
    assert message.facts_known is known


def test_the_first_of_overlapping_spans_is_kept_and_unknown_roles_are_none(load):
    spans = [(3, 9, "genre", "unknown"), (0, 7, "title", "want"), (10, 12, "year", "avoid")]
    names = ("start", "end", "type", "role")
    (message,) = load(line(spans=[dict(zip(names, span, strict=True)) for span in spans]))
    assert message.spans == (LabelledSpan(0, 7, "title", "want"), LabelledSpan(10, 12, "year", "avoid"))
    (message,) = load(line(spans=[dict(zip(names, spans[0], strict=True))]))
    assert message.spans == (LabelledSpan(3, 9, "genre", None),)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (line("imdb"), "source"),
        (line(acts=["sing"]), "acts"),
        (line(acts="ask_more"), "acts"),
        (line(text=3), "text"),
        (line(context=[["nobody", "hi"]]), "context[0]"),
        (line(spans=[{"start": 0, "end": 3, "type": "film", "role": "want"}]), "spans[0]"),
        (line(spans=[{"start": 0, "end": None, "type": "title", "role": "want"}]), "spans[0]"),
        (line(spans=[{"start": 0, "end": 300, "type": "title", "role": "want"}]), "spans"),
        (line(acts=["ask_fact"], asks="cast"), "asks"),
    ],
)
def test_wrong_lines_are_named(load, record, field):
    with pytest.raises(DataError) as error:
        load(line(), record)
    assert (error.value.line, error.value.field) == (2, field)
    assert "requests.jsonl.gz" in str(error.value)


def test_wrong_descriptions_of_sources_are_named(load, tmp_path):
    load(line())
    path = tmp_path / "sources.json"
    path.write_text('{"sgd": {}}', encoding="utf-8")
    with pytest.raises(DataError, match=r"sgd\.acts_the_scheme_can_express"):
        list(load_requests(tmp_path / "requests.jsonl.gz"))
    path.write_text('{"sgd": {"acts_the_scheme_can_express": ["sing"]}}', encoding="utf-8")
    with pytest.raises(DataError, match="'sing' is no act"):
        list(load_requests(tmp_path / "requests.jsonl.gz"))
