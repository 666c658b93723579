#!/bin/sh
# Scores the ranker on each source of keyphrases with a model that was fitted without it, and with the one that is
# compiled in: data/measure.sh KEYPHRASES [WORK] > data/scores.csv
# Standard error tells how far the scores of the model that was fitted without a source are from its readers. For Inspec
# there are two more models of other seeds, and models without groups of features.
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
sh data/collections.sh "$keyphrases" "$work" >&2

# Those with keys of readers, and news.
collections=$(ls "$work/clean" | grep -v -e '-marked$' -e '-indexed$')

# score PROTOCOL COLLECTION [MODEL]
score() {
    predictions="$work/scores/$1-$2.jsonl"
    "$bin/tori" rank "$work/clean/$2/docsutf8" --out "$predictions" ${3:+--set "concepts.ranker=$3"}
    "$work/venv/bin/python" data/scores.py "$keyphrases/../eval_kp.py" "$work/clean/$2" "$predictions" "$1" "$2"
}

# left_out PROTOCOL SOURCE [OPTION...]: scores a model that was fitted without the source.
left_out() {
    protocol=$1 source=$2
    shift 2
    model="$work/scores/$protocol-$source.model"
    "$bin/train" ranker "$work/clean" --out "$model" --without "$source" "$@"
    if [ "$protocol" = left_out ]; then
        "$bin/train" reliability "$work/clean" --model "$model" --source "$source" > "$work/scores/$source.reliability"
    fi
    for collection in $(echo "$collections" | grep "^$source-"); do
        score "$protocol" "$collection" "$model"
    done > "$work/scores/$protocol-$source.csv"
}

# Two at a time. A fit that fails leaves no scores, which shows below.
running=0
background() {
    left_out "$@" &
    running=$((running + 1))
    [ "$running" -lt 2 ] || { wait; running=0; }
}

rm -rf "$work/scores"
mkdir "$work/scores"
sources=$(echo "$collections" | sed 's/-.*//' | sort -u)
for source in $sources; do
    background left_out "$source"
done
for seed in 1 2; do
    background "seed_$seed" inspec --seed "$seed"
done
# What the source that is most alike to what readers list loses without groups of features.
background no_place inspec --off title,abstract,place,spread
background no_counts inspec --off count,words,whole,longer,shorter
background no_rarity inspec --off rarity,generic
background no_grammar inspec --off grammar,neighbours,form,capitals
background no_prior inspec --off listed
wait

echo protocol,collection,documents,k,precision,recall,macro_f1,macro_low,macro_high,micro_f1,micro_low,micro_high
for collection in $collections; do
    score built_in "$collection"
done
for source in $sources; do
    cat "$work/scores/left_out-$source.csv"
done
for protocol in seed_1 seed_2 no_place no_counts no_rarity no_grammar no_prior; do
    cat "$work/scores/$protocol-inspec.csv"
done
cat "$work"/scores/*.reliability > "$work/reliability.csv"
