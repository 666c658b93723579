import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { PAPER, fixture, occupy, paper, serve } from './support.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// Where screenshots are left for people to look at; none are taken without it.
const SCREENSHOTS = process.env.SCREENSHOTS;

let browser;

before(async () => {
  assert.ok(existsSync(CHROMIUM), `${CHROMIUM} is missing: install the package chromium, or name a browser in CHROMIUM`);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
});

after(() => browser?.close());

/** A page of its own, which must not complain, with a server of its own. */
async function visit(t, { bounds, ...options } = {}) {
  const { url, engine } = await serve(t, bounds);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 413/.test(message.text())) complaints.push(message.text());
  });
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  return { page, engine, url };
}

/** Drops documents onto the page: pairs of a name and bytes. */
async function drop(page, ...files) {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, base64] of files) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    return transfer;
  }, files.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]));
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

function item(page, name) {
  return page.locator('.document').filter({ has: page.locator('.name', { hasText: name }) });
}

async function look(page, name) {
  if (SCREENSHOTS === undefined) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

test('a document moves its bar step by step', async (t) => {
  const { page } = await visit(t);
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) if (target.localName === 'progress') window.seen.push(target.value);
    }).observe(document.getElementById('documents'), { subtree: true, attributes: true, attributeFilter: ['value'] });
  });
  // Progress is coalesced for a page that is slow to read it: only one that takes long is sure to show its steps.
  const chapters = Array.from({ length: 1500 }, (_, number) => (
    `# Chapter ${number}\n\nThe write stall of level ${number} delays compaction in the storage engine. `.concat(
      `Range queries ${number} read sorted runs through bloom filters. `.repeat(20), '\n\n')
  ));
  await drop(page, ['long.md', Buffer.from(chapters.join(''))]);
  await page.locator('.report').waitFor();
  const seen = await page.evaluate(() => window.seen);
  assert.ok(new Set(seen).size >= 3, `values of the bar: ${seen}`);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  t.diagnostic(`values of the bar: ${[...new Set(seen)].join(', ')}`);
});

test('a document that is dropped ends as ranked concepts', async (t) => {
  const { page, engine } = await visit(t);
  await look(page, 'empty');
  // A backlog shows the page waiting, and lets it see the document before its first step.
  const controller = new AbortController();
  const backlog = occupy(engine, controller.signal);
  await drop(page, ['two_column.pdf', paper]);
  await item(page, 'two_column.pdf').locator('.stage', { hasText: 'init' }).waitFor();
  assert.equal(await item(page, 'two_column.pdf').getAttribute('data-state'), 'working');
  await look(page, 'working');
  controller.abort();
  await backlog;
  await page.locator('.report').waitFor();
  assert.match(await page.locator('.report .title').innerText(), /^Slack-Driven Compaction/);
  assert.equal(await page.locator('[role=option]').count(), 250);
  const values = await page.locator('[role=option] .value').allInnerTexts();
  assert.deepEqual(values, [...values].sort((a, b) => b - a));
  assert.match(await page.locator('[role=option] .page').first().innerText(), /^p\. 1/);
  assert.equal(await page.locator('#status').innerText(), 'two_column.pdf: 250 concepts');
});

test('choosing a concept marks its pages, sections and mentions', async (t) => {
  const { page } = await visit(t);
  await page.setInputFiles('#file', PAPER);
  await page.locator('[role=option] .label', { hasText: /^write stall$/ }).click();
  const chosen = page.locator('.chosen');
  assert.equal(await chosen.locator('.label').innerText(), 'write stall');
  const marked = await chosen.locator('.outline .marked .words').allInnerTexts();
  assert.ok(marked.includes('3.2 Compaction Debt and Write Stalls'), String(marked));
  assert.ok((await chosen.locator('.outline li:not(.marked)').count()) > 0);
  const marks = await chosen.locator('mark').allInnerTexts();
  assert.ok(marks.length >= 3 && marks.every((mark) => /^write[- ]stalls?$/i.test(mark)), String(marks));
  const heat = await chosen.locator('.pages li').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.level)));
  assert.equal(heat.length, 6);
  assert.ok(heat.some((level) => level > 0) && heat.some((level) => level === 0), String(heat));
  await chosen.locator('.outline button').last().click();
  assert.equal(
    await page.evaluate(() => document.activeElement.querySelector('h5').textContent),
    await chosen.locator('.outline button .words').last().innerText(),
  );
  await look(page, 'chosen');
});

test('the keyboard is enough', async (t) => {
  const { page } = await visit(t);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'file');
  await page.setInputFiles('#file', PAPER);
  await page.locator('.report').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'title');
  await page.keyboard.press('Tab');
  await page.keyboard.type('compaction');
  const shown = page.locator('[role=option]:visible');
  assert.ok((await shown.count()) < 250);
  assert.ok((await shown.locator('.what .label').allInnerTexts()).every((label) => /compaction/i.test(label)));
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  const focused = await page.evaluate(() => document.activeElement.querySelector('.label').textContent);
  assert.equal(await page.locator('.chosen > .label').innerText(), focused);
  assert.equal(await shown.nth(1).getAttribute('aria-selected'), 'true');
  await page.locator('.filter').fill('no such concept');
  assert.ok(await page.locator('.none').isVisible());
});

test('a document that cannot be read shows the name and message of its error', async (t) => {
  const { page } = await visit(t, { bounds: { uploadBytes: 1_000_000 }, colorScheme: 'dark' });
  await drop(page, ['garbage.pdf', Buffer.alloc(100)]);
  await page.locator('.failure .code', { hasText: 'TORI_E_FORMAT' }).waitFor();
  assert.match(await page.locator('.failure .message').innerText(), /not a document/);
  assert.equal(await item(page, 'garbage.pdf').getAttribute('data-state'), 'failed');
  await look(page, 'failed-dark');
  await page.setInputFiles('#file', fixture('encrypted_user.pdf'));
  await page.locator('.failure .code', { hasText: 'TORI_E_ENCRYPTED' }).waitFor();
  await drop(page, ['large.txt', Buffer.alloc(2_000_000, 'a ')]);
  await page.locator('.failure .code', { hasText: 'HTTP 413' }).waitFor();
  assert.match(await page.locator('.failure .message').innerText(), /larger than 1000000 bytes/);
});

test('a document in work is cancelled, then taken off the list', async (t) => {
  const { page, engine } = await visit(t);
  const controller = new AbortController();
  const backlog = occupy(engine, controller.signal);
  await drop(page, ['slow.pdf', paper]);
  const slow = item(page, 'slow.pdf');
  await slow.locator('.stage', { hasText: 'init' }).waitFor();
  const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Cancel slow.pdf' }).click();
  assert.equal((await deleted).status(), 204);
  assert.equal(await slow.getAttribute('data-state'), 'cancelled');
  await page.getByRole('button', { name: 'Remove slow.pdf' }).click();
  assert.equal(await slow.count(), 0);
  controller.abort();
  await backlog;
});

test('several documents at once, on a narrow page in the dark', async (t) => {
  const { page } = await visit(t, { colorScheme: 'dark', viewport: { width: 400, height: 800 } });
  const names = ['two_column.pdf', 'report.pdf', 'groff.pdf', 'rotated.pdf', 'note.md', 'empty.pdf'];
  await page.setInputFiles('#file', names.map(fixture));
  await page.locator('.document:not([data-state=working])').nth(names.length - 1).waitFor();
  assert.equal(await page.locator('.document[data-state=done]').count(), names.length - 1);
  await item(page, 'report.pdf').locator('.open').click();
  assert.match(await page.locator('.report .title').innerText(), /Medication Reconciliation/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  await look(page, 'narrow-dark');
});

test('names and texts from outside are shown as text', async (t) => {
  const { page } = await visit(t);
  const script = '<img src=x onerror=alert(1)>';
  const text = `# ${script} injection attack\n\nAn ${script} injection attack is an attack. ${`The injection attack <script>alert(2)</script> again. `.repeat(20)}`;
  await drop(page, [`${script}.md`, Buffer.from(text)]);
  await page.locator('.report').waitFor();
  assert.equal(await page.locator('.document .name').innerText(), `${script}.md`);
  assert.match(await page.locator('.report').innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.equal(await page.locator('img:not([src="icon.svg"]), main script').count(), 0);
  await drop(page, [`${script}.bin`, Buffer.alloc(10)]);
  await page.locator('.failure').waitFor();
  assert.equal(await page.locator('.failure h2').innerText(), `${script}.bin`);
});
