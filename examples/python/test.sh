#!/bin/sh
# Builds the wheel, installs it into an environment of its own, and tests what was installed. PYTHON names another Python.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need_library
need_venv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
sh examples/python/wheel.sh "$work/wheel"
"${PYTHON:-python3}" -m venv "$work/env"
pip() {
    "$work/env/bin/pip" install --quiet "$@"
}
pip "$work"/wheel/tori-*.whl pytest tqdm
# Without it the tests of another event loop are skipped.
pip --only-binary :all: uvloop || echo "uvloop cannot be installed here" >&2
# Does what is installed, with the library that is in the wheel?
unset TORI_LIB
cd examples/python
if pip 'mypy==2.4.*' 'ruff==0.17.*' types-tqdm; then
    "$work/env/bin/ruff" check --no-cache .
    "$work/env/bin/ruff" format --no-cache --check .
    "$work/env/bin/mypy" --cache-dir "$work/mypy" tori tests
else
    echo "mypy and ruff cannot be installed here; the types are not checked" >&2
fi
# From a folder where Python does not find the sources, and bounded, for a test that hangs.
cd "$work"
timeout -k 5 600 env/bin/pytest -p no:cacheprovider -q -rs "$@" "$root/examples/python/tests"
