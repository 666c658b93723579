"""What comes back: reports as the C interface gives them, and errors by their classes."""

from __future__ import annotations

import copy
import ctypes
import errno
import json
import mmap
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import SETTINGS

import tori
from tori._library import library


def c_call(path: Path) -> bytes:
    """The JSON of tori_ingest_path, called without the package's classes."""
    lib = library()
    lib.tori_ingest_path.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
    config = ctypes.c_void_p(lib.tori_config_new())
    engine, result = ctypes.c_void_p(), ctypes.c_void_p()
    assert lib.tori_config_set(config, b"report.timings", b"false", 5, None) == 0
    assert lib.tori_engine_new(config, ctypes.byref(engine), None) == 0
    assert lib.tori_ingest_path(engine, bytes(path), ctypes.byref(result), None) == 0
    length = ctypes.c_size_t()
    text = ctypes.string_at(lib.tori_result_json(result, ctypes.byref(length)), length.value)
    lib.tori_result_free(result)
    lib.tori_engine_free(engine)
    lib.tori_config_free(config)
    return text


READABLE = [
    "two_column.pdf",
    "report.pdf",
    "groff.pdf",
    "rotated.pdf",
    "encrypted_owner.pdf",
    "scanned.pdf",
    "blank.pdf",
    "truncated.pdf",
    "note.md",
    "plain.txt",
]


@pytest.mark.parametrize("name", READABLE)
def test_the_report_is_that_of_the_c_call_byte_for_byte(engine: tori.Engine, fixtures: Path, name: str) -> None:
    assert engine.ingest(fixtures / name).json().encode() == c_call(fixtures / name)


def test_concepts_are_those_of_the_json(engine: tori.Engine, paper: Path) -> None:
    report = engine.ingest(str(paper))
    data = json.loads(report.json())
    assert len(report) == len(report.concepts) == len(data["concepts"]) == data["counts"]["final"] > 50
    for concept, fields in zip(report, data["concepts"]):
        typed: dict[str, Any] = {**concept._asdict(), "sections": list(concept.sections)}
        typed["spans"] = [list(span) for span in concept.spans]
        typed["acronyms"] = list(concept.acronyms)
        assert typed == {"acronyms": [], **fields}
    qualities = [concept.quality for concept in report]
    assert qualities == sorted(qualities, reverse=True)
    assert report[0] is report.concepts[0]
    assert report.warnings == tuple(data["warnings"])


def test_acronyms_are_those_that_the_document_defines(engine: tori.Engine) -> None:
    report = engine.ingest(tori.Text("A support vector machine (SVM) is trained. The SVM separates two classes."))
    assert {concept.label: concept.acronyms for concept in report}["support vector machine"] == ("SVM",)


def test_spans_are_bytes_of_the_text(engine: tori.Engine, fixtures: Path) -> None:
    report = engine.ingest(fixtures / "plain.txt", settings={"report.text": True})
    text = report.data["text"].encode()
    span = report[0].spans[0]
    assert text[span.start : span.end].decode().lower() in report[0].label.lower()


def test_the_document_is_described(engine: tori.Engine, paper: Path) -> None:
    document = engine.ingest(paper).document
    assert (document.name, document.path, document.kind) == ("two_column.pdf", str(paper), "pdf")
    assert (document.pages, document.bytes) == (6, paper.stat().st_size)
    assert document.title is not None
    assert document.title.startswith("Slack-Driven Compaction")
    assert document.outline[2].heading == "1 Introduction"


def test_a_report_tells_what_it_is(engine: tori.Engine, fixtures: Path) -> None:
    shown = repr(engine.ingest(fixtures / "note.md"))
    assert shown.startswith("<tori.Report of 'note.md': ")
    assert "package registry" in shown
    blank = engine.ingest(fixtures / "blank.pdf")
    assert list(blank) == []
    assert "0 concepts" in repr(blank)


def test_reports_and_errors_survive_pickling(engine: tori.Engine, paper: Path) -> None:
    report = engine.ingest(paper)
    twin = pickle.loads(pickle.dumps(report))
    assert twin.json() == copy.copy(report).json() == report.json()
    assert twin.concepts == report.concepts
    with pytest.raises(tori.IoError) as caught:
        engine.ingest("/no/such/file")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.details) == (tori.IoError, str(caught.value), caught.value.details)
    assert pickle.loads(pickle.dumps(engine)).ingest(paper).json() == report.json()


def test_all_ways_to_give_a_document_agree(engine: tori.Engine, paper: Path) -> None:
    data = paper.read_bytes()
    concepts = engine.ingest(paper).concepts
    with open(paper, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        given: tori.Source
        for given in (str(paper), data, bytearray(data), memoryview(data), memoryview(data * 2)[: len(data)], mapped):
            assert engine.ingest(given).concepts == concepts
    text = "Support vector machines find the maximum margin hyperplane."
    assert engine.ingest(tori.Text(text)).concepts == engine.ingest(text.encode()).concepts
    spread = memoryview(bytes(byte for pair in zip(data, data) for byte in pair))[::2]
    assert engine.ingest(spread).concepts == concepts


def test_bytes_may_change_once_they_were_handed_in(engine: tori.Engine, paper: Path) -> None:
    data = bytearray(paper.read_bytes())
    job = engine.submit(data)
    data[:] = b"\0" * len(data)
    assert job.result().concepts == engine.ingest(paper).concepts


HOSTILE = [
    ("empty.pdf", tori.FormatError, "TORI_E_FORMAT", -4, "the input is empty"),
    ("garbage.bin", tori.FormatError, "TORI_E_FORMAT", -4, "byte 0x00 at offset 64"),
    ("invalid_utf8.txt", tori.FormatError, "TORI_E_FORMAT", -4, "byte 0xc3 at offset 747, line 12"),
    ("not_a_pdf.pdf", tori.Unsupported, "TORI_E_UNSUPPORTED", -13, "the input is PostScript"),
    ("encrypted_user.pdf", tori.Encrypted, "TORI_E_ENCRYPTED", -5, "set document.password"),
    ("no_such.pdf", tori.IoError, "TORI_E_IO", -3, "No such file or directory"),
    ("src", tori.IoError, "TORI_E_IO", -3, "it is a directory"),
]


@pytest.mark.parametrize(("name", "kind", "status_name", "status", "message"), HOSTILE)
def test_what_cannot_be_read_raises_the_error_of_its_status(
    engine: tori.Engine, fixtures: Path, name: str, kind: type[tori.Error], status_name: str, status: int, message: str
) -> None:
    with pytest.raises(tori.Error) as caught:
        engine.ingest(fixtures / name)
    error = caught.value
    assert type(error) is kind
    assert (error.name, error.status) == (status_name, status)
    assert message in str(error)
    assert str(fixtures / name) in str(error)
    assert error.details["path"] == str(fixtures / name)


def test_errors_are_the_builtin_ones_too(engine: tori.Engine, long_file: Path) -> None:
    with pytest.raises(OSError, match="no/such") as refused:
        engine.ingest("/no/such/file")
    assert refused.value.errno == errno.ENOENT
    with pytest.raises(ValueError, match=r"limits\.nothing"):
        tori.Engine({"limits.nothing": 1})
    with pytest.raises(TimeoutError):
        engine.ingest(long_file, settings={"limits.wall_ms": 1})


def test_a_password_opens_the_document(engine: tori.Engine, fixtures: Path) -> None:
    encrypted = fixtures / "encrypted_user.pdf"
    report = engine.ingest(encrypted, settings={"document.password": "secret"})
    assert report.concepts == engine.ingest(fixtures / "groff.pdf").concepts
    with pytest.raises(tori.Encrypted, match=r"document\.password does not open it"):
        engine.ingest(encrypted, settings={"document.password": "hush"})


def test_a_limit_is_named_with_what_was_found(fixtures: Path) -> None:
    engine = tori.Engine({**SETTINGS, "limits.pages": 5})
    with pytest.raises(tori.LimitExceeded) as caught:
        engine.ingest(fixtures / "two_column.pdf")
    details = caught.value.details
    assert (details["limit"], details["found"], details["allowed"], details["unit"]) == ("limits.pages", 6, 5, "pages")
