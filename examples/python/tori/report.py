"""What was found in a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ._library import Handle, lent, library


class Span(NamedTuple):
    """Bytes of the document's UTF-8 text, start included, end not."""

    start: int
    end: int


class Concept(NamedTuple):
    """One concept of a report."""

    label: str
    #: The form most used in the document: the label, or what the text calls a concept of the database.
    form: str
    #: Those that the document defines for it: "SVM" in "support vector machine (SVM)".
    acronyms: tuple[str, ...]
    #: The score with the operators' weights on it, 0 to 1; concepts are in the order of this.
    quality: float
    #: The probability that a reader would list it among the document's keyphrases, 0 to 1.
    score: float
    category: str
    #: "statistical", "database" or "both".
    source: str
    #: The database's number for it; 0 for concepts not in the database.
    id: int
    #: The section that speaks most for it.
    section: str
    sections: tuple[str, ...]
    occurrences: int
    #: Page of the first mention, from 1.
    first_page: int
    spans: tuple[Span, ...]


class Heading(NamedTuple):
    """A section of the document that has a heading."""

    heading: str
    kind: str
    page: int
    level: int


class Document(NamedTuple):
    """What was read."""

    #: The file's name without folders; "bytes" or "text" for documents in memory.
    name: str
    path: str | None
    #: "pdf", "markdown", "text", "html" or "docx".
    kind: str
    bytes: int
    sha256: str
    pages: int
    text_bytes: int
    title: str | None
    title_found: bool
    #: The names found below the title, and the phrases of the authors' own list of keywords.
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    abstract_found: bool
    metadata: dict[str, str | None]
    outline: tuple[Heading, ...]


class Report:
    """The concepts of a document, best first: len(), iteration and indexing are over them.

    Nothing is read from the library before it is asked for, and then once. A report can be pickled.
    """

    def __init__(self, result: Handle | None, text: bytes = b"") -> None:
        self._result = result
        self._text = text
        self._data: dict[str, Any] | None = None
        self._concepts: tuple[Concept, ...] | None = None

    def json(self) -> str:
        """The library's report as it is; libtori's README describes the fields."""
        return self._json().decode()

    def _json(self) -> bytes:
        result = self._result
        if result is not None:
            # In this order: another thread that finds no result finds the text.
            self._text = lent(library().tori_result_json, result)
            self._result = None
        return self._text

    @property
    def data(self) -> dict[str, Any]:
        """All of the report, as json.loads gives it."""
        if self._data is None:
            self._data = json.loads(self._json())
        return self._data

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Best first."""
        if self._concepts is None:
            self._concepts = tuple(map(_concept, self.data["concepts"]))
        return self._concepts

    @property
    def document(self) -> Document:
        """What was read."""
        fields = {"path": None, **self.data["document"]}
        fields.update({name: tuple(fields[name]) for name in ("authors", "keywords")})
        fields["outline"] = tuple(_pick(Heading, heading) for heading in fields["outline"])
        document: Document = _pick(Document, fields)
        return document

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was passed over or looks wrong."""
        return tuple(self.data["warnings"])

    def __len__(self) -> int:
        return len(self.concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)

    def __getitem__(self, index: int) -> Concept:
        return self.concepts[index]

    def __repr__(self) -> str:
        best = ", ".join(repr(concept.label) for concept in self.concepts[:3])
        return f"<tori.Report of {self.document.name!r}: {len(self)} concepts: {best}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (None, self._json())


def _pick(kind: Any, fields: dict[str, Any]) -> Any:
    # A later library adds fields.
    return kind(**{name: fields[name] for name in kind._fields})


def _concept(fields: dict[str, Any]) -> Concept:
    typed = {
        **fields,
        "acronyms": tuple(fields.get("acronyms", ())),
        "sections": tuple(fields["sections"]),
        "spans": tuple(Span(*span) for span in fields["spans"]),
    }
    concept: Concept = _pick(Concept, typed)
    return concept
