"""What waits is scored as one batch: no timer, so that nobody waits for others to come."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

Work = Callable[[Sequence[Any]], list[Any]]


class FullError(Exception):
    """More rows wait than may."""


class Waiting:
    """A queue before one worker thread. work: rows -> as many answers. most: rows that may wait or be worked on.
    batch: rows of one call."""

    def __init__(self, work: Work, most: int, batch: int) -> None:
        self._work, self._most, self._batch = work, most, batch
        self._queue: deque[tuple[Sequence[Any], asyncio.Future[list[Any]]]] = deque()
        self._something = asyncio.Event()
        self.rows = 0

    async def answer(self, rows: Sequence[Any]) -> list[Any]:
        """The answers to some rows. Raises FullError at once where the queue is, or what `work` raises."""
        if self.rows + len(rows) > self._most:
            raise FullError
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._queue.append((rows, future))
        self.rows += len(rows)
        self._something.set()
        return await future

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await self._something.wait()
            taken = self._take()
            if not taken:
                self._something.clear()
                continue
            rows = [row for some, _ in taken for row in some]
            try:
                answers = await asyncio.to_thread(self._work, rows)
            except Exception as error:
                self._give(taken, error)
            else:
                self._give(taken, answers)
            self.rows -= len(rows)

    def _take(self) -> list[tuple[Sequence[Any], asyncio.Future[list[Any]]]]:
        """What waits, in its order, up to a batch; of which nobody waits any more is left out."""
        taken: list[tuple[Sequence[Any], asyncio.Future[list[Any]]]] = []
        rows = 0
        while self._queue and (not taken or rows + len(self._queue[0][0]) <= self._batch):
            some, future = self._queue.popleft()
            if future.done():
                self.rows -= len(some)
                continue
            taken.append((some, future))
            rows += len(some)
        return taken

    @staticmethod
    def _give(taken: list[tuple[Sequence[Any], asyncio.Future[list[Any]]]], made: list[Any] | Exception) -> None:
        begin = 0
        for some, future in taken:
            end = begin + len(some)
            if not future.done():
                if isinstance(made, Exception):
                    future.set_exception(made)
                else:
                    future.set_result(made[begin:end])
            begin = end
