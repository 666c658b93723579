// What several tests need.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from '../server.js';
import { Engine } from '../tori.js';

export const here = fileURLToPath(new URL('..', import.meta.url));

export function fixture(name) {
  return join(here, '../../tests/fixtures', name);
}

export const PAPER = fixture('two_column.pdf');
export const paper = readFileSync(PAPER);

/** Runs node with these arguments to its end; killed, and told by its signal, when it does not end. */
export async function node(args, { seconds = 60, env = {}, priority = 0 } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: here,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  setPriority(child.pid, priority);
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const [code, signal] = await once(child, 'close');
  return { code, signal, out, err };
}

/** Runs a module given as text; it finds the package as "./tori.js". */
export function script(text, options) {
  return node(['--input-type=module', '--expose-gc', '--eval', text], options);
}

/** A server of its own for the test t, listening. */
export async function serve(t, bounds) {
  const engine = new Engine();
  const server = createServer(engine, bounds);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close(() => engine.close());
    server.closeAllConnections();
  });
  return { engine, url: `http://127.0.0.1:${server.address().port}` };
}

/** Gives the engine so much to do that what comes after it waits for seconds; the documents end with the signal. */
export function occupy(engine, signal) {
  const length = Math.min(100 * availableParallelism(), 900);
  return Promise.allSettled(Array.from({ length }, () => engine.ingest(PAPER, { signal })));
}

export async function upload(url, body, name = 'paper.pdf') {
  const response = await fetch(`${url}/documents?name=${encodeURIComponent(name)}`, { method: 'POST', body });
  return { status: response.status, location: response.headers.get('location'), ...(await response.json()) };
}

/** The server-sent events of an address, as they come. */
export async function* events(address, options) {
  const response = await fetch(address, options);
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s, 2)));
      text = text.slice(end + 2);
      if (fields.event !== undefined) yield { ...fields, data: JSON.parse(fields.data) };
    }
  }
}

/** The last event of a document: how it ended. */
export async function ended(url, location) {
  let latest;
  for await (const event of events(`${url}${location}/events`)) latest = event;
  return latest;
}
