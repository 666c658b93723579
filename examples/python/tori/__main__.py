"""The concepts of documents, from the shell: python -m tori FILE... [--json]"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Callable

from . import Engine, Error, LibraryNotFound, Progress, Report


def main() -> int:
    options = _options()
    try:
        engine = Engine(dict(options.set))
    except (Error, LibraryNotFound, ValueError) as error:
        print(f"tori: {error}", file=sys.stderr)
        return 2
    failed = 0
    for file in options.files:
        try:
            report = engine.ingest(file, progress=_line(file))
        except (Error, ValueError) as error:
            _say("")
            print(f"tori: {error}", file=sys.stderr)
            failed = 1
            continue
        _say("")
        print(report.json() if options.json else _table(report, options.rows), flush=True)
    return failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tori", description="Prints the ranked concepts of PDF, Markdown and text files."
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print each report as one line of JSON")
    parser.add_argument("--rows", type=int, default=20, metavar="N", help="print at most N concepts of a file (default: 20)")
    parser.add_argument(
        "--set", type=_pair, action="append", default=[], metavar="KEY=VALUE", help="change a setting, as limits.pages=10"
    )
    options = parser.parse_args()
    if options.rows < 0:
        parser.error(f"argument --rows: {options.rows} is below 0")
    return options


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _table(report: Report, rows: int) -> str:
    document = report.document
    head = f"{document.path}: {document.title or 'no title'} ({document.pages} pages, {len(report)} concepts)"
    lines = [f"  {c.quality:.3f}  {c.label}  (page {c.first_page}, {c.section})" for c in report.concepts[:rows]]
    return "\n".join([head, *lines, *(f"  warning: {warning}" for warning in report.warnings)])


def _line(file: str) -> Callable[[Progress], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda step: _say(f"{os.path.basename(file)}: {step.percent} % {step.stage}")


def _say(text: str) -> None:
    """Puts text into the terminal's line, in place of the text before."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader has had enough. Python flushes standard output once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
