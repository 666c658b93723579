// Tags prose, a paragraph a line: silver_tags.cjs FOLDER < PROSE.txt > SILVER.tsv, where FOLDER holds the node_modules.
// Writes a line for each piece: whether a space comes before it, the piece, its universal tag; and an empty line after
// each paragraph.
const path = require('path');
const modules = path.resolve(process.argv[2], 'node_modules');
const nlp = require(path.join(modules, 'wink-nlp'))(require(path.join(modules, 'wink-eng-lite-web-model')), ['sbd', 'pos']);
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (!line.trim()) return;
  const tokens = nlp.readDoc(line).tokens();
  const tags = tokens.out(nlp.its.pos);
  const spaces = tokens.out(nlp.its.precedingSpaces);
  const pieces = tokens.out().map((piece, at) => `${spaces[at] ? 1 : 0}\t${piece}\t${tags[at]}\n`);
  process.stdout.write(pieces.join('') + '\n');
});
