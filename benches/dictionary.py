#!/usr/bin/env python3
"""Writes COUNT names, one JSON object a line: the nouns of WordNet, the commonest first, then adjectives before nouns and
nouns before nouns, in an order that depends on COUNT alone. The same COUNT gives the same names.

    benches/dictionary.py COUNT > NAMES.jsonl
"""
import itertools
import json
import sys

WORDNET = "/usr/share/wordnet/index."


def lemmas(part):
    """The lemmas of a part of speech, those with the most tagged senses first."""
    found = []
    with open(WORDNET + part, encoding="ascii") as file:
        for line in file:
            if line.startswith(" "):
                continue
            fields = line.split()
            pointers = int(fields[3])
            tagged = int(fields[5 + pointers])
            found.append((-tagged, fields[0].replace("_", " ")))
    return [lemma for _, lemma in sorted(found)]


def pairs(firsts, seconds):
    """All pairs, so that the common words of both come early: diagonal by diagonal."""
    for total in itertools.count():
        low = max(0, total - len(seconds) + 1)
        if low >= len(firsts) and total >= len(seconds):
            return
        for first in range(low, min(total + 1, len(firsts))):
            yield firsts[first] + " " + seconds[total - first]


def names():
    nouns = lemmas("noun")
    yield from nouns
    words = [noun for noun in nouns if " " not in noun]
    adjectives = [word for word in lemmas("adj") if " " not in word]
    for made in zip(pairs(adjectives, words), pairs(words, words)):
        yield from made


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    count = int(sys.argv[1])
    known = set()
    for name in names():
        if name not in known:
            known.add(name)
            print(json.dumps({"name": name}))
            if len(known) == count:
                return
    sys.exit(f"there are only {len(known)} names")


main()
