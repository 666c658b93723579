"""Engines: settings and a concept database, ready to take documents."""

from __future__ import annotations

import asyncio
import mmap
import os
import time
from collections.abc import Mapping
from ctypes import byref, sizeof
from typing import Any, Union

from ._library import Event, Handle, checked, library, stated
from .errors import OK, Busy
from .job import AsyncJob, Job
from .progress import Showing, shown
from .report import Report

#: TORI_EVENT_DONE
DONE = 3

#: How long a call that waits for room waits between two attempts, in seconds.
RETRY = 0.005

#: Most events taken out of a queue before the event loop serves others.
AT_ONCE = 64


class Text(str):
    """Text or Markdown to take in, where a plain str is a path."""


#: A path; text as Text; or the bytes of a document of any kind.
Source = Union[str, "os.PathLike[Any]", Text, bytes, bytearray, memoryview, mmap.mmap]

#: Settings by their names, "limits.pages".
Settings = Mapping[str, Union[str, int, float, "os.PathLike[str]"]]


class _Engine:
    """What both kinds of engine are. Pickling gives an engine of the same settings."""

    def __init__(self, settings: Settings | None = None) -> None:
        lib = library()
        self._settings = dict(settings or {})
        config = Handle(lib.tori_config_free, lib.tori_config_new())
        _set_all(lib.tori_config_set, config, self._settings)
        self._handle = Handle(lib.tori_engine_free)
        checked(lib.tori_engine_new, config.pointer, byref(self._handle.pointer))

    def _submit(self, request: Handle) -> Handle:
        lib = library()
        job = Handle(lib.tori_job_free)
        checked(lib.tori_submit, self._handle.pointer, request.pointer, byref(job.pointer))
        return job

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._settings,)


class Engine(_Engine):
    """An engine whose calls wait. Many threads may use it at once, and forked children go on using it."""

    def submit(self, source: Source, *, settings: Settings | None = None) -> Job:
        """Hands a document in and returns at once; Busy when jobs.waiting documents wait already."""
        return Job(self._submit(_request(source, settings)))

    def ingest(
        self,
        source: Source,
        *,
        settings: Settings | None = None,
        progress: Showing | None = None,
        block: bool = True,
    ) -> Report:
        """Takes a document in and waits for its report. Whatever ends the waiting, Ctrl-C or an exception of progress,
        cancels the job. When jobs.waiting documents wait already it waits for room, without block it raises Busy."""
        request = _request(source, settings)
        with shown(progress) as show:
            job = self._admit(request, block)
            try:
                if show is not None:
                    for step in job:
                        show(step)
                return job.result()
            except BaseException:
                job.cancel()
                raise

    def _admit(self, request: Handle, block: bool) -> Job:
        while True:
            try:
                return Job(self._submit(request))
            except Busy:
                if not block:
                    raise
            time.sleep(RETRY)


class AsyncEngine(_Engine):
    """An engine for asyncio. Several event loops, in several threads, may use it at once."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._inboxes: dict[asyncio.AbstractEventLoop, _Inbox] = {}

    def submit(self, source: Source, *, settings: Settings | None = None) -> AsyncJob:
        """Hands a document in and returns at once; Busy when jobs.waiting documents wait already. Inside an event loop."""
        inbox = self._inbox()
        return inbox.expect(self._submit(_request(source, settings, inbox.queue)))

    async def ingest(
        self,
        source: Source,
        *,
        settings: Settings | None = None,
        progress: Showing | None = None,
        block: bool = True,
    ) -> Report:
        """Takes a document in and gives its report. Cancelling the task, or an exception of progress, cancels the job.
        When jobs.waiting documents wait already it waits for room, without block it raises Busy."""
        inbox = self._inbox()
        request = _request(source, settings, inbox.queue)
        with shown(progress) as show:
            job = inbox.expect(await self._admit(request, block, inbox))
            try:
                if show is not None:
                    async for step in job:
                        show(step)
                return await job
            except BaseException:
                job.cancel()
                raise

    async def _admit(self, request: Handle, block: bool, inbox: _Inbox) -> Handle:
        if not block:
            return self._submit(request)
        # First come, first served; and only the first in the line tries again.
        async with inbox.line:
            while True:
                try:
                    return self._submit(request)
                except Busy:
                    await asyncio.sleep(RETRY)

    def _inbox(self) -> _Inbox:
        loop = asyncio.get_running_loop()
        inbox = self._inboxes.get(loop)
        if inbox is None:
            for other in list(self._inboxes):
                if other.is_closed():
                    self._inboxes.pop(other, None)
            inbox = self._inboxes[loop] = _Inbox(loop)
        return inbox


class _Inbox:
    """What an engine's jobs tell one event loop, through the descriptor of a completion queue. The loop watches it while
    there are jobs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        lib = library()
        self.line = asyncio.Lock()
        self.queue = Handle(lib.tori_queue_free)
        checked(lib.tori_queue_new, byref(self.queue.pointer))
        self._loop = loop
        self._descriptor: int = lib.tori_queue_fd(self.queue.pointer)
        self._jobs: dict[int, AsyncJob] = {}

    def expect(self, handle: Handle) -> AsyncJob:
        job = AsyncJob(handle)
        if not self._jobs:
            self._loop.add_reader(self._descriptor, self._read)
        self._jobs[job.id] = job
        return job

    def _read(self) -> None:
        lib = library()
        event = Event(struct_size=sizeof(Event))
        for _ in range(AT_ONCE):
            if lib.tori_queue_next(self.queue.pointer, 0, byref(event)) != OK:
                break
            # A job that Ctrl-C kept from being expected is not known.
            job = self._jobs.get(event.job_id)
            if job is not None:
                job._tell()
            if event.kind == DONE:
                self._jobs.pop(event.job_id, None)
        if not self._jobs:
            self._loop.remove_reader(self._descriptor)


def _request(source: Source, settings: Settings | None, queue: Handle | None = None) -> Handle:
    lib = library()
    request = Handle(lib.tori_request_free, lib.tori_request_new())
    if isinstance(source, Text):
        text = source.encode()
        stated(lib.tori_request_text(request.pointer, text, len(text)), "the text cannot be taken")
    elif isinstance(source, (str, os.PathLike)):
        stated(lib.tori_request_path(request.pointer, _c_string(os.fsencode(source))), f"path {source!r} cannot be taken")
    else:
        # The library copies the bytes. It could read them in place, but a worker may do so for a while after its job was
        # cancelled, and tells the end of that by a callback only. What can change is copied under the interpreter's lock.
        data = source if isinstance(source, bytes) else _snapshot(source)
        stated(lib.tori_request_bytes(request.pointer, data, len(data)), f"{len(data)} bytes cannot be taken")
    _set_all(lib.tori_request_set, request, settings or {})
    if queue is not None:
        stated(lib.tori_request_queue(request.pointer, queue.pointer), "the queue cannot be used")
    return request


def _snapshot(source: Any) -> bytes:
    try:
        return bytes(memoryview(source))
    except TypeError:
        kind = type(source).__name__
        raise TypeError(f"a document is a path, bytes or tori.Text, not {kind}") from None


def _set_all(function: Any, target: Handle, settings: Settings) -> None:
    for key, value in settings.items():
        text = _setting(key, value)
        checked(function, target.pointer, _c_string(key.encode()), text, len(text))


def _setting(key: Any, value: Any) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"a setting's name is text, not {type(key).__name__}")
    if isinstance(value, bool):
        return str(value).lower().encode()
    if isinstance(value, (int, float)):
        return repr(value).encode()
    if isinstance(value, (str, os.PathLike)):
        return os.fsencode(value)
    raise TypeError(f"setting {key} is text, a number, a bool or a path, not {type(value).__name__}")


def _c_string(text: bytes) -> bytes:
    if b"\0" in text:
        raise ValueError(f"there is a null byte in {text!r}")
    return text
