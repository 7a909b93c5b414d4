"""Dialogues held out for validation by time and by group."""

import pytest

from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.splits import Reading
from pecrs.data.validation import Rule, hold_out_groups, hold_out_latest, without_groups_of
from pecrs.errors import ConfigError, DataError


def reading(name, moment=None, *groups):
    return Reading(Dialogue(str(name), (Turn(Speaker.SEEKER, f"talk {name}"),)), 1, 1, moment, groups)


def ids(readings):
    return [member.dialogue.id for member in readings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("random", Rule("random")), ("time", Rule("time", "time")), ("group: shop:name ", Rule("group", "shop:name"))],
)
def test_rules_are_read(text, expected):
    assert Rule.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "near"), [("tme", "did you mean 'time'"), ("group", ""), ("group: ", ""), ("time:x", ""), ("", "")]
)
def test_other_rules_are_refused(text, near):
    with pytest.raises(ConfigError, match=f"validation: one of random, time, group:<field> is expected.*{near}"):
        Rule.parse(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(0, 0), (1.5, 1.5), ("1970-01-02", 86400), ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T00:00:01Z", 1)],
)
def test_moments(value, seconds):
    assert Rule("time", "time").moment({"time": value}) == seconds
    assert Rule("random").moment({"time": value}) is None


@pytest.mark.parametrize("value", [None, True, "soon", "", float("nan"), [1]])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(DataError, match="seconds since 1970") as caught:
        Rule("time", "time").moment({"time": value})
    assert caught.value.field == "time"


def test_groups_are_texts_numbers_or_lists_of_them():
    rule = Rule("group", "who")
    groups = [rule.groups({"who": value}) for value in ("ann", 7.0, ["ann", 7, "ann"])]
    assert groups == [("ann",), ("7",), ("ann", "7")]
    assert Rule("random").groups({"who": "ann"}) == ()


@pytest.mark.parametrize("value", [None, "", [], ["ann", None], {"id": 1}, True])
def test_what_is_no_group_is_refused(value):
    with pytest.raises(DataError) as caught:
        Rule("group", "who").groups({"who": value})
    assert caught.value.field == "who"


def test_the_latest_tenth_is_held_out_whatever_the_order():
    readings = [reading(n, n * 37 % 40) for n in range(40)]
    held_out = hold_out_latest(readings)
    assert {member.moment for member in held_out.readings["valid"]} == {36, 37, 38, 39}
    assert len(held_out.readings["train"]) == 36
    assert held_out.said == "the latest 4 of 40 dialogues are for validation"


@pytest.mark.parametrize(
    ("moments", "valid"),
    [
        ([1, 2], ["1"]),
        ([5, 5, 5, 7], ["3"]),
        ([3, 9, 9, 9], ["1", "2", "3"]),
        ([*range(8), 99, 99], ["8", "9"]),
        ([-5, -7], ["0"]),
    ],
)
def test_dialogues_of_one_time_stay_together_and_some_are_for_training(moments, valid):
    held_out = hold_out_latest([reading(n, moment) for n, moment in enumerate(moments)])
    assert ids(held_out.readings["valid"]) == valid


@pytest.mark.parametrize("moments", [[], [4], [4, 4]])
def test_one_time_cannot_be_divided(moments):
    with pytest.raises(DataError, match="at least two times"):
        hold_out_latest([reading(n, moment) for n, moment in enumerate(moments)])


def test_whole_groups_are_held_out_and_do_not_depend_on_others():
    readings = [reading(f"{group}-{n}", None, f"person {group}") for group in range(300) for n in range(2)]
    parts = hold_out_groups(readings, "who").readings
    groups = {name: {member.groups for member in members} for name, members in parts.items()}
    assert groups["train"].isdisjoint(groups["valid"])
    assert 20 < len(groups["valid"]) < 40
    assert len(parts["train"]) + len(parts["valid"]) == 600
    fewer = hold_out_groups(readings[:300], "who").readings
    assert set(ids(fewer["valid"])) == set(ids(parts["valid"])) & set(ids(readings[:300]))


def test_dialogues_of_groups_of_both_sides_are_left_out_and_said():
    people = [f"person {number}" for number in range(40)]
    alone = hold_out_groups([reading(who, None, who) for who in people], "who").readings
    out, other, third = *ids(alone["valid"])[:2], ids(alone["train"])[0]
    mixed = [reading("mixed", None, out, third), reading("both", None, out, other)]
    held_out = hold_out_groups([reading(who, None, who) for who in people] + mixed, "who")
    everything = ids(held_out.readings["train"]) + ids(held_out.readings["valid"])
    assert "both" in ids(held_out.readings["valid"])
    assert sorted(everything) == sorted([*people, "both"])
    assert held_out.said.startswith(f"{len(alone['valid'])} of 40 groups by field 'who' are held out for validation")
    assert held_out.said.endswith("; 1 dialogues of groups of both sides are left out")


@pytest.mark.parametrize("count", [2, 3, 5, 11])
def test_few_groups_are_divided_too(count):
    parts = hold_out_groups([reading(n, None, f"shop {n}") for n in range(count)], "shop").readings
    assert parts["train"]
    assert parts["valid"]


@pytest.mark.parametrize("groups", [[("a",)] * 3, [("a", "b"), ("b", "c"), ("c", "a")]])
def test_groups_that_cannot_be_divided_are_refused(groups):
    with pytest.raises(DataError) as caught:
        hold_out_groups([reading(n, None, *names) for n, names in enumerate(groups)], "who")
    assert caught.value.field == "who"


def test_validation_meets_nobody_of_training():
    train = [reading(1, None, "a", "b")]
    valid, met = without_groups_of(train, [reading(2, None, "c", "d"), reading(3, None, "b", "c"), reading(4)])
    assert (ids(valid), ids(met)) == (["2", "4"], ["3"])
