#!/bin/sh
# Makes the collections that the ranker is fitted on and measured with: data/collections.sh KEYPHRASES WORK
#
# KEYPHRASES as for data/train.sh. WORK/clean gets its collections without repeated documents and authors' lines of
# keywords, and with them those with keys of ours (data/silver.py); WORK/languages gets those in other languages than
# English.
set -eu
keyphrases=${1:?usage: data/collections.sh KEYPHRASES WORK}
work=${2:?usage: data/collections.sh KEYPHRASES WORK}
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need python3 python3 python3-pip
mkdir -p "$work"

if [ ! -e "$work/lee" ]; then
    # The wheel rather than the sources, which pip would try to build.
    echo "gensim==4.3.3 --hash=sha256:d662bf96e3d741b6ab61a54be842a7cbf5e45193008b2f4225c758cafd7f9cdc" > "$work/lee.txt"
    rm -rf "$work/lee.part"
    python3 -m pip download -q --no-deps --only-binary :all: --implementation cp --abi cp311 --python-version 3.11 \
        --platform manylinux2014_x86_64 --dest "$work/lee.part" --require-hashes -r "$work/lee.txt"
    mv "$work/lee.part" "$work/lee"
fi
rm -rf "$work/clean" "$work/languages"
cargo run --release --locked --quiet --example train -- clean "$keyphrases" --out "$work/clean"
python3 "$root/data/silver.py" "$keyphrases" "$work"/lee/gensim-*.whl "$work/clean" "$work/languages"
