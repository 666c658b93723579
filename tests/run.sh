#!/bin/sh
# Runs all tests; installs the tools they use where they are missing.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need_cargo
need cc gcc libc6-dev
need c++ g++
need nm binutils
need valgrind valgrind libc6-dbg
need localedef libc-bin
[ -e /usr/share/i18n/locales/tr_TR ] || need_packages locales
cd "$root"
cargo test --locked "$@"
# A library that panics on demand is another one than the library.
[ $# -gt 0 ] || cargo test --locked --features inject-panics --test c_api a_panic_in_any_stage
