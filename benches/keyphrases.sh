#!/bin/sh
# Times the finding of concepts beside yake-rust, in processor time: benches/keyphrases.sh KEYPHRASES > benches/keyphrases-DATE.csv
# KEYPHRASES is a folder of collections, each with docsutf8/ID.txt. One worker; the first 100 documents of each.
set -eu
keyphrases=$(CDPATH= cd -- "${1:?usage: benches/keyphrases.sh KEYPHRASES}" && pwd)
cd "$(dirname "$0")/.."
. examples/needs.sh
need_cargo
echo "collection,engine,documents,mean_bytes,mean_milliseconds,median_milliseconds,most_milliseconds,times_tori"
for folder in "$keyphrases"/*/docsutf8; do
    MAX_PARALLEL_WORKERS_OVERRIDE=1 cargo bench --quiet --bench keyphrases -- "$folder" |
        sed "s|^[^,]*,|$(basename "$(dirname "$folder")"),|"
done
