"""Every measure on conversations made by hand."""

import pytest

from pecrs.data.dialogue import Speaker, Turn
from pecrs.evaluation.simulation.conversation import Exchange, Judgement, Message, Played, SystemReply, Verdict
from pecrs.evaluation.simulation.measures import compare_order, measure, satisfaction


def exchange(verdict, *, items=1, violations=0, repeats=0, leaked=False, asks=None):
    names = tuple(f"i{n}" for n in range(items))
    reply = SystemReply(Turn(Speaker.RECOMMENDER, "text"), names)
    return Exchange(Message("text", asks=asks), reply, Judgement(verdict, "i0", None, violations, repeats, leaked))


ASKED = exchange(Verdict.ASKED, items=0)
BAD = exchange(Verdict.VIOLATES, violations=1)
HIT = exchange(Verdict.ACCEPTED)
PLAYED = (
    Played(1, (HIT,), False),  # 5
    Played(2, (ASKED, exchange(Verdict.ANSWERED, items=0, asks="cast"), HIT), False),  # (3 + 4 + 5) / 3
    Played(3, (BAD, exchange(Verdict.REPEAT, items=2, violations=1, repeats=2)), True),  # (1 + 1 + 1) / 3
    Played(4, (exchange(Verdict.ACCEPTED, leaked=True),), False),  # 5, but no success
)


def test_measures_of_four_conversations():
    found = measure(PLAYED, 4)
    assert found.dialogues == 4
    assert found.success == (0.25, 0.25, 0.5, 0.5)
    assert found.final.value == 0.5
    assert found.rounds == 2.0
    assert found.satisfaction == (5 + 4 + 1 + 5) / 4
    assert found.violations == pytest.approx(2 / 6)
    assert found.repeats == pytest.approx(2 / 6)
    assert found.leaked == pytest.approx(1 / 3)
    assert found.gave_up == 0.25
    assert (found.answered, found.asked) == (1, 1)


def test_without_success_or_items_there_is_nothing_to_divide_by():
    found = measure([Played(1, (ASKED, ASKED), True)], 2)
    assert (found.success, found.rounds, found.violations, found.leaked) == ((0.0, 0.0), None, 0.0, 0.0)
    assert satisfaction(Played(1, (ASKED, ASKED), True)) == pytest.approx(7 / 3)


def test_the_order_holds_where_a_control_is_lower_and_fails_where_it_is_not():
    good = [Played(n, (HIT,), False) for n in range(20)]
    bad = [Played(n, (BAD,), True) for n in range(20)]
    order = compare_order(good, bad, "popularity")
    assert order.holds
    assert (order.success.value, order.satisfaction.value) == (1.0, 4.0)
    assert str(order).startswith("popularity scores lower, as it must: success +100.0 points")
    assert "DOES NOT SCORE LOWER" in str(compare_order(bad, good, "popularity"))
    assert not compare_order(good, good, "copying").holds
