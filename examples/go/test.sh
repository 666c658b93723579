#!/bin/sh
# Tests the Go package and its command; installs what they need where it is missing.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need go golang-go
need cc gcc libc6-dev
need_library
cd examples/go

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

# Nothing is fetched, and settings of the user's do not count.
export GOENV=off GOFLAGS= GOPROXY=off GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=1
export CGO_LDFLAGS="-L$TORI_LIB -Wl,-rpath,$TORI_LIB"
# Go's build cache does not look into headers outside the module; a changed flag it does see.
export CGO_CFLAGS="-O2 -g -DTORI_HEADER_SUM=$(cksum <"$root/include/tori.h" | cut -d ' ' -f 1)"

passed=0
failed=0

# check NAME COMMAND... : what go test -v reports counts test by test, other commands count as one.
check() {
    echo "== $1"
    shift
    status=0
    "$@" >"$folder/log" 2>&1 || status=$?
    right=$(grep -c '^--- PASS' "$folder/log" || true)
    wrong=$(grep -c '^--- FAIL' "$folder/log" || true)
    if [ "$status" -eq 0 ]; then
        grep -e '^--- ' -e '^ok ' "$folder/log" || true
        [ "$right" -gt 0 ] || right=1
    else
        cat "$folder/log"
        [ "$wrong" -gt 0 ] || wrong=1
    fi
    passed=$((passed + right))
    failed=$((failed + wrong))
}

formatted() {
    unformatted=$(gofmt -l .)
    [ -z "$unformatted" ] || {
        echo "gofmt would change: $unformatted"
        return 1
    }
}

go version
check "formatting" formatted
check "vet" go vet ./...
check "race detector" go test -race -count=1 -timeout 8m -v ./...

# The strict check of the pointers that C is given moved from run time to build time.
case $(go env GOVERSION) in
    go1.19* | go1.20*) strict=GODEBUG=cgocheck=2 ;;
    *) strict=GOEXPERIMENT=cgocheck2 ;;
esac
check "$strict, one worker" env "$strict" MAX_PARALLEL_WORKERS_OVERRIDE=1 go test -count=1 -timeout 8m -v ./...

check "the command by itself" go build -o "$folder/concepts" ./cmd/concepts
check "the command on a paper" "$folder/concepts" "$root/tests/fixtures/two_column.pdf"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
