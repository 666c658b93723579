#!/bin/sh
# Trains data/tagger.model, data/ranker.model and data/ranker_listed.model: data/train.sh KEYPHRASES [WORK]
#
# KEYPHRASES is a folder of keyphrase collections, each with docsutf8/ID.txt and keys/ID.key; collections that end in
# -validation or -test are never fitted on. WORK keeps what is downloaded and made on the way (default:
# target/train). data/MODEL_CARD.md says what the models are.
set -eu
keyphrases=$(CDPATH= cd -- "${1:?usage: data/train.sh KEYPHRASES [WORK]}" && pwd)
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=${2:-$root/target/train}
. "$root/examples/needs.sh"
need_cargo
need python3 python3 python3-pip
need npm nodejs npm
[ -e /usr/share/wordnet/data.noun ] || need_packages wordnet-base
cd "$root"
mkdir -p "$work"

if [ ! -e "$work/silver.tsv" ]; then
    python3 -m pip download -q --no-deps --only-binary :all: --python-version 3.11 --dest "$work/wheels" \
        astropy==8.0.2 biopython==1.88 cryptography==50.0.2 dask==2026.8.0 django==5.2.19 flax==0.12.8 jax==0.10.2 \
        keras==3.15.1 lifelines==0.30.3 networkx==3.6.1 nltk==3.10.4 numpy==2.4.6 optax==0.2.8 optuna==5.0.0 \
        pandas==3.1.1 pymc==5.28.5 qiskit==2.6.2 scikit-image==0.26.0 scikit-learn==1.9.1 scipy==1.17.1 \
        sqlalchemy==2.1.9 statsmodels==0.15.0 sympy==1.14.0 torch-geometric==2.8.1 transformers==5.23.0 trio==0.35.0 \
        xarray==2026.9.0
    npm install --silent --prefix "$work" wink-nlp@2.4.0 wink-eng-lite-web-model@1.8.1
    python3 -W ignore data/silver_prose.py /usr/share/wordnet "$work"/wheels/*.whl > "$work/prose.txt"
    node data/silver_tags.cjs "$work" < "$work/prose.txt" > "$work/silver.part"
    mv "$work/silver.part" "$work/silver.tsv"
fi

train() {
    cargo run --release --locked --quiet --example train -- "$@"
}
train tagger "$work/silver.tsv" --out data/tagger.model
# The ranker is fitted on what the new tagger sees: this builds the library again.
sh data/collections.sh "$keyphrases" "$work"
train ranker "$work/clean" --out data/ranker.model
# What collections of one language list says nothing of the words of another.
train ranker "$work/clean" --listed "$work/languages" --off listed --out data/ranker_listed.model
