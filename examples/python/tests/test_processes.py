"""Forks, pools of processes, signals, and the end of the interpreter."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import SETTINGS

import tori

Program = Callable[..., "subprocess.Popen[str]"]

PARENT = tori.Engine(SETTINGS)


def with_the_parents_engine(path: Path) -> tori.Report:
    return PARENT.ingest(path)


def child(work: Callable[[], object]) -> int:
    """Runs work in a forked child and gives its exit status."""
    process = os.fork()
    if process == 0:
        try:
            signal.alarm(60)
            work()
            os._exit(0)
        except BaseException as error:
            print(type(error), error, flush=True)
        finally:
            os._exit(1)
    return os.WEXITSTATUS(os.waitpid(process, 0)[1])


def test_a_child_goes_on_with_its_parents_engine(long_file: Path, paper: Path) -> None:
    expected = PARENT.ingest(paper).json()
    aengine = tori.AsyncEngine(SETTINGS)

    async def two() -> list[tori.Report]:
        return await asyncio.gather(*(aengine.ingest(paper) for _ in range(2)))

    asyncio.run(two())
    # Last, so that all of them are under way when the child is made.
    jobs = [PARENT.submit(long_file) for _ in range(4)]

    def work() -> None:
        for job in jobs:
            with pytest.raises(tori.Forked, match="forked"):
                job.result(5)
        assert PARENT.ingest(paper).json() == expected
        assert [report.json() for report in asyncio.run(two())] == [expected] * 2
        assert child(lambda: PARENT.ingest(paper)) == 0

    assert child(work) == 0
    assert all(len(job.result()) > 0 for job in jobs)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_processes_gives_reports_and_errors(method: str, fixtures: Path, paper: Path) -> None:
    expected = PARENT.ingest(paper).json()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        assert [report.json() for report in pool.map(with_the_parents_engine, [paper] * 6)] == [expected] * 6
        assert pool.submit(PARENT.ingest, paper).result().concepts == PARENT.ingest(paper).concepts
        with pytest.raises(tori.Encrypted, match=r"document\.password"):
            pool.submit(PARENT.ingest, fixtures / "encrypted_user.pdf").result()


ENDS = {
    "by itself": "",
    "by sys.exit": "sys.exit(0)",
    "while daemon threads wait": """
for _ in range(4):
    threading.Thread(target=engine.ingest, args=(path,), daemon=True).start()
time.sleep(0.05)
""",
    "in an event loop": """
async def main():
    a = tori.AsyncEngine()
    for _ in range(4): a.submit(path)
    asyncio.ensure_future(a.ingest(path))
    await asyncio.sleep(0.05)
asyncio.run(main())
""",
    "with a loop that is not closed": """
loop = asyncio.new_event_loop()
a = tori.AsyncEngine()
async def main():
    return [a.submit(path) for _ in range(4)]
kept = loop.run_until_complete(main())
""",
}


@pytest.mark.parametrize("how", ENDS)
def test_the_interpreter_ends_with_jobs_in_flight(how: str, program: Program, long_file: Path) -> None:
    source = f"""
import asyncio, sys, threading, time, tori
path = sys.argv[1]
engine = tori.Engine()
jobs = [engine.submit(path) for _ in range(8)] + [engine.submit(open(path, "rb").read()) for _ in range(2)]
{ENDS[how]}
print("end", flush=True)
"""
    for _ in range(3):
        process = program(source, long_file)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert out in ("end\n", "")
        assert out or how == "by sys.exit"


INTERRUPTED = {
    "a call": """
try:
    engine.ingest(path)
except KeyboardInterrupt:
    print("stopped")
""",
    "a call with progress": """
try:
    engine.ingest(path, progress=lambda step: None)
except KeyboardInterrupt:
    print("stopped")
""",
    "an event loop": """
async def main():
    await tori.AsyncEngine().ingest(path)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("stopped")
""",
}


@pytest.mark.parametrize("what", INTERRUPTED)
def test_ctrl_c_ends(what: str, program: Program, long_file: Path) -> None:
    source = f"""
import asyncio, sys, tori
path = sys.argv[1]
engine = tori.Engine()
print("begin", flush=True)
{INTERRUPTED[what]}
"""
    process = program(source, long_file)
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    out, err = process.communicate(timeout=30)
    print(f"ended {(time.monotonic() - begun) * 1000:.0f} ms after the signal")
    assert (out, err, process.returncode) == ("stopped\n", "", 0)


def test_ctrl_c_cancels_the_job(long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[tori.Job] = []
    submit: Any = tori.Engine._admit

    def remember(*arguments: Any) -> Any:
        submitted.append(submit(*arguments))
        return submitted[-1]

    monkeypatch.setattr(tori.Engine, "_admit", remember)

    def interrupt(step: tori.Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        PARENT.ingest(long_file, progress=interrupt)
    assert repr(submitted[0]).endswith("TORI_E_CANCELLED>")
