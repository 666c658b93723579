//! The outline of a document: the names of its parts that viewers show beside the pages (ISO 32000-1, 12.3.3).

use hayro_syntax::Pdf;
use hayro_syntax::budget;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Dict, String};

use super::text_string;
use crate::document::Bookmark;

/// Most entries read. Entries that lead back to others end here, too.
const MOST: usize = 20_000;
/// Deepest level read.
const DEEPEST: u8 = 16;
/// Longest title read, in bytes of the file.
const LONGEST: usize = 600;
/// Memory of an entry beside its title.
const COST: usize = 64;

/// The entries of the outline in the order in which they are shown.
pub(super) fn read(pdf: &Pdf) -> Vec<Bookmark> {
    let mut bookmarks = Vec::new();
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let outline = catalog.and_then(|catalog| catalog.get::<Dict<'_>>(keys::OUTLINES));
    let first = outline.and_then(|outline| outline.get::<Dict<'_>>(keys::FIRST));
    let mut open: Vec<(Dict<'_>, u8)> = first.map(|first| (first, 1)).into_iter().collect();
    for _ in 0..MOST {
        let Some((entry, level)) = open.pop() else {
            break;
        };
        if let Some(title) = entry.get::<String<'_>>(keys::TITLE)
            && title.len() <= LONGEST
        {
            let title = text_string(&title).replace(char::is_control, " ");
            budget::charge(COST + title.len());
            bookmarks.push(Bookmark {
                level,
                title: title.trim().to_owned(),
            });
        }
        // What stands below an entry comes before the next one.
        let next = entry.get::<Dict<'_>>(keys::NEXT);
        open.extend(next.map(|next| (next, level)));
        let below = entry.get::<Dict<'_>>(keys::FIRST);
        let below = below.filter(|_| level < DEEPEST);
        open.extend(below.map(|below| (below, level + 1)));
    }
    bookmarks
}
