#!/bin/sh
# Builds the library and runs examples/ingest.c on a paper, or on the files given.
set -eu
given=$PWD
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need cc gcc libc6-dev
need_library
program=$TORI_LIB/ingest
cc -std=c99 -Wall -Wextra -Wpedantic -O2 -I include examples/ingest.c -o "$program" \
    -L "$TORI_LIB" -ltori -Wl,-rpath,'$ORIGIN'
[ $# -gt 0 ] || set -- "$root/tests/fixtures/two_column.pdf"
cd "$given"
exec "$program" "$@"
