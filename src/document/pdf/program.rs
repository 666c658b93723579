//! What an embedded font program tells of the characters of its glyphs.

use std::collections::HashMap;

use hayro_font::{Font, FontGlyph, GlyphId};
use hayro_syntax::budget;
use skrifa::raw::ps::agl;

/// Glyphs of a font are numbered with two bytes; a glyph may have several characters.
const MOST_CHARS: usize = 2 * 65_536;
/// Memory of a glyph's character.
const CHAR_COST: usize = 16;

/// The characters of a font program's glyphs.
pub(super) struct GlyphChars(HashMap<GlyphId, char>);

impl GlyphChars {
    /// Reads the program's table of characters the other way round; glyphs that it leaves out tell by their names.
    pub(super) fn of(font: &Font<'_>) -> Option<Self> {
        let FontGlyph::Outline(glyph) = font.glyph(GlyphId::NOTDEF, 0) else {
            return None;
        };
        let program = skrifa::Font::new(glyph.font_data()?.data, 0)?;
        let mut chars = HashMap::new();
        let mut put = |glyph: skrifa::GlyphId, c: char| {
            chars.entry(GlyphId::new(glyph.to_u32())).or_insert(c);
        };
        let table = program.charmap();
        // Subsets number their glyphs anew in these two and call the numbers characters.
        if !table.unicode_is_symbol() && !table.unicode_is_mac_roman() {
            for (code, glyph) in table.unicodes().take(MOST_CHARS) {
                if let Some(c) = char::from_u32(code).filter(|c| tells(*c)) {
                    put(glyph, c);
                }
            }
        }
        for (glyph, name) in program.glyph_names().take(MOST_CHARS) {
            if let Some(c) = agl::name_to_char(name.as_str()).filter(|c| tells(*c)) {
                put(glyph, c);
            }
        }
        budget::charge(CHAR_COST * chars.len());
        Some(GlyphChars(chars)).filter(|chars| !chars.0.is_empty())
    }

    pub(super) fn get(&self, glyph: GlyphId) -> Option<char> {
        self.0.get(&glyph).copied()
    }
}

/// Whether the character means the same to everybody.
fn tells(c: char) -> bool {
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    !private && !c.is_control() && c != char::REPLACEMENT_CHARACTER
}
