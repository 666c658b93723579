#!/bin/sh
# Tests the programs that host the library: test.sh [FOLDER...], by default every folder here that has a test.sh.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need_library
export TORI_LIB
if [ $# -eq 0 ]; then
    set -- examples/*/test.sh
    # Fewer documents than a soak takes; enough to find what is lost, doubled or changed.
    echo "== soak"
    sh examples/run.sh soak -n 2000 tests/fixtures/*.*
fi
failed=
for host; do
    host=$(basename "${host%/test.sh}")
    echo "== $host"
    sh "examples/$host/test.sh" || failed="$failed $host"
done
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
