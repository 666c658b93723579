#!/bin/sh
# Makes concept_seed_universal.json out of seed/ and WordNet 3.0, the same bytes each time: data/seed.sh
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need python3 python3
[ -e /usr/share/wordnet/data.noun ] || need_packages wordnet-base
cd "$root"
python3 data/seed.py /usr/share/wordnet >data/concept_seed_universal.part
mv data/concept_seed_universal.part data/concept_seed_universal.json
echo "now run TORI_BLESS=1 cargo test --lib of_the_files" >&2
