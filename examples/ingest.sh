#!/bin/sh
# Builds the library and runs examples/ingest.c on a paper, or on the files given.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
[ $# -gt 0 ] || set -- "$root/tests/fixtures/two_column.pdf"
exec sh "$root/examples/run.sh" ingest "$@"
