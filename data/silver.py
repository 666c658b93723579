"""Makes the collections with silver keys: python3 data/silver.py KEYPHRASES GENSIM.whl FOLDER LANGUAGES

The keys are ours (data/silver), the texts are not in this repository: SOURCE-marked and SOURCE-indexed are cut from the
documents of a source in KEYPHRASES, where it is there, and lee-news are stories of a broadcaster that Lee, Pincombe and
Welsh compared in 2005, which the wheel of gensim carries. LANGUAGES gets the texts in other languages, which are ours as
their keys are (data/silver/languages).
"""

import json
import pathlib
import sys
import zipfile

KEYS = pathlib.Path(__file__).parent / "silver"
STORIES = "gensim/test/test_data/lee_background.cor"


def rows(kind):
    for line in (KEYS / f"{kind}.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def write(collection, name, text, keys):
    for folder, ending, lines in (
        ("docsutf8", "txt", text.strip()),
        ("keys", "key", keys.replace("|", "\n")),
    ):
        path = collection / folder / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines + "\n", encoding="utf-8")


def main(keyphrases, wheel, folder, languages):
    folder = pathlib.Path(folder)
    for kind in ("marked", "indexed"):
        for collection, name, first, last, keys in rows(kind):
            path = pathlib.Path(keyphrases, collection, "docsutf8", f"{name}.txt")
            if path.exists():
                # Collections hold stray bytes.
                text = path.read_bytes().decode("utf-8", "replace").encode("utf-8")
                text = text[int(first) : int(last)].decode("utf-8")
                source = collection.split("-")[0]
                write(folder / f"{source}-{kind}", name, text, keys)
    stories = zipfile.ZipFile(wheel).read(STORIES).decode("utf-8").split("\n")
    for number, keys in rows("lee"):
        write(folder / "lee-news", f"{int(number):03}", stories[int(number)], keys)
    for path in sorted((KEYS / "languages").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)
            collection = pathlib.Path(languages, f"{path.stem}-{text['kind']}")
            write(collection, text["name"], text["text"], "|".join(text["keys"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
