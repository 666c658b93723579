"""How far a job is, and showing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, NamedTuple, Protocol, Union


class Progress(NamedTuple):
    """A step of a job. Percent never goes back, and is 100 only on success."""

    percent: int
    stage: str
    #: Units of the stage finished, and in all: pages or chunks; 0 where it has none.
    done: int
    total: int


class Bar(Protocol):
    """A progress bar as tqdm has them."""

    def update(self, n: int) -> Any: ...


Show = Callable[[Progress], object]

#: A function, called with each step; or a tqdm bar, which each document moves by 100; or a class of such bars, of which
#: the document gets one of its own.
Showing = Union[Show, Bar, type[Any]]


@contextmanager
def shown(on: Showing | None) -> Iterator[Show | None]:
    """What to call with each step; None when nobody wants to know."""
    if isinstance(on, type):
        with on(total=100, unit="%") as bar:
            yield _moving(bar)
    elif on is None or callable(on):
        yield on
    elif hasattr(on, "update"):
        yield _moving(on)
    else:
        raise TypeError(f"progress is a function, a bar or a class of bars, not {type(on).__name__}")


def _moving(bar: Bar) -> Show:
    reached = 0

    def move(step: Progress) -> None:
        nonlocal reached
        bar.update(step.percent - reached)
        reached = step.percent

    return move
