"""libtori for Python: documents in, ranked concepts out.

report = tori.Engine().ingest("paper.pdf")             # waits
report = await tori.AsyncEngine().ingest("paper.pdf")  # in an event loop
"""

from ._library import load, version
from .engine import AsyncEngine, Engine, Settings, Source, Text
from .errors import (
    AbiError,
    ArgumentError,
    Busy,
    Cancelled,
    ConfigError,
    DatabaseError,
    Encrypted,
    Error,
    Forked,
    FormatError,
    IoError,
    LibraryNotFound,
    LimitExceeded,
    Panic,
    ShutDown,
    Timeout,
    Unsupported,
)
from .job import AsyncJob, Job
from .progress import Progress
from .report import Concept, Document, Heading, Report, Span

__all__ = [
    "AbiError",
    "ArgumentError",
    "AsyncEngine",
    "AsyncJob",
    "Busy",
    "Cancelled",
    "Concept",
    "ConfigError",
    "DatabaseError",
    "Document",
    "Encrypted",
    "Engine",
    "Error",
    "Forked",
    "FormatError",
    "Heading",
    "IoError",
    "Job",
    "LibraryNotFound",
    "LimitExceeded",
    "Panic",
    "Progress",
    "Report",
    "Settings",
    "ShutDown",
    "Source",
    "Span",
    "Text",
    "Timeout",
    "Unsupported",
    "load",
    "version",
]
