"""Documents that are worked on while the program goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterator
from ctypes import byref, sizeof

from ._library import Handle, Latest, checked, library
from .errors import PENDING
from .progress import Progress
from .report import Report

#: Longest time a thread stays in the library while it waits, in milliseconds. Python runs the handlers of signals, that
#: of Ctrl-C among them, only in between.
SLICE_MS = 50


class _Job:
    """What both kinds of job are."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.id: int = library().tori_job_id(handle.pointer)

    def cancel(self) -> None:
        """Ends the job as cancelled, at once, unless it has ended; waits for nothing. From any thread."""
        library().tori_job_cancel(self._handle.pointer)

    def done(self) -> bool:
        """Whether the job has ended, whatever came of it."""
        return self._look()[0] != PENDING

    @property
    def progress(self) -> Progress:
        """The last step; its stage is empty before the first."""
        return self._look()[1]

    def _look(self) -> tuple[int, Progress]:
        latest = Latest(struct_size=sizeof(Latest))
        status = library().tori_job_poll(self._handle.pointer, byref(latest))
        stage = (latest.stage_name or b"").decode()
        return status, Progress(latest.percent, stage, latest.units_done, latest.units_total)

    def _report(self) -> Report:
        lib = library()
        result = Handle(lib.tori_result_free)
        checked(lib.tori_job_result, self._handle.pointer, byref(result.pointer))
        return Report(result)

    def __repr__(self) -> str:
        status, progress = self._look()
        state = f"{progress.percent} %"
        if status != PENDING:
            state = library().tori_status_name(status).decode()
        return f"<tori.{type(self).__name__} {self.id}: {state}>"


class Job(_Job):
    """A job of an Engine. Iterating gives its steps until it ends. It goes on when nobody holds it."""

    def result(self, timeout: float | None = None) -> Report:
        """Waits for the report, at most timeout seconds: TimeoutError then, and the job goes on. Raises what the job
        failed with."""
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        while not self.done():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"job {self.id} has not ended within {timeout} s, and goes on")
            self._wait(min(left, SLICE_MS / 1000))
        return self._report()

    def __iter__(self) -> Iterator[Progress]:
        seen = None
        while True:
            status, step = self._look()
            if step.stage and step != seen:
                seen = step
                yield step
            elif status == PENDING:
                self._wait(SLICE_MS / 1000)
            else:
                return

    def _wait(self, seconds: float) -> None:
        library().tori_job_wait(self._handle.pointer, max(1, round(seconds * 1000)))


class AsyncJob(_Job):
    """A job of an AsyncEngine: `await job` gives its report or raises what it failed with, `async for step in job` its
    steps until it ends. Cancelling a task that awaits it cancels the job. It goes on when nobody holds it."""

    def __init__(self, handle: Handle) -> None:
        super().__init__(handle)
        self._news = asyncio.Event()

    def _tell(self) -> None:
        """Wakes those who wait for something new."""
        self._news.set()
        self._news = asyncio.Event()

    def __await__(self) -> Generator[object, None, Report]:
        return self._wait().__await__()

    async def _wait(self) -> Report:
        try:
            while not self.done():
                await self._news.wait()
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._report()

    async def __aiter__(self) -> AsyncIterator[Progress]:
        seen = None
        while True:
            status, step = self._look()
            if step.stage and step != seen:
                seen = step
                yield step
            elif status == PENDING:
                await self._news.wait()
            else:
                return
