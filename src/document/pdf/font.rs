//! Fonts as the text interpreter needs them: character code to advance width and Unicode.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontResolverFn, GlyphId};
use hayro_syntax::budget;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Rect, Stream};

use super::fuel::Used;
use super::program::GlyphChars;
use super::tex::TexEncoding;
use super::unless_panicked;

/// What a character code stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Glyph {
    /// Advance in thousandths of the font size, along the writing direction.
    pub(super) advance: f32,
    /// The characters; `None` when the font does not tell.
    pub(super) text: Option<Text>,
}

/// The characters of one glyph.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    /// One character, by far the most common case.
    Char(char),
    /// Several: a ligature, a base with its marks.
    String(Box<str>),
}

/// Codes of one font, looked up once each.
type CodePage = Box<[Option<Glyph>; 256]>;

/// A font of the document with the codes seen so far.
pub(super) struct TextFont<'a> {
    font: Option<Font<'a>>,
    fallback: Fallback,
    chars: Option<GlyphChars>,
    tex: Option<TexEncoding>,
    two_bytes: bool,
    /// Whether the name, the flags or the weight call it bold.
    pub(super) bold: bool,
    /// Height of the em in units of the font size: 1 but for Type 3 fonts, which choose their own.
    pub(super) em: f64,
    /// Whether lines run from top to bottom.
    pub(super) vertical: bool,
    /// What it takes, and the last page it was used on.
    bytes: u64,
    page: u64,
    /// Codes below 65,536 by their high byte.
    pages: Vec<Option<CodePage>>,
    /// The rare codes of three and four bytes.
    others: HashMap<u32, Glyph>,
}

impl<'a> TextFont<'a> {
    fn new(dict: &Dict<'a>, font: Option<Font<'a>>, embedded: &mut EmbeddedCMaps) -> Self {
        let identity = dict
            .get::<Name<'_>>(keys::ENCODING)
            .is_some_and(|name| matches!(&*name, b"Identity-H" | b"Identity-V"));
        let composite = dict
            .get::<Name<'_>>(keys::SUBTYPE)
            .is_some_and(|name| &*name == b"Type0");
        TextFont {
            bold: is_bold(dict),
            em: type3_em(dict).unwrap_or(1.0),
            bytes: 0,
            page: 0,
            vertical: font.as_ref().is_some_and(|font| !font.is_horizontal()),
            two_bytes: composite && (identity || font.is_none()),
            fallback: Fallback::of(dict, composite, embedded),
            // Font programs are large, and most are not asked.
            chars: (!dict.contains_key(keys::TO_UNICODE) && has_program(dict))
                .then(|| unless_panicked(|| GlyphChars::of(font.as_ref()?)))
                .flatten()
                .flatten(),
            tex: TexEncoding::of(dict, font.as_ref()),
            font,
            pages: Vec::new(),
            others: HashMap::new(),
        }
    }

    /// The code at the start of `bytes` (not empty) and its length in bytes, at least 1.
    pub(super) fn next_code(&self, bytes: &[u8]) -> (u32, usize) {
        match (&self.font, bytes) {
            (_, [high, low, ..]) if self.two_bytes => {
                (u32::from(u16::from_be_bytes([*high, *low])), 2)
            }
            (Some(font), [_, ..]) => {
                let (code, length) = font.read_code(bytes, 0);
                (code, length.max(1))
            }
            (None, [byte, ..]) => (u32::from(*byte), 1),
            (_, []) => (0, 1),
        }
    }

    /// The glyph of `code`.
    pub(super) fn glyph(&mut self, code: u32) -> &Glyph {
        let known = Known {
            font: self.font.as_ref(),
            fallback: &self.fallback,
            chars: self.chars.as_ref(),
            tex: self.tex,
        };
        let Ok(short) = u16::try_from(code) else {
            return self
                .others
                .entry(code)
                .or_insert_with(|| known.look_up(code));
        };
        let [high, low] = short.to_be_bytes().map(usize::from);
        if self.pages.len() <= high {
            self.pages.resize_with(high + 1, || None);
        }
        let page = self.pages[high].get_or_insert_with(|| Box::new([const { None }; 256]));
        page[low].get_or_insert_with(|| known.look_up(code))
    }
}

/// Where the glyphs of a font are looked up.
struct Known<'f, 'a> {
    font: Option<&'f Font<'a>>,
    fallback: &'f Fallback,
    chars: Option<&'f GlyphChars>,
    tex: Option<TexEncoding>,
}

impl Known<'_, '_> {
    fn look_up(&self, code: u32) -> Glyph {
        let Some(font) = self.font else {
            return Glyph {
                advance: 500.0,
                text: self.fallback.text(code),
            };
        };
        let advance = font.code_advance(code);
        let advance = if font.is_horizontal() {
            advance.x
        } else {
            advance.y
        };
        let unicode = || {
            let unicode = match font.glyph(GlyphId::NOTDEF, code) {
                FontGlyph::Outline(glyph) => glyph.as_unicode(),
                FontGlyph::Type3(glyph) => glyph.as_unicode(),
            };
            unicode.and_then(text_of)
        };
        let drawn = || self.chars?.get(font.map_code(code)).map(Text::Char);
        let text = match self.fallback {
            _ if self.tex.is_some() => self.tex.and_then(|encoding| encoding.text(code)),
            // Standard encoding is what hayro-font assumes here. The font knows better, and files mean Windows.
            Fallback::Windows => drawn().or_else(|| match code {
                0..0x80 => unicode(),
                _ => self.fallback.text(code),
            }),
            fallback => unicode().or_else(|| fallback.text(code)).or_else(drawn),
        };
        Glyph {
            advance: advance as f32,
            text,
        }
    }
}

/// Most characters that one glyph may stand for. The longest ligatures in use, of Arabic, have 18.
const CHARS_PER_GLYPH: usize = 32;

/// The text, unless it says that there is none.
pub(super) fn text_of(unicode: BfString) -> Option<Text> {
    match unicode {
        BfString::Char('\0' | char::REPLACEMENT_CHARACTER) => None,
        BfString::Char(c) => Some(Text::Char(c)),
        BfString::String(s) => {
            let text: String = s.chars().take(CHARS_PER_GLYPH).collect();
            Some(Text::String(text.into_boxed_str()))
        }
    }
}

/// Where the characters of a font without `ToUnicode` come from when hayro-font does not know them.
enum Fallback {
    None,
    /// A TrueType font without an encoding: Windows code page 1252.
    Windows,
    /// The codes are UTF-16 (`UniGB-UCS2-H` and its like).
    Utf16,
    /// The codes number the glyphs of a font that is not in the file: the order that Monotype's fonts share.
    GlyphOrder,
    /// Adobe's character collections number their characters; a table of Adobe's gives their Unicode.
    Collection {
        cids: Rc<CMap>,
        ucs2: Rc<CMap>,
    },
}

impl Fallback {
    fn of(dict: &Dict<'_>, composite: bool, embedded: &mut EmbeddedCMaps) -> Self {
        if let Some(name) = dict.get::<Name<'_>>(keys::TO_UNICODE) {
            // Not allowed, and seen: the codes are Unicode themselves.
            return match name.starts_with(b"Identity") {
                true => Fallback::Utf16,
                false => Fallback::None,
            };
        }
        if dict.contains_key(keys::TO_UNICODE) {
            return Fallback::None;
        }
        if composite {
            return Self::of_composite(dict, embedded).unwrap_or(Fallback::None);
        }
        let true_type = dict
            .get::<Name<'_>>(keys::SUBTYPE)
            .is_some_and(|name| &*name == b"TrueType");
        match true_type && !dict.contains_key(keys::ENCODING) {
            true => Fallback::Windows,
            false => Fallback::None,
        }
    }

    fn of_composite(dict: &Dict<'_>, embedded: &mut EmbeddedCMaps) -> Option<Self> {
        let name = dict.get::<Name<'_>>(keys::ENCODING)?;
        if name.starts_with(b"Uni") {
            return Some(Fallback::Utf16);
        }
        let descendant = dict
            .get::<Array<'_>>(keys::DESCENDANT_FONTS)?
            .iter::<Dict<'_>>()
            .next()?;
        let in_file = has_program(dict);
        let info = descendant.get::<Dict<'_>>(keys::CIDSYSTEMINFO)?;
        let part = |key: &[u8]| info.get::<hayro_syntax::object::String<'_>>(key);
        let family =
            CidFamily::from_registry_ordering(&part(keys::REGISTRY)?, &part(keys::ORDERING)?);
        if !in_file && name.starts_with(b"Identity") && family.ucs2_cmap().is_none() {
            return Some(Fallback::GlyphOrder);
        }
        Some(Fallback::Collection {
            ucs2: embedded.load(family.ucs2_cmap()?)?,
            cids: embedded.load(CMapName::from_bytes(&name))?,
        })
    }

    fn text(&self, code: u32) -> Option<Text> {
        match self {
            Fallback::None => None,
            Fallback::Windows => windows_char(u8::try_from(code).ok()?).map(Text::Char),
            Fallback::GlyphOrder => monotype_char(code).map(Text::Char),
            Fallback::Utf16 => {
                let units = [(code >> 16) as u16, code as u16];
                let skip = usize::from(units[0] == 0);
                let mut chars = char::decode_utf16(units.into_iter().skip(skip));
                chars.next()?.ok().filter(|c| *c != '\0').map(Text::Char)
            }
            Fallback::Collection { cids, ucs2 } => {
                let cid = (1..=4).find_map(|length| cids.lookup_cid_code(code, length))?;
                ucs2.lookup_bf_string(cid).and_then(text_of)
            }
        }
    }
}

/// The CMaps of Adobe's collections that were read. They are large.
#[derive(Default)]
struct EmbeddedCMaps(HashMap<Vec<u8>, Option<Rc<CMap>>>);

impl EmbeddedCMaps {
    fn load(&mut self, name: CMapName<'_>) -> Option<Rc<CMap>> {
        let read = || match name {
            CMapName::IdentityH | CMapName::IdentityV => Some(Rc::new(CMap::identity_h())),
            _ => CMap::parse(hayro_cmap::load_embedded(name)?, hayro_cmap::load_embedded)
                .map(Rc::new),
        };
        self.0
            .entry(name.to_bytes().to_vec())
            .or_insert_with(read)
            .clone()
    }
}

/// Windows code page 1252.
fn windows_char(byte: u8) -> Option<char> {
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x00..=0x1f | 0x7f => None,
        0x80..=0x9f => Some(HIGH[usize::from(byte - 0x80)]).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

/// The character of a glyph number in the order of Monotype's fonts (Arial, Times New Roman, Courier New): ASCII
/// from glyph 3 on, then the order of Mac OS Roman without its no-break space; much later Russian, in Unicode's order.
fn monotype_char(glyph: u32) -> Option<char> {
    const AFTER_ASCII: [char; 88] = [
        'Ä', 'Å', 'Ç', 'É', 'Ñ', 'Ö', 'Ü', 'á', 'à', 'â', 'ä', 'ã', 'å', 'ç', 'é', 'è', 'ê', 'ë',
        'í', 'ì', 'î', 'ï', 'ñ', 'ó', 'ò', 'ô', 'ö', 'õ', 'ú', 'ù', 'û', 'ü', '†', '°', '¢', '£',
        '§', '•', '¶', 'ß', '®', '©', '™', '´', '¨', '≠', 'Æ', 'Ø', '∞', '±', '≤', '≥', '¥', 'µ',
        '∂', '∑', '∏', 'π', '∫', 'ª', 'º', 'Ω', 'æ', 'ø', '¿', '¡', '¬', '√', 'ƒ', '≈', '∆', '«',
        '»', '…', 'À', 'Ã', 'Õ', 'Œ', 'œ', '–', '—', '“', '”', '‘', '’', '÷', '◊', 'ÿ',
    ];
    match glyph {
        3..=97 => char::from_u32(glyph + 29),
        570..=633 => char::from_u32(glyph - 570 + u32::from('А')),
        _ => AFTER_ASCII.get(glyph.checked_sub(98)? as usize).copied(),
    }
}

/// Character codes and CIDs have two bytes; the widths of all of them may be given this many times over.
const WIDTH_ENTRIES: u64 = 16 * 65_536;
/// Codes of a simple font, with room for files that count oddly.
const SIMPLE_CODES: u64 = 1_024;
/// Longest CMap of a file: one that names each of the two-byte codes by itself has 1.5 million bytes.
const CMAP_BYTES: usize = 4_000_000;

/// Memory that a font takes however small it is, in bytes.
const FONT_COST: usize = 16_384;
/// Memory of one width in a table of widths.
const WIDTH_COST: usize = 16;
/// Memory of a CMap for each of its bytes.
const CMAP_COST: usize = 5;
/// Memory of a CMap of Adobe's for each byte of its compact form.
const EMBEDDED_CMAP_COST: usize = 32;

/// Fonts that a thread keeps from page to page, in bytes; it lets all of them go when there are more.
const KEPT_FONTS: u64 = 48_000_000;

/// Whether the tables of widths and the CMaps are of a size that can be meant. A few bytes can ask for billions of
/// entries. What is meant is charged for: a file may have thousands of such fonts.
fn has_sane_tables(dict: &Dict<'_>) -> bool {
    budget::charge(FONT_COST);
    let first = dict.get::<Number>(keys::FIRST_CHAR);
    if first.is_some_and(|first| first.as_f64() > SIMPLE_CODES as f64) {
        return false;
    }
    for key in [keys::TO_UNICODE, keys::ENCODING] {
        let length = dict
            .get::<Stream<'_>>(key)
            .and_then(|stream| stream.decoded_data().ok())
            .map_or(0, |cmap| cmap.len());
        if length > CMAP_BYTES {
            return false;
        }
        budget::charge(CMAP_COST * length);
    }
    let Some(descendant) = dict
        .get::<Array<'_>>(keys::DESCENDANT_FONTS)
        .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
    else {
        return true;
    };
    // A range is `first last` and one width (W) or three numbers (W2).
    [(keys::W, 1), (keys::W2, 3)]
        .into_iter()
        .filter_map(|(key, numbers)| Some((descendant.get::<Array<'_>>(key)?, numbers)))
        .all(|(widths, numbers)| {
            let entries = width_entries(&widths, numbers);
            budget::charge(WIDTH_COST * entries.min(WIDTH_ENTRIES) as usize);
            entries <= WIDTH_ENTRIES
        })
}

/// Widths that a table gives, counted until they are too many.
fn width_entries(widths: &Array<'_>, numbers: u32) -> u64 {
    let mut entries = 0_u64;
    let mut items = widths.iter::<Object<'_>>();
    let mut before: Option<f64> = None;
    while entries <= WIDTH_ENTRIES
        && let Some(item) = items.next()
    {
        match (item, before.take()) {
            (Object::Number(last), Some(first)) => {
                // Casts of floats saturate; a range that runs backwards is empty.
                entries = entries.saturating_add((last.as_f64() - first + 1.0) as u64);
                for _ in 0..numbers {
                    items.next();
                }
            }
            (Object::Number(first), None) => before = Some(first.as_f64()),
            (Object::Array(list), _) => {
                let listed = list.raw_iter().take(WIDTH_ENTRIES as usize + 1).count();
                entries = entries.saturating_add(listed as u64);
            }
            _ => entries += 1,
        }
    }
    entries
}

/// The em of a Type 3 font, from the height of its glyphs or, where that is not given, from their widths.
fn type3_em(dict: &Dict<'_>) -> Option<f64> {
    dict.get::<Name<'_>>(keys::SUBTYPE)
        .filter(|name| &**name == b"Type3")?;
    let [a, b, c, d, ..] = dict.get::<[f64; 6]>(keys::FONT_MATRIX)?;
    let height = dict
        .get::<Rect>(keys::FONT_BBOX)
        .map_or(0.0, |bounds| (bounds.y1 - bounds.y0) * c.hypot(d));
    let widths: Vec<f64> = dict
        .get::<Array<'_>>(keys::WIDTHS)?
        .iter::<f64>()
        .take(SIMPLE_CODES as usize)
        .filter(|width| *width > 0.0)
        .collect();
    // Letters are about half as wide as the em.
    let width = 2.0 * widths.iter().sum::<f64>() / widths.len().max(1) as f64 * a.hypot(b);
    // The box of all glyphs, tall symbols included, is at most a few times as high as a letter is wide.
    let plausible = width <= 0.0 || (0.5 * width..2.5 * width).contains(&height);
    [height, width]
        .into_iter()
        .skip(usize::from(!plausible))
        .find(|em| em.is_finite() && *em > 0.0)
}

/// Font weights from this on are bold (ISO 32000-1, table 122: 400 is normal, 700 bold).
const BOLD_WEIGHT: f32 = 600.0;
/// Bit 19 of a font descriptor's flags.
const FORCE_BOLD: u32 = 1 << 18;

/// The descriptor of a font, or of the descendant of a composite one.
fn descriptor_of<'a>(dict: &Dict<'a>) -> Option<Dict<'a>> {
    dict.get::<Dict<'_>>(keys::FONT_DESC).or_else(|| {
        dict.get::<Array<'_>>(keys::DESCENDANT_FONTS)?
            .iter::<Dict<'_>>()
            .next()?
            .get::<Dict<'_>>(keys::FONT_DESC)
    })
}

/// Whether the font itself is in the file.
fn has_program(dict: &Dict<'_>) -> bool {
    descriptor_of(dict).is_some_and(|descriptor| {
        [keys::FONT_FILE, keys::FONT_FILE2, keys::FONT_FILE3]
            .iter()
            .any(|key| descriptor.contains_key(key))
    })
}

fn is_bold(dict: &Dict<'_>) -> bool {
    let named = |dict: &Dict<'_>, key: &[u8]| {
        dict.get::<Name<'_>>(key)
            .is_some_and(|name| is_bold_name(&name))
    };
    let descriptor = descriptor_of(dict);
    named(dict, keys::BASE_FONT)
        || descriptor.is_some_and(|descriptor| {
            named(&descriptor, keys::FONT_NAME)
                || descriptor
                    .get::<u32>(keys::FLAGS)
                    .is_some_and(|flags| flags & FORCE_BOLD != 0)
                || descriptor
                    .get::<f32>(keys::FONT_WEIGHT)
                    .is_some_and(|weight| weight >= BOLD_WEIGHT)
        })
}

/// PostScript names of bold faces: `-Bold`, `,Bold`, `Black`, and those of Computer Modern and Times in TeX.
fn is_bold_name(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    let after_prefix = name.get(7..).filter(|_| name.get(6) == Some(&b'+'));
    let family = after_prefix.unwrap_or(&name);
    has(b"bold")
        || has(b"black")
        || has(b"heavy")
        || has(b"-medi")
        || [
            &b"cmbx"[..],
            b"cmssbx",
            b"cmb1",
            b"sfbx",
            b"ecbx",
            b"lmbx",
            b"nimbusromno9l-medi",
        ]
        .iter()
        .any(|start| family.starts_with(start))
}

/// The fonts that were charged for. Every thread loads those it meets, and each font counts once.
#[derive(Default)]
pub(super) struct Charged(Mutex<HashSet<(usize, usize)>>);

impl Charged {
    /// Whether the font is met for the first time.
    fn first(&self, font: (usize, usize)) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(font)
    }
}

/// The fonts of one document that one thread has met.
pub(super) struct Fonts<'a, 'c> {
    charged: &'c Charged,
    used: &'c Used<'c>,
    embedded: EmbeddedCMaps,
    cache: FontCache<'a>,
    programs: FontResolverFn,
    cmaps: CMapResolverFn,
    fonts: Vec<TextFont<'a>>,
    /// What the fonts take, in bytes: all, and those used on the page.
    loaded: u64,
    on_page: u64,
    page: u64,
    /// Where a font dictionary's bytes stand in memory tells it from all others.
    by_dict: HashMap<(usize, usize), usize>,
}

impl<'a, 'c> Fonts<'a, 'c> {
    pub(super) fn new(charged: &'c Charged, used: &'c Used<'c>) -> Self {
        Fonts {
            charged,
            used,
            embedded: EmbeddedCMaps::default(),
            cache: FontCache::new(),
            programs: Arc::new(|query| match query {
                hayro_font::FontQuery::Standard(font) => Some(font.get_font_data()),
                hayro_font::FontQuery::Fallback(query) => {
                    Some(query.pick_standard_font().get_font_data())
                }
            }),
            cmaps: Arc::new(|name| {
                let cmap = hayro_cmap::load_embedded(name)?;
                budget::charge(EMBEDDED_CMAP_COST * cmap.len());
                Some(cmap)
            }),
            fonts: Vec::new(),
            loaded: 0,
            on_page: 0,
            page: 0,
            by_dict: HashMap::new(),
        }
    }

    /// A page begins: numbers of fonts are good for one page.
    pub(super) fn turn_page(&mut self) {
        if self.loaded > KEPT_FONTS {
            *self = Fonts {
                page: self.page,
                ..Fonts::new(self.charged, self.used)
            };
        }
        self.page += 1;
        self.on_page = 0;
    }

    /// Bytes that the fonts used on the page take.
    pub(super) fn on_page(&self) -> u64 {
        self.on_page
    }

    /// The number of the font that `dict` describes.
    pub(super) fn load(&mut self, dict: &Dict<'a>) -> usize {
        let data = dict.data();
        let key = (data.as_ptr() as usize, data.len());
        if let Some(&number) = self.by_dict.get(&key) {
            return self.used_on_page(number);
        }
        let read = || {
            // A damaged font costs its own text, not the page's.
            let font = has_sane_tables(dict)
                .then(|| unless_panicked(|| self.cache.font(dict, &self.programs, &self.cmaps)))
                .flatten()
                .flatten();
            TextFont::new(dict, font, &mut self.embedded)
        };
        let (mut font, bytes) = self.used.apart(self.charged.first(key), read);
        font.bytes = bytes;
        let number = self.fonts.len();
        self.loaded += bytes;
        self.fonts.push(font);
        self.by_dict.insert(key, number);
        self.used_on_page(number)
    }

    fn used_on_page(&mut self, number: usize) -> usize {
        if let Some(font) = self.fonts.get_mut(number)
            && font.page != self.page
        {
            font.page = self.page;
            self.on_page += font.bytes;
        }
        number
    }

    /// The font with a number from [`load`](Self::load).
    pub(super) fn get(&mut self, number: usize) -> Option<&mut TextFont<'a>> {
        self.fonts.get_mut(number)
    }
}
