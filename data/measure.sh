#!/bin/sh
# Scores the ranker on each source of keyphrases with a model that was fitted without it, and with the one that is
# compiled in: data/measure.sh KEYPHRASES [WORK] > data/scores.csv
# Standard error tells how far the scores of the model that was fitted without a source are from its readers.
#
# KEYPHRASES as for data/train.sh, with the scorer eval_kp.py beside it.
set -eu
keyphrases=$(CDPATH= cd -- "${1:?usage: data/measure.sh KEYPHRASES [WORK] > data/scores.csv}" && pwd)
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=${2:-$root/target/train}
. "$root/examples/needs.sh"
need_cargo
need python3 python3 python3-venv
cd "$root"
mkdir -p "$work"
[ -e "$work/venv" ] || { python3 -m venv "$work/venv" && "$work/venv/bin/pip" -q install nltk==3.9.1; }
cargo build --release --locked --quiet --example train --example tori
bin=${CARGO_TARGET_DIR:-target}/release/examples
rm -rf "$work/clean"
"$bin/train" clean "$keyphrases" --out "$work/clean" >&2

# score PROTOCOL COLLECTION [MODEL]
score() {
    "$bin/tori" rank "$work/clean/$2/docsutf8" --out "$work/predictions.jsonl" ${3:+--set "concepts.ranker=$3"}
    "$work/venv/bin/python" "$keyphrases/../eval_kp.py" "$work/clean/$2" "$work/predictions.jsonl" --json |
        "$work/venv/bin/python" -c '
import json, sys
result = json.load(sys.stdin)
for k, scores in result["scores"].items():
    print(*sys.argv[1:], result["docs"], k, *("%.1f" % scores[name] for name in ("P", "R", "F1", "uF1")), sep=",")
' "$1" "$2"
}

echo protocol,collection,documents,k,precision,recall,macro_f1,micro_f1
for folder in "$work"/clean/*; do
    score built_in "$(basename "$folder")"
done
rm -f "$work/reliability.csv"
for source in $(ls "$work/clean" | sed 's/-.*//' | sort -u); do
    "$bin/train" ranker "$work/clean" --out "$work/without.model" --without "$source"
    "$bin/train" reliability "$work/clean" --model "$work/without.model" --source "$source" >> "$work/reliability.csv"
    for folder in "$work/clean/$source"-*; do
        score left_out "$(basename "$folder")" "$work/without.model"
    done
done
