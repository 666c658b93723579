"""Finds libtori, checks it, and declares the functions of tori.h that the package uses.

No function of Python is ever handed to the library. A callback comes on a thread of the library's, which would have to
take the interpreter's lock there: it would wait for whatever Python is doing, and hang or crash when Python is ending.
Everything is heard of by waiting for jobs and through completion queues instead.
"""

from __future__ import annotations

import ctypes
import json
import os
from ctypes import (
    POINTER,
    byref,
    c_char_p,
    c_int32,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any, Callable, Union

from .errors import OK, LibraryNotFound, error_of

#: TORI_ABI of the header this file was written against.
ABI = 1

#: The library is looked up as a linked program looks it up.
SONAME = "libtori.so.0"


class Latest(ctypes.Structure):
    """tori_progress"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("stage", c_int32),
        ("percent", c_uint32),
        ("reserved", c_uint32),
        ("job_id", c_uint64),
        ("units_done", c_uint64),
        ("units_total", c_uint64),
        ("stage_name", c_char_p),
        ("message", c_char_p),
        ("tag", c_void_p),
    ]


class Event(ctypes.Structure):
    """tori_event"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("job_id", c_uint64),
        ("tag", c_void_p),
        ("status", c_int32),
        ("stage", c_int32),
        ("percent", c_uint32),
        ("reserved", c_uint32),
    ]


_OUT = POINTER(c_void_p)

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "tori_version": (c_char_p, []),
    "tori_status_name": (c_char_p, [c_int32]),
    "tori_error_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "tori_error_free": (None, [c_void_p]),
    "tori_config_new": (c_void_p, []),
    "tori_config_set": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t, _OUT]),
    "tori_config_free": (None, [c_void_p]),
    "tori_engine_new": (c_int32, [c_void_p, _OUT, _OUT]),
    "tori_engine_free": (None, [c_void_p]),
    "tori_request_new": (c_void_p, []),
    "tori_request_path": (c_int32, [c_void_p, c_char_p]),
    "tori_request_bytes": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "tori_request_text": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "tori_request_set": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t, _OUT]),
    "tori_request_queue": (c_int32, [c_void_p, c_void_p]),
    "tori_request_free": (None, [c_void_p]),
    "tori_submit": (c_int32, [c_void_p, c_void_p, _OUT, _OUT]),
    "tori_job_id": (c_uint64, [c_void_p]),
    "tori_job_poll": (c_int32, [c_void_p, POINTER(Latest)]),
    "tori_job_wait": (c_int32, [c_void_p, c_int64]),
    "tori_job_cancel": (c_int32, [c_void_p]),
    "tori_job_result": (c_int32, [c_void_p, _OUT, _OUT]),
    "tori_job_free": (None, [c_void_p]),
    "tori_queue_new": (c_int32, [_OUT, _OUT]),
    "tori_queue_fd": (c_ssize_t, [c_void_p]),
    "tori_queue_next": (c_int32, [c_void_p, c_int64, POINTER(Event)]),
    "tori_queue_free": (None, [c_void_p]),
    "tori_result_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "tori_result_free": (None, [c_void_p]),
}

_Path = Union[str, "os.PathLike[str]"]

_loaded: ctypes.CDLL | None = None


def load(path: _Path | None = None) -> None:
    """Loads libtori: the file or the folder given; or what the environment variable TORI_LIB names, a file or a folder;
    or, when there is neither, the first of the one beside this package and the system's.

    The first engine calls it when the program has not. LibraryNotFound lists every place tried with its reason; AbiError
    tells that the library does not fit this package; a process uses one library.
    """
    global _loaded
    places = _places(path)
    if _loaded is not None:
        if path is None or _loaded._name == places[0]:
            return
        raise RuntimeError(f"libtori is loaded already, from {_loaded._name}")
    reasons = []
    for place in places:
        try:
            found = ctypes.CDLL(place)
            found.tori_check_abi.argtypes = [c_uint32]
        except (OSError, AttributeError) as reason:
            reasons.append(f"{place}: {reason}")
            continue
        _loaded = _declared(found)
        return
    raise LibraryNotFound("libtori was not found; tried\n  " + "\n  ".join(reasons))


def _places(path: _Path | None) -> list[str]:
    given = os.fspath(path) if path is not None else os.environ.get("TORI_LIB")
    if given:
        file = os.path.join(given, SONAME) if os.path.isdir(given) else given
        return [os.path.abspath(file)]
    return [str(Path(__file__).with_name(SONAME)), SONAME]


def _declared(found: ctypes.CDLL) -> ctypes.CDLL:
    status = found.tori_check_abi(ABI)
    if status != OK:
        found.tori_version.restype = c_char_p
        message = (
            f"{found._name} is libtori {found.tori_version().decode()} and does not have "
            f"version {ABI} of the interface: install the package that came with the library"
        )
        raise error_of({"status": status, "name": "TORI_E_ABI", "message": message})
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


def library() -> ctypes.CDLL:
    """The library, loaded when it is not yet."""
    if _loaded is None:
        load()
    assert _loaded is not None
    return _loaded


def version() -> str:
    """The version of the library that runs."""
    text: bytes = library().tori_version()
    return text.decode()


class Handle:
    """One reference to an object of the library.

    It exists before the call that fills it in, so that the reference has an owner whatever interrupts Python in between.
    """

    def __init__(self, free: Callable[[c_void_p], None], pointer: int | None = None) -> None:
        self.pointer = c_void_p(pointer)
        self._free = free

    def __del__(self) -> None:
        if self.pointer:
            self._free(self.pointer)


def checked(function: Any, *arguments: Any) -> None:
    """Calls a function whose last parameter takes an error, and raises the error."""
    lib = library()
    error = Handle(lib.tori_error_free)
    if function(*arguments, byref(error.pointer)) != OK:
        raise error_of(json.loads(lent(lib.tori_error_json, error)))


def lent(function: Any, handle: Handle) -> bytes:
    """A copy of the text that an object lends with its length."""
    length = c_size_t()
    start = function(handle.pointer, byref(length))
    return ctypes.string_at(start, length.value)


def stated(status: int, what: str) -> None:
    """Raises the error of a function that tells no more than its status."""
    if status != OK:
        name = library().tori_status_name(status).decode()
        raise error_of({"status": status, "name": name, "message": f"{what}: {name}"})
