# What data/measure.sh and data/measure_languages.sh have in common: they read it with their own arguments, with the folder
# of the project in $root and the name of the one for scores in $name. It leaves the cleaned collections in $work/clean and
# $work/languages, the programs in $bin, and an empty folder $scores.
keyphrases=$(CDPATH= cd -- "$1" && pwd)
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

scores="$work/$name"
rm -rf "$scores"
mkdir "$scores"

# score PROTOCOL FOLDER [SETTING]: ranks a collection and prints its lines of the table.
score() {
    collection=$(basename "$2")
    predictions="$scores/$1-$collection.jsonl"
    "$bin/tori" rank "$2/docsutf8" --out "$predictions" ${3:+--set "$3"}
    "$work/venv/bin/python" data/scores.py "$keyphrases/../eval_kp.py" "$2" "$predictions" "$1" "$collection"
}

# scores_of NAME: the lines of the table that are in $scores/NAME.csv; a fit that failed left none.
scores_of() {
    [ -s "$scores/$1.csv" ] || { echo "there are no scores of $1" >&2; exit 1; }
    cat "$scores/$1.csv"
}

# Runs two at a time. A fit that fails leaves no scores.
running=0
background() {
    "$@" &
    running=$((running + 1))
    [ "$running" -lt 2 ] || { wait; running=0; }
}

header() {
    echo protocol,collection,documents,k,precision,recall,macro_f1,macro_low,macro_high,micro_f1,micro_low,micro_high
}
