"""Engines in event loops."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import os
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import SETTINGS, fill
from tqdm import tqdm

import tori

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "asyncio":
        return asyncio.run
    if importlib.util.find_spec("uvloop") is None:
        pytest.skip("uvloop is not installed")
    import uvloop

    def on_uvloop(work: Coroutine[Any, Any, Any]) -> Any:
        loop = uvloop.new_event_loop()
        try:
            return loop.run_until_complete(work)
        finally:
            loop.close()

    return on_uvloop


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_awaiting_gives_the_report_of_a_plain_call(
    run: Run, engine: tori.Engine, aengine: tori.AsyncEngine, paper: Path
) -> None:
    async def main() -> None:
        assert (await aengine.ingest(paper)).json() == engine.ingest(paper).json()
        with pytest.raises(tori.IoError, match="no/such"):
            await aengine.ingest("/no/such/file")

    run(main())


def test_a_hundred_at_once(run: Run, engine: tori.Engine, aengine: tori.AsyncEngine, paper: Path) -> None:
    async def main() -> list[tori.Report]:
        return await asyncio.gather(*(aengine.ingest(paper) for _ in range(100)))

    assert {report.json() for report in run(main())} == {engine.ingest(paper).json()}


def test_the_loop_ticks_while_documents_are_worked_on(run: Run, aengine: tori.AsyncEngine, paper: Path) -> None:
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.001)

    async def main() -> float:
        ticking = asyncio.ensure_future(tick())
        begun = time.perf_counter()
        await asyncio.gather(*(aengine.ingest(paper, progress=lambda step: None) for _ in range(20)))
        ticking.cancel()
        return time.perf_counter() - begun

    took = run(main())
    longest = max(after - before for before, after in zip(ticks, ticks[1:]))
    print(f"20 documents in {took * 1000:.0f} ms, {len(ticks)} ticks, longest gap {longest * 1000:.1f} ms")
    assert len(ticks) > 10


def test_steps_are_iterated_over(run: Run, aengine: tori.AsyncEngine, paper: Path) -> None:
    async def main() -> None:
        job = aengine.submit(paper)
        steps = [step async for step in job]
        percents = [step.percent for step in steps]
        assert percents == sorted(percents)
        assert percents[-1] == 100
        assert len(await job) > 50
        assert [step async for step in job] == steps[-1:]

    run(main())


def test_bars_and_functions_follow(run: Run, aengine: tori.AsyncEngine, paper: Path) -> None:
    async def main() -> None:
        with tqdm(total=500) as bar:
            await asyncio.gather(*(aengine.ingest(paper, progress=bar) for _ in range(5)))
            assert bar.n == 500
        await aengine.ingest(paper, progress=tqdm)

        def refuse(step: tori.Progress) -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await aengine.ingest(paper, progress=refuse)

    run(main())


def test_cancelling_the_task_cancels_the_job(run: Run, aengine: tori.AsyncEngine, long_file: Path) -> None:
    async def main() -> None:
        job = aengine.submit(long_file)

        async def wait() -> None:
            await job

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert job.done()
        assert repr(job).endswith("TORI_E_CANCELLED>")
        with pytest.raises(tori.Cancelled):
            await job

        shielded = aengine.submit(long_file)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(shielded), 0.02)
        assert not shielded.done()
        assert len(await shielded) > 0

    run(main())


def test_a_timeout_of_asyncio_ends_the_work(run: Run, long_file: Path, paper: Path) -> None:
    engine = tori.AsyncEngine({**SETTINGS, "jobs.waiting": 1})

    async def main() -> None:
        for progress in (None, lambda step: None):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(engine.ingest(long_file, progress=progress), 0.05)
        if hasattr(asyncio, "timeout"):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await engine.ingest(long_file)
        # Jobs that were left behind would keep the workers and the one place.
        assert len(await engine.ingest(paper, block=False)) > 50

    run(main())


def test_a_full_engine_is_busy_or_waited_for(run: Run, fixtures: Path, long_file: Path) -> None:
    engine = tori.AsyncEngine({**SETTINGS, "jobs.waiting": 2})
    note = fixtures / "note.md"

    async def main() -> None:
        reports = await asyncio.gather(*(engine.ingest(note) for _ in range(200)))
        assert len({report.json() for report in reports}) == 1
        held = fill(engine, long_file)
        # A worker may take one that waits at any moment, and make room.
        while True:
            try:
                await engine.ingest(note, block=False)
            except tori.Busy:
                break
            held += fill(engine, long_file)
        waiting = [asyncio.ensure_future(engine.ingest(note)) for _ in range(5)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        for job in held:
            job.cancel()
        first, *others = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(first, asyncio.CancelledError)
        for report in others:
            assert isinstance(report, tori.Report)
            assert report.json() == reports[0].json()

    run(main())


def test_loops_in_threads_share_an_engine(run: Run, engine: tori.Engine, aengine: tori.AsyncEngine, paper: Path) -> None:
    found: list[str] = []

    async def main() -> None:
        for report in await asyncio.gather(*(aengine.ingest(paper) for _ in range(10))):
            found.append(report.json())

    threads = [threading.Thread(target=run, args=(main(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 60
    assert set(found) == {engine.ingest(paper).json()}


def test_loops_come_and_go_without_leaving_descriptors(run: Run, aengine: tori.AsyncEngine, long_file: Path) -> None:
    async def leave() -> None:
        aengine.submit(long_file).cancel()
        task = asyncio.ensure_future(aengine.ingest(long_file))
        await asyncio.sleep(0)
        task.cancel()

    run(leave())
    gc.collect()
    before = descriptors()
    for _ in range(10):
        run(leave())
    # Cancelled jobs end soon after their loops, and their descriptors with them.
    patience = time.monotonic() + 60
    while descriptors() > before + 1 and time.monotonic() < patience:
        gc.collect()
        time.sleep(0.01)
    assert descriptors() <= before + 1


def test_jobs_that_nobody_awaits_say_nothing(
    run: Run, aengine: tori.AsyncEngine, fixtures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        for name in ("encrypted_user.pdf", "note.md"):
            aengine.submit(fixtures / name)
        await aengine.ingest(fixtures / "plain.txt")

    run(main())
    gc.collect()
    assert caplog.records == []
