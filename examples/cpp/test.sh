#!/bin/sh
# Builds concepts and uses it as people do: one file, many, bad ones, a wrong command line, Ctrl-C.
set -eu
cd "$(dirname -- "$0")/../.."
. examples/needs.sh
need_library
need c++ g++ libc6-dev
need valgrind valgrind libc6-dbg
fixtures=$PWD/tests/fixtures
paper=$fixtures/two_column.pdf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
unset TORI_CONCEPT_DB

c++ -std=c++17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I include examples/cpp/concepts.cpp \
    -o "$work/concepts" "$TORI_LIB/libtori.so.0" -Wl,-rpath,"$TORI_LIB" -pthread
cc -std=c99 -I include examples/ingest.c -o "$work/ingest" "$TORI_LIB/libtori.so.0" -Wl,-rpath,"$TORI_LIB"
# Elsewhere than in the root, whose data/ is a concept database.
cd "$work"

# check WHAT COMMAND... : the command must succeed.
check() {
    what=$1
    shift
    if "$@" >check.log 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what" >&2
        sed 's/^/    /' check.log >&2
    fi
}

# run STATUS ARGUMENT... : the program must end with the status, within a minute.
run() {
    wanted=$1
    shift
    status=0
    timeout 60 ./concepts "$@" >out 2>err || status=$?
    if [ "$status" -ne "$wanted" ]; then
        echo "exit status $status, expected $wanted"
        cat err
        return 1
    fi
}

same_concepts_as_a_plain_call() {
    run 0 --rows 100000 "$paper" || return 1
    ./ingest "$paper" 2>/dev/null | awk '/^ *[0-9]+  / { print substr($0, 7, 44) }' | sed 's/ *$//' >plain
    awk '/^ *[0-9]+  / { print substr($0, 15, 44) }' out | sed 's/ *$//' >ours
    [ "$(wc -l <plain)" -gt 20 ] && cmp plain ours
}

every_file_once() {
    set --
    i=0
    while [ $i -lt 200 ]; do
        i=$((i + 1))
        ln -sf "$fixtures/groff.pdf" "many-$i.pdf"
        set -- "$@" "many-$i.pdf"
    done
    run 0 --rows 1 "$@" || return 1
    [ "$(grep -c '^many-' out)" -eq 200 ] && [ "$(grep '^many-' out | sort -u | wc -l)" -eq 200 ]
}

bad_files_are_named_and_the_others_printed() {
    run 1 "$fixtures/empty.pdf" "$fixtures/encrypted_user.pdf" "$paper" "$fixtures/truncated.pdf" "$fixtures/garbage.bin" \
        "$fixtures/not_a_pdf.pdf" no-such-file || return 1
    grep -q "^$paper: Slack-Driven Compaction" out &&
        grep -q "^$fixtures/empty.pdf: TORI_E_FORMAT: " err &&
        grep -q "^$fixtures/encrypted_user.pdf: TORI_E_ENCRYPTED: " err &&
        grep -q "^$fixtures/garbage.bin: TORI_E_FORMAT: " err &&
        grep -q "^$fixtures/not_a_pdf.pdf: TORI_E_UNSUPPORTED: " err &&
        grep -q "^no-such-file: TORI_E_IO: " err &&
        grep -q "^$fixtures/truncated.pdf: warning: " err
}

# interrupted SIGNAL : in the middle of far more work than it can do, the program is asked to stop.
interrupted() {
    set -- "$1"
    i=0
    while [ $i -lt 5000 ]; do
        i=$((i + 1))
        set -- "$@" "$paper"
    done
    signal=$1
    shift
    rm -f out
    timeout -s KILL 60 ./concepts --rows 1 "$@" >out 2>err &
    runner=$!
    while [ ! -s out ] && kill -0 "$runner" 2>/dev/null; do
        sleep 0.05
    done
    # timeout passes it on.
    kill -s "$signal" "$runner"
    status=0
    wait "$runner" || status=$?
    echo "exit status $status"
    [ "$status" -eq 130 ] && [ "$(grep -c '^/' out)" -lt 5000 ] && grep -q ": TORI_E_CANCELLED: " err &&
        [ "$(wc -l <err)" -le 64 ]
}

no_leak() {
    valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
        --error-exitcode=9 ./concepts "$fixtures/groff.pdf" "$fixtures/note.md" "$fixtures/plain.txt"
}

check "the concepts are those of a plain call" same_concepts_as_a_plain_call
check "200 files are printed once each" every_file_once
check "bad files are named, the others printed" bad_files_are_named_and_the_others_printed
check "no file: usage" run 2
check "an unknown option: usage" run 2 --bogus
check "rows that are no number: usage" run 2 --rows ten "$paper"
check "rows without a file: usage" run 2 --rows 3
check "no rows" run 0 --rows 0 "$paper"
check "SIGINT cancels" interrupted INT
check "SIGTERM cancels" interrupted TERM
check "valgrind finds no error and no leak" no_leak

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
