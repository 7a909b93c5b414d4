"""One thread computes; requests that wait together are answered together.

Requests queue by owner and are taken in turns, so nobody's many requests hold up another's one. The queue is bounded,
and who waits too long, or has gone away, is not computed for. A request brings the recommender that it was read with:
where items change meanwhile, it is answered with the items that were there.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pecrs.errors import PecrsError
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Reply, Request
from pecrs.model.generator import ConversationCache
from pecrs.server.metrics import BATCH_SIZE, MODEL_SECONDS, QUEUE

Result = TypeVar("Result")
Question = Callable[[Recommender], Result]
"""Any computation with the model other than a reply."""

_POLL = 0.2


class BusyError(PecrsError):
    """Too many requests wait already."""


class UnavailableError(PecrsError):
    """The service is shutting down, or an answer took too long."""


@dataclass(eq=False)
class _Job:
    recommender: Recommender
    work: Request | Question[Any]
    until: float
    conversation: str | None = None
    future: Future[Any] = field(default_factory=Future)


class ModelEngine:
    """Answers requests on a thread of its own."""

    def __init__(self, *, queue: int, batch: int, gather: float, deadline: float, kept: int = 0) -> None:
        """Start the thread.

        Args:
            queue: Requests that may wait.
            batch: Requests that are answered together.
            gather: Seconds to wait for others before a batch that is not full.
            deadline: Seconds after which a waiting request is given up.
            kept: Conversations whose keys and values are kept, the latest ones.
        """
        self._kept, self._caches = kept, OrderedDict[str, ConversationCache]()
        self._size, self._batch, self._gather, self._deadline = queue, batch, gather, deadline
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._count, self._closing = 0, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="pecrs-model", daemon=True)
        self._thread.start()

    def submit(
        self, owner: str, recommender: Recommender, work: Request | Question[Result], conversation: str | None = None
    ) -> Future[Any]:
        """Queue a request.

        Args:
            owner: Whose turn it takes.
            recommender: What answers it.
            work: A dialogue to answer, or a question to the model.
            conversation: By which a dialogue is known again when it goes on.

        Raises:
            BusyError: If the queue is full.
            UnavailableError: If the engine is closing.
        """
        job = _Job(recommender, work, time.monotonic() + self._deadline, conversation)
        with self._changed:
            if self._closing:
                raise UnavailableError("the service is shutting down")
            if self._count >= self._size:
                self._forget_cancelled()
            if self._count >= self._size:
                raise BusyError("too many requests are waiting")
            self._waiting.setdefault(owner, deque()).append(job)
            self._count += 1
            QUEUE.set(self._count)
            self._changed.notify()
        return job.future

    async def ask(
        self,
        owner: str,
        recommender: Recommender,
        work: Request | Question[Result],
        gone: Callable[[], Awaitable[bool]] | None = None,
        conversation: str | None = None,
    ) -> Any:
        """Queue a request and wait for its result.

        Args:
            owner: Whose turn it takes.
            recommender: What answers it.
            work: See :meth:`submit`.
            gone: Tells whether the client has gone away; then a request that still waits is dropped.
            conversation: See :meth:`submit`.

        Raises:
            BusyError, UnavailableError: See :meth:`submit`; also if the deadline passes.
            PecrsError: What the model says of a request that it cannot answer.
        """
        future = self.submit(owner, recommender, work, conversation)
        until = time.monotonic() + self._deadline
        waiter = asyncio.wrap_future(future)
        while not waiter.done():
            await asyncio.wait([waiter], timeout=_POLL)
            if not waiter.done() and gone is not None and await gone():
                future.cancel()
                raise UnavailableError("the client has gone away")
            if time.monotonic() > until and future.cancel():  # one that is being answered cannot be cancelled
                raise UnavailableError("no answer in time")
        try:
            return waiter.result()
        except (CancelledError, asyncio.CancelledError):
            raise UnavailableError("no answer in time") from None

    def close(self) -> None:
        """Take no more requests, answer those that wait, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            jobs = self._take()
            if jobs is None:
                return
            alive = [job for job in jobs if self._start(job)]
            if alive:
                self._answer(alive)

    @staticmethod
    def _start(job: _Job) -> bool:
        if time.monotonic() > job.until:
            job.future.cancel()
        return job.future.set_running_or_notify_cancel()

    def _forget_cancelled(self) -> None:
        """Free the places of those who went away: they must not keep others out."""
        for owner, jobs in list(self._waiting.items()):
            alive = deque(job for job in jobs if not job.future.cancelled())
            self._count -= len(jobs) - len(alive)
            if alive:
                self._waiting[owner] = alive
            else:
                del self._waiting[owner]

    def _take(self) -> list[_Job] | None:
        with self._changed:
            while not self._count:
                if self._closing:
                    return None
                self._changed.wait()
            until = time.monotonic() + self._gather
            while self._count < self._batch and not self._closing:
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            taken: list[_Job] = []
            while self._count and len(taken) < self._batch:
                owner, jobs = self._waiting.popitem(last=False)
                taken.append(jobs.popleft())
                if jobs:
                    self._waiting[owner] = jobs  # to the end of the line
                self._count -= 1
            QUEUE.set(self._count)
            return taken

    def _answer(self, jobs: Sequence[_Job]) -> None:
        """Answer jobs, all of one recommender together."""
        started = time.perf_counter()
        BATCH_SIZE.observe(len(jobs))
        groups: dict[int, list[_Job]] = {}
        for job in jobs:
            groups.setdefault(id(job.recommender), []).append(job)
        for group in groups.values():
            self._reply([job for job in group if isinstance(job.work, Request)])
            for job in group:
                if not isinstance(job.work, Request):
                    _question(job, job.work)
        while len(self._caches) > self._kept:
            self._caches.popitem(last=False)
        MODEL_SECONDS.observe(time.perf_counter() - started)

    def _reply(self, jobs: Sequence[_Job]) -> None:
        requests = [job.work for job in jobs if isinstance(job.work, Request)]
        if not requests:
            return
        try:
            answers = jobs[0].recommender.respond_many(requests, self._continued(jobs))
        except Exception as error:  # whatever it is, those who wait must hear of it
            for job in jobs:
                self._caches.pop(job.conversation or "", None)  # who knows how far it was read
                job.future.set_exception(error)
            return
        for job, answer in zip(jobs, answers, strict=True):
            _settle(job, answer)

    def _continued(self, jobs: Sequence[_Job]) -> list[ConversationCache]:
        """Return what is kept of each job's conversation, or an empty cache."""
        kept = [self._caches.pop(job.conversation, None) if job.conversation else None for job in jobs]
        caches = [cache or ConversationCache() for cache in kept]
        for job, cache in zip(jobs, caches, strict=True):
            if job.conversation:
                self._caches[job.conversation] = cache
        return caches


def _settle(job: _Job, answer: Reply | PecrsError) -> None:
    if isinstance(answer, PecrsError):
        job.future.set_exception(answer)
    else:
        job.future.set_result(answer)


def _question(job: _Job, work: Question[Any]) -> None:
    try:
        job.future.set_result(work(job.recommender))
    except Exception as error:  # as above
        job.future.set_exception(error)
