//! The title: by the file's metadata when the page confirms it, by size and place on the first page, or by the
//! first lines of a text.

use std::ops::Range;

use super::names::{self, Number};
use super::rows::{
    Body, Row, SMALL_WORDS, capital_share, caption, half_points, letters, prose, title_case,
    trails_off,
};
use crate::document::{Document, Kind, Rect};

/// Longest title taken, in bytes.
const LONGEST: usize = 400;
/// Text below a title that has nothing but its place to tell it, in bytes.
const LEAST_TEXT: usize = 100;
/// Most lines of a title.
const MOST_LINES: usize = 6;
/// How much larger than all other lines the title of a cover is.
const COVER: f32 = 1.5;
/// Lines of a page looked at.
const PAGE_LINES: usize = 400;

/// Rows of the title, and where it ends within the last of them.
pub(super) fn find(document: &Document, rows: &[Row<'_>], body: &Body) -> Option<Range<usize>> {
    let found = match document.kind {
        Kind::Markdown => marked(rows),
        _ if body.marked => confirmed(document, rows, body).or_else(|| marked(rows)),
        _ => confirmed(document, rows, body)
            .or_else(|| largest(rows, body))
            .or_else(|| first_lines(document, rows, body)),
    }?;
    (!found.is_empty() && found.end <= rows.len()).then_some(found)
}

/// Where headings are marked: the first one, when it is of the first level or the only one of the highest level.
fn marked(rows: &[Row<'_>]) -> Option<Range<usize>> {
    let at = rows.iter().position(|row| row.marked.is_some())?;
    let level = rows[at].marked?;
    let highest = rows.iter().filter_map(|row| row.marked).min()?;
    let alone = rows.iter().filter(|row| row.marked == Some(level)).count() == 1;
    let usual = names::whole(names::without_number(rows[at].text)).is_some();
    (level == highest && (level == 1 || alone) && !usual && at <= 20).then_some(at..at + 1)
}

/// The metadata's title where the first two pages show it, letter for letter, at the start of a line.
fn confirmed(document: &Document, rows: &[Row<'_>], body: &Body) -> Option<Range<usize>> {
    let title = document.metadata.title.as_deref()?;
    let wanted: Vec<char> = alphanumeric(title).take(LONGEST).collect();
    if !plausible(title) || wanted.len() < 6 {
        return None;
    }
    let head = rows
        .iter()
        .take_while(|row| row.page <= 2)
        .count()
        .min(PAGE_LINES);
    let matches = (0..head)
        .filter_map(|start| shown(&rows[start..head], &wanted).map(|lines| start..start + lines));
    // The largest of its appearances: a cover may repeat the title in small print.
    let found = matches.max_by_key(|found| {
        (
            half_points(rows[found.start].size),
            std::cmp::Reverse(found.start),
        )
    })?;
    let prominent = body.size == 0.0 || rows[found.start].size >= body.size * 0.95;
    prominent.then(|| begun_above(rows, body, found))
}

/// The metadata may leave the beginning out: "Introduction to" above "Graph Theory" in the same dress.
fn begun_above(rows: &[Row<'_>], body: &Body, mut found: Range<usize>) -> Range<usize> {
    while found.len() < MOST_LINES
        && let Some(above) = found.start.checked_sub(1)
        && rows[above].page == rows[found.start].page
        && (body.larger(&rows[above]) || body.bolder(&rows[above]))
        && rows[above].bounds.is_some()
        && !rows[above].last
        && goes_on(&rows[above], &rows[found.start])
        && !banner(rows[above].text)
    {
        found.start = above;
    }
    found
}

/// How many rows from the first on spell `wanted`; the last may go on with a footnote mark.
fn shown(rows: &[Row<'_>], wanted: &[char]) -> Option<usize> {
    let mut left = wanted;
    for (index, row) in rows.iter().enumerate().take(MOST_LINES) {
        let mut more = 0;
        for c in alphanumeric(row.text) {
            match left.split_first() {
                None => more += 1,
                Some((&first, rest)) if first == c => left = rest,
                Some(_) => return None,
            }
            if more > 2 {
                return None;
            }
        }
        if left.is_empty() {
            return Some(index + 1);
        }
    }
    None
}

fn alphanumeric(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
}

/// Whether a metadata title was written for people: not a file name, not a program's placeholder.
fn plausible(title: &str) -> bool {
    let lower = title.to_lowercase();
    let file = [
        ".doc", ".docx", ".tex", ".dvi", ".pdf", ".indd", ".qxd", ".ps", ".rtf", ".odt",
    ]
    .iter()
    .any(|ending| lower.ends_with(ending));
    let placeholder = [
        "untitled",
        "microsoft word",
        "document1",
        "title",
        "unknown",
        "no title",
    ]
    .iter()
    .any(|start| lower.starts_with(start));
    !file && !placeholder && title.split_whitespace().count() >= 2
}

/// Words of journal banners, stamps and notices, which may be set as large as a title.
pub(super) fn banner(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "arxiv:",
        "journal of",
        "international journal",
        "proceedings of",
        "proc.",
        "published in",
        "published by",
        "contents lists",
        "copyright",
        "©",
        "http:",
        "https:",
        "www.",
        "doi:",
        "doi ",
        "issn",
        "isbn",
        "vol.",
        "volume ",
        "preprint",
        "draft",
        "submitted to",
        "accepted",
        "received",
        "technical report",
        "working paper",
        "working papers",
        "research article",
        "original article",
        "original research",
        "review article",
        "open access",
        "letter to",
        "article",
        "ieee transactions",
        "acm transactions",
        "annals of",
        "transactions on",
        "lecture notes in",
        "to appear in",
        "permission to",
        "this is the author",
        "this paper appeared",
        "available online",
        "page ",
        "date:",
        "abstract",
        "contents",
        "table of contents",
    ];
    const INSIDE: &[&str] = &[
        "issn ",
        "vol. ",
        "arxiv:",
        "www.",
        "http://",
        "https://",
        "@",
        "doi.org",
        "all rights reserved",
    ];
    let lower = text.to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start))
        || INSIDE.iter().any(|part| lower.contains(part))
}

/// Where pages have sizes: among groups of lines of one size on the first page that has text, the largest near
/// the top.
fn largest(all: &[Row<'_>], body: &Body) -> Option<Range<usize>> {
    if body.size == 0.0 {
        return None;
    }
    let page = all.first()?.page;
    let head = all
        .iter()
        .take_while(|row| row.page == page)
        .count()
        .min(PAGE_LINES);
    let rows = &all[..head];
    // A cover holds a few lines, and none at its foot.
    let bottom = all
        .iter()
        .take(PAGE_LINES)
        .filter_map(|row| row.bounds)
        .fold(1.0f32, |bottom, bounds| bottom.max(bounds.bottom));
    let running = rows.iter().any(|row| body.runs(row));
    let cover = !running && body.running;
    let mut best: Option<(f32, Range<usize>)> = None;
    let mut start = 0;
    while start < rows.len() {
        let mut end = start + 1;
        while end < rows.len() && end - start < MOST_LINES && goes_on(&rows[end - 1], &rows[end]) {
            end += 1;
        }
        if let Some(score) = title_score(&rows[start..end], body, bottom)
            && (heads(rows, &rows[start], body, running, bottom)
                || cover && set_for_cover(body, &rows[start]) && largest_of(rows, &rows[start]))
            && best.as_ref().is_none_or(|(highest, _)| score > *highest)
        {
            best = Some((score, start..end));
        }
        start = end;
    }
    let (_, found) = best?;
    let told_apart = if cover && set_for_cover(body, &rows[found.start]) {
        true
    } else if !running {
        !repeats(all, &found)
    } else {
        body.larger(&rows[found.start]) || !among_many(rows, body, &found)
    };
    told_apart.then_some(found)
}

/// How much larger than running text the title of a cover is at least, where lines of its size follow.
const COVER_TITLE: f32 = 1.5;

/// Whether a line is large enough for a cover's title, whatever else is on the page.
fn set_for_cover(body: &Body, first: &Row<'_>) -> bool {
    first.size >= COVER_TITLE * body.size
}

/// Whether no line of words is larger.
fn largest_of(rows: &[Row<'_>], first: &Row<'_>) -> bool {
    rows.iter()
        .all(|row| row.size <= 1.02 * first.size || letters(row.text).0 < 3)
}

/// Whether other lines are set as the title is, on its page or at its place on another one. Where there are only
/// labels, such lines are labels too, or each heads its page.
fn repeats(rows: &[Row<'_>], title: &Range<usize>) -> bool {
    let first = &rows[title.start];
    let in_its_place = |row: &Row<'_>| match (row.bounds, first.bounds) {
        (Some(a), Some(b)) => (a.top - b.top).abs() < first.size,
        _ => true,
    };
    rows.iter().enumerate().any(|(at, row)| {
        !title.contains(&at)
            && same_look(row, first)
            && (row.page == first.page || in_its_place(row))
    })
}

/// Whether a title that is only bold stands among many bold lines before the text begins: the parties and judges
/// of a court's decision.
fn among_many(rows: &[Row<'_>], body: &Body, title: &Range<usize>) -> bool {
    let first = &rows[title.start];
    let alike = rows
        .iter()
        .enumerate()
        .take_while(|(_, row)| !body.runs(row))
        .filter(|(at, row)| !title.contains(at) && same_look(row, first));
    alike.count() >= MOST_LINES
}

fn same_look(a: &Row<'_>, b: &Row<'_>) -> bool {
    half_points(a.size) == half_points(b.size) && a.bold == b.bold
}

/// Whether two lines are lines of one title: the same size and weight, one closely below the other and on the same
/// axis.
fn goes_on(above: &Row<'_>, below: &Row<'_>) -> bool {
    let same = (above.size - below.size).abs() <= 0.04 * above.size && above.bold == below.bold;
    let close = match (above.bounds, below.bounds) {
        (Some(above), Some(below)) => {
            let gap = below.top - above.bottom;
            let height = (above.bottom - above.top).max(1.0);
            let beside = gap < -0.8 * height;
            gap > -1.2 * height && gap < 0.9 * height && (beside || aligned(&above, &below, height))
        }
        _ => true,
    };
    same && close
        && !banner(below.text)
        && (!is_date(below.text) || open_ended(above.text))
        && names::abstract_run_in(below.text).is_none()
}

/// Whether a line is the date of a document: "April 2022", "28 June 2017".
fn is_date(line: &str) -> bool {
    const MOST_WORDS: usize = 4;
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let words: Vec<String> = line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let numeric = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let month = |word: &String| MONTHS.iter().any(|month| word.starts_with(month));
    words.len() <= MOST_WORDS
        && words.iter().any(|word| word.len() == 4 && numeric(word))
        && words.iter().all(|word| numeric(word) || month(word))
}

/// Whether a line ends with a word that others must follow: "as of".
fn open_ended(line: &str) -> bool {
    let last = line.rsplit(char::is_whitespace).next().unwrap_or("");
    SMALL_WORDS.contains(&last)
}

/// The version that ends a line, as in "Stealth V.4.03.03": nothing of it counts against the letters.
fn version(line: &str) -> usize {
    let last = line.rsplit(char::is_whitespace).next().unwrap_or("");
    let number = last.trim_start_matches(['v', 'V', '.']);
    let numbered = number.contains('.') && number.starts_with(|c: char| c.is_ascii_digit());
    match numbered && last.len() < line.len() {
        true => last.chars().count(),
        false => 0,
    }
}

/// Whether two lines begin, end or are centred at the same place.
fn aligned(a: &Rect, b: &Rect, slack: f32) -> bool {
    let (left, right) = (a.left - b.left, a.right - b.right);
    left.abs() < slack || right.abs() < slack || (left + right).abs() < 2.0 * slack
}

/// Whether a line stands where a title does. Below running text stand headings of sections, and on a page without
/// any, labels: there only the topmost line can be a title, or one that towers above all others as on a cover.
fn heads(rows: &[Row<'_>], first: &Row<'_>, body: &Body, running: bool, bottom: f32) -> bool {
    let Some(bounds) = first.bounds else {
        return true;
    };
    let mut above = rows.iter().filter(|row| {
        row.bounds
            .is_some_and(|other| other.bottom <= bounds.top && !banner(row.text))
    });
    if !running {
        let towers = |row: &Row<'_>| same_look(row, first) || row.size * COVER <= first.size;
        return above.next().is_none() || rows.iter().all(towers);
    }
    let low = bounds.top > 0.4 * bottom || !body.larger(first);
    !low || above.filter(|row| prose(row.text)).count() < 3
}

fn title_score(group: &[Row<'_>], body: &Body, bottom: f32) -> Option<f32> {
    let first = group.first()?;
    let length: usize = group.iter().map(|row| row.text.len()).sum();
    let characters: usize = group.iter().map(|row| row.text.chars().count()).sum();
    let found: usize = group.iter().map(|row| letters(row.text).0).sum();
    let top = first
        .bounds
        .map_or(0.0, |bounds| bounds.top / bottom)
        .clamp(0.0, 1.0);
    let upright = first.bounds.is_none_or(|bounds| {
        bounds.right - bounds.left >= bounds.bottom - bounds.top || first.text.len() <= 3
    });
    let distinct = body.larger(first) || (body.bolder(first) && first.size >= body.size * 0.98);
    let words: usize = group.iter().map(Row::words).sum();
    let fits = upright
        && distinct
        && top < 0.75
        && length <= LONGEST
        && found >= 4
        && found * 2 > characters - group.last().map_or(0, |last| version(last.text))
        && (words >= 2 || found >= 6 || first.size >= body.size * 1.5)
        && !group.iter().any(|row| banner(row.text))
        && !first_section(first.text)
        && !item(first.text)
        && !group.last().is_some_and(|last| trails_off(last.text))
        && names::whole(names::without_number(first.text)).is_none();
    let bold = if body.bolder(first) { 1.05 } else { 1.0 };
    let wordy = if words >= 2 { 1.0 } else { 0.85 };
    fits.then_some(first.size * bold * wordy * (1.0 - 0.35 * top))
}

/// Whether the line is an item of a list.
fn item(text: &str) -> bool {
    text.starts_with(['•', '◦', '▪', '‣'])
}

/// Whether the line is numbered as the first section of a document: "1 Scope", "1.1 Terms".
fn first_section(text: &str) -> bool {
    matches!(
        names::numbered(text).map(|number| number.number),
        Some(Number::Arabic(path)) if path.first() == Some(&1)
    )
}

/// Texts without sizes: the first line that can be a title, and the lines after it as long as the title goes on.
fn first_lines(document: &Document, rows: &[Row<'_>], body: &Body) -> Option<Range<usize>> {
    if body.size > 0.0 && document.pages.len() > 1 && rows.iter().any(|row| body.larger(row)) {
        // With sizes to go by and nothing large near the top of the first page, there is no title to see.
        return None;
    }
    let start = rows
        .iter()
        .take(12)
        .position(|row| !banner(row.text) && letters(row.text).0 >= 4)?;
    let first = &rows[start];
    // Where all lines are set alike, a page of labels and a page of sentences have no title, and capitals or the
    // middle of the line tell it. What is set apart was looked at before, and is none.
    if body.size > 0.0
        && (body.larger(first)
            || body.bolder(first)
            || !rows[start + 1..].iter().any(|row| prose(row.text))
            || prose(first.text) && first.ends_sentence()
            || !title_case(first.text) && !centred(rows, start))
    {
        return None;
    }
    let usual = names::whole(names::without_number(first.text)).is_some();
    // A date is no title.
    let dated = first.words() <= 4
        && first
            .text
            .split(|c: char| !c.is_ascii_digit())
            .any(|number| number.len() == 4);
    if usual
        || dated
        || item(first.text)
        || (body.size > 0.0 && first_section(first.text))
        || caption(first.text)
        || first.text.len() > 250
        || rows.len() < 2
        || first.words() > 30
    {
        return None;
    }
    let vocabulary = Vocabulary::of(&document.text);
    let mut end = start + 1;
    while let (Some(above), Some(below)) = (rows.get(end - 1), rows.get(end)) {
        if above.last || end - start >= MOST_LINES || !continues(above, below, first, &vocabulary) {
            break;
        }
        end += 1;
    }
    let text = document
        .text
        .get(rows[start].range.start..rows[end - 1].range.end)?;
    let prose = text.len() > 250
        || (text.ends_with('.') && text.split_whitespace().count() > 20)
        || text.contains(". ") && text.split_whitespace().count() > 25
        || end - start >= MOST_LINES;
    // A few words are no document with a title.
    let rest: usize = rows[end..].iter().take(20).map(|row| row.text.len()).sum();
    (!prose && rest >= LEAST_TEXT && names::front_run_in(text).is_none()).then_some(start..end)
}

/// Whether a line is centred over the text below it rather than beginning with it.
fn centred(rows: &[Row<'_>], at: usize) -> bool {
    let Some(line) = rows[at].bounds else {
        return false;
    };
    let page = rows[at + 1..]
        .iter()
        .take(PAGE_LINES)
        .take_while(|row| row.page == rows[at].page);
    let (left, right) = page
        .filter_map(|row| row.bounds)
        .fold((f32::MAX, f32::MIN), |(left, right), bounds| {
            (left.min(bounds.left), right.max(bounds.right))
        });
    let em = rows[at].size;
    line.left > left + 2.0 * em && ((line.left - left) - (right - line.right)).abs() < 2.0 * em
}

/// Whether the title goes on in the next line.
fn continues(
    above: &Row<'_>,
    below: &Row<'_>,
    first: &Row<'_>,
    vocabulary: &Vocabulary<'_>,
) -> bool {
    let name = names::without_number(below.text);
    if names::whole(name).is_some()
        || names::abstract_run_in(below.text).is_some()
        || names::front_run_in(below.text).is_some()
        || banner(below.text)
        || below.text.len() > 150
        // A footnote's mark comes at the title's end.
        || above.text.ends_with(['∗', '*', '†', '⋆'])
    {
        return false;
    }
    // A hanging indent: "Does classicism explain universality? Arguments against\n\ta pure classical component".
    if below.indent > 0 && first.indent == 0 {
        return true;
    }
    if first.indent == 0 && above.indent > 0 && below.indent == 0 {
        return false;
    }
    let end = above.text.trim_end_matches(|c: char| {
        !c.is_alphanumeric() && !matches!(c, ':' | ',' | '-' | '–' | '—' | '&' | '.')
    });
    let last_word = end.rsplit(char::is_whitespace).next().unwrap_or("");
    let open = SMALL_WORDS.contains(&last_word.to_lowercase().as_str())
        || end.ends_with([':', ',', '-', '–', '—', '&']);
    let small = below.text.starts_with(|c: char| c.is_lowercase());
    if open || small {
        return true;
    }
    // In a title that capitalises its words, a line as wide as a title's goes on in words of the language, not in names of people and places:
    // those are nowhere in the document in lower case.
    above.text.len() >= 25
        && title_case(above.text)
        && capital_share(below.text) > 0.6
        && !affiliation(below.text)
        && common_words(below.text, vocabulary)
}

fn affiliation(text: &str) -> bool {
    names_author(text)
        || institution(text)
        || text
            .trim_end_matches(['∗', '*', '†', ' '])
            .contains(['@', '†', '‡', '∗', '*', '§', '{'])
        || text.contains(", ") && text.split(", ").count() >= 3
}

fn names_author(text: &str) -> bool {
    words(text).any(|word| matches!(word.to_lowercase().as_str(), "author" | "authors" | "by"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-')
}

/// Whether words of the line name an institution or an address.
pub(super) fn institution(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "university",
        "université",
        "universidad",
        "universidade",
        "institute",
        "institut",
        "école",
        "ecole",
        "politecnico",
        "università",
        "universität",
        "universiteit",
        "universitet",
        "universitat",
        "hochschule",
        "instituto",
        "laboratory",
        "laboratories",
        "labs",
        "lab",
        "department",
        "dept",
        "school",
        "college",
        "faculty",
        "inc",
        "corporation",
        "corp",
        "ltd",
        "research center",
        "centre",
        "center",
        "academy",
        "gmbh",
        "street",
        "avenue",
        "usa",
        "email",
        "e-mail",
    ];
    words(text).any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// Whether nearly all words of the line occur in lower case elsewhere in the document.
fn common_words(line: &str, vocabulary: &Vocabulary<'_>) -> bool {
    let (mut common, mut all) = (0usize, 0usize);
    for word in line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let lower = word.to_lowercase();
        if word.chars().count() == 1 && word.starts_with(char::is_uppercase) {
            // An initial.
            return false;
        }
        all += 1;
        common += usize::from(
            vocabulary.contains(&lower) || word.starts_with(|c: char| c.is_ascii_digit()),
        );
    }
    all > 0 && common * 3 >= all * 2
}

/// The words that stand in lower case in the first 300 KB of a text, looked for when they are asked for: few are.
pub(super) struct Vocabulary<'t>(&'t str);

impl<'t> Vocabulary<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        const FAR: usize = 300_000;
        Vocabulary(&text[..super::floor_boundary(text, FAR)])
    }

    /// Whether `word`, of letters and digits, is one of them.
    pub(super) fn contains(&self, word: &str) -> bool {
        let Vocabulary(text) = *self;
        let is_word = word.chars().all(char::is_alphanumeric);
        if word.len() > 40 || !word.starts_with(char::is_lowercase) || !is_word {
            return false;
        }
        // Where the token ends that was looked at last and is none.
        let mut address = 0;
        memchr::memmem::find_iter(text.as_bytes(), word).any(|start| {
            let end = start + word.len();
            let whole = !text[..start].ends_with(char::is_alphanumeric)
                && !text[end..].starts_with(char::is_alphanumeric);
            if !whole || start < address {
                return false;
            }
            // Names stand in lower case in addresses.
            let before = text[address..start]
                .rfind(char::is_whitespace)
                .map_or(address, |space| address + space);
            let after = text[end..].find(char::is_whitespace);
            let token_end = after.map_or(text.len(), |after| end + after);
            let is_address = text[before..token_end].contains(['@', '/']);
            if is_address {
                address = token_end;
            }
            !is_address
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn random_text(state: &mut u64) -> String {
        let alphabet = ['a', 'b', 'é', 'B', '1', ' ', ' ', '\n', '-', '@', '/', '.'];
        (0..60)
            .map(|_| {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                alphabet[(*state % 12) as usize]
            })
            .collect()
    }

    #[test]
    fn the_vocabulary_is_the_words_in_lower_case_outside_of_addresses() {
        let mut state = 88_172_645_463_325_252;
        for _ in 0..2_000 {
            let text = random_text(&mut state);
            let all: HashSet<&str> = text
                .split_whitespace()
                .filter(|token| !token.contains(['@', '/']))
                .flat_map(|token| token.split(|c: char| !c.is_alphanumeric()))
                .filter(|word| word.starts_with(char::is_lowercase))
                .collect();
            let vocabulary = Vocabulary::of(&text);
            for word in text.split(|c: char| !c.is_alphanumeric()) {
                assert_eq!(
                    vocabulary.contains(word),
                    all.contains(word),
                    "{word:?} {text:?}"
                );
            }
        }
        assert!(!Vocabulary::of("naïve").contains("na"));
    }
}
