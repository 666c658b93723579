//! HTML, read with the tokenizer `html5gum`: readable text, headings as headings, what surrounds the text apart.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::composer::Composer;
use super::{BlockKind, Document, Kind, Metadata};
use crate::config::Config;
use crate::error::Result;
use crate::progress::Observer;

/// How many events of the tokenizer come between two looks at the clock.
const EVENTS_PER_CHECK: usize = 1024;
/// Elements deeper than this are not told apart from those around them.
const DEEPEST: usize = 256;
/// A link's share of a block, in percent, from which on it is no running text.
const LINKED: usize = 60;
/// So many such blocks in a row are a menu.
const MENU: usize = 4;

/// Whether a text, of which `head` is the beginning in lower case, is HTML.
pub(super) fn is_html(head: &str) -> bool {
    let head = head.trim_start();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with('<') && (head.contains("<html") || head.contains("<body")))
}

/// Reads a page. Blocks of navigation, page heads and feet, menus, and, where the page marks its main part, what is
/// outside of it, are [`BlockKind::Furniture`]. Scripts, forms' fields and what is hidden are left out.
pub(super) fn read(text: &str, config: &Config, observer: &dyn Observer) -> Result<Document> {
    let mut page = Page {
        composer: Composer::new(config),
        observer,
        events: 0,
        open: Vec::new(),
        tag: Tag::default(),
        notes: Vec::new(),
        note: Note::default(),
        metadata: Metadata::default(),
        title: String::new(),
    };
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.see(event).err());
    emitter.naively_switch_states(true);
    // All the tokenizer gives is what stops it.
    match Tokenizer::new_with_emitter(text, emitter).next() {
        Some(Ok(error)) => Err(error),
        None => page.finish(),
    }
}

/// What an element is to the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Goes on in the line.
    Inline,
    Link,
    Block,
    Heading(u8),
    Cell,
    Preformatted,
    /// Around the text.
    Aside,
    /// The text.
    Main,
    /// Not shown as text.
    Hidden,
    Title,
    /// Ends a line, and has no end tag.
    Break,
    /// Has no end tag.
    Void,
    Meta,
}

fn role(name: &[u8]) -> Role {
    match name {
        b"a" => Role::Link,
        b"h1" => Role::Heading(1),
        b"h2" => Role::Heading(2),
        b"h3" => Role::Heading(3),
        b"h4" => Role::Heading(4),
        b"h5" => Role::Heading(5),
        b"h6" => Role::Heading(6),
        b"td" | b"th" => Role::Cell,
        b"pre" => Role::Preformatted,
        b"nav" | b"footer" | b"aside" => Role::Aside,
        b"main" | b"article" => Role::Main,
        b"script" | b"style" | b"template" | b"noscript" | b"svg" | b"math" | b"select"
        | b"button" | b"iframe" | b"object" | b"canvas" | b"audio" | b"video" | b"textarea"
        | b"dialog" => Role::Hidden,
        b"title" => Role::Title,
        b"br" => Role::Break,
        b"meta" => Role::Meta,
        b"img" | b"input" | b"link" | b"area" | b"base" | b"col" | b"embed" | b"source"
        | b"track" | b"wbr" => Role::Void,
        b"p" | b"div" | b"section" | b"header" | b"ul" | b"ol" | b"li" | b"dl" | b"dt" | b"dd"
        | b"table" | b"caption" | b"thead" | b"tbody" | b"tfoot" | b"tr" | b"blockquote"
        | b"figure" | b"figcaption" | b"address" | b"details" | b"summary" | b"form"
        | b"fieldset" | b"legend" | b"hgroup" | b"center" | b"body" | b"head" | b"html" | b"hr"
        | b"option" => Role::Block,
        _ => Role::Inline,
    }
}

/// An open element, with what it has of those around it.
#[derive(Clone, Copy)]
struct Open {
    name: Name,
    hidden: bool,
    aside: bool,
    main: bool,
    verbatim: bool,
    link: bool,
    title: bool,
    heading: Option<u8>,
}

/// The beginning of an element's name: enough to tell those apart that count.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Name([u8; 12]);

impl Name {
    fn of(name: &[u8]) -> Self {
        let mut own = Name::default();
        let length = name.len().min(own.0.len());
        own.0[..length].copy_from_slice(&name[..length]);
        own
    }
}

/// The start tag that is being read.
#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    attribute: Vec<u8>,
    hides: bool,
    navigates: bool,
    /// Of `meta`.
    key: String,
    content: String,
}

/// What is known of a block besides its text.
#[derive(Clone, Copy, Default)]
struct Note {
    main: bool,
    /// Bytes of it in links.
    linked: usize,
}

struct Page<'c> {
    composer: Composer<'c>,
    observer: &'c dyn Observer,
    events: usize,
    open: Vec<Open>,
    tag: Tag,
    /// One for each block.
    notes: Vec<Note>,
    note: Note,
    metadata: Metadata,
    title: String,
}

impl Page<'_> {
    fn see(&mut self, event: CallbackEvent<'_>) -> Result<()> {
        self.events += 1;
        if self.events.is_multiple_of(EVENTS_PER_CHECK) {
            self.observer.check()?;
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag {
                    name: name.to_owned(),
                    ..Tag::default()
                };
            }
            CallbackEvent::AttributeName { name } => {
                self.tag.attribute.clear();
                self.tag.attribute.extend(name);
                self.tag.hides |= name == b"hidden";
            }
            CallbackEvent::AttributeValue { value } => self.attribute(value),
            CallbackEvent::CloseStartTag { .. } => self.start()?,
            CallbackEvent::EndTag { name } => self.end(name)?,
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value))?,
            _ => {}
        }
        Ok(())
    }

    fn attribute(&mut self, value: &[u8]) {
        // Longer ones say nothing that counts.
        const LONGEST: usize = 10_000;
        let value = String::from_utf8_lossy(&value[..value.len().min(LONGEST)]);
        let lower = value.to_ascii_lowercase();
        match self.tag.attribute.as_slice() {
            b"aria-hidden" => self.tag.hides |= lower == "true",
            b"style" => {
                let style: String = lower.split_whitespace().collect();
                self.tag.hides |=
                    style.contains("display:none") || style.contains("visibility:hidden");
            }
            b"role" => {
                self.tag.navigates |= [
                    "navigation",
                    "banner",
                    "contentinfo",
                    "complementary",
                    "search",
                ]
                .contains(&lower.as_str());
            }
            b"name" | b"property" => self.tag.key = lower,
            b"content" => self.tag.content = value.trim().to_owned(),
            _ => {}
        }
    }

    fn start(&mut self) -> Result<()> {
        let tag = std::mem::take(&mut self.tag);
        let role = role(&tag.name);
        let name = Name::of(&tag.name);
        // Elements that end where the next of their kind begins.
        let replaces = [&b"p"[..], b"li", b"tr", b"td", b"th", b"dt", b"dd"].contains(&&*tag.name);
        if replaces && self.open.last().is_some_and(|open| open.name == name) {
            self.open.pop();
        }
        let around = self.open.last().copied();
        let hidden = around.is_some_and(|around| around.hidden);
        match role {
            Role::Void => return Ok(()),
            Role::Meta => {
                self.meta(tag);
                return Ok(());
            }
            Role::Break => {
                if !hidden {
                    self.composer.end_line();
                }
                return Ok(());
            }
            Role::Inline if !tag.hides && !hidden => return Ok(()),
            _ => {}
        }
        let open = Open {
            name,
            hidden: hidden || tag.hides || role == Role::Hidden,
            aside: around.is_some_and(|around| around.aside)
                || role == Role::Aside
                || tag.navigates,
            main: around.is_some_and(|around| around.main) || role == Role::Main,
            verbatim: around.is_some_and(|around| around.verbatim) || role == Role::Preformatted,
            link: around.is_some_and(|around| around.link) || role == Role::Link,
            title: role == Role::Title,
            heading: match role {
                Role::Heading(level) => Some(level),
                _ => around.and_then(|around| around.heading),
            },
        };
        if self.open.len() < DEEPEST {
            self.open.push(open);
        }
        match role {
            _ if hidden => Ok(()),
            Role::Cell => {
                self.composer.cell();
                Ok(())
            }
            Role::Inline | Role::Link | Role::Hidden | Role::Title => Ok(()),
            _ => self.close(),
        }
    }

    fn end(&mut self, name: &[u8]) -> Result<()> {
        let wanted = Name::of(name);
        let found = self.open.iter().rposition(|open| open.name == wanted);
        let hidden = self.open.last().is_some_and(|open| open.hidden);
        if let Some(found) = found {
            self.open.truncate(found);
        }
        match role(name) {
            _ if hidden => Ok(()),
            Role::Inline
            | Role::Link
            | Role::Cell
            | Role::Hidden
            | Role::Title
            | Role::Break
            | Role::Void
            | Role::Meta => Ok(()),
            _ => self.close(),
        }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let top = self.open.last().copied();
        if top.is_some_and(|top| top.hidden) {
            return Ok(());
        }
        if top.is_some_and(|top| top.title) {
            self.title.push_str(text);
            return Ok(());
        }
        if !text.trim().is_empty() {
            self.note.main |= top.is_some_and(|top| top.main);
            if top.is_some_and(|top| top.link) {
                self.note.linked += text.trim().len();
            }
        }
        match top {
            Some(top) if top.verbatim => self.composer.verbatim(text),
            _ => self.composer.flow(text),
        }
    }

    /// Ends the open block; the next one is what the innermost element makes it.
    fn close(&mut self) -> Result<()> {
        let kind = match self.open.last() {
            Some(open) if open.aside => BlockKind::Furniture,
            Some(Open {
                heading: Some(level),
                ..
            }) => BlockKind::Heading(*level),
            Some(open) if open.verbatim => BlockKind::Code,
            _ => BlockKind::Paragraph,
        };
        let note = std::mem::take(&mut self.note);
        if self.composer.close(kind)? {
            self.notes.push(note);
        }
        Ok(())
    }

    fn meta(&mut self, tag: Tag) {
        if tag.content.is_empty() {
            return;
        }
        let place = match tag.key.as_str() {
            "citation_title" | "dc.title" | "og:title" => &mut self.metadata.title,
            "author" | "dc.creator" | "citation_author" => &mut self.metadata.author,
            "description" | "dc.description" | "og:description" => &mut self.metadata.subject,
            "keywords" | "citation_keywords" => &mut self.metadata.keywords,
            _ => return,
        };
        place.get_or_insert(tag.content);
    }

    fn finish(mut self) -> Result<Document> {
        self.close()?;
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if !title.is_empty() {
            self.metadata.title.get_or_insert(title);
        }
        let notes = std::mem::take(&mut self.notes);
        set_apart(self.composer.blocks(), &notes);
        self.composer.finish(Kind::Html, self.metadata)
    }
}

/// Marks what is not the page's text.
fn set_apart(blocks: &mut [super::Block], notes: &[Note]) {
    let text = |block: &super::Block| block.kind != BlockKind::Furniture;
    let length = |blocks: &[super::Block], wanted: &dyn Fn(usize) -> bool| -> usize {
        let of_text = blocks.iter().enumerate().filter(|(_, block)| text(block));
        of_text
            .filter(|(index, _)| wanted(*index))
            .map(|(_, block)| block.range.len())
            .sum()
    };
    let all = length(blocks, &|_| true);
    if all == 0 {
        // An element around everything, or one that was not closed.
        for block in blocks.iter_mut() {
            block.kind = BlockKind::Paragraph;
        }
        return;
    }
    let main = length(blocks, &|index| notes[index].main);
    if main * 4 >= all {
        // The page's title may stand above its main part.
        let title = BlockKind::Heading(1);
        let mut pairs = blocks.iter().zip(notes);
        let titled = pairs.any(|(block, note)| note.main && block.kind == title);
        for (block, note) in blocks.iter_mut().zip(notes) {
            if !note.main && (titled || block.kind != title) {
                block.kind = BlockKind::Furniture;
            }
        }
    }
    let linked = |block: &super::Block, note: &Note| {
        block.kind == BlockKind::Paragraph && note.linked * 100 >= block.range.len() * LINKED
    };
    let mut start = 0;
    while start < blocks.len() {
        let run = blocks[start..]
            .iter()
            .zip(&notes[start..])
            .take_while(|(block, note)| linked(block, note))
            .count();
        if run >= MENU && run < blocks.len() {
            for block in &mut blocks[start..start + run] {
                block.kind = BlockKind::Furniture;
            }
        }
        start += run.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::progress::Unobserved;

    fn page(html: &str) -> Document {
        read(html, &Config::new(), &Unobserved).unwrap()
    }

    fn blocks(html: &str) -> Vec<(String, BlockKind)> {
        let document = page(html);
        let blocks = document.blocks.iter();
        blocks
            .map(|block| (document.text[block.range.clone()].to_owned(), block.kind))
            .collect()
    }

    fn block(text: &str, kind: BlockKind) -> (String, BlockKind) {
        (text.to_owned(), kind)
    }

    #[test]
    fn elements_become_blocks_and_lines() {
        let html = "<!doctype html><title>A &amp; B</title><meta name=author content=' Me '>\
            <body><h1>The\n <em>title</em></h1><p>First  line<br>and the <b>sec</b>ond&nbsp;one.<p>Another\
            <ul><li>one<li>two</ul><pre>let a;\n  let b;\n</pre>\
            <table><tr><th>k<th>v<tr><td>a b</td><td>c</td></table>loose";
        assert_eq!(
            blocks(html),
            [
                block("The title", BlockKind::Heading(1)),
                block("First line\nand the second\u{a0}one.", BlockKind::Paragraph),
                block("Another", BlockKind::Paragraph),
                block("one", BlockKind::Paragraph),
                block("two", BlockKind::Paragraph),
                block("let a;\n  let b;", BlockKind::Code),
                block("k | v", BlockKind::Paragraph),
                block("a b | c", BlockKind::Paragraph),
                block("loose", BlockKind::Paragraph),
            ]
        );
        let document = page(html);
        assert_eq!(document.metadata.title.as_deref(), Some("A & B"));
        assert_eq!(document.metadata.author.as_deref(), Some("Me"));
        for line in &document.lines {
            assert!(!document.text[line.range.clone()].contains(['\n', '\x0c']));
        }
    }

    #[test]
    fn what_is_not_shown_is_not_read() {
        let html = "<html><body><script>var x = '<p>no</p>';</script><style>p { }</style><p>yes</p>\
            <div hidden>no<p>no</p></div><span style='display: none'>no<span>no</span>no</span>\
            <!-- no --><select><option>no</select><p>more</p>";
        assert_eq!(
            blocks(html),
            [
                block("yes", BlockKind::Paragraph),
                block("more", BlockKind::Paragraph)
            ]
        );
    }

    #[test]
    fn what_is_around_the_text_is_furniture() {
        let html = "<html><body><nav><a href=a>Home</a></nav><div>Subscribe now</div>\
            <main><h2>News</h2><p>A long enough text about something.</p></main><footer>Imprint</footer>";
        assert_eq!(
            blocks(html),
            [
                block("Home", BlockKind::Furniture),
                block("Subscribe now", BlockKind::Furniture),
                block("News", BlockKind::Heading(2)),
                block("A long enough text about something.", BlockKind::Paragraph),
                block("Imprint", BlockKind::Furniture),
            ]
        );
        let titles = "<html><body><h1>Site</h1><main><h1>Page</h1><p>Words of the page.</main>";
        assert_eq!(blocks(titles)[0], block("Site", BlockKind::Furniture));
        let menu = "<html><body><ul><li><a>One</a><li><a>Two</a><li><a>Three</a><li><a>Four</a></ul>\
            <p>Text with a <a>link</a> in it.";
        let kinds: Vec<BlockKind> = blocks(menu).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds[..4], [BlockKind::Furniture; 4]);
        assert_eq!(kinds[4..], [BlockKind::Paragraph]);
        // A page that is nothing but an aside has it as its text.
        let all = blocks("<html><body><aside><p>everything</p>");
        assert_eq!(all, [block("everything", BlockKind::Paragraph)]);
    }

    #[test]
    fn hostile_pages_are_read_in_time_and_within_limits() {
        let read_all = || {
            for piece in [
                "<div>",
                "<p hidden>",
                "</a>",
                "<a b=c ",
                " x1",
                "<!--",
                "<",
                "&amp",
                "&#x110000;",
                "<table><tr><td>",
                "<svg><title>",
                "<h1>",
                "<pre>\n",
                "\0",
            ] {
                let html = format!("<html><body>{}", piece.repeat(30_000));
                let _ = read(&html, &Config::new(), &Unobserved);
            }
            let attributes: String = (0..60_000).map(|n| format!(" a{n}=1")).collect();
            assert_eq!(blocks(&format!("<html {attributes}><p>x")).len(), 1);
        };
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(read_all)
            .unwrap()
            .join()
            .unwrap();
        let mut config = Config::new();
        config.set("limits.text_bytes", "10").unwrap();
        let error = read("<html><p>more than ten bytes", &config, &Unobserved).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }
}
