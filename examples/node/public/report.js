// A report as a part of the page: its ranked concepts, and for the chosen one its pages, sections and mentions.

import { context, locate } from './places.js';

const MENTIONS = 20;
const CELLS = 120;
const LEVELS = 4;
const SOURCES = { statistical: 'from the text', database: 'from the database', both: 'from the text and the database' };

function fromTemplate(id) {
  return document.getElementById(id).content.cloneNode(true).firstElementChild;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function count(number, what) {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

function plain(name) {
  return name.replaceAll('_', ' ');
}

export function failure(file, name, message) {
  const part = notice(file, name, message);
  part.classList.add('failure');
  return part;
}

export function notice(file, name, message) {
  const part = fromTemplate('notice');
  part.querySelector('h2').textContent = file;
  part.querySelector('.code').textContent = name;
  part.querySelector('.message').textContent = message;
  return part;
}

export function render(file, report) {
  const located = locate(report);
  const part = fromTemplate('report');
  header(part, file, report);
  const list = part.querySelector('.concepts ol');
  const rows = located.concepts.map((concept, index) => row(concept, index));
  list.append(...rows);
  part.querySelector('.chosen').hidden = rows.length === 0;
  if (rows.length === 0) {
    list.after(element('p', 'none', 'No concept was found: the text is empty or too short.'));
    return part;
  }

  const choose = (index) => {
    for (const other of rows) {
      const chosen = other === rows[index];
      other.setAttribute('aria-selected', chosen);
      other.tabIndex = chosen ? 0 : -1;
    }
    describe(part.querySelector('.chosen'), located, located.concepts[index]);
  };
  list.addEventListener('click', ({ target }) => {
    const index = rows.indexOf(target.closest('[role=option]'));
    if (index < 0) return;
    choose(index);
    // On a narrow page it is below the list.
    const chosen = part.querySelector('.chosen');
    if (chosen.getBoundingClientRect().top > innerHeight / 2) chosen.scrollIntoView({ block: 'start', behavior: 'smooth' });
  });
  list.addEventListener('keydown', (event) => {
    const shown = rows.filter((other) => !other.hidden);
    const now = shown.indexOf(document.activeElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: shown.length - 1, PageDown: now + 10, PageUp: now - 10 }[event.key];
    if (next === undefined || now < 0) return;
    event.preventDefault();
    const to = shown[Math.min(Math.max(next, 0), shown.length - 1)];
    to.focus();
    choose(rows.indexOf(to));
  });
  filter(part, rows, located.concepts);
  choose(0);
  return part;
}

function header(part, file, { document: about, concepts, counts, timings_ms, warnings }) {
  part.querySelector('.title').textContent = about.title ?? file;
  part.querySelector('.facts').textContent = [
    about.title === null ? null : file,
    count(about.pages, 'page'),
    `${count(concepts.length, 'concept')} of ${count(counts.raw, 'candidate')}`,
    timings_ms === undefined ? null : `${Math.round(timings_ms.total)} ms`,
  ].filter((fact) => fact !== null).join('  ·  ');
  const box = part.querySelector('.warnings');
  box.hidden = warnings.length === 0;
  box.querySelector('summary').textContent = count(warnings.length, 'warning');
  box.querySelector('ul').append(...warnings.map((warning) => element('li', '', warning)));
}

function row(concept, index) {
  const item = fromTemplate('concept');
  item.querySelector('.rank').textContent = index + 1;
  item.querySelector('.label').textContent = concept.label;
  item.querySelector('.tag').textContent = concept.category === 'general' ? '' : plain(concept.category);
  item.querySelector('.page').textContent = pages(concept.mentions, concept.first_page);
  item.querySelector('.fill').style.width = `${100 * concept.quality}%`;
  item.querySelector('.value').textContent = concept.quality.toFixed(2);
  return item;
}

// The first pages a concept is on: "p. 1, 3, 4 …".
function pages(mentions, first) {
  const all = [...new Set([first, ...mentions.map((mention) => mention.page)])].sort((a, b) => a - b);
  return `p. ${all.slice(0, 3).join(', ')}${all.length > 3 ? ' …' : ''}`;
}

function filter(part, rows, concepts) {
  const field = part.querySelector('.filter');
  field.addEventListener('input', () => {
    const sought = field.value.trim().toLowerCase();
    rows.forEach((item, index) => {
      item.hidden = !concepts[index].label.toLowerCase().includes(sought);
    });
    const shown = rows.filter((item) => !item.hidden);
    part.querySelector('.none').hidden = shown.length > 0;
    if (shown.length > 0 && !shown.some((item) => item.tabIndex === 0)) shown[0].tabIndex = 0;
  });
}

function describe(part, located, concept) {
  part.scrollTop = 0;
  part.querySelector('.label').textContent = concept.label;
  part.querySelector('.about').textContent = [
    count(concept.occurrences, 'mention'),
    SOURCES[concept.source],
    concept.category === 'general' ? null : plain(concept.category),
    `quality ${concept.quality.toFixed(3)}, score ${concept.score.toFixed(3)}`,
  ].filter((fact) => fact !== null).join('  ·  ');
  const groups = grouped(concept.mentions);
  showPages(part.querySelector('.pages'), located.pages.length, concept.mentions);
  showOutline(part.querySelector('.outline'), located.sections, groups, part);
  showMentions(part.querySelector('.groups'), located, groups, MENTIONS);
}

function grouped(mentions) {
  const groups = new Map();
  for (const mention of mentions) {
    if (!groups.has(mention.section)) groups.set(mention.section, []);
    groups.get(mention.section).push(mention);
  }
  return groups;
}

// One cell a page, or one for several pages of a long document; the darker the more mentions.
function showPages(list, total, mentions) {
  const each = Math.ceil(total / CELLS);
  const counts = new Array(Math.ceil(total / each)).fill(0);
  for (const { page } of mentions) counts[Math.floor((page - 1) / each)] += 1;
  const most = Math.max(...counts);
  list.replaceChildren(...counts.map((mentions, index) => {
    const first = index * each + 1;
    const end = Math.min(total, first + each - 1);
    const cell = element('li', '', each === 1 ? first : `${first}–${end}`);
    cell.dataset.level = Math.ceil((LEVELS * mentions) / most);
    cell.title = `${each === 1 ? `page ${first}` : `pages ${first} to ${end}`}: ${count(mentions, 'mention')}`;
    return cell;
  }));
}

function showOutline(part, sections, groups, chosen) {
  const rows = sections.map((section, index) => {
    const mentions = groups.get(index)?.length ?? 0;
    const item = document.createElement('li');
    item.dataset.depth = Math.min(section.level, 4);
    const line = element(mentions > 0 ? 'button' : 'span', 'section', '');
    line.append(element('span', 'words', section.heading), element('span', 'number', mentions > 0 ? mentions : ''));
    if (mentions > 0) {
      line.type = 'button';
      line.title = `${plain(section.kind)}, page ${section.page}: ${count(mentions, 'mention')}`;
      item.classList.add('marked');
      line.addEventListener('click', () => {
        const group = chosen.querySelector(`[data-section="${index}"]`) ?? chosen.querySelector('.more');
        group.scrollIntoView({ behavior: 'smooth', block: 'nearest' });
        group.focus({ preventScroll: true });
      });
    }
    item.append(line);
    return item;
  });
  part.hidden = rows.length === 0;
  part.querySelector('ol').replaceChildren(...rows);
}

function showMentions(part, located, groups, most) {
  part.replaceChildren();
  let left = most;
  let hidden = 0;
  for (const [section, mentions] of [...groups].sort(([a], [b]) => a - b)) {
    const shown = mentions.slice(0, left);
    left -= shown.length;
    hidden += mentions.length - shown.length;
    if (shown.length === 0) continue;
    const group = element('section', 'group', '');
    group.dataset.section = section;
    group.tabIndex = -1;
    group.append(element('h5', '', located.sections[section]?.heading ?? 'Before the first heading'));
    group.append(...shown.map((mention) => quote(located.text, mention)));
    part.append(group);
  }
  if (hidden > 0) {
    const more = element('button', 'more', `Show ${count(hidden, 'more mention')}`);
    more.type = 'button';
    more.addEventListener('click', () => {
      showMentions(part, located, groups, Infinity);
      part.querySelector('.group').focus();
    });
    part.append(more);
  }
}

function quote(text, mention) {
  const { before, words, after } = context(text, mention);
  const part = element('p', 'mention', '');
  const line = element('span', 'words', before);
  line.append(element('mark', '', words), after);
  part.append(element('span', 'page', `p. ${mention.page}`), line);
  return part;
}
