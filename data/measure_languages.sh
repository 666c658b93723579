#!/bin/sh
# Scores the ranker of the languages without a tagger on the texts of ours in each of them, with a model that was fitted
# without that language: data/measure_languages.sh KEYPHRASES [WORK] > data/scores_languages.csv
#
# KEYPHRASES as for data/train.sh, with the scorer eval_kp.py beside it.
set -eu
keyphrases=$(CDPATH= cd -- "${1:?usage: data/measure_languages.sh KEYPHRASES [WORK] > data/scores_languages.csv}" && pwd)
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
sh data/collections.sh "$keyphrases" "$work" >&2
rm -rf "$work/languages.scores"
mkdir "$work/languages.scores"

# left_out LANGUAGE
left_out() {
    model="$work/languages.scores/$1.model"
    "$bin/train" ranker "$work/clean" --listed "$work/languages" --off listed --without "$1" --out "$model"
    for folder in "$work/languages/$1"-*; do
        collection=$(basename "$folder")
        predictions="$work/languages.scores/$collection.jsonl"
        "$bin/tori" rank "$folder/docsutf8" --out "$predictions" --set "concepts.ranker_listed=$model"
        "$work/venv/bin/python" data/scores.py "$keyphrases/../eval_kp.py" "$folder" "$predictions" left_out "$collection"
    done > "$work/languages.scores/$1.csv"
}

# Two at a time. A fit that fails leaves no scores, which shows below.
running=0
for language in de es fr it nl pl pt; do
    left_out "$language" &
    running=$((running + 1))
    [ "$running" -lt 2 ] || { wait; running=0; }
done
wait
for language in de es fr it nl pl pt; do
    [ -s "$work/languages.scores/$language.csv" ] || { echo "there are no scores of $language" >&2; exit 1; }
done

echo protocol,collection,documents,k,precision,recall,macro_f1,macro_low,macro_high,micro_f1,micro_low,micro_high
cat "$work"/languages.scores/*.csv
