"""Arguments that make no sense are refused, each by a message that names it."""

from __future__ import annotations

import array
import io
import os
from pathlib import Path
from typing import Any

import pytest

import tori


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (None, TypeError, "a document is a path, bytes or tori.Text, not NoneType"),
        (7, TypeError, "not int"),
        (["paper.pdf"], TypeError, "not list"),
        (io.BytesIO(b"text"), TypeError, "not BytesIO"),
        ("", tori.ArgumentError, "path '' cannot be taken: TORI_E_ARGUMENT"),
        ("a\0b.pdf", ValueError, "null byte"),
        (Path("a\0b.pdf"), ValueError, "null byte"),
        (b"", tori.FormatError, "the input is empty"),
        (bytearray(), tori.FormatError, "the input is empty"),
        (tori.Text("\ud800"), UnicodeEncodeError, "surrogates not allowed"),
    ],
)
def test_what_is_no_document_is_refused(engine: tori.Engine, source: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        engine.ingest(source)


def test_buffers_of_other_items_are_their_bytes(engine: tori.Engine) -> None:
    text = "Support vector machines find hyperplanes. "
    wide = array.array("H", text.encode())
    assert engine.ingest(memoryview(wide)).concepts == engine.ingest(text.encode()).concepts


def test_a_released_buffer_is_refused(engine: tori.Engine) -> None:
    view = memoryview(b"text")
    view.release()
    with pytest.raises(ValueError, match="released"):
        engine.ingest(view)


def test_a_path_need_not_be_utf8(engine: tori.Engine, tmp_path: Path) -> None:
    file = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")
    with open(file, "w") as out:
        out.write("Support vector machines find hyperplanes.")
    assert len(engine.ingest(os.fsdecode(file))) > 0


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"no.such": 1}, tori.ConfigError, "no.such"),
        ({"limits.pages": "many"}, tori.ConfigError, "limits.pages"),
        ({"limits.pages": 0}, tori.ConfigError, "limits.pages"),
        ({"limits.pages": 1.5}, tori.ConfigError, "limits.pages"),
        ({"limits.pages": True}, tori.ConfigError, "limits.pages"),
        ({"quality.title_boost": float("nan")}, tori.ConfigError, "quality.title_boost"),
        ({"report.text": "perhaps"}, tori.ConfigError, "report.text"),
        ({"limits.pages": None}, TypeError, "setting limits.pages is text, a number, a bool or a path, not NoneType"),
        ({"limits.pages": [1]}, TypeError, "not list"),
        ({"limits\0pages": 1}, ValueError, "null byte"),
        ({1: 1}, TypeError, "setting's name is text, not int"),
        ("limits.pages=1", ValueError, "dictionary update sequence"),
    ],
)
def test_wrong_settings_are_refused(settings: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        tori.Engine(settings)


def test_a_request_cannot_change_the_database(engine: tori.Engine, paper: Path) -> None:
    with pytest.raises(tori.ConfigError, match="belongs to the engine"):
        engine.ingest(paper, settings={"database.path": "/tmp"})


def test_settings_take_text_numbers_truth_and_paths(paper: Path, tmp_path: Path) -> None:
    engine = tori.Engine({"concepts.top": 3, "quality.title_boost": 1.25, "report.timings": False})
    assert len(engine.ingest(paper)) == 3
    assert len(engine.ingest(paper, settings={"concepts.top": "5"})) == 5
    with pytest.raises(tori.DatabaseError, match=str(tmp_path)):
        tori.Engine({"database.path": tmp_path, "database.require_external": True})


def test_progress_of_the_wrong_kind_is_refused(engine: tori.Engine, paper: Path) -> None:
    wrong: Any = 7
    with pytest.raises(TypeError, match="progress is a function, a bar or a class of bars, not int"):
        engine.ingest(paper, progress=wrong)


def test_an_async_engine_wants_a_loop(aengine: tori.AsyncEngine, paper: Path) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        aengine.submit(paper)
