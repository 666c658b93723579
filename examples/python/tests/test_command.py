"""python -m tori"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import tori

COMMAND = [sys.executable, "-m", "tori"]


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_the_table_shows_the_best_concepts(paper: Path) -> None:
    done = command(paper, "--rows", 3)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{paper}: Slack-Driven Compaction")
    assert len(lines) == 4
    assert "log-structured merge-tree" in lines[1]


def test_json_is_the_report(engine: tori.Engine, paper: Path, fixtures: Path) -> None:
    done = command("--json", "--set", "report.timings=false", paper, fixtures / "note.md")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [engine.ingest(paper).json(), engine.ingest(fixtures / "note.md").json()]


def test_a_file_that_fails_does_not_hold_up_the_others(paper: Path, fixtures: Path) -> None:
    done = command("--json", fixtures / "empty.pdf", paper, "", "/no/such/file")
    assert done.returncode == 1
    assert json.loads(done.stdout)["document"]["name"] == paper.name
    errors = done.stderr.splitlines()
    assert len(errors) == 3
    assert all(line.startswith("tori: ") for line in errors)
    assert "the input is empty" in errors[0]
    assert "/no/such/file" in errors[2]


def test_wrong_use_ends_with_2(paper: Path) -> None:
    for arguments, message in (
        ((), "FILE"),
        ((paper, "--set", "pages"), "'pages' is not KEY=VALUE"),
        ((paper, "--set", "limits.pages=x"), "limits.pages"),
        ((paper, "--rows", "-1"), "-1 is below 0"),
        ((paper, "--no-such"), "--no-such"),
    ):
        done = command(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_progress_is_shown_to_terminals_alone(long_file: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([*COMMAND, str(long_file)], stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:
                break
        os.close(ours)
        assert process.stdout is not None
        assert process.stdout.read().startswith(f"{long_file}: ")
    assert b"long.txt: 100 % complete" in shown
    assert shown.endswith(b"\r\x1b[K")


def test_ctrl_c_and_a_reader_that_leaves_end_it_quietly(long_file: Path, paper: Path) -> None:
    process = subprocess.Popen([*COMMAND, *[str(long_file)] * 10], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 130
    shell = f"'{sys.executable}' -m tori --json '{paper}' '{paper}' '{paper}' | head -c 1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"{", b"")
