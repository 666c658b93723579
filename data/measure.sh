#!/bin/sh
# Scores the ranker on each source of keyphrases with a model that was fitted without it, and with the one that is
# compiled in: data/measure.sh KEYPHRASES [WORK] > data/scores.csv
# Standard error tells how far the scores of the model that was fitted without a source are from its readers. For Inspec
# there are two more models of other seeds, and models without groups of features.
#
# KEYPHRASES as for data/train.sh, with the scorer eval_kp.py beside it.
set -eu
: "${1:?usage: data/measure.sh KEYPHRASES [WORK] > data/scores.csv}"
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
name=scores
. "$root/data/scoring.sh"

# Those with keys of readers, and news.
collections=$(ls "$work/clean" | grep -v -e '-marked$' -e '-indexed$')

# left_out PROTOCOL SOURCE [OPTION...]: scores a model that was fitted without the source.
left_out() {
    protocol=$1 source=$2
    shift 2
    model="$scores/$protocol-$source.model"
    "$bin/train" ranker "$work/clean" --out "$model" --without "$source" "$@"
    if [ "$protocol" = left_out ]; then
        "$bin/train" reliability "$work/clean" --model "$model" --source "$source" > "$scores/$source.reliability"
    fi
    for collection in $(echo "$collections" | grep "^$source-"); do
        score "$protocol" "$work/clean/$collection" "concepts.ranker=$model"
    done > "$scores/$protocol-$source.csv"
}

sources=$(echo "$collections" | sed 's/-.*//' | sort -u)
for source in $sources; do
    background left_out left_out "$source"
done
for seed in 1 2; do
    background left_out "seed_$seed" inspec --seed "$seed"
done
# What the source that is most alike to what readers list loses without groups of features.
background left_out no_place inspec --off title,abstract,place,spread
background left_out no_counts inspec --off count,words,whole,longer,shorter
background left_out no_rarity inspec --off rarity,generic
background left_out no_grammar inspec --off grammar,neighbours,form,capitals
background left_out no_prior inspec --off listed
wait

header
for collection in $collections; do
    score built_in "$work/clean/$collection"
done
for source in $sources; do
    scores_of "left_out-$source"
done
for protocol in seed_1 seed_2 no_place no_counts no_rarity no_grammar no_prior; do
    scores_of "$protocol-inspec"
done
cat "$scores"/*.reliability > "$work/reliability.csv"
