import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PAPER, node, serve } from './support.js';

const PAPERS = 20;
const STALL_MS = 20;
// Another program that takes the cores for a moment stalls the loop as well; the library would do it every time.
const ATTEMPTS = 8;
const QUIET_TRIES = 50;

// Waits a while for other programs to leave the cores alone.
async function quiet() {
  const busy = () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
  for (let i = 0; i < QUIET_TRIES; i++) {
    const before = busy();
    await sleep(200);
    if (busy() - before <= 40) return;
  }
}

// How long the main thread was ready to run and no core was free for it so far, in milliseconds; 0 where this is not told.
function starved() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

// Watches the loop by a timer of one millisecond; the time that the thread waited for a core is none of the loop's own.
function watchLoop() {
  let time = performance.now();
  let waited = starved();
  const seen = { longest: 0, waited: 0 };
  const timer = setInterval(() => {
    const [now, without] = [performance.now(), starved()];
    seen.longest = Math.max(seen.longest, now - time - (without - waited));
    seen.waited += without - waited;
    [time, waited] = [now, without];
  }, 1);
  return () => {
    clearInterval(timer);
    return seen;
  };
}

test(`the loop of the server never stalls for ${STALL_MS} ms while ${PAPERS} papers are processed`, async (t) => {
  const { url } = await serve(t);
  const stalls = [];
  while (stalls.length < ATTEMPTS && !stalls.some((stall) => stall < STALL_MS)) {
    await quiet();
    // On another machine it would take no core from the server.
    const client = node(['test/client.js', url, PAPER, PAPERS], { priority: 10 });
    // Starting a process stalls the loop; the client needs longer to get to its first request.
    await sleep(10);
    const stop = watchLoop();
    const start = performance.now();
    const { code, err } = await client;
    const { longest, waited } = stop();
    assert.equal(code, 0, err);
    stalls.push(longest);
    t.diagnostic(
      `longest stall ${longest.toFixed(1)} ms in ${(performance.now() - start).toFixed(0)} ms, ` +
        `${waited.toFixed(0)} ms of them without a core; ${availableParallelism()} cores`,
    );
  }
  assert.ok(Math.min(...stalls) < STALL_MS, `longest stalls: ${stalls.map((stall) => stall.toFixed(1)).join(', ')} ms`);
});
