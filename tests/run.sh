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
cd "$root"
exec cargo test --locked "$@"
