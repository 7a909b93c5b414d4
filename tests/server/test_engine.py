"""The queue before the model: together, in turns, bounded, and never silent."""

import asyncio
import threading
import time

import pytest

from pecrs.data.dialogue import Speaker, Turn
from pecrs.errors import DataError
from pecrs.inference.moves import MoveKind
from pecrs.inference.types import Reply, Request
from pecrs.server.engine import BusyError, ModelEngine, UnavailableError


class Slow:
    """Stands for a recommender: answers with the text that it is asked, once it is let go."""

    def __init__(self):
        self.batches, self.go, self.busy = [], threading.Event(), threading.Event()
        self.caches = []

    def respond_many(self, requests, caches):
        self.caches += caches
        texts = [request.turns[0].text for request in requests]
        if texts:
            self.batches.append(texts)
        self.busy.set()
        assert self.go.wait(10)
        return [self.answer(text) for text in texts]

    def answer(self, text):
        if text == "bad":
            return DataError("it cannot be answered")
        return Reply(text, (), MoveKind.CHAT, 0.0, Turn(Speaker.RECOMMENDER, text))


def request(text):
    return Request((Turn(Speaker.SEEKER, text),))


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def engine(slow):
    made = []

    def make(**settings):
        options = {"queue": 8, "batch": 3, "gather": 0.0, "deadline": 10.0} | settings
        made.append(ModelEngine(**options))
        return made[-1]

    yield make
    slow.go.set()
    for each in made:
        each.close()


def test_who_waits_together_is_answered_together_and_owners_take_turns(engine, slow):
    running = engine()
    first = running.submit("a", slow, request("0"))
    assert slow.busy.wait(10)
    others = [running.submit(owner, slow, request(text)) for owner, text in ("a1", "a2", "a3", "b1", "c1", "b2")]
    slow.go.set()
    assert first.result(10).text == "0"
    assert [future.result(10).text for future in others] == ["1", "2", "3", "1", "1", "2"]
    assert slow.batches == [["0"], ["1", "1", "1"], ["2", "2", "3"]]


def test_one_that_cannot_be_answered_stops_no_other(engine, slow):
    running = engine(gather=0.2)
    futures = [running.submit("a", slow, request(text)) for text in ("good", "bad", "fine")]
    slow.go.set()
    assert futures[0].result(10).text == "good"
    with pytest.raises(DataError, match="cannot be answered"):
        futures[1].result(10)
    assert futures[2].result(10).text == "fine"
    assert slow.batches == [["good", "bad", "fine"]]


def test_questions_share_the_thread(engine, slow):
    slow.go.set()
    running = engine()
    assert running.submit("a", slow, lambda model: model is slow).result(10) is True

    def fails(_):
        raise DataError("no")

    with pytest.raises(DataError, match="no"):
        running.submit("a", slow, fails).result(10)
    assert running.submit("a", slow, request("still here")).result(10).text == "still here"


def test_a_full_queue_turns_away(engine, slow):
    running = engine(queue=2)
    running.submit("a", slow, request("0"))
    assert slow.busy.wait(10)
    waiting = [running.submit("a", slow, request("1")), running.submit("b", slow, request("2"))]
    with pytest.raises(BusyError):
        running.submit("c", slow, request("3"))
    slow.go.set()
    assert [future.result(10).text for future in waiting] == ["1", "2"]


def test_who_went_away_keeps_nobody_out(engine, slow):
    running = engine(queue=3)
    running.submit("a", slow, request("0"))
    assert slow.busy.wait(10)
    waiting = [running.submit(owner, slow, request(text)) for owner, text in (("a", "1"), ("a", "2"), ("b", "3"))]
    assert waiting[0].cancel()
    assert waiting[2].cancel()
    others = [running.submit(owner, slow, request(text)) for owner, text in (("b", "4"), ("c", "5"))]
    with pytest.raises(BusyError):
        running.submit("d", slow, request("6"))
    slow.go.set()
    assert [future.result(10).text for future in (waiting[1], *others)] == ["2", "4", "5"]
    assert [text for batch in slow.batches for text in batch] == ["0", "2", "4", "5"]


def test_who_waits_for_long_is_told_while_the_model_is_busy(engine, slow):
    running = engine(deadline=0.3, batch=1)
    running.submit("a", slow, request("0"))
    assert slow.busy.wait(10)
    with pytest.raises(UnavailableError, match="in time"):
        asyncio.run(running.ask("b", slow, request("1")))
    assert not slow.go.is_set()


def test_who_waits_too_long_or_goes_away_is_not_computed_for(engine, slow):
    running = engine(deadline=0.3, batch=1)
    running.submit("a", slow, request("0"))
    assert slow.busy.wait(10)

    async def gone():
        return True

    async def ask():
        late = asyncio.create_task(running.ask("a", slow, request("late")))
        with pytest.raises(UnavailableError, match="gone away"):
            await running.ask("b", slow, request("gone"), gone)
        await asyncio.sleep(0.3)
        slow.go.set()
        with pytest.raises(UnavailableError, match="in time"):
            await late

    asyncio.run(ask())
    assert running.submit("a", slow, request("next")).result(10).text == "next"
    assert slow.batches == [["0"], ["next"]]


def test_closing_answers_who_waits_and_takes_no_more(engine, slow):
    running = engine()
    waiting = [running.submit("a", slow, request(str(n))) for n in range(5)]
    closing = threading.Thread(target=running.close)
    closing.start()
    time.sleep(0.05)
    with pytest.raises(UnavailableError, match="shutting down"):
        running.submit("a", slow, request("late"))
    slow.go.set()
    closing.join(10)
    assert [future.result(0).text for future in waiting] == list("01234")


def test_a_broken_model_is_told_to_all_who_wait(slow, engine, monkeypatch):
    running = engine(gather=0.2)
    slow.go.set()
    monkeypatch.setattr(slow, "answer", lambda text: 1 / 0)
    futures = [running.submit("a", slow, request(str(n))) for n in range(2)]
    for future in futures:
        with pytest.raises(ZeroDivisionError):
            future.result(10)
    monkeypatch.undo()
    assert running.submit("a", slow, request("again")).result(10).text == "again"


def test_the_latest_conversations_go_on_where_they_were(engine, slow):
    slow.go.set()
    running = engine(kept=2)
    for name in ("a", "b", "a", "c", "b", None, None):
        running.submit("x", slow, request("0"), name).result(10)
    a, b, again, c, fresh, one, other = slow.caches
    assert again is a
    assert fresh is not b  # which was the oldest of three
    assert len({id(each) for each in (a, b, c, fresh, one, other)}) == 6


def test_a_request_is_answered_by_the_recommender_that_read_it(slow, engine):
    newer = Slow()
    newer.go.set()
    running = engine(gather=0.2)
    futures = [running.submit("x", model, request(text)) for model, text in ((slow, "1"), (newer, "2"), (slow, "3"))]
    question = running.submit("x", newer, lambda model: model is newer)
    slow.go.set()
    assert [future.result(10).text for future in futures] == ["1", "2", "3"]
    assert question.result(10) is True
    assert (slow.batches, newer.batches) == ([["1", "3"]], [["2"]])
