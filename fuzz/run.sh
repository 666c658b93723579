#!/bin/sh
# Runs the fuzzers one after the other, SECONDS each (default 60), from the fixtures and the inputs kept. What is found is
# kept in fuzz/artifacts; a fixed finding is moved to tests/fixtures/fuzz/TARGET.
# Usage: sh fuzz/run.sh [SECONDS [TARGET...]]
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need_cargo
need c++ g++
cd "$root/fuzz"
binaries=${CARGO_TARGET_DIR:-target}
seconds=${1:-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- pdf content cmap text markdown html docx
# What cargo-fuzz would set, for coverage.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1" \
  rustup run nightly cargo build --release --locked --target "$(rustc -vV | sed -n 's/^host: //p')"
for target in "$@"; do
  mkdir -p "corpus/$target" artifacts
  case $target in
    pdf) seeds='*.pdf encrypted/*.pdf' ;;
    text | markdown) seeds='*.md *.txt' ;;
    *) seeds= ;;
  esac
  for seed in $seeds; do
    for file in ../tests/fixtures/$seed; do
      cp -n "$file" "corpus/$target/"
    done
  done
  kept=../tests/fixtures/fuzz/$target
  [ -d "$kept" ] || kept=
  # shellcheck disable=SC2086
  "$binaries"/*/release/"$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 \
    -artifact_prefix="artifacts/$target-" -print_final_stats=1 "corpus/$target" $kept
done
