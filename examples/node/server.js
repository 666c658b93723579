// An HTTP server that takes documents in and tells of their progress while it goes on serving: node server.js --help

import { readFileSync, realpathSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Documents } from './documents.js';
import { Engine } from './tori.js';

const BOUNDS = {
  /** Most bytes of one upload. */
  uploadBytes: 32 << 20,
  /** Most documents that are received or worked on at once. */
  atOnce: 32,
  /** Most documents, bytes of reports and milliseconds that results are kept. */
  kept: 200,
  keptBytes: 256 << 20,
  keptMs: 15 * 60_000,
  /** How long a document whose watchers have all left is worked on, for one of them to come back. */
  graceMs: 5_000,
};
const NAME_CHARACTERS = 255;
// A client that is refused while it still sends would take a connection closed under it for a failure of the network.
const LINGER_MS = 2_000;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

// Files are read once, by these names; no path of a request reaches the file system.
const PAGE = new Map(
  [
    ['/', 'index.html', 'text/html'],
    ['/style.css', 'style.css', 'text/css'],
    ['/icon.svg', 'icon.svg', 'image/svg+xml'],
    ['/page.js', 'page.js', 'text/javascript'],
    ['/report.js', 'report.js', 'text/javascript'],
    ['/places.js', 'places.js', 'text/javascript'],
  ].map(([path, file, type]) => [
    path,
    { type: `${type}; charset=utf-8`, body: readFileSync(new URL(`public/${file}`, import.meta.url)) },
  ]),
);

class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The server, not listening yet. Closing it cancels what is in flight; the engine stays the caller's. */
export function createServer(engine, bounds = {}) {
  const limits = { ...BOUNDS, ...bounds };
  const documents = new Documents(engine, limits);
  let receiving = 0;

  const server = createHttpServer({ requestTimeout: 60_000 }, answer);
  server.on('checkContinue', answer);
  server.on('close', () => documents.close());
  return server;

  async function answer(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      refuseStrangers(request);
      await route(request, response);
    } catch (error) {
      // The client left in the middle of its upload.
      if (request.destroyed && !request.complete) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'the server failed');
      if (refusal !== error) console.error(error);
      refuse(request, response, refusal);
    }
  }

  async function route(request, response) {
    const { pathname, searchParams } = address(request);
    const file = PAGE.get(pathname);
    if (file !== undefined) {
      allow(request, 'GET', 'HEAD');
      response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.body.length });
      response.end(request.method === 'HEAD' ? null : file.body);
      return;
    }
    if (pathname === '/documents') {
      allow(request, 'POST');
      return upload(request, response, searchParams.get('name') ?? 'document');
    }
    const [, id, events] = /^\/documents\/([\w-]+)(\/events)?$/.exec(pathname) ?? [];
    const document = documents.get(id);
    if (document === undefined) throw new Refusal(404, 'there is no such document, or it was dropped');
    if (events !== undefined) {
      allow(request, 'GET');
      stream(request, response, document);
    } else if (allow(request, 'GET', 'DELETE') === 'DELETE') {
      documents.remove(document);
      response.writeHead(204).end();
    } else {
      document.want();
      show(response, document);
    }
  }

  async function upload(request, response, name) {
    if (receiving + documents.working >= limits.atOnce) {
      throw new Refusal(503, `${limits.atOnce} documents are in work; try again soon`, { 'Retry-After': 1 });
    }
    receiving += 1;
    let pieces;
    try {
      pieces = await receive(request, response, limits.uploadBytes);
    } finally {
      receiving -= 1;
    }
    const document = documents.add(name.slice(0, NAME_CHARACTERS), pieces);
    const location = `/documents/${document.id}`;
    json(response, 202, { id: document.id, name: document.name, events: `${location}/events` }, { Location: location });
  }

  function stream(request, response, document) {
    // Some clients come back for ever until they are told that there is nothing more.
    let told = Number(request.headers['last-event-id']) || 0;
    if (document.ended && told >= document.step) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('retry: 1000\n\n');
    // A client that reads slowly gets the latest step once it has read what is on its way.
    const tell = () => {
      if (response.writableNeedDrain || told >= document.step) return;
      told = document.step;
      response.write(frame(document));
      if (document.ended) response.end();
    };
    const leave = document.watch(tell, limits.graceMs);
    response.on('drain', tell);
    response.on('close', leave);
    tell();
  }
}

function frame({ step, state, progress, error }) {
  const event = state === 'working' ? 'progress' : state;
  const data = state === 'failed' ? error : progress;
  return `id: ${step}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function address(request) {
  try {
    return new URL(request.url, 'http://localhost');
  } catch {
    throw new Refusal(400, 'the address cannot be read');
  }
}

function allow(request, ...methods) {
  if (methods.includes(request.method)) return request.method;
  throw new Refusal(405, `${request.method} is not possible here`, { Allow: methods.join(', ') });
}

// Pages of other sites may send requests to this machine: by their own name for it, or across origins.
function refuseStrangers({ headers, socket }) {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '');
  const local = socket.localAddress === '127.0.0.1' || socket.localAddress === '::1';
  if (local && !LOOPBACK.includes(name)) throw new Refusal(403, 'this server goes by the name of localhost');
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    throw new Refusal(403, 'requests of other sites are refused');
  }
}

function receive(request, response, limit) {
  const refusal = new Refusal(413, `the document is larger than ${limit} bytes, which is the most this server takes`);
  if (Number(request.headers['content-length']) > limit) throw refusal;
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve, reject) => {
    const pieces = [];
    let length = 0;
    request.on('data', (piece) => {
      length += piece.length;
      if (length > limit) return reject(refusal);
      pieces.push(piece);
    });
    request.on('end', () => resolve(pieces));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client left')));
  });
}

function refuse(request, response, { status, message, headers }) {
  if (response.headersSent) return response.destroy();
  const body = JSON.stringify({ error: { name: `HTTP ${status}`, message } });
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.write(body);
  const end = () => {
    clearTimeout(linger);
    response.end();
  };
  const linger = setTimeout(end, LINGER_MS);
  if (request.complete) return end();
  request.once('end', end).once('close', end).resume();
}

function json(response, status, value, headers) {
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

// The report is passed on as the library wrote it.
function show(response, { id, name, state, progress, error, report }) {
  const fields = JSON.stringify({ id, name, state, progress, error });
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write(`${fields.slice(0, -1)},"report":`);
  response.write(report ?? 'null');
  response.end('}');
}

function main() {
  const usage = 'usage: node server.js [--port 8080] [--host 127.0.0.1] [--upload-mib 32]';
  const complain = (status, text) => {
    console.error(text);
    process.exit(status);
  };
  let options;
  try {
    options = parseArgs({
      options: {
        help: { type: 'boolean' },
        port: { type: 'string', default: '8080' },
        host: { type: 'string', default: '127.0.0.1' },
        'upload-mib': { type: 'string', default: '32' },
      },
    }).values;
  } catch (error) {
    complain(2, `${error.message}\n${usage}`);
  }
  if (options.help) {
    console.log(usage);
    return;
  }
  const [port, mib] = [options.port, options['upload-mib']].map((text) => (/^\d{1,5}$/.test(text) ? Number(text) : NaN));
  if (!(port < 65536)) complain(2, `--port ${options.port}: a port is a number from 0 to 65535\n${usage}`);
  if (!(mib >= 1)) complain(2, `--upload-mib ${options['upload-mib']}: a size is a whole number of MiB, 1 or more\n${usage}`);

  let engine;
  try {
    engine = new Engine();
  } catch (error) {
    complain(1, error.message);
  }
  const server = createServer(engine, { uploadBytes: mib * 2 ** 20 });
  server.on('error', (error) => complain(1, `cannot listen: ${error.message}`));
  server.listen(port, options.host, () => {
    const { address, port, family } = server.address();
    console.log(`listening on http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close(() => engine.close());
      server.closeAllConnections();
    });
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
