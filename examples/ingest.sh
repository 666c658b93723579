#!/bin/sh
# Builds the library and runs examples/ingest.c on a paper, or on the files given.
set -eu
given=$PWD
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need_cargo
need cc gcc libc6-dev
cd "$root"
cargo build --release --locked
target=${CARGO_TARGET_DIR:-target}
cc -std=c99 -Wall -Wextra -Wpedantic -O2 -I include examples/ingest.c -o "$target/release/ingest" \
    -L "$target/release" -ltori -Wl,-rpath,'$ORIGIN'
# The library is looked up by its SONAME.
ln -sf libtori.so "$target/release/libtori.so.0"
case "$target" in /*) program=$target/release/ingest ;; *) program=$root/$target/release/ingest ;; esac
[ $# -gt 0 ] || set -- "$root/tests/fixtures/two_column.pdf"
cd "$given"
exec "$program" "$@"
