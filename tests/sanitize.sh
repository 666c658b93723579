#!/bin/sh
# Runs the C tests with the library and the programs under AddressSanitizer; needs Rust's nightly toolchain.
#
#   sh tests/sanitize.sh [TEST...]
#
# ThreadSanitizer wants a standard library built for it: with the component rust-src, SANITIZER=thread runs it.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need_cargo
need cc gcc libc6-dev
if ! rustup run nightly rustc --version >/dev/null 2>&1; then
    echo "Rust's nightly toolchain is missing: rustup toolchain install nightly" >&2
    exit 1
fi
sanitizer=${SANITIZER:-address}
host=$(rustup run nightly rustc -vV | sed -n 's/^host: //p')
std=
[ "$sanitizer" != thread ] || std="-Zbuild-std"
target=${CARGO_TARGET_DIR:-target}/sanitize-$sanitizer
RUSTFLAGS="-Zsanitizer=$sanitizer" CARGO_TARGET_DIR=$target rustup run nightly \
    cargo rustc --locked --lib --release $std --target "$host" --crate-type staticlib
library=$target/$host/release/libtori.a

fixtures=$root/tests/fixtures
[ $# -gt 0 ] || set -- null main_job progress database jobs queue reentry hooks sequences slow log threads surroundings
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
unset TORI_CONCEPT_DB
passed=0
for test; do
    cc -std=c99 -D_GNU_SOURCE -DTORI_STATIC -g -O1 -fsanitize="$sanitizer" -I include "tests/c/$test.c" "$library" \
        -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc -o "$target/$test"
    case $test in
    null | hooks | slow | log) set -- ;;
    database) set -- "$empty" ;;
    *) set -- "$fixtures/groff.pdf" ;;
    esac
    echo "== $test"
    (cd "$empty" && timeout 300 "$root/$target/$test" "$@")
    passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
