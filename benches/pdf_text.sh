#!/bin/sh
# Builds the shell, installs MuPDF's and PDFium's Python packages into an environment of the target folder, and compares
# the three over folders of PDF files: the text's quality and the CPU time, as pdf_text.py says.
#
#   sh benches/pdf_text.sh FOLDER [FOLDER...] [--csv FILE] [--rounds N] [--texts FOLDER]
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/needs.sh"
need_cargo
need_venv
target=${CARGO_TARGET_DIR:-$root/target}
cargo build --manifest-path "$root/Cargo.toml" --quiet --release --locked --example tori
# They are for this comparison only and no part of what is shipped: MuPDF is under the AGPL.
[ -x "$target/pdf_text/bin/python" ] || "${PYTHON:-python3}" -m venv "$target/pdf_text"
"$target/pdf_text/bin/pip" install --quiet --disable-pip-version-check pymupdf pypdfium2
exec "$target/pdf_text/bin/python" "$root/benches/pdf_text.py" "$target/release/examples/tori" "$@"
