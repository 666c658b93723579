import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, indices, locate } from '../public/places.js';
import { Engine } from '../tori.js';
import { PAPER, fixture } from './support.js';

const engine = new Engine({ settings: { 'report.text': true } });

test('byte offsets become the indices that a decoder gives', () => {
  const text = 'a é ﬁ 𝒙 日本 \u0000 z';
  const bytes = new TextEncoder().encode(text);
  const bounds = [...bytes.keys()].filter((at) => (bytes[at] & 0xc0) !== 0x80).concat(bytes.length);
  for (const [offset, index] of indices(text, bounds)) {
    assert.equal(text.slice(0, index), new TextDecoder().decode(bytes.subarray(0, offset)));
  }
});

test('mentions are where the report says, on the page and in the section that hold them', async () => {
  for (const path of [PAPER, fixture('report.pdf'), fixture('rotated.pdf'), fixture('note.md')]) {
    const report = await engine.ingest(path);
    const bytes = Buffer.from(report.text);
    const { text, pages, sections, concepts } = locate(report);
    assert.equal(pages.length, report.document.pages);
    assert.deepEqual(sections.map((section) => section.start), sections.map((section) => section.start).sort((a, b) => a - b));
    concepts.forEach((concept, number) => {
      assert.equal(Math.min(...concept.mentions.map((mention) => mention.page)), concept.first_page, concept.label);
      concept.mentions.forEach((mention, index) => {
        const [start, end] = report.concepts[number].spans[index];
        assert.equal(text.slice(mention.start, mention.end), bytes.toString('utf8', start, end));
        assert.equal(context(text, mention).words, bytes.toString('utf8', start, end).replace(/\s+/g, ' '));
      });
    });
  }
});

test('sections begin at their headings', async () => {
  const { text, sections, concepts } = locate(await engine.ingest(PAPER));
  for (const { heading, start } of sections) {
    assert.equal(text.slice(start, start + heading.length).replace(/\s/g, ' '), heading);
  }
  const inflow = concepts.flatMap((concept) => concept.mentions).filter((mention) => mention.section >= 0);
  assert.ok(inflow.length > 100);
});

test('context stays in one line and says where it was cut', () => {
  const text = `start ${'word\n'.repeat(100)}THE WORD ${'word\f'.repeat(100)}end`;
  const start = text.indexOf('THE');
  const { before, words, after } = context(text, { start, end: start + 8 });
  assert.match(before, /^… (word )+$/);
  assert.equal(words, 'THE WORD');
  assert.match(after, /^( word)+ …$/);
  assert.deepEqual(context('a b c', { start: 2, end: 3 }), { before: 'a ', words: 'b', after: ' c' });
});
