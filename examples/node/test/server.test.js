import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../tori.js';
import { ended, events, fixture, here, node, occupy, paper, serve, upload } from './support.js';

async function state(url, location) {
  return (await (await fetch(url + location)).json()).state;
}

async function until(condition, what) {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await sleep(25);
  }
  assert.fail(`did not come to be: ${what}`);
}

/** What the server answers to these bytes. */
async function raw(url, bytes) {
  const socket = connect(new URL(url).port, '127.0.0.1');
  socket.end(bytes);
  let answer = '';
  for await (const piece of socket) answer += piece;
  return answer;
}

test('an upload is answered at once, streams its progress and leaves the report', async (t) => {
  const { url } = await serve(t);
  const { status, location, id, name } = await upload(url, paper, 'päper.pdf');
  assert.equal(status, 202);
  assert.equal(name, 'päper.pdf');
  assert.equal(location, `/documents/${id}`);
  assert.ok(id.length >= 24);
  const seen = [];
  for await (const event of events(`${url}${location}/events`)) seen.push(event);
  assert.equal(seen.at(-1).event, 'done');
  assert.equal(seen.at(-1).data.percent, 100);
  assert.ok(seen.slice(0, -1).every(({ event }) => event === 'progress'));
  for (let i = 1; i < seen.length; i++) {
    assert.ok(seen[i].data.percent >= seen[i - 1].data.percent && Number(seen[i].id) > Number(seen[i - 1].id));
  }

  const { report, ...rest } = await (await fetch(url + location)).json();
  assert.deepEqual(rest, { id, name: 'päper.pdf', state: 'done', progress: seen.at(-1).data, error: null });
  const own = await new Engine().ingest(paper, { settings: { 'report.text': true } });
  assert.deepEqual({ ...report, timings_ms: null }, { ...own.toJSON(), timings_ms: null });
});

test('who comes late gets the end at once, who saw the end is told to go', async (t) => {
  const { url } = await serve(t);
  const { location } = await upload(url, paper);
  const last = await ended(url, location);
  const again = [];
  for await (const event of events(`${url}${location}/events`)) again.push(event);
  assert.deepEqual(again, [last]);
  const back = (id) => fetch(`${url}${location}/events`, { headers: { 'Last-Event-ID': id } });
  assert.equal((await back(last.id)).status, 204);
  for (const id of ['1', 'no number', '-5']) {
    const response = await back(id);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /event: done/);
  }
});

test('the server answers others while documents are in work', async (t) => {
  const { url, engine } = await serve(t);
  const controller = new AbortController();
  const backlog = occupy(engine, controller.signal);
  const { location } = await upload(url, paper);
  const [first] = await Promise.all([
    (async () => { for await (const event of events(`${url}${location}/events`)) return event; })(),
    ...Array.from({ length: 50 }, async () => assert.equal((await fetch(url)).status, 200)),
  ]);
  assert.equal(first.event, 'progress');
  assert.equal(await state(url, location), 'working');
  controller.abort();
  await backlog;
});

test('a document whose watchers have all left is cancelled, unless somebody asks for it', async (t) => {
  const { url, engine } = await serve(t, { graceMs: 50 });
  const controller = new AbortController();
  const backlog = occupy(engine, controller.signal);
  const [left, wanted, unwatched] = await Promise.all([upload(url, paper), upload(url, paper), upload(url, paper)]);
  const stop = new AbortController();
  const streams = await Promise.all([left, left, wanted].map(
    ({ location }) => fetch(`${url}${location}/events`, { signal: stop.signal }),
  ));
  await fetch(url + wanted.location);
  stop.abort();
  await Promise.allSettled(streams.map((stream) => stream.text()));
  // Watching again would keep it; a server that was not told would not know.
  await sleep(1000);
  assert.equal((await ended(url, left.location)).event, 'cancelled');
  assert.equal(await state(url, wanted.location), 'working');
  assert.equal(await state(url, unwatched.location), 'working');
  controller.abort();
  await backlog;
});

test('DELETE cancels and forgets, and the watchers are told', async (t) => {
  const { url, engine } = await serve(t);
  const controller = new AbortController();
  const backlog = occupy(engine, controller.signal);
  const { location } = await upload(url, paper);
  const seen = [];
  for await (const { event } of events(`${url}${location}/events`)) {
    if (seen.length === 0) assert.equal((await fetch(url + location, { method: 'DELETE' })).status, 204);
    seen.push(event);
  }
  assert.deepEqual(seen, ['progress', 'cancelled']);
  assert.equal((await fetch(url + location)).status, 404);
  assert.equal((await fetch(url + location, { method: 'DELETE' })).status, 404);
  controller.abort();
  await backlog;
});

test('documents that cannot be read fail with the name and message of the library', async (t) => {
  const { url } = await serve(t);
  for (const [name, code] of [
    ['empty.pdf', 'TORI_E_FORMAT'],
    ['garbage.bin', 'TORI_E_FORMAT'],
    ['encrypted_user.pdf', 'TORI_E_ENCRYPTED'],
    ['not_a_pdf.pdf', 'TORI_E_UNSUPPORTED'],
  ]) {
    const { status, location } = await upload(url, readFileSync(fixture(name)), name);
    assert.equal(status, 202);
    const { event, data } = await ended(url, location);
    assert.equal(event, 'failed', name);
    assert.equal(data.name, code, name);
    assert.ok(data.message.length > 10, name);
    const shown = await (await fetch(url + location)).json();
    assert.deepEqual([shown.state, shown.error, shown.report], ['failed', data, null]);
  }
  for (const name of ['truncated.pdf', 'scanned.pdf', 'blank.pdf', 'invalid_utf8.txt']) {
    const { location } = await upload(url, readFileSync(fixture(name)), name);
    assert.match((await ended(url, location)).event, /^(done|failed)$/, name);
  }
});

test('uploads above the limit get 413, told beforehand or found out, and the server goes on', async (t) => {
  const { url } = await serve(t, { uploadBytes: 300_000 });
  const large = Buffer.alloc(3_000_000, 'a ');
  const announced = await upload(url, large);
  assert.equal(announced.status, 413);
  assert.match(announced.error.message, /300000 bytes/);
  const streamed = await fetch(`${url}/documents`, {
    method: 'POST', duplex: 'half', body: new Blob([large]).stream(),
  });
  assert.equal(streamed.status, 413);
  const expecting = request(`${url}/documents`, { method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 3_000_000 } });
  expecting.on('continue', () => assert.fail('was told to go on'));
  expecting.flushHeaders();
  const [response] = await once(expecting, 'response');
  assert.equal(response.statusCode, 413);
  expecting.on('error', () => {}).destroy();
  const { location } = await upload(url, paper);
  assert.equal((await ended(url, location)).event, 'done');
});

test('a client that expects to be told to go on is told so', async (t) => {
  const { url } = await serve(t);
  const expecting = request(`${url}/documents`, { method: 'POST', headers: { Expect: '100-continue', 'Content-Length': paper.length } });
  expecting.flushHeaders();
  await once(expecting, 'continue');
  expecting.end(paper);
  const [response] = await once(expecting, 'response');
  assert.equal(response.statusCode, 202);
  response.resume();
});

test('an upload broken off leaves its place to the next', async (t) => {
  const { url } = await serve(t, { atOnce: 1 });
  const broken = request(`${url}/documents`, { method: 'POST', headers: { 'Content-Length': paper.length } });
  broken.on('error', () => {});
  broken.write(paper.subarray(0, 1000));
  await until(async () => (await upload(url, 'short text')).status === 503, 'a full server');
  broken.destroy();
  await until(async () => (await upload(url, 'short text')).status === 202, 'a free place');
});

test('as many results are kept as the bounds say', async (t) => {
  const { url } = await serve(t, { kept: 2, keptMs: 1500 });
  const locations = [];
  for (let i = 0; i < 4; i++) {
    const { location } = await upload(url, paper);
    assert.equal((await ended(url, location)).event, 'done');
    locations.push(location);
  }
  const statuses = () => Promise.all(locations.map(async (location) => (await fetch(url + location)).status));
  assert.deepEqual(await statuses(), [404, 404, 200, 200]);
  await until(async () => (await statuses()).every((status) => status === 404), 'results that are dropped in time');

  const small = await serve(t, { keptBytes: 1000 });
  const { location } = await upload(small.url, paper);
  await ended(small.url, location).catch(() => {});
  await until(async () => (await fetch(small.url + location)).status === 404, 'a report too large to be kept');
});

test('names are data: they reach neither the file system nor a header', async (t) => {
  const { url } = await serve(t);
  const before = readdirSync(here).concat(readdirSync(`${here}public`));
  for (const name of ['../../../etc/passwd', '/etc/passwd', '<img src=x onerror=alert(1)>', 'a\0b', 'a\r\nSet-Cookie: x=1', '', 'x'.repeat(10_000), '\u202Efdp.exe']) {
    const { status, location, name: echoed } = await upload(url, 'Support vector machines.', name);
    assert.equal(status, 202, name);
    assert.equal(echoed, name.slice(0, 255));
    assert.equal((await ended(url, location)).event, 'done');
    const response = await fetch(url + location);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('set-cookie'), null);
    assert.equal((await response.json()).name, name.slice(0, 255));
  }
  assert.deepEqual(readdirSync(here).concat(readdirSync(`${here}public`)), before);
});

test('paths lead to the files of the page and nowhere else', async (t) => {
  const { url } = await serve(t);
  const page = await fetch(url);
  assert.match(page.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'/);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  for (const file of ['/style.css', '/page.js', '/report.js', '/places.js', '/icon.svg']) {
    assert.equal((await fetch(url + file)).status, 200, file);
  }
  for (const path of ['/../server.js', '/%2e%2e/server.js', '/..%2fserver.js', '/public/page.js', '/server.js', '/documents/', '/documents/x', '/documents/../server.js', '/documents/%00', '//', '//x:y/']) {
    assert.match(await raw(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 40[04] /, path);
  }
  assert.equal((await fetch(`${url}/documents`)).status, 405);
  assert.equal((await fetch(`${url}/documents`)).headers.get('allow'), 'POST');
  assert.equal((await fetch(url, { method: 'PUT' })).status, 405);
});

test('other sites can neither send documents nor pass for this one', async (t) => {
  const { url } = await serve(t);
  const port = new URL(url).port;
  const post = (headers) => raw(url, `POST /documents HTTP/1.1\r\n${headers}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext`);
  assert.match(await post(`Host: 127.0.0.1:${port}\r\nOrigin: https://example.com`), /^HTTP\/1\.1 403 /);
  assert.match(await post(`Host: 127.0.0.1:${port}\r\nOrigin: null`), /^HTTP\/1\.1 403 /);
  assert.match(await post('Host: rebound.example.com'), /^HTTP\/1\.1 403 /);
  assert.match(await post(`Host: localhost:${port}\r\nOrigin: http://localhost:${port}`), /^HTTP\/1\.1 202 /);
});

test('the program listens, stops on a signal, and names what is wrong with its options', async () => {
  const child = spawn(process.execPath, ['server.js', '--port', '0'], { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const [, url] = /^listening on (http:\/\/127\.0\.0\.1:\d+)\/\n$/.exec(line);
  const uploads = await Promise.all(Array.from({ length: 20 }, () => upload(url, paper)));
  const last = ended(url, uploads.at(-1).location).catch(() => null);
  child.kill('SIGTERM');
  const exit = await Promise.race([once(child, 'exit'), sleep(10_000, 'still there', { ref: false })]);
  assert.deepEqual(exit, [0, null]);
  await last;

  for (const [args, message] of [
    [['--port', 'x'], /--port x/],
    [['--port', '70000'], /--port 70000/],
    [['--upload-mib', '0'], /--upload-mib 0/],
    [['--no-such'], /--no-such/],
    [['file.pdf'], /file\.pdf/],
  ]) {
    const { code, err } = await node(['server.js', ...args]);
    assert.equal(code, 2, err);
    assert.match(err, message);
    assert.match(err, /usage:/);
  }
  const { code, err } = await node(['server.js', '--port', '0', '--host', '192.0.2.1']);
  assert.equal(code, 1);
  assert.match(err, /^cannot listen: .*192\.0\.2\.1/);
});
