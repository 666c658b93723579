// Prints the best concepts of documents as they are done: node ingest.js FILE...

import { Engine, ToriError } from './tori.js';

const ROWS = 10;
const files = process.argv.slice(2);
if (files.length === 0 || files[0].startsWith('-')) {
  console.error('usage: node ingest.js FILE...    (a file whose name begins with a dash is given as ./-name)');
  process.exit(2);
}

let engine;
try {
  engine = new Engine({ settings: { 'concepts.top': ROWS } });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await Promise.all(files.map(async (file) => {
  try {
    const { document, concepts } = await engine.ingest(file);
    const rows = concepts.map((concept) => `  ${concept.quality.toFixed(3)}  ${concept.label} (page ${concept.first_page})`);
    console.log([`${document.name}: ${document.title ?? '(no title)'}`, ...rows].join('\n'));
  } catch (error) {
    if (!(error instanceof ToriError)) throw error;
    console.error(`${error.name}: ${error.message}`);
    process.exitCode = 1;
  }
}));
