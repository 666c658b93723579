"""What the library refuses or fails at, as exceptions: one class for each status of tori.h."""

from __future__ import annotations

from typing import Any

OK = 0
PENDING = 1


class LibraryNotFound(OSError):
    """There is no libtori in any of the places; the message lists them."""


class Error(Exception):
    """Base of everything the library answers. str() is the library's message."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details["message"])
        #: What the message names, as fields of their own: path, page, offset, line, key, limit, found, allowed…
        self.details = details

    @property
    def status(self) -> int:
        """The number in tori.h, negative."""
        return int(self.details["status"])

    @property
    def name(self) -> str:
        """The name of the number, "TORI_E_LIMIT"."""
        return str(self.details["name"])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details,)


class ArgumentError(Error, ValueError):
    """An argument the library cannot take."""


class ConfigError(Error, ValueError):
    """A setting is unknown, of the wrong type or out of its range."""


class IoError(Error, OSError):
    """The operating system refused to open or read a file, or to start a thread; errno tells why when it said so."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details)
        self.errno = details.get("os_error")


class FormatError(Error):
    """Not a document this library reads, or damaged beyond reading."""


class Encrypted(Error):
    """The document is encrypted and the setting document.password is missing or wrong."""


class LimitExceeded(Error):
    """The document exceeds a limit: details["limit"], "found", "allowed" and "unit"."""


class DatabaseError(Error):
    """No concept database could be loaded, or the one named is damaged."""


class Cancelled(Error):
    """The job was cancelled."""


class Timeout(Error, TimeoutError):
    """The document took longer than limits.wall_ms or jobs.deadline_ms allow."""


class Busy(Error):
    """jobs.waiting jobs of the engine wait already."""


class ShutDown(Error):
    """The library has been shut down in this process."""


class Forked(Error):
    """The job belongs to the process this one was forked from."""


class Unsupported(Error):
    """The kind of input or option is known and not supported."""


class AbiError(Error):
    """The library and this package were made for different versions of the interface."""


class Panic(Error):
    """A bug in the library was caught; everything stays usable."""


_CLASSES: dict[int, type[Error]] = {
    -1: ArgumentError,
    -2: ConfigError,
    -3: IoError,
    -4: FormatError,
    -5: Encrypted,
    -6: LimitExceeded,
    -7: DatabaseError,
    -8: Cancelled,
    -9: Timeout,
    -10: Busy,
    -11: ShutDown,
    -12: Forked,
    -13: Unsupported,
    -14: AbiError,
    -15: Panic,
}


def error_of(details: dict[str, Any]) -> Error:
    """The error that a JSON object of tori_error_json describes."""
    return _CLASSES.get(details["status"], Error)(details)
