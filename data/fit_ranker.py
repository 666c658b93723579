"""Fits the ranker's weights and writes them into src/concepts/ranker.rs.

    fit_ranker.py KEYPHRASES [--leave-out]

KEYPHRASES is a folder of keyphrase collections, each with docsutf8/<id>.txt and keys/<id>.key; beside it lies
the scorer eval_kp.py, whose normalisation is used. Needs numpy, scipy and nltk, and the built example
target/release/examples/features (cargo build --release --example features).

The maximum of the softmax likelihood of the keyphrases among the candidates of their document, every collection
counting the same, L2 penalty 1e-4, with the logarithm of the factor on quality added to the sum. --leave-out fits
without each source in turn and prints the macro F1 at 5, 10 and 15 on what was left out, and writes nothing.
"""
import os, re, subprocess, sys
import numpy as np
from scipy.optimize import minimize

keyphrases = sys.argv[1]
sys.path.insert(0, os.path.join(keyphrases, '..'))
import eval_kp

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
RANKER = os.path.join(ROOT, 'src/concepts/ranker.rs')
# Collections of one source are left out together. inspec-validation is never fitted on.
SOURCES = {'inspec': ['inspec-train'], 'semeval2010': ['semeval2010-train'], 'semeval2017': ['semeval2017-a'],
           'nus': ['nus-a'], 'author keys': ['kdd-a', 'www-a']}
HELD = ['inspec-validation']
PENALTY = 1e-4
# The level of the scores: a document's best concepts come to about a half.
CONSTANT = -5.0


def load(name):
    gold = eval_kp.load_gold(f'{keyphrases}/{name}')
    features = subprocess.run([f'{ROOT}/target/release/examples/features', f'{keyphrases}/{name}/docsutf8'],
                              check=True, capture_output=True, text=True).stdout
    ids, labels, factors, terms = [], [], [], []
    for line in features.splitlines():
        parts = line.split('\t')
        ids.append(parts[0]); labels.append(eval_kp.norm(parts[1])); factors.append(float(parts[2]))
        terms.append(np.array(parts[3:], dtype=np.float32))
    hits = np.array([label in gold.get(i, ()) for i, label in zip(ids, labels)], dtype=np.float32)
    starts = np.flatnonzero(np.array([True] + [a != b for a, b in zip(ids, ids[1:])]))
    document = np.cumsum(np.isin(np.arange(len(ids)), starts)) - 1
    return dict(terms=np.stack(terms), offset=np.log(np.maximum(factors, 1e-9)), hits=hits, starts=starts,
                document=document, ids=ids, labels=labels, gold=gold)


def fit(collections):
    width = collections[0]['terms'].shape[1]
    mean = np.mean([c['terms'].mean(0) for c in collections], 0)
    scale = np.sqrt(np.mean([((c['terms'] - mean) ** 2).mean(0) for c in collections], 0)) + 1e-6
    scale[0] = 1
    prepared = []
    for c in collections:
        positives = np.add.reduceat(c['hits'], c['starts'])
        prepared.append((c['terms'] / scale, c['offset'], c['hits'], c['starts'], c['document'], positives))

    def loss(weights):
        total, gradient = 0, np.zeros(width)
        for terms, offset, hits, starts, document, positives in prepared:
            z = terms @ weights + offset
            used = positives > 0
            most = np.maximum.reduceat(z, starts)
            e = np.exp(z - most[document])
            sums = np.add.reduceat(e, starts)
            share = used / np.maximum(positives, 1)
            total += -(hits * share[document] * (z - most[document] - np.log(sums)[document])).sum() / used.sum()
            gradient += terms.T @ ((e / sums[document] * (positives * share)[document]
                                    - hits * share[document]) / used.sum())
        penalised = weights.copy()
        penalised[0] = 0
        return (total / len(prepared) + PENALTY * (penalised @ penalised),
                gradient / len(prepared) + 2 * PENALTY * penalised)

    return minimize(loss, np.zeros(width), jac=True, method='L-BFGS-B', options=dict(maxiter=100)).x / scale


def score(c, weights):
    """Macro F1 of the bare order, without pruning."""
    z = c['terms'] @ weights + c['offset']
    predictions = {}
    for begin, end in zip(c['starts'], np.append(c['starts'][1:], len(z))):
        order = np.argsort(-z[begin:end], kind='stable')[:60] + begin
        predictions[c['ids'][begin]] = [c['labels'][i] for i in order]
    scores = eval_kp.score(c['gold'], predictions)
    return '/'.join(f'{scores[k]["F1"]:.1f}' for k in (5, 10, 15))


names = [name for members in SOURCES.values() for name in members]
data = {name: load(name) for name in names + HELD}
weights = fit([data[name] for name in names])
if '--leave-out' in sys.argv:
    for source, members in SOURCES.items():
        without = fit([data[name] for name in names if name not in members])
        for name in members + (HELD if source == 'inspec' else []):
            print(f'{name:20} {source} left out {score(data[name], without)}, fitted on all {score(data[name], weights)}')
    sys.exit()
weights[0] = CONSTANT
source = open(RANKER).read()
head, tail = source.split('pub static WEIGHTS', 1)
table, rest = tail.split('];', 1)
values = iter(weights)
table = re.sub(r'\("([^"]+)",\s*-?[\d.]+\)', lambda m: f'("{m.group(1)}", {next(values):.3f})', table)
open(RANKER, 'w').write(head + 'pub static WEIGHTS' + table + '];' + rest)
