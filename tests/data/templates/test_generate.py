from collections import Counter
from fnmatch import fnmatchcase

from pecrs.data.acts import ACTS, FACTS, KINDS, ROLES
from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.templates import generate
from pecrs.data.templates.generate import SOURCE
from pecrs.data.templates.grammar import Choice, Span, parse
from pecrs.data.templates.kinds import FILES, read_kinds
from pecrs.data.templates.values import Values, read_wordings
from small_catalogues import BARE, FILMS, PEOPLE, SHOP


def kinds():
    for file in FILES:
        yield from read_wordings(file).items()


def counted(wording):
    """Count how many texts a wording stands for."""
    ways = 1
    for node in wording:
        if isinstance(node, Choice):
            ways *= sum(counted(option) for option in node.options)
        elif isinstance(node, Span):
            ways *= counted(node.inside)
    return ways


def lines(record, *keys):
    return [line.split(" ", 1)[1] if line[0] == "@" else line for key in keys for line in record[key].splitlines()]


def test_every_kind_has_many_wordings_and_a_fifth_is_held_out():
    ways = Counter()
    for name, record in kinds():
        both = lines(record, "wordings"), lines(record, "held_out")
        assert not set(both[0]) & set(both[1]), name
        assert 0.1 < len(both[1]) / (len(both[0]) + len(both[1])) < 0.35, name
        ways[name.removeprefix("title_")] += sum(counted(parse(line)) for line in both[0] + both[1])
    assert {name: count for name, count in ways.items() if count < 40} == {}


def test_the_files_name_what_is_there():
    records = dict(kinds())
    settings = set(read_wordings("contexts"))
    for name, record in records.items():
        assert set(record["acts"]) <= set(ACTS), name
        assert set(record.get("facts", ())) <= set(FACTS), name
        assert record.get("role", "want") in ROLES, name
        assert set(record["contexts"]) <= settings | {"any"}, name
        assert set(record.get("domains", ())) <= set(read_wordings("values")["domains"]), name
    for setting, joins in read_wordings("joins").items():
        assert setting in settings
        for part in [part for join in joins for part in join if part == part.strip()]:
            assert any(fnmatchcase(name, part) for name in records), part


def test_every_act_role_kind_and_fact_is_written():
    messages = list(generate(FILMS, 3000, seed=1))
    assert {act for message in messages for act in message.acts} == set(ACTS)
    assert {fact for message in messages for fact in message.facts} == set(FACTS)
    assert {span.role for message in messages for span in message.spans} == set(ROLES)
    assert {span.kind for message in messages for span in message.spans} >= set(KINDS) - {"price", "character"}
    assert {message.source for message in messages} == {SOURCE}
    assert all(message.text == message.text.strip() != "" for message in messages)
    assert any(len(message.acts) > 2 for message in messages)
    for message in messages:
        foreign = "foreign" in message.acts
        assert message.known == ({"foreign"} if foreign else set(ACTS))
        assert message.facts_known is not foreign
        assert bool(message.facts) == ("ask_fact" in message.acts)


def test_spans_hold_the_catalogues_values():
    people = {name.lower() for name in PEOPLE} | {name.split()[-1].lower() for name in PEOPLE}
    spans = [
        (message.text[span.start : span.end].lower(), span.kind)
        for message in generate(FILMS, 1000, seed=2)
        for span in message.spans
        if message.text[span.start : span.end].lower() not in ("he", "she", "him", "her", "his", "them")
    ]
    named = [text in people for text, kind in spans if kind == "person"]
    assert len(named) > 100
    assert sum(named) / len(named) > 0.97
    titles = [text for text, kind in spans if kind == "title"]
    assert sum(any(word in item.title.lower() for item in FILMS for word in [text]) for text in titles) > 0.8 * len(
        titles
    )
    assert all(text == text.strip() for text, _ in spans)


def test_the_seed_decides():
    first, again, other = (list(generate(FILMS, 50, seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_held_out_wordings_are_others():
    values = Values(FILMS)
    train, held_out = (read_kinds(values, part) for part in (False, True))
    assert train.keys() == held_out.keys()
    for name, kind in train.items():
        assert not set(kind.wordings) & set(held_out[name].wordings)
    assert next(generate(FILMS, 1, seed=0, held_out=True)).text


def test_what_a_message_takes_or_turns_down_was_offered_before():
    answers = ({"accept"}, {"not_seen"}, {"not_seen", "accept"}, {"praise", "reject"})
    found = []
    for message in generate(FILMS, 4000, seed=5):
        titles = [message.text[span.start : span.end].lower() for span in message.spans if span.kind == "title"]
        if message.acts in answers and titles:
            speaker, said = message.context[-1]
            assert speaker is Speaker.RECOMMENDER
            found.append(titles[0].removeprefix("the ")[:8] in said.lower())
    assert len(found) > 10
    assert sum(found) / len(found) > 0.9  # the others are mistyped


def test_objections_repeat_what_was_asked_for_and_turn_down_what_was_offered():
    repeated = turned_down = objections = 0
    for message in generate(FILMS, 4000, seed=9):
        if message.acts != {"reject", "refine"} or len(message.context) < 2:
            continue
        objections += 1
        (_, asked), (speaker, offered) = message.context[-2:]
        assert speaker is Speaker.RECOMMENDER
        said = [(message.text[span.start : span.end].lower(), span) for span in message.spans]
        repeated += any(text in asked.lower() for text, span in said if span.role == "want")
        turned_down += any(text in offered.lower() for text, span in said if span.role == "avoid")
    assert objections > 200
    assert repeated > 0.25 * objections
    assert turned_down > 0.25 * objections


def test_a_question_that_is_asked_again_keeps_its_kind_of_fact():
    facts = set()
    for message in generate(FILMS, 6000, seed=10):
        if message.acts == {"ask_fact"} and message.text.lower().startswith(("that's not an answer", "i asked about")):
            facts |= message.facts
            assert message.context[-2][0] is Speaker.SEEKER
    assert len(facts) > 2


def test_other_domains_speak_their_own_words():
    texts = " ".join(message.text.lower() for message in generate(SHOP, 3000, seed=6))
    assert "product" in texts
    assert "trail sock" in texts
    assert "under $" in texts
    assert "movie" not in texts
    messages = list(generate(BARE, 300, seed=7))
    assert all(span.kind not in ("person", "genre") or span.role for message in messages for span in message.spans)
    assert {"ask_recommendation", "ask_fact", "reject"} <= {act for message in messages for act in message.acts}


def test_the_synthetic_catalogue_works():
    assert sum(1 for _ in generate(film_world(seed=1, dialogues=1)[0], 100, seed=8)) == 100
