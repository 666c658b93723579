"""Finding the library."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Callable

import pytest

import tori

Program = Callable[..., "subprocess.Popen[str]"]

WHEEL = Path(tori.__file__).parent / "libtori.so.0"

needs_wheel = pytest.mark.skipif(not WHEEL.exists(), reason="the package was not installed from a wheel")

ASK = """
import sys, tori
try:
    tori.load(*sys.argv[1:])
    print(tori.version(), tori._library.library()._name)
    tori.load("/elsewhere/libtori.so")
except (OSError, RuntimeError, tori.Error) as error:
    print(type(error).__name__, error)
"""


def answer(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.splitlines()


@needs_wheel
def test_the_one_in_the_wheel_is_found(program: Program) -> None:
    first, second = answer(program(ASK))
    assert first == f"{tori.version()} {WHEEL}"
    assert second == f"RuntimeError libtori is loaded already, from {WHEEL}"


@needs_wheel
def test_files_and_folders_can_be_named(program: Program, tmp_path: Path) -> None:
    for given in (WHEEL, WHEEL.parent):
        assert answer(program(ASK, given))[0].endswith(f" {WHEEL}")
        assert answer(program(ASK, TORI_LIB=str(given)))[0].endswith(f" {WHEEL}")
    assert answer(program(ASK, WHEEL, TORI_LIB=str(tmp_path)))[0].endswith(f" {WHEEL}")


def test_the_error_lists_every_place_tried(program: Program, tmp_path: Path) -> None:
    not_tori = tmp_path / "libtori.so.0"
    not_tori.write_text("no library")
    for lines in (answer(program(ASK, not_tori)), answer(program(ASK, TORI_LIB=str(tmp_path)))):
        assert lines[0] == "LibraryNotFound libtori was not found; tried"
        assert len(lines) == 2
        assert lines[1].startswith(f"  {not_tori}: ")
    copied = """
import shutil, sys, os
shutil.copytree(os.path.dirname(sys.argv[1]), sys.argv[2] + "/tori", ignore=shutil.ignore_patterns("*.so*"))
sys.path.insert(0, sys.argv[2])
import tori
try:
    tori.Engine()
except tori.LibraryNotFound as error:
    print(error)
"""
    lines = answer(program(copied, tori.__file__, tmp_path))
    assert [line.split(":")[0] for line in lines] == [
        "libtori was not found; tried",
        f"  {tmp_path}/tori/libtori.so.0",
        "  libtori.so.0",
    ]


def test_another_library_is_not_taken_for_it(program: Program) -> None:
    lines = answer(program(ASK, "/proc/self/exe"))
    assert lines[0] == "LibraryNotFound libtori was not found; tried"


def test_a_library_of_another_interface_is_refused(program: Program) -> None:
    lines = answer(program("import tori\ntori._library.ABI = 999\n" + ASK))
    assert lines[0].startswith("AbiError ")
    assert "version 999 of the interface" in lines[0]
