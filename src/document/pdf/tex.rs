//! The characters of TeX's bitmap fonts.
//!
//! dvips, pdfTeX and dvipdfmx make Type 3 fonts of them whose glyphs have no name but their code: `a65`, `x41`, or none.
//! Ghostscript takes the first sort for names of ITC Zapf Dingbats and writes a `ToUnicode` of stars and crosses. Which of
//! TeX's encodings the codes follow is not in the file; the codes that are there tell it. Encodings: OT1, T1 and TS1 of
//! "LaTeX font encodings" (The LaTeX Project, encguide.pdf).

use hayro_font::{Font, FontGlyph, GlyphId};
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Object};

use super::font::{Text, text_of};

/// Which of TeX's encodings a bitmap font follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TexEncoding {
    /// Letters of 1990 and before: accents are drawn over them.
    Ot1,
    /// Cork: with the accented letters of Europe.
    T1,
    /// The companion of T1: signs and no letters.
    Ts1,
    /// A typewriter's letters, the same in OT1 and T1.
    Ascii,
    /// Formulas: what is no letter may be anything.
    Letters,
}

/// The codes of a font: 256 flags and the widths that go with them.
struct Codes {
    there: [bool; 256],
    widths: [f64; 256],
}

impl TexEncoding {
    /// The encoding of a Type 3 font whose glyphs are named by their codes; none for all other fonts, and where the
    /// font's own table of characters can be believed.
    pub(super) fn of(dict: &Dict<'_>, font: Option<&Font<'_>>) -> Option<Self> {
        dict.get::<Name<'_>>(keys::SUBTYPE)
            .filter(|name| &**name == b"Type3")?;
        let codes = Codes::of(dict)?;
        let believed = dict.contains_key(keys::TO_UNICODE) && !codes.are_dingbats(font?);
        (!believed).then(|| codes.encoding())
    }

    /// What a code stands for.
    pub(super) fn text(self, code: u32) -> Option<Text> {
        let code = u8::try_from(code).ok()?;
        let c = match self {
            TexEncoding::Ot1 => match code {
                0..=31 => OT1_LOW[usize::from(code)],
                34 => '”',
                60 => '¡',
                62 => '¿',
                92 => '“',
                94 => 'ˆ',
                95 => '˙',
                123 => '–',
                124 => '—',
                125 => '˝',
                126 => '˜',
                127 => '¨',
                _ => quoted(code)?,
            },
            TexEncoding::T1 => match code {
                0..=31 => T1_LOW[usize::from(code)],
                32 => '␣',
                127 => '-',
                128..=191 => T1_HIGH[usize::from(code - 128)],
                215 => 'Œ',
                223 => 'ẞ',
                247 => 'œ',
                255 => 'ß',
                192.. => char::from(code),
                _ => quoted(code)?,
            },
            TexEncoding::Ts1 => companion(code)?,
            TexEncoding::Ascii => Some(char::from(code)).filter(char::is_ascii_graphic)?,
            TexEncoding::Letters => Some(char::from(code)).filter(char::is_ascii_alphabetic)?,
        };
        Some(Text::Char(c))
    }
}

/// What both encodings of text have at the places of ASCII.
fn quoted(code: u8) -> Option<char> {
    match code {
        39 => Some('’'),
        96 => Some('‘'),
        _ => Some(char::from(code)).filter(char::is_ascii_graphic),
    }
}

/// The signs of TS1 that texts use.
fn companion(code: u8) -> Option<char> {
    Some(match code {
        21 => '–',
        22 => '—',
        24 => '←',
        25 => '→',
        36 | 138 => '$',
        39 => '\'',
        42 => '*',
        61 => '-',
        132 => '†',
        133 => '‡',
        134 => '‖',
        135 => '‰',
        136 => '•',
        137 => '℃',
        139 | 162 => '¢',
        140 => 'ƒ',
        151 => '™',
        155 => '№',
        157 => '℮',
        163 => '£',
        164 => '¤',
        165 => '¥',
        166 => '¦',
        167 => '§',
        169 => '©',
        171 => '©',
        172 => '¬',
        174 => '®',
        176 => '°',
        177 => '±',
        178 => '²',
        179 => '³',
        180 => '´',
        181 => 'µ',
        182 => '¶',
        183 => '·',
        185 => '¹',
        188 => '¼',
        189 => '½',
        190 => '¾',
        191 => '€',
        214 => '×',
        246 => '÷',
        _ => return None,
    })
}

const OT1_LOW: [char; 32] = [
    'Γ', 'Δ', 'Θ', 'Λ', 'Ξ', 'Π', 'Σ', 'Υ', 'Φ', 'Ψ', 'Ω', 'ﬀ', 'ﬁ', 'ﬂ', 'ﬃ', 'ﬄ', 'ı', 'ȷ', '`',
    '´', 'ˇ', '˘', '¯', '˚', '¸', 'ß', 'æ', 'œ', 'ø', 'Æ', 'Œ', 'Ø',
];

const T1_LOW: [char; 32] = [
    '`', '´', 'ˆ', '˜', '¨', '˝', '˚', 'ˇ', '˘', '¯', '˙', '¸', '˛', '‚', '‹', '›', '“', '”', '„',
    '«', '»', '–', '—', '\u{200c}', '0', 'ı', 'ȷ', 'ﬀ', 'ﬁ', 'ﬂ', 'ﬃ', 'ﬄ',
];

const T1_HIGH: [char; 64] = [
    'Ă', 'Ą', 'Ć', 'Č', 'Ď', 'Ě', 'Ę', 'Ğ', 'Ĺ', 'Ľ', 'Ł', 'Ń', 'Ň', 'Ŋ', 'Ő', 'Ŕ', 'Ř', 'Ś', 'Š',
    'Ş', 'Ť', 'Ţ', 'Ű', 'Ů', 'Ÿ', 'Ź', 'Ž', 'Ż', 'Ĳ', 'İ', 'đ', '§', 'ă', 'ą', 'ć', 'č', 'ď', 'ě',
    'ę', 'ğ', 'ĺ', 'ľ', 'ł', 'ń', 'ň', 'ŋ', 'ő', 'ŕ', 'ř', 'ś', 'š', 'ş', 'ť', 'ţ', 'ű', 'ů', 'ÿ',
    'ź', 'ž', 'ż', 'ĳ', '¡', '¿', '£',
];

/// Fewer small letters than this may be the variables of formulas.
const SMALL_LETTERS: usize = 8;
/// Width of b to that of a: 0.81 in the italics of formulas, 0.9 and more in all of TeX's fonts of text.
const NARROW_B: f64 = 0.85;

impl Codes {
    /// The codes of a font, when each of its glyphs is named by its code or has no name.
    fn of(dict: &Dict<'_>) -> Option<Self> {
        let mut codes = Codes {
            there: [false; 256],
            widths: [0.0; 256],
        };
        let encoding = dict.get::<Dict<'_>>(keys::ENCODING)?;
        let differences = encoding.get::<Array<'_>>(keys::DIFFERENCES)?;
        let mut code = 0_u8;
        for entry in differences.iter::<Object<'_>>().take(2 * 256) {
            match entry {
                Object::Number(number) => code = u8::try_from(number.as_i64()).ok()?,
                Object::Name(name) if is_code(&name, code) => {
                    codes.there[usize::from(code)] = true;
                    code = code.wrapping_add(1);
                }
                Object::Name(name) if &*name == b".notdef" => code = code.wrapping_add(1),
                _ => return None,
            }
        }
        let first = dict.get::<u8>(keys::FIRST_CHAR).unwrap_or(0);
        if let Some(widths) = dict.get::<Array<'_>>(keys::WIDTHS) {
            for (place, width) in codes.widths[usize::from(first)..]
                .iter_mut()
                .zip(widths.iter::<f64>())
            {
                *place = width;
            }
        }
        codes.there.contains(&true).then_some(codes)
    }

    /// Whether a table of characters calls the letters dingbats.
    fn are_dingbats(&self, font: &Font<'_>) -> bool {
        self.letters().any(|letter| {
            let FontGlyph::Type3(glyph) = font.glyph(GlyphId::NOTDEF, u32::from(letter)) else {
                return false;
            };
            let text = glyph.as_unicode().and_then(text_of);
            matches!(text, Some(Text::Char('\u{2701}'..='\u{27be}')))
        })
    }

    fn letters(&self) -> impl Iterator<Item = u8> {
        (b'A'..=b'Z')
            .chain(b'a'..=b'z')
            .filter(|letter| self.there[usize::from(*letter)])
    }

    fn any(&self, mut codes: impl Iterator<Item = u8>) -> bool {
        codes.any(|code| self.there[usize::from(code)])
    }

    fn both(&self, a: u8, b: u8) -> bool {
        self.there[usize::from(a)] && self.there[usize::from(b)]
    }

    fn encoding(&self) -> TexEncoding {
        if self.letters().next().is_none() {
            return match self.any(128..=255) || self.any([21, 22, 24, 25, 39, 42, 61].into_iter()) {
                true => TexEncoding::Ts1,
                false => TexEncoding::T1,
            };
        }
        if !self.is_text() {
            return TexEncoding::Letters;
        }
        if self.is_typewriter() {
            return TexEncoding::Ascii;
        }
        let ligatures = |from: u8| {
            (from..from + 5)
                .filter(|code| self.there[usize::from(*code)])
                .count()
        };
        let (old, cork) = (ligatures(11), ligatures(27));
        let is_cork = match old.cmp(&cork) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => {
                self.any(128..=255)
                    || self.both(16, 17)
                    || !(self.both(b'\\', b'"')
                        || self.there[123] && !self.there[125]
                        || self.there[124] && !self.there[125])
            }
        };
        match is_cork {
            true => TexEncoding::T1,
            false => TexEncoding::Ot1,
        }
    }

    /// Whether the letters are those of text: with digits and stops, or many, and not as wide as those of formulas.
    fn is_text(&self) -> bool {
        let small = self.letters().filter(u8::is_ascii_lowercase).count();
        let [a, b] = [b'a', b'b'].map(|letter| self.widths[usize::from(letter)]);
        let of_formulas = self.both(b'a', b'b') && b < NARROW_B * a;
        let marks = self.any([b',', b'.'].into_iter()) || self.any(b'0'..=b'9');
        !of_formulas && (marks || small >= SMALL_LETTERS)
    }

    /// Whether all glyphs are as wide as each other.
    fn is_typewriter(&self) -> bool {
        let mut widths = (0..=255_u8)
            .filter(|code| self.there[usize::from(*code)])
            .map(|code| self.widths[usize::from(code)]);
        let first = widths.next().unwrap_or(0.0);
        let mut others = widths.peekable();
        others.peek().is_some() && others.all(|width| (width - first).abs() <= 0.01 * first)
    }
}

/// Whether a glyph's name is a letter and its code, in decimal or in hexadecimal digits.
fn is_code(name: &[u8], code: u8) -> bool {
    let digits = match name {
        [
            b'a' | b'A' | b'c' | b'C' | b'x' | b'X' | b'g' | b'G',
            digits @ ..,
        ] => digits,
        _ => return false,
    };
    let Ok(digits) = std::str::from_utf8(digits) else {
        return false;
    };
    digits.parse() == Ok(code) || u8::from_str_radix(digits, 16) == Ok(code)
}
