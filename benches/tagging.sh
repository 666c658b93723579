#!/bin/sh
# Times the finding of concepts beside other engines: benches/tagging.sh DOCUMENT... > benches/tagging-DATE.csv
# The documents are read as text first; dictionaries of 1,000 to 10,000,000 names are made from WordNet.
set -eu
cd "$(dirname "$0")/.."
. examples/needs.sh
need_cargo
need python3 python3
[ -e /usr/share/wordnet/index.noun ] || need_packages wordnet-base

if [ $# -eq 0 ]; then
    echo "usage: benches/tagging.sh DOCUMENT..." >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo run --quiet --release --example tori -- text "$@" > "$work/text"
echo "engine,names,mb_a_second,matches,index_bytes_a_name,build_seconds,open_and_first_match_milliseconds"
for count in ${TORI_BENCH_NAMES:-1000 100000 1000000 10000000}; do
    python3 benches/dictionary.py "$count" > "$work/names.jsonl"
    cargo bench --quiet --bench tagging -- "$work/names.jsonl" "$work/text"
done
