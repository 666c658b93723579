"""Makes a collection of news: python3 data/news.py GENSIM.whl COLLECTION

The wheel of gensim carries the texts, 300 stories of a broadcaster that Lee, Pincombe and Welsh compared in 2005; none
of them is in this repository. The keys are ours: data/news/lee.tsv.
"""

import pathlib
import sys
import zipfile

STORIES = "gensim/test/test_data/lee_background.cor"


def main(wheel, collection):
    stories = zipfile.ZipFile(wheel).read(STORIES).decode("utf-8").split("\n")
    keys = pathlib.Path(__file__).parent / "news" / "lee.tsv"
    for folder in ("docsutf8", "keys"):
        pathlib.Path(collection, folder).mkdir(parents=True, exist_ok=True)
    for line in keys.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        number, phrases = line.split("\t")
        name = f"{int(number):03}"
        for folder, ending, text in (
            ("docsutf8", "txt", stories[int(number)].strip()),
            ("keys", "key", phrases.replace("|", "\n")),
        ):
            path = pathlib.Path(collection, folder, f"{name}.{ending}")
            path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
