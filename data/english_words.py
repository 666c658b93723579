"""Makes english_words.txt: pip download --no-deps textblob==0.20.1 symspellpy==6.10.1, unzip both wheels into
one folder, then `python3 english_words.py FOLDER > english_words.txt`.

Word classes: Eric Brill's lexicon (1993, MIT licence), as shipped by TextBlob (MIT licence).
Frequencies: SymSpell's dictionary (MIT licence), which is Google Books Ngrams (CC BY 3.0) cut to SCOWL's words.
"""
import math, re, sys

folder = sys.argv[1]
CLASS = {'NN': 'N', 'NNS': 'N', 'NNP': 'N', 'NNPS': 'N', 'JJ': 'J', 'JJR': 'J', 'JJS': 'J', 'VB': 'V', 'VBP': 'V',
         'VBZ': 'Z', 'VBD': 'D', 'VBN': 'D', 'VBG': 'G', 'RB': 'R', 'RBR': 'R', 'RBS': 'R'}
counts = {}
for line in open(f'{folder}/symspellpy/frequency_dictionary_en_82_765.txt', encoding='utf-8-sig'):
    word, count = line.split()
    if re.fullmatch('[a-z]{2,20}', word):
        counts[word] = int(count)
classes = {}
for line in open(f'{folder}/textblob/en/en-lexicon.txt', encoding='utf-8'):
    parts = line.split()
    if len(parts) == 2 and parts[0] in counts and parts[1] in CLASS:
        classes[parts[0]] = CLASS[parts[1]]


def may_be_verb(word):
    stems = {word, word + word[-1], word[:-1] if word.endswith('e') else word}
    return any(classes.get(stem + end) == kind for stem in stems for end, kind in (('ed', 'D'), ('ing', 'G')))


def may_be_noun(word):
    return classes.get(word + 's') == 'N' or classes.get(word + 'es') == 'N'


for word, kind in list(classes.items()):
    # A small letter marks the words that are often of the other kind: n a noun that may be a verb.
    if kind == 'N' and may_be_verb(word) or kind == 'V' and may_be_noun(word):
        classes[word] = kind.lower()
    if kind == 'Z' and classes.get(word[:-1], '') in ('N', 'n'):
        classes[word] = 'z'
commonest = sorted(counts, key=lambda word: (-counts[word], word))[:30000]
total = sum(counts.values())
for word in sorted(commonest):
    # Half octaves below one word in 2^6, as a letter: a is the commonest.
    rarity = min(25, max(0, round(2 * (-math.log2(counts[word] / total) - 6))  // 2))
    print(word + classes.get(word, '?') + chr(97 + rarity))
