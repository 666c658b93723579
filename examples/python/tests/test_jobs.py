"""Jobs and calls that wait, in threads."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SETTINGS, fill
from tqdm import tqdm

import tori


def resident() -> int:
    """Memory of the process in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_a_job_gives_its_report_again_and_again(engine: tori.Engine, paper: Path) -> None:
    job = engine.submit(paper)
    assert job.result().json() == job.result().json() == engine.ingest(paper).json()
    assert job.done()
    assert job.progress == (100, "complete", 0, 0)
    assert repr(job) == f"<tori.Job {job.id}: TORI_OK>"


def test_steps_go_forward_to_100(engine: tori.Engine, long_file: Path) -> None:
    steps = list(engine.submit(long_file))
    percents = [step.percent for step in steps]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(steps) == len(set(steps)) > 3


def test_two_hundred_jobs_end_each_with_its_own_report(engine: tori.Engine, fixtures: Path) -> None:
    names = ["note.md", "plain.txt", "groff.pdf", "encrypted_user.pdf"] * 50
    jobs = [engine.submit(fixtures / name) for name in names]
    assert len({job.id for job in jobs}) == 200
    for name, job in zip(names, jobs):
        if name == "encrypted_user.pdf":
            with pytest.raises(tori.Encrypted):
                job.result()
        else:
            assert job.result().document.name == name


def test_a_cancelled_job_has_ended(engine: tori.Engine, long_file: Path) -> None:
    job = engine.submit(long_file)
    while not job.progress.stage:
        time.sleep(0.001)
    job.cancel()
    assert job.done()
    assert repr(job).endswith("TORI_E_CANCELLED>")
    with pytest.raises(tori.Cancelled, match="cancelled"):
        job.result()
    assert all(step.percent < 100 for step in job)
    job.cancel()


def test_waiting_with_a_timeout_leaves_the_job_alone(engine: tori.Engine, long_file: Path) -> None:
    job = engine.submit(long_file)
    for timeout in (0, 0.01, -1):
        with pytest.raises(TimeoutError, match=f"job {job.id} has not ended within {timeout} s") as caught:
            job.result(timeout)
        assert not isinstance(caught.value, tori.Error)
    assert len(job.result(60)) > 0


def test_a_deadline_ends_the_job(engine: tori.Engine, long_file: Path) -> None:
    with pytest.raises(tori.Timeout, match=r"jobs\.deadline_ms = 50 ms"):
        engine.ingest(long_file, settings={"jobs.deadline_ms": 50})


def test_an_exception_of_progress_cancels_the_job(long_file: Path) -> None:
    engine = tori.Engine({**SETTINGS, "jobs.waiting": 1})

    def refuse(step: tori.Progress) -> None:
        raise LookupError(step.stage)

    with pytest.raises(LookupError):
        engine.ingest(long_file, progress=refuse)


def test_a_full_engine_is_busy_or_waited_for(long_file: Path, paper: Path) -> None:
    engine = tori.Engine({**SETTINGS, "jobs.waiting": 1})
    held = fill(engine, long_file)
    # A worker may take the one that waits at any moment, and make room.
    while True:
        try:
            engine.ingest(paper, block=False)
        except tori.Busy as busy:
            assert "jobs.waiting = 1" in str(busy)
            assert busy.details["allowed"] == 1
            break
        held += fill(engine, long_file)
    for job in held:
        job.cancel()
    with ThreadPoolExecutor(30) as threads:
        reports = list(threads.map(engine.ingest, [paper] * 60))
    assert len({report.json() for report in reports}) == 1


def test_threads_share_an_engine_and_python_goes_on(engine: tori.Engine, paper: Path) -> None:
    expected = engine.ingest(paper).json()
    ticks = 0
    over = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.is_set():
            ticks += 1
            time.sleep(0.001)

    ticking = threading.Thread(target=tick)
    ticking.start()
    with ThreadPoolExecutor(8) as threads:
        reports = list(threads.map(engine.ingest, [paper] * 40))
    over.set()
    ticking.join()
    assert {report.json() for report in reports} == {expected}
    assert ticks > 10


def test_bars_reach_their_end(engine: tori.Engine, paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tqdm(total=100) as bar:
        engine.ingest(paper, progress=bar)
        assert bar.n == 100
    with tqdm(total=300) as bar:
        for _ in range(3):
            engine.ingest(paper, progress=bar)
        assert bar.n == 300
    engine.ingest(paper, progress=tqdm)
    assert "100%" in capsys.readouterr().err.splitlines()[-1]
    steps: list[tori.Progress] = []
    engine.ingest(paper, progress=steps.append)
    assert steps[-1].percent == 100


def test_a_bar_of_a_failed_document_is_closed(
    engine: tori.Engine, fixtures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(tori.Encrypted):
        engine.ingest(fixtures / "encrypted_user.pdf", progress=tqdm)
    assert capsys.readouterr().err.endswith("\n")
    assert "100%" not in capsys.readouterr().err


def test_memory_stays_flat(engine: tori.Engine, fixtures: Path) -> None:
    data = (fixtures / "two_column.pdf").read_bytes()

    def run(times: int) -> None:
        for _ in range(times):
            report = engine.ingest(data, progress=lambda step: None)
            assert len(report.concepts) > 50
            with pytest.raises(tori.Encrypted):
                engine.ingest(fixtures / "encrypted_user.pdf")
            engine.submit(data).cancel()
            engine.submit(data)
        gc.collect()

    tracemalloc.start()
    run(40)
    traced, pages = tracemalloc.get_traced_memory()[0], resident()
    run(80)
    objects, pages = tracemalloc.get_traced_memory()[0] - traced, resident() - pages
    tracemalloc.stop()
    print(f"after 320 more documents: {objects:+,} bytes of Python's, {pages:+,} bytes in all")
    # One lost document in each round would be 19 MB, one lost object of 400 bytes 32 kB.
    assert objects < 30_000
    assert pages < 12_000_000
