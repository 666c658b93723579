//! Chunks: whole sentences of one section, up to a length.

use std::ops::Range;

use super::{Block, Chunk, Section, SectionKind};
use crate::config::Config;
use crate::document::{BlockKind, Document};
use crate::error::Result;
use crate::progress::Observer;

/// Between two paragraphs of one chunk may stand white space, or this much of markup: a list's mark.
const MARKUP_BETWEEN: usize = 16;

/// Cuts all sections into chunks. Title and abstract are chunks of their own because they are sections.
pub(super) fn cut(
    document: &Document,
    sections: &[Section],
    title: Option<&Range<usize>>,
    lists: &[Range<usize>],
    config: &Config,
    observer: &dyn Observer,
) -> Result<Vec<Chunk>> {
    let limit = usize::try_from(config.document_chunk_bytes).unwrap_or(usize::MAX);
    let mut chunks = Vec::new();
    let mut block = 0;
    for section in sections {
        let content = match title {
            Some(title) if section.kind == SectionKind::Title => title.clone(),
            _ => section.heading.end.max(section.range.start)..section.range.end,
        };
        // A block may reach from one section into the next.
        while document
            .blocks
            .get(block)
            .is_some_and(|block| block.range.end <= section.range.start)
        {
            block += 1;
        }
        for span in spans(document, block, &content, section, lists) {
            observer.check()?;
            let mut steps = 0u32;
            let mut stopped = Ok(());
            pack(&document.text, span, limit, |range| {
                steps += 1;
                if steps.is_multiple_of(256) && stopped.is_ok() {
                    stopped = observer.check();
                }
                chunks.push(Chunk {
                    page: document.page_of(range.start),
                    section: section.kind,
                    range,
                });
            });
            stopped?;
        }
    }
    Ok(chunks)
}

/// The stretches of running text of a section: neighbouring paragraphs together, furniture, code and lists of entries
/// left out.
fn spans(
    document: &Document,
    first: usize,
    content: &Range<usize>,
    section: &Section,
    lists: &[Range<usize>],
) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut joined = false;
    for block in document.blocks.iter().skip(first) {
        if block.range.start >= content.end {
            break;
        }
        if matches!(block.kind, BlockKind::Furniture | BlockKind::Code) {
            joined = false;
            continue;
        }
        let part = clip(block, content);
        // The head of the first section, before its heading, if any, is white space.
        if part.is_empty() || part.end <= section.range.start {
            continue;
        }
        for part in outside(part, lists) {
            match spans.last_mut() {
                Some(last) if joined && near(&document.text, last.end..part.start) => {
                    last.end = part.end
                }
                _ => spans.push(part),
            }
            joined = true;
        }
    }
    spans
}

/// What of `part` is in none of `lists`, which are in order.
pub(super) fn outside(part: Range<usize>, lists: &[Range<usize>]) -> Vec<Range<usize>> {
    let first = lists.partition_point(|list| list.end <= part.start);
    let mut start = part.start;
    let mut left = Vec::new();
    for list in lists[first..]
        .iter()
        .take_while(|list| list.start < part.end)
    {
        left.push(start..list.start);
        start = list.end;
    }
    left.push(start..part.end);
    left.retain(|range| range.start < range.end);
    left
}

fn clip(block: &Block, content: &Range<usize>) -> Range<usize> {
    block.range.start.max(content.start)..block.range.end.min(content.end)
}

fn near(text: &str, between: Range<usize>) -> bool {
    between.len() <= MARKUP_BETWEEN
        || text
            .get(between)
            .is_some_and(|between| between.trim().is_empty())
}

/// Gathers the sentences of `span` into pieces of at most `limit` bytes. A sentence longer than that is cut
/// between words, or between characters where it has no space.
fn pack(text: &str, span: Range<usize>, limit: usize, mut emit: impl FnMut(Range<usize>)) {
    let mut emit = |range: Range<usize>| {
        let piece = text.get(range.clone()).unwrap_or_default();
        let start = range.start + (piece.len() - piece.trim_start().len());
        let trimmed = piece.trim();
        if trimmed.chars().any(char::is_alphanumeric) {
            emit(start..start + trimmed.len());
        }
    };
    let mut start = span.start;
    let mut at = span.start;
    while at < span.end {
        let end = sentence_end(text, at, span.end);
        if end - start > limit && at > start {
            emit(start..at);
            start = at;
        }
        while end - start > limit {
            let cut = cut_point(text, start, limit);
            emit(start..cut);
            start = cut;
        }
        at = end;
    }
    if start < span.end {
        emit(start..span.end);
    }
}

/// Where to cut a sentence that is too long: after the last white space of the second half, else at `limit`.
fn cut_point(text: &str, start: usize, limit: usize) -> usize {
    let mut end = start + limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let half = super::floor_boundary(text, start + limit / 2);
    text[half..end]
        .rfind(char::is_whitespace)
        .map(|space| half + space)
        .filter(|&space| space > start)
        .map_or(end, |space| {
            space + text[space..].chars().next().map_or(1, char::len_utf8)
        })
}

/// Not 0 when a sentence may end at the character that a byte begins.
fn may_end(byte: u8) -> u8 {
    let stops = [b'.', b'!', b'?', b'\n', b'\x0c'];
    let is_stop = stops.map(|stop| u8::from(byte == stop));
    is_stop.iter().fold(byte & 0x80, |any, stop| any | stop)
}

/// Where the first such byte is.
fn next_end(bytes: &[u8]) -> Option<usize> {
    // Most blocks have none, which is seen of all their bytes at once.
    let (blocks, _) = bytes.as_chunks::<16>();
    let none = |block: &&[u8; 16]| block.map(may_end).iter().fold(0, |any, end| any | end) == 0;
    let from = 16 * blocks.iter().take_while(none).count();
    let found = bytes[from..].iter().position(|&byte| may_end(byte) != 0)?;
    Some(from + found)
}

/// Where the sentence that begins at `from` ends, at most `limit`: behind its stop and closing quotes.
pub(super) fn sentence_end(text: &str, from: usize, limit: usize) -> usize {
    let mut at = from;
    while let Some(next) = next_end(&text.as_bytes()[at..limit]) {
        at += next;
        // A line that goes on in the next one.
        if let [b'\n', b'!'..=b'~', ..] = text.as_bytes()[at..limit] {
            at += 1;
            continue;
        }
        let Some(c) = text[at..limit].chars().next() else {
            break;
        };
        let after = at + c.len_utf8();
        let end = match c {
            '.' | '!' | '?' | '…' => stop(text, at, after, limit),
            '。' | '！' | '？' => Some(closed(text, after, limit)),
            '\n' | '\x0c' => {
                let (blank, ends) = line_end(text, at, limit);
                if !ends {
                    at += blank;
                    continue;
                }
                Some(at + blank)
            }
            _ => None,
        };
        if let Some(end) = end {
            return end;
        }
        at = after;
    }
    limit
}

/// Behind closing quotes and brackets.
fn closed(text: &str, mut at: usize, limit: usize) -> usize {
    while let Some(c) = text[at..limit].chars().next() {
        if !matches!(
            c,
            '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』' | '）'
        ) {
            break;
        }
        at += c.len_utf8();
    }
    at
}

/// The sentence's end when the stop at `at` is one.
fn stop(text: &str, at: usize, after: usize, limit: usize) -> Option<usize> {
    let end = closed(text, after, limit);
    let rest = &text[end..limit];
    let Some(next) = rest.chars().next() else {
        return Some(limit);
    };
    if !next.is_whitespace() {
        return None;
    }
    let following = rest
        .trim_start()
        .chars()
        .find(|c| !matches!(c, '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '¿' | '¡'));
    let goes_on = following.is_some_and(|c| c.is_lowercase() || matches!(c, ',' | ';' | ':' | ')'));
    let short = end == after && text[at..].starts_with('.') && abbreviation(text, at, following);
    (!goes_on && !short).then_some(end)
}

/// Longest abbreviation looked for, in bytes.
const LONGEST_ABBREVIATION: usize = 12;

/// Abbreviations that a sentence seldom ends with.
const ABBREVIATIONS: &[&str] = &[
    "al", "e.g", "i.e", "eg", "ie", "vs", "cf", "viz", "fig", "figs", "eq", "eqs", "eqn", "eqns",
    "sec", "secs", "sect", "ref", "refs", "tab", "tabs", "no", "nos", "vol", "vols", "pp", "p",
    "ch", "chap", "dr", "prof", "mr", "mrs", "ms", "st", "jr", "sr", "dept", "univ", "approx",
    "resp", "ca", "ed", "eds", "proc", "conf", "int", "intl", "trans", "symp", "thm", "lem", "def",
    "prop", "cor", "alg", "app", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept",
    "oct", "nov", "dec", "z.b", "d.h", "u.a", "bzw", "vgl", "abb", "nr", "s", "c", "sci", "rev",
    "lett", "phys", "j", "comput", "assoc", "gen", "col", "gov", "sen", "rep", "op", "cit", "ibid",
    "w.r.t", "a.k.a", "wrt", "suppl", "par", "art", "máx", "mín", "pág", "sra", "dra",
];

/// Abbreviations that come before a number only.
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "p", "pp", "s", "c", "ch", "sec", "art", "par", "app", "def", "prop", "cor",
    "mar", "rep", "col", "gen", "rev", "int", "ed", "tab", "alg",
];

/// Bytes of the longest of them, also where a capital has more than its small letter.
const LONGEST_KNOWN: usize = 8;

/// Whether the full stop at `at` belongs to an abbreviation or an initial.
fn abbreviation(text: &str, at: usize, following: Option<char>) -> bool {
    let from = super::floor_boundary(text, at.saturating_sub(LONGEST_ABBREVIATION));
    let before = &text[from..at];
    let word = before
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '.'))
        .next()
        .unwrap_or("");
    if word.is_empty() {
        return false;
    }
    let mut letters = word.chars();
    if let (Some(only), None) = (letters.next(), letters.next())
        && only.is_uppercase()
    {
        return true;
    }
    // Initials in a row: "J.R. Smith".
    if word.contains('.')
        && word.split('.').all(|part| part.chars().count() <= 1)
        && word.starts_with(char::is_uppercase)
    {
        return true;
    }
    if word.len() > LONGEST_KNOWN {
        return false;
    }
    let word = word.to_lowercase();
    if BEFORE_NUMBERS.contains(&word.as_str()) {
        return following.is_some_and(|c| c.is_numeric() || matches!(c, 'I' | 'V' | 'X'));
    }
    ABBREVIATIONS.contains(&word.as_str())
}

/// At a line's end: the bytes of white space, and whether they end the sentence. An empty line or a new page does,
/// unless the text goes on in lower case.
fn line_end(text: &str, at: usize, limit: usize) -> (usize, bool) {
    let rest = &text[at..limit];
    let blank = rest.len() - rest.trim_start().len();
    let space = &rest.as_bytes()[..blank];
    let parted =
        space.iter().filter(|&&byte| byte == b'\n').count() >= 2 || space.contains(&b'\x0c');
    (
        blank,
        parted && !rest[blank..].starts_with(char::is_lowercase),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let end = sentence_end(text, at, text.len());
            found.push(text[at..end].trim());
            at = end;
        }
        found.retain(|sentence| !sentence.is_empty());
        found
    }

    #[test]
    fn sentences_end_at_their_stops() {
        for text in [
            "One here.|Two there!|\u{201c}Three?\u{201d}|Four (five.)|Six",
            "See Fig. 3 and Eq. (4).|Smith et al. [3] agree.",
            "It grew by 3.5 percent in no. 7.|J. R. R. Smith, e.g. in U.S. law, said no.",
            "We say no.|They say yes.|Use v1.2.3 of tori.h now.",
            "A title without a stop\n\n|Another paragraph.",
            "A line that\n\ngoes on in lower case.|Next.",
            "今日は晴れ。|明日は雨！|「はい。」|と言う",
            "Wait ... for it.|Done.",
        ] {
            let expected: Vec<&str> = text.split('|').map(str::trim).collect();
            let joined = text
                .replace(".|", ". ")
                .replace("!|", "! ")
                .replace("?|", "? ")
                .replace('|', " ");
            let joined = joined
                .replace("。 ", "。")
                .replace("！ ", "！")
                .replace("」 ", "」");
            let found = sentences(&joined);
            assert_eq!(
                found,
                expected
                    .iter()
                    .map(|sentence| sentence.trim())
                    .collect::<Vec<_>>(),
                "{joined:?}"
            );
        }
    }

    fn pieces(text: &str, limit: usize) -> Vec<&str> {
        let mut found = Vec::new();
        pack(text, 0..text.len(), limit, |range| found.push(&text[range]));
        found
    }

    #[test]
    fn sentences_are_gathered_up_to_the_limit() {
        assert_eq!(
            pieces("Aaa bbb. Ccc ddd. Eee fff.", 18),
            ["Aaa bbb. Ccc ddd.", "Eee fff."]
        );
        assert_eq!(pieces("Aaa bbb. Ccc ddd.", 100), ["Aaa bbb. Ccc ddd."]);
    }

    #[test]
    fn long_sentences_are_cut_between_words_and_long_words_between_characters() {
        assert_eq!(
            pieces("aaaa bbbb cccc dddd", 12),
            ["aaaa bbbb", "cccc dddd"]
        );
        let word = "ü".repeat(500);
        let found = pieces(&word, 101);
        assert!(found.iter().all(|piece| piece.len() <= 101));
        assert_eq!(found.concat(), word);
    }
}
