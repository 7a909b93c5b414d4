"""A step says where it begins, each unit it has done, and where it ends."""

from __future__ import annotations

import pytest

from pecrs.data.progress import Progress, tracked


def test_each_value_is_reported_after_it_is_used():
    told: list[Progress] = []
    for value in tracked(iter("ab"), "reading", 2, told.append):
        told.append(value)
    assert told == [Progress("reading", 0, 2), "a", Progress("reading", 1, 2), "b", Progress("reading", 2, 2)]


def test_a_step_without_units_says_nothing():
    assert list(tracked([], "reading", 0, pytest.fail)) == []
