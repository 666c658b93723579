"""Prose for training the tagger, a paragraph a line: silver_prose.py WORDNET WHEEL... > PROSE.txt

WORDNET is the folder of WordNet's data files, the WHEELs are Python packages: the paragraphs of their docstrings
that are whole sentences, then WordNet's definitions and examples.
"""
import ast, re, sys, zipfile

MARKUP = re.compile(r'\s*([-=~^*#]{3,}|>>>|\.\. |:\w+|@|\* |- |\||\[\d|\d+\.)')
NOT_PROSE = re.compile(r'[=<>{}\\$^_|]|\(\)|https?:|--|\.\.\.|::')


def paragraphs(docstring):
    for paragraph in re.split(r'\n\s*\n', docstring):
        lines = paragraph.strip('\n').split('\n')
        if any(MARKUP.match(line) for line in lines):
            continue
        text = ' '.join(' '.join(lines).split())
        text = re.sub(r':[a-z:]+:`~?([^`<]+?)\s*(<[^`]*>)?`', r'\1', text)
        text = re.sub(r'`+([^`]*)`+_*', r'\1', text)
        text = re.sub(r'\[\w+\]_', '', text).replace('*', '')
        words = text.split()
        if len(words) < 8 or text[-1] not in '.!?' or not text[0].isupper() or NOT_PROSE.search(text):
            continue
        if sum(word.isalpha() for word in words) >= .75 * len(words):
            yield text


def docstrings(wheel):
    archive = zipfile.ZipFile(wheel)
    for name in sorted(archive.namelist()):
        if not name.endswith('.py') or '/tests/' in name or 'test_' in name or 'locale/' in name:
            continue
        try:
            tree = ast.parse(archive.read(name))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                yield ast.get_docstring(node) or ''


def glosses(folder):
    for part in ('noun', 'verb', 'adj', 'adv'):
        for line in open(f'{folder}/data.{part}', encoding='latin1'):
            if line.startswith('  ') or '| ' not in line:
                continue
            gloss = line.split('| ', 1)[1].strip()
            definition = re.sub(r'\s*;\s*;?\s*', ' ; ', re.sub(r'"[^"]*"', '', gloss).strip(' ;'))
            if len(definition.split()) > 3:
                yield definition + ' .'
            for example in re.findall(r'"([^"]+)"', gloss):
                if len(example.split()) > 2:
                    yield example[0].upper() + example[1:] + ('' if example[-1] in '.!?' else '.')


seen = set()
for wheel in sys.argv[2:]:
    for docstring in docstrings(wheel):
        for text in paragraphs(docstring):
            if text not in seen:
                seen.add(text)
                print(text)
for text in glosses(sys.argv[1]):
    print(text)
