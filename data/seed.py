"""Makes concept_seed_universal.json out of seed/ and WordNet 3.0; data/seed.sh runs it.

Concepts written by hand (every seed/*.tsv but wordnet.tsv) come first and keep their names. Then come the synsets of
WordNet's nouns that seed/wordnet.tsv lets in, under words whose first sense they are. What concept_file_storage.json
has is not taken again, no word is a name or an alias twice, and seed/left_out.txt names what is not taken at all.
"""
import collections
import fnmatch
import json
import pathlib
import re
import sys

DATA = pathlib.Path(__file__).parent
SEED = DATA / 'seed'
WORDNET = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '/usr/share/wordnet')

# Words commoner than one in 2^17 are everyday words: k in english_words.txt. They stand in too many senses, and letting
# them in costs half a point of F1 on abstracts.
EVERYDAY = 'k'
# What the database adds to the ranker's score, for what is WordNet's: words that are found in any text add nothing.
PHRASE = {'priority': 0.15, 'boost_multiplier': 1.0}
WORD = {'priority': 0.0, 'boost_multiplier': 1.0}
# Of what is written by hand, where the file says nothing else.
BY_HAND = {'priority': 0.6, 'boost_multiplier': 1.15}

# Usages and descriptions of words that no reader would name as the subject of a document.
USAGES = {'slang', 'colloquialism', 'archaism', 'disparagement', 'ethnic_slur', 'obscenity', 'vulgarism', 'dirty_word',
          'derogation', 'baby_talk', 'euphemism', 'cliche', 'figure_of_speech', 'irony', 'regionalism', 'Yiddish'}
RUDE = re.compile(r'\b(slang|obscene|vulgar|offensive|derogatory|disparaging|informal|archaic|obsolete|slur|euphemism'
                  r'|nonstandard|jocular|old-fashioned|dialect)\b')
LIVING = {'animals', 'plants', 'microbiology'}
LATIN = re.compile(r'(arteria|cartilago|corpus|digitus|fossa|glandula|ligamentum|musculus|nervus|nodus|os|plexus|truncus'
                   r'|valva|vena|venae)_')
BINOMIAL = re.compile(r'[A-Z][a-z]+_[a-z]+(_[a-z]+)?$')
TAXON = ('genus_', 'family_', 'order_', 'class_', 'phylum_', 'kingdom_', 'suborder_', 'subfamily_', 'superfamily_',
         'subclass_', 'subphylum_', 'division_', 'atomic_number')
PERSON = '18'
# Further up, WordNet's hierarchy says little of a concept: data structures are cognition.
STEPS = 3
# "Add-in" is found where something is added in.
PARTICLE = re.compile(r'-(back|by|down|in|off|on|out|over|through|up)s?$')
# The categories that a topic of WordNet's puts before what a thing is, and those that say what it is.
TOPICS = {'astronomy', 'biology', 'chemistry', 'computer_science', 'earth_science', 'genetics', 'law', 'logic',
          'mathematics', 'medicine', 'military', 'neuroscience', 'physics', 'psychiatry', 'psychology', 'religion', 'sport',
          'statistics'}
KINDS = {'anatomy', 'animals', 'mythology', 'music', 'occupations', 'plants'}
# Where most names are also given to people.
NAMESAKES = {'astronomy', 'mythology', 'religion'}


class Synset:
    def __init__(self, line):
        facts, _, self.gloss = line.partition(' | ')
        fields = facts.split()
        self.offset = fields[0]
        self.is_person = fields[1] == PERSON
        count = int(fields[3], 16)
        self.words = fields[4:4 + 2 * count:2]
        rest = fields[5 + 2 * count:]
        self.pointers = [rest[at:at + 4] for at in range(0, len(rest) - 3, 4)]

    def to(self, *symbols):
        return [target for symbol, target, part, _ in self.pointers if symbol in symbols and part == 'n']

    def parents(self):
        return self.to('@', '@i')


def lines(name):
    with open(WORDNET / name, encoding='utf-8') as file:
        return [line for line in file if not line.startswith(' ')]


def table(path):
    return [line.split('\t') for line in path.read_text(encoding='utf-8').splitlines()
            if line and not line.startswith('#')]


synsets = {synset.offset: synset for synset in map(Synset, lines('data.noun'))}
senses = {}
for line in lines('index.noun'):
    fields = line.split()
    senses[fields[0]] = fields[-int(fields[2]):]
other_parts = {line.split()[0] for part in ('verb', 'adj', 'adv') for line in lines(f'index.{part}')}
# How often a word was met in each of its senses, as a noun and as another part of speech.
met = collections.Counter()
met_as_other = collections.Counter()
for line in lines('cntlist.rev'):
    key, number, count = line.split()
    word, place = key.split('%')
    if place.startswith('1'):
        met[word, int(number)] += int(count)
    else:
        met_as_other[word] += int(count)
# The class and rarity of the common English words.
common = {line[:-2]: (line[-2], line[-1]) for line in (DATA / 'english_words.txt').read_text().splitlines()}
# Names of people, and the first names of several.
somebody = [synset for synset in synsets.values() if synset.is_person and synset.to('@i')]
people = {part for synset in somebody for word in synset.words if '_' in word for part in word.split('_')}
first_names = collections.Counter(word.split('_')[0] for synset in somebody for word in synset.words[1:2] if '_' in word)
first_names = {name for name, count in first_names.items() if count >= 3}
left_out = re.compile('|'.join(fnmatch.translate(line) for [line] in table(SEED / 'left_out.txt')))


def read_rules():
    rules = {}
    for word, number, category, *policy in table(SEED / 'wordnet.tsv'):
        try:
            at = senses[word.lower()][int(number) - 1]
        except (KeyError, IndexError):
            sys.exit(f'wordnet.tsv: WordNet has no noun {word!r} with {number} senses')
        if at in rules:
            sys.exit(f'wordnet.tsv: {word!r} {number} is there twice')
        rules[at] = (category, policy[0] if policy else '')
    return rules


rules = read_rules()
# Fields of study are subjects though their names are everyday words.
DISCIPLINE = senses['discipline'][0]
written = {at: number for number, at in enumerate(rules)}
parents_of_others = {parent for synset in synsets.values() for parent in synset.parents()}


def rule(synset):
    """The nearest rule above a synset; of several as near, the one that is written first."""
    layer = {synset.offset}
    while layer:
        found = [at for at in layer if at in rules]
        if found:
            return rules[min(found, key=written.get)]
        layer = {parent for at in layer for parent in synsets[at].parents()}
    return '-', ''


def closure(synset):
    """The synsets above a synset."""
    reached, rest = set(), [synset]
    while rest:
        for at in rest.pop().parents():
            if at not in reached:
                reached.add(at)
                rest.append(synsets[at])
    return reached


def field(synset, category):
    """The category of the topic that WordNet puts a synset under, or else what the hierarchy says."""
    topics = [rule(synsets[topic])[0] for topic in synset.to(';c')]
    return next((topic for topic in topics if topic in TOPICS and category not in KINDS), category)


def is_its_own(word, synset):
    """Whether who reads the word thinks of this synset first."""
    letters = word.lower()
    number_of_senses = len(senses[letters])
    if senses[letters][0] != synset.offset or PARTICLE.search(letters):
        return False
    if '_' in word:
        return True
    kind, rarity = common.get(letters, ('?', 'z'))
    others = met_as_other[letters] + sum(met[letters, number] for number in range(2, number_of_senses + 1))
    if word.isupper():
        return number_of_senses == 1
    if len(word) < 4:
        return False
    if not word.islower():
        # A proper name that is a word, too, would be found where the word is meant.
        return kind == '?' and letters not in other_parts and (number_of_senses <= 2 or met[letters, 1] > others)
    if (number_of_senses > 1 or letters in other_parts) and met[letters, 1] <= others:
        return False
    # What looks like the plural of a word and is another: the physic and physics.
    if senses.get(letters + 's', [synset.offset])[0] != synset.offset:
        return False
    return (rarity > EVERYDAY or DISCIPLINE in closure(synset)) and kind in 'Nn?'


def is_unambiguous(word):
    """Whether a word can be an alias."""
    letters = word.lower()
    if '_' in word:
        return True
    # Three letters, in capitals or with points, are short for too many things.
    is_long = len(word.replace('.', '')) > 3
    return is_long and len(senses[letters]) == 1 and letters not in other_parts and word not in people


def is_known(word, policy, synset):
    letters = word.lower()
    if policy == 'word':
        return letters in common or synset.offset in parents_of_others
    parts = [part for part in re.split(r"[-_.']", letters) if part and part != 's']
    return not policy or all(part in common for part in parts)


def names(synset, category, policy):
    """The words that a synset can go by, its name first."""
    latin = []
    for word in synset.words:
        if len(word) < 3 or re.search(r'\d', word) or word.startswith(TAXON) or not is_its_own(word, synset):
            continue
        if LATIN.match(word) or category in LIVING and BINOMIAL.match(word):
            latin.append(word)
        elif is_known(word, policy, synset):
            yield word
    yield from latin


def is_fit(synset):
    usages = {word for target in synset.to(';u') for word in synsets[target].words}
    return not usages & USAGES and not RUDE.search(synset.gloss.split(';')[0].split('"')[0])


def fold(name):
    """The key under which the library finds a name, nearly: case and gaps do not count."""
    return ' '.join(re.sub(r'[-_]', ' ', name.casefold()).split())


concepts = {}
claimed = set()


def claim(names):
    """Those of the names that nobody has yet."""
    free = []
    for name in names:
        if fold(name) not in claimed:
            claimed.add(fold(name))
            free.append(name)
    return free


def add(name, aliases, category, weights, **more):
    concepts[name] = {'name': name, 'aliases': aliases, 'category': category, **weights, **more}


def add_by_hand():
    """The concepts of the tables, and the broader concepts that the tables name."""
    named = {}
    tables = [path for path in sorted(SEED.glob('*.tsv')) if path.name != 'wordnet.tsv']
    for path in tables:
        header, *rows = table(path)
        for row in rows:
            entry = dict(zip(header, row))
            name = entry['name']
            if not claim([name]):
                sys.exit(f'{path.name}: {name!r} is a concept or an alias already')
            weights = {key: float(entry.get(key, default)) for key, default in BY_HAND.items()}
            aliases = [alias for alias in entry['aliases'].split('|') if alias]
            add(name, aliases, entry['category'], weights)
            named[name] = [parent for parent in entry.get('broader', '').split('|') if parent]
    for name, concept in concepts.items():
        free = claim(concept['aliases'])
        if free != concept['aliases']:
            sys.exit(f"{name!r}: {set(concept['aliases']) - set(free)} are concepts or aliases already")
    return named


def add_wordnet():
    """The synsets that are let in; which concept stands for which synset."""
    name_of = {}
    for name in concepts:
        found = senses.get(name.lower().replace(' ', '_'), [])
        if len(found) == 1 or found and ' ' in name:
            name_of.setdefault(found[0], name)
    for synset in synsets.values():
        category, policy = rule(synset)
        # There are more people than anybody can list.
        is_somebody = synset.is_person and synset.to('@i') and category != 'mythology'
        is_there = synset.offset in name_of or fold(synset.words[0]) in claimed
        if category == '-' or is_somebody or is_there or not is_fit(synset):
            continue
        found = list(names(synset, category, policy))
        # Further words of a synset say less well what it is; those of living things are as good as the first.
        first = synset.words if category in LIVING else synset.words[:2]
        if not found or found[0] not in first or LATIN.match(found[0]) or BINOMIAL.match(found[0]) and category in LIVING:
            continue
        aliases = [word.replace('_', ' ') for word in found[1:] if is_unambiguous(word)]
        name = found[0].replace('_', ' ')
        if name in people and category in NAMESAKES or name in first_names or left_out.match(name) or not claim([name]):
            continue
        name_of[synset.offset] = name
        category = field(synset, category)
        aliases = claim(alias for alias in aliases if not left_out.match(alias))
        add(name, aliases, category, PHRASE if ' ' in name else WORD, wordnet=synset.offset)
    return name_of


# What `add_by_hand` and `add_wordnet` leave, by name: the names of the broader concepts.
broader = collections.defaultdict(set)


def above(name):
    reached, rest = set(), [name]
    while rest:
        for parent in broader[rest.pop()]:
            if parent not in reached:
                reached.add(parent)
                rest.append(parent)
    return reached


def relate(name, parent):
    if parent != name and name not in above(parent):
        broader[name].add(parent)


def nearest(synset, name_of, steps=STEPS):
    """The nearest concepts above a synset."""
    for at in synset.parents():
        if at in name_of:
            yield name_of[at]
        elif steps > 1:
            yield from nearest(synsets[at], name_of, steps - 1)


def relate_all(named, name_of):
    for name, parents in named.items():
        for parent in parents:
            if parent not in concepts:
                sys.exit(f'{name!r}: the broader concept {parent!r} is not in the seed')
            relate(name, parent)
    for at, name in name_of.items():
        for parent in nearest(synsets[at], name_of):
            relate(name, parent)
    for name in named:
        # A graph neural network is a neural network.
        words = name.split(' ')
        heads = (' '.join(words[at:]) for at in range(1, len(words)))
        same = [head for head in heads if head in concepts and concepts[head]['category'] == concepts[name]['category']]
        if same and not broader[name]:
            relate(name, same[0])
    narrower = collections.defaultdict(list)
    for name, concept in sorted(concepts.items()):
        # What is reached through another needs no relation of its own.
        far = set().union(*(above(parent) for parent in broader[name]))
        near = sorted(broader[name] - far)
        if near:
            concept['broader'] = near
        for parent in near:
            narrower[parent].append(name)
    for name, below in narrower.items():
        concepts[name]['narrower'] = below


def main():
    for concept in json.loads((DATA / 'concept_file_storage.json').read_text(encoding='utf-8'))['concepts']:
        claim([concept['name'], *concept['aliases']])
    named = add_by_hand()
    name_of = add_wordnet()
    relate_all(named, name_of)
    order = sorted(concepts.values(), key=lambda concept: (concept['category'], concept['name'].casefold(), concept['name']))
    print('{"version": 1, "concepts": [')
    print(',\n'.join(json.dumps(concept, ensure_ascii=False) for concept in order))
    print(']}')


main()
