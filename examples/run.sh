#!/bin/sh
# Builds the library and one of the C programs beside this script, and runs it: run.sh ingest|soak|jobs [ARGUMENT...]
set -eu
given=$PWD
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
name=${1:-}
if [ -z "$name" ] || [ ! -e "$root/examples/$name.c" ]; then
    echo "usage: run.sh ingest|soak|jobs [ARGUMENT...]" >&2
    exit 2
fi
shift
. "$root/examples/needs.sh"
cd "$root"
need cc gcc libc6-dev
need_library
program=$TORI_LIB/$name
cc -std=c99 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -O2 -I include "examples/$name.c" -o "$program" \
    -L "$TORI_LIB" -ltori -Wl,-rpath,'$ORIGIN'
cd "$given"
exec "$program" "$@"
