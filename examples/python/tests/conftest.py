from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

import tori

FIXTURES = Path(__file__).resolve().parents[3] / "tests" / "fixtures"

#: Without the times, equal documents give equal reports.
SETTINGS = {"report.timings": False}


def fill(engine: tori.Engine | tori.AsyncEngine, file: Path) -> list[tori.Job | tori.AsyncJob]:
    """Hands the file in again and again until the engine is busy."""
    jobs: list[tori.Job | tori.AsyncJob] = []
    with contextlib.suppress(tori.Busy):
        while True:
            jobs.append(engine.submit(file))
    return jobs


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def paper() -> Path:
    return FIXTURES / "two_column.pdf"


@pytest.fixture(scope="session")
def engine() -> tori.Engine:
    return tori.Engine(SETTINGS)


@pytest.fixture
def aengine() -> tori.AsyncEngine:
    return tori.AsyncEngine(SETTINGS)


@pytest.fixture(scope="session")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text that takes more than a second."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(3000)]
    sentences = [" ".join(chance.choices(words, k=40)).capitalize() + "." for _ in range(15000)]
    file = tmp_path_factory.mktemp("long") / "long.txt"
    file.write_text("\n\n".join(sentences * 6))
    return file


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a Python program in a process of its own."""

    def start(source: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        file = tmp_path / "program.py"
        file.write_text(source)
        return subprocess.Popen(
            [sys.executable, "-X", "faulthandler", str(file), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    return start
