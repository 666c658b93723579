#!/bin/sh
# Scores the ranker of the languages without a tagger on the texts of ours in each of them, with a model that was fitted
# without that language: data/measure_languages.sh KEYPHRASES [WORK] > data/scores_languages.csv
#
# KEYPHRASES as for data/train.sh, with the scorer eval_kp.py beside it.
set -eu
: "${1:?usage: data/measure_languages.sh KEYPHRASES [WORK] > data/scores_languages.csv}"
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
name=languages.scores
. "$root/data/scoring.sh"
languages="de es fr it nl pl pt"

# left_out LANGUAGE
left_out() {
    model="$scores/$1.model"
    "$bin/train" ranker "$work/clean" --listed "$work/languages" --off listed --without "$1" --out "$model"
    for folder in "$work/languages/$1"-*; do
        score left_out "$folder" "concepts.ranker_listed=$model"
    done > "$scores/$1.csv"
}

for language in $languages; do
    background left_out "$language"
done
wait

header
for language in $languages; do
    scores_of "$language"
done
