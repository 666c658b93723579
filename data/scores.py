"""Scores predictions on a collection of keyphrases: python3 data/scores.py SCORER COLLECTION PREDICTIONS [LABEL...]

SCORER is the file eval_kp.py, which says what a hit is. Prints a line of CSV for each cut: the labels, the number of
documents, the cut, precision, recall, F1 as the mean over documents (macro) and of pooled hits (micro), each F1 with its
95 % bootstrap interval: percentiles of 1,000 resamples of the documents.
"""

import importlib.util
import random
import sys

RESAMPLES = 1_000


def f1(hits, found, listed):
    return 200 * hits / (found + listed) if hits else 0.0


def macro(rows):
    return sum(f1(*row) for row in rows) / len(rows)


def micro(rows):
    return f1(*(sum(column) for column in zip(*rows)))


def interval(rows, measure):
    draw = random.Random(1)
    values = sorted(measure(draw.choices(rows, k=len(rows))) for _ in range(RESAMPLES))
    return values[round(0.025 * RESAMPLES)], values[round(0.975 * RESAMPLES) - 1]


def main(scorer, collection, predictions, *labels):
    spec = importlib.util.spec_from_file_location("scorer", scorer)
    kp = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kp)
    gold = kp.load_gold(collection)
    predicted = kp.load_pred(predictions)
    for cut in (5, 10, 15):
        rows = []
        for name, listed in gold.items():
            found = kp.dedup(predicted.get(name, ()))[:cut]
            rows.append((len(set(found) & set(listed)), len(found), len(listed)))
        of_documents = [
            [hits / whole if whole else 0.0 for hits, whole in pairs]
            for pairs in ([(h, f) for h, f, _ in rows], [(h, l) for h, _, l in rows])
        ]
        scores = [100 * sum(values) / len(values) for values in of_documents]
        for measure in (macro, micro):
            scores += [measure(rows), *interval(rows, measure)]
        print(*labels, len(rows), cut, *(f"{score:.1f}" for score in scores), sep=",")


if __name__ == "__main__":
    main(*sys.argv[1:])
