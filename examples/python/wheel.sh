#!/bin/sh
# Builds the library and a wheel that carries it into FOLDER: wheel.sh FOLDER
set -eu
if [ $# -ne 1 ]; then
    echo "usage: wheel.sh FOLDER" >&2
    exit 2
fi
mkdir -p "$1"
folder=$(CDPATH= cd -- "$1" && pwd)
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need_library
need_venv
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
trap 'exit 1' HUP INT TERM
# setuptools leaves its files beside the sources it builds from.
cp -R examples/python "$build/source"
cp LICENSE-* "$build/source"
"${PYTHON:-python3}" -m venv "$build/env"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$build/env/bin/pip" wheel --quiet --no-deps --wheel-dir "$folder" "$build/source"
