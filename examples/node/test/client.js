// A client in a process of its own: uploads a file some times at once, watches each, and fetches the reports.
// node client.js ADDRESS FILE TIMES

import { readFileSync } from 'node:fs';
import { ended, upload } from './support.js';

const [url, file, times] = process.argv.slice(2);
const body = readFileSync(file);
await Promise.all(Array.from({ length: Number(times) }, async () => {
  const { location } = await upload(url, body);
  const { event } = await ended(url, location);
  const { report } = await (await fetch(url + location)).json();
  if (event !== 'done' || report.concepts.length === 0) throw new Error(`${event}: ${location}`);
}));
