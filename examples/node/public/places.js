// Where things are in a report's text. The report counts bytes of UTF-8; a page counts a string's indices.

const AROUND = 110;

/** The report's concepts with each mention as indices of the text, with its page (from 1) and section (from 0, or -1). */
export function locate(report) {
  const text = report.text;
  const pages = [0];
  // A form feed stands behind each page, the last one too.
  for (let at = text.indexOf('\f'); at >= 0 && pages.length < report.document.pages; at = text.indexOf('\f', at + 1)) {
    pages.push(at + 1);
  }
  const sections = place(report.document.outline, text, pages);
  const starts = sections.map((section) => section.start);
  const index = indices(text, report.concepts.flatMap((concept) => concept.spans.flat()));
  const concepts = report.concepts.map((concept) => ({
    ...concept,
    mentions: concept.spans.map(([from, to]) => {
      const [start, end] = [index.get(from), index.get(to)];
      return { start, end, page: last(pages, start) + 1, section: last(starts, start) };
    }),
  }));
  return { text, pages, sections, concepts };
}

/** The words of a mention and the text around it, each in one line. */
export function context(text, { start, end }) {
  const before = text.slice(Math.max(0, start - AROUND), start);
  const after = text.slice(end, end + AROUND);
  const line = (words) => words.replace(/\s+/g, ' ');
  return {
    before: line(start > AROUND ? before.replace(/^\S*\s/, '… ') : before),
    words: line(text.slice(start, end)),
    after: line(end + AROUND < text.length ? after.replace(/\s\S*$/, ' …') : after),
  };
}

/** The index of the string at each byte offset of its UTF-8. */
export function indices(text, offsets) {
  const found = new Map();
  let byte = 0;
  let at = 0;
  for (const offset of Uint32Array.from(new Set(offsets)).sort()) {
    while (byte < offset && at < text.length) {
      const code = text.codePointAt(at);
      byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      at += code < 0x10000 ? 1 : 2;
    }
    found.set(offset, at);
  }
  return found;
}

// The outline tells pages and not places: each heading is looked for on its page, behind the one before.
function place(outline, text, pages) {
  let behind = 0;
  return outline.map((section) => {
    const from = Math.max(behind, pages[section.page - 1] ?? 0);
    const to = pages[section.page] ?? text.length;
    const words = section.heading.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|\/-]/g, '\\$&')).join('\\s+');
    const found = [`(?<=^#* *)${words}`, words]
      .map((pattern) => new RegExp(pattern, 'm').exec(text.slice(from, to)))
      .find((match) => match !== null);
    const start = from + (found?.index ?? 0);
    behind = start + (found?.[0].length ?? 0);
    return { ...section, start };
  });
}

// The last of the ascending starts that is not behind the place; -1 when all are.
function last(starts, place) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
