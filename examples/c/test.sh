#!/bin/sh
# Builds serve and has drive.py use it.
set -eu
cd "$(dirname -- "$0")/../.."
. examples/needs.sh
need_library
need cc gcc libc6-dev
need python3 python3
need valgrind valgrind libc6-dbg
fixtures=$PWD/tests/fixtures
driver=$PWD/examples/c/drive.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TORI_CONCEPT_DB

cc -std=c99 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror -I include \
    examples/c/serve.c examples/c/http.c -o "$work/serve" "$TORI_LIB/libtori.so.0" -Wl,-rpath,"$TORI_LIB" -pthread
# Elsewhere than in the root, whose data/ is a concept database.
cd "$work"
timeout 1800 python3 -B "$driver" "$work/serve" "$TORI_LIB/libtori.so.0" "$fixtures"
