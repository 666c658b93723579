import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Engine, Report, ToriError } from '../tori.js';
import { PAPER, fixture, here, node, occupy, paper, script } from './support.js';

const engine = new Engine();

async function plain(path, settings = {}) {
  const worker = new Worker(new URL('plain.js', import.meta.url), { workerData: { path, settings } });
  const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return answer;
}

test('a report equals the one of the call that waits, byte for byte', async () => {
  const settings = { 'report.timings': 'false', 'report.text': 'true' };
  for (const name of ['two_column.pdf', 'report.pdf', 'rotated.pdf', 'encrypted_owner.pdf', 'note.md', 'plain.txt']) {
    const report = await engine.ingest(fixture(name), { settings });
    assert.ok(report instanceof Report);
    assert.equal(report.json.toString(), await plain(fixture(name), settings), name);
    assert.deepEqual(report.toJSON(), JSON.parse(report.json), name);
    assert.equal(report.concepts.length, report.counts.final, name);
  }
});

test('bytes, pieces of bytes, URLs and strings are read as the file is', async () => {
  const settings = { 'report.timings': false };
  const { concepts } = await engine.ingest(PAPER, { settings });
  const pieces = [paper.subarray(0, 1000), paper.subarray(1000, 1000), new Uint8Array(paper.subarray(1000))];
  for (const source of [paper, pieces, pathToFileURL(PAPER)]) {
    assert.deepEqual((await engine.ingest(source, { settings })).concepts, concepts);
  }
  const note = readFileSync(fixture('note.md'), 'utf8');
  assert.deepEqual((await engine.ingestText(note)).concepts, (await engine.ingest(fixture('note.md'))).concepts);
});

test('bytes above what is copied in one turn arrive whole, and small ones may change at once', async () => {
  const large = Buffer.alloc((5 << 20) + 17, 'The scheduler of a storage engine delays compaction. ');
  const report = await engine.ingest(large);
  assert.equal(report.document.bytes, large.length);
  const pieces = Array.from({ length: 83 }, (_, index) => large.subarray(index << 16, (index + 1) << 16));
  assert.equal((await engine.ingest(pieces)).document.sha256, report.document.sha256);

  const small = Buffer.from(paper);
  const promise = engine.ingest(small);
  small.fill(0);
  assert.equal((await promise).document.sha256, (await engine.ingest(PAPER)).document.sha256);
});

test('bytes that are transferred away while they are copied are an error', async () => {
  const first = new Uint8Array(2 << 20).fill(0x20);
  const second = new Uint8Array(2 << 20).fill(0x20);
  const whole = engine.ingest(first);
  structuredClone(null, { transfer: [first.buffer] });
  await assert.rejects(whole, { name: 'TypeError', message: /detached/ });
  const pieces = engine.ingest([Buffer.alloc(2 << 20, ' '), second]);
  structuredClone(null, { transfer: [second.buffer] });
  await assert.rejects(pieces, { name: 'TypeError', message: /transferred/ });
});

test('progress goes up to 100 and no further', async () => {
  const steps = [];
  await engine.ingest(PAPER, { onProgress: (step) => steps.push(step) });
  assert.ok(steps.length >= 2);
  assert.deepEqual(steps.at(-1), { stage: 'complete', percent: 100, done: 0, total: 0 });
  assert.equal(steps.filter((step) => step.percent === 100).length, 1);
  for (let i = 1; i < steps.length; i++) assert.ok(steps[i].percent >= steps[i - 1].percent);
});

test('what onProgress throws cancels the document and is what the promise is rejected with', async () => {
  const thrown = new Error('thrown by the host');
  await assert.rejects(engine.ingest(PAPER, { onProgress: () => { throw thrown; } }), (error) => error === thrown);
  assert.equal(engine.pending, 0);
});

test('errors have the status, name and facts of the library', async () => {
  const cases = [
    ['empty.pdf', -4, 'TORI_E_FORMAT', {}],
    ['garbage.bin', -4, 'TORI_E_FORMAT', { offset: 64 }],
    ['encrypted_user.pdf', -5, 'TORI_E_ENCRYPTED', { key: 'document.password' }],
    ['not_a_pdf.pdf', -13, 'TORI_E_UNSUPPORTED', { found: 'PostScript' }],
    ['there_is_none.pdf', -3, 'TORI_E_IO', { os_error: 2 }],
  ];
  for (const [name, status, code, facts] of cases) {
    const expected = JSON.parse(await plain(fixture(name)));
    const error = await engine.ingest(fixture(name)).then(() => null, (error) => error);
    assert.ok(error instanceof ToriError && error instanceof Error, name);
    assert.deepEqual({ status: error.status, name: error.name, code: error.code }, { status, name: code, code }, name);
    assert.deepEqual(error.details, expected, name);
    assert.equal(error.message, expected.message);
    for (const [key, value] of Object.entries(facts)) assert.equal(error.details[key], value, name);
  }
  await assert.rejects(engine.ingest(PAPER, { settings: { 'limits.pages': 2 } }), ({ status, name, details }) => {
    assert.deepEqual([status, name, details.limit, details.found, details.allowed], [-6, 'TORI_E_LIMIT', 'limits.pages', 6, 2]);
    return true;
  });
  const unlocked = await engine.ingest(fixture('encrypted_user.pdf'), { settings: { 'document.password': 'secret' } });
  assert.ok(unlocked.concepts.length > 0);
});

test('wrong use is refused with a reason', async () => {
  await assert.rejects(engine.ingest(PAPER, { settings: { 'no.such': 1 } }), { name: 'TORI_E_CONFIG', message: /no\.such/ });
  await assert.rejects(engine.ingest(PAPER, { settings: { 'database.path': '/' } }), { name: 'TORI_E_CONFIG' });
  await assert.rejects(engine.ingest(PAPER, { settings: { 'limits.pages\0': 1 } }), { name: 'TypeError', message: /NUL/ });
  await assert.rejects(engine.ingest(`${PAPER}\0.txt`), { name: 'TypeError', message: /NUL/ });
  await assert.rejects(engine.ingest(7), { name: 'TypeError', message: /a document is/ });
  await assert.rejects(engine.ingest(new URL('data:text/plain,x')), { code: 'ERR_INVALID_URL_SCHEME' });
  assert.throws(() => new Engine({ settings: { 'limits.pages': 'many' } }), { name: 'TORI_E_CONFIG', message: /limits\.pages/ });
  assert.equal(engine.pending, 0);
});

test('an aborted signal rejects with its reason, before, in line and in work', async () => {
  const reason = new Error('changed my mind');
  await assert.rejects(engine.ingest(PAPER, { signal: AbortSignal.abort(reason) }), (error) => error === reason);

  const controller = new AbortController();
  const first = engine.ingest(PAPER, { signal: controller.signal, onProgress: () => controller.abort(reason) });
  const all = occupy(engine, controller.signal);
  await assert.rejects(first, (error) => error === reason);
  const outcomes = await all;
  assert.ok(outcomes.every(({ reason: why }) => why === reason));
  assert.equal(engine.pending, 0);

  const copying = new AbortController();
  const large = engine.ingest(Buffer.alloc(8 << 20, 'a '), { signal: copying.signal });
  copying.abort();
  await assert.rejects(large, { name: 'AbortError' });
  assert.ok((await engine.ingest(PAPER)).concepts.length > 0);
});

test('fifty at once give fifty equal reports', async () => {
  const settings = { 'report.timings': false };
  const one = await engine.ingest(PAPER, { settings });
  const many = await Promise.all(Array.from({ length: 50 }, () => engine.ingest(PAPER, { settings })));
  assert.ok(many.every((report) => report.json.equals(one.json)));
});

test('more documents than may wait are refused as busy, and the others go on', async () => {
  const narrow = new Engine({ settings: { 'jobs.waiting': 2 } });
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => narrow.ingest(PAPER)));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 40);
  assert.ok(refused.every(({ reason }) => reason.name === 'TORI_E_BUSY'));
  narrow.close();
});

test('closing an engine ends its documents, and it takes no more', async () => {
  const closing = new Engine();
  const outcomes = occupy(closing);
  await new Promise(setImmediate);
  closing[Symbol.dispose]();
  closing.close();
  assert.ok((await outcomes).every(({ status, reason }) => status === 'fulfilled' || /closed/.test(reason.message)));
  await assert.rejects(closing.ingest(PAPER), /closed/);
});

test('no descriptor, job or block of memory is left behind', async () => {
  const { code, out, err } = await script(`
    import { readdirSync } from 'node:fs';
    import { Engine } from './tori.js';
    const engine = new Engine();
    const bytes = Buffer.alloc(4 << 20, 'A storage engine delays compaction while the queue is long. ');
    const round = async (count) => {
      for (let i = 0; i < count; i += 10) {
        await Promise.allSettled(Array.from({ length: 10 }, (_, j) => {
          const controller = new AbortController();
          if (j % 2 === 1) setTimeout(() => controller.abort(), j);
          return engine.ingest(bytes, { signal: controller.signal, settings: { 'limits.pages': j % 3 === 2 ? 'wrong' : 5 } });
        }));
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      gc();
      return { descriptors: readdirSync('/proc/self/fd').length, memory: process.memoryUsage.rss() };
    };
    const before = await round(60);
    const after = await round(200);
    console.log(JSON.stringify({ descriptors: after.descriptors - before.descriptors, memory: after.memory - before.memory }));
  `, { seconds: 240 });
  assert.equal(code, 0, err);
  const grown = JSON.parse(out);
  assert.equal(grown.descriptors, 0);
  // 200 blocks of 4 MiB went through; one in four of them left behind would be 200 MiB.
  assert.ok(grown.memory < 100 << 20, `${grown.memory} bytes more`);
});

test('engines that are forgotten are freed', async () => {
  const { code, out, err } = await script(`
    import { Engine } from './tori.js';
    for (let i = 0; i < 30; i++) {
      new Engine();
      gc();
      await new Promise(setImmediate);
    }
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 150; i++) {
      new Engine();
      gc();
      await new Promise(setImmediate);
    }
    console.log(process.memoryUsage.rss() - before);
  `);
  assert.equal(code, 0, err);
  assert.ok(Number(out) < 40 << 20, `${out} bytes more`);
});

test('a script ends by itself: idle, done, aborted, refused', async () => {
  for (const text of [
    '',
    'await engine.ingest(paper);',
    'engine.ingest(paper).then((report) => report.concepts.length);',
    'await engine.ingest(paper, { signal: AbortSignal.abort() }).catch(() => {});',
    'const c = new AbortController(); const p = engine.ingest(paper, { signal: c.signal }).catch(() => {}); setTimeout(() => c.abort(), 3); await p;',
    'await engine.ingest("nothing").catch(() => {});',
    'await Promise.allSettled(Array.from({ length: 1100 }, () => engine.ingest("nothing")));',
    'engine.ingest(paper).catch(() => {}); setTimeout(() => engine.close(), 2);',
  ]) {
    const { code, signal, err } = await script(`
      import { Engine } from './tori.js';
      const engine = new Engine();
      const paper = ${JSON.stringify(PAPER)};
      ${text}
    `, { seconds: 30 });
    assert.deepEqual({ code, signal, err }, { code: 0, signal: null, err: '' }, text);
  }
});

test('leaving in the middle of work is clean, and an error nobody caught is reported', async () => {
  const start = `
    import { Engine } from './tori.js';
    const engine = new Engine();
    const all = Array.from({ length: 30 }, () => engine.ingest(${JSON.stringify(PAPER)}));
  `;
  assert.equal((await script(`${start} setTimeout(() => process.exit(7), 10);`)).code, 7);
  const uncaught = await script("import { Engine } from './tori.js'; new Engine().ingest('nothing');");
  assert.equal(uncaught.code, 1);
  assert.match(uncaught.err, /TORI_E_IO: .*nothing/);
});

test('several threads use the library at once', async () => {
  const settings = { 'report.timings': false };
  const expected = await engine.ingest(PAPER, { settings });
  const work = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { Engine } = await import(workerData.tori);
    const engine = new Engine();
    const reports = await Promise.all(Array.from({ length: 8 }, () => engine.ingest(workerData.paper, { settings: workerData.settings })));
    parentPort.postMessage(reports.map((report) => report.json.toString()));
  `;
  const workers = Array.from({ length: 4 }, () => new Worker(
    new URL(`data:text/javascript,${encodeURIComponent(work)}`),
    { workerData: { tori: pathToFileURL(join(here, 'tori.js')).href, paper: PAPER, settings } },
  ));
  const answers = workers.map(async (worker) => {
    const [[reports], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    assert.equal(code, 0);
    return reports;
  });
  const own = await Promise.all(Array.from({ length: 8 }, () => engine.ingest(PAPER, { settings })));
  for (const json of [...(await Promise.all(answers)).flat(), ...own.map((report) => report.json.toString())]) {
    assert.equal(json, expected.json.toString());
  }
});

test('a thread that ends in the middle of its documents harms no other', async () => {
  const { code, signal, out, err } = await script(`
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    const tori = ${JSON.stringify(pathToFileURL(join(here, 'tori.js')).href)};
    const paper = ${JSON.stringify(PAPER)};
    const work = \`
      const { Engine } = await import(\${JSON.stringify(tori)});
      const engine = new Engine();
      for (let i = 0; i < 20; i++) engine.ingest(\${JSON.stringify(paper)}, { onProgress() {} });
      setTimeout(() => process.exit(), Math.random() * 40);
    \`;
    for (let i = 0; i < 20; i++) {
      // The last to use koffi leaves, and with it whatever of koffi Node thinks is no longer needed.
      await once(new Worker(new URL('data:text/javascript,' + encodeURIComponent(work))), 'exit');
    }
    const { Engine } = await import(tori);
    console.log((await new Engine().ingest(paper)).concepts.length > 0);
  `);
  assert.deepEqual({ code, signal, out, err }, { code: 0, signal: null, out: 'true\n', err: '' });
});

test('a library that is not there or is none is named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tori-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const args = ['ingest.js', PAPER];
  const absent = await node(args, { env: { TORI_LIB: folder } });
  assert.equal(absent.code, 1);
  assert.ok(absent.err.includes(join(folder, 'libtori.so.0')) && absent.err.includes(join(folder, 'libtori.so')), absent.err);
  const file = join(folder, 'libtori.so.0');
  writeFileSync(file, 'not a library');
  const broken = await node(args, { env: { TORI_LIB: folder } });
  assert.equal(broken.code, 1);
  assert.ok(broken.err.includes(`${file} cannot be loaded`), broken.err);
});

test('ingest.js prints tables and errors, and tells by its status', async () => {
  const { code, out, err } = await node(['ingest.js', PAPER, fixture('empty.pdf')]);
  assert.equal(code, 1);
  assert.match(out, /^two_column\.pdf: Slack-Driven Compaction.*\n( +[01]\.\d{3}  .+ \(page \d+\)\n){10}$/);
  assert.match(err, /^TORI_E_FORMAT: .*empty\.pdf": the input is empty\n$/);
  assert.equal((await node(['ingest.js'])).code, 2);
  assert.match((await node(['ingest.js', '--help'])).err, /usage/);
});
