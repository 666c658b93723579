//! From bytes to text: UTF-8, UTF-16, and the one-byte and East Asian encodings of older files.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use crate::error::{Error, ErrorKind, Result};

/// Control characters that text has no use for are stray when they are at most one in this many bytes:
/// extracted text carries some, binary data carries many.
const BYTES_PER_STRAY_CONTROL: usize = 200;
/// How much of an input is looked at to tell an encoding that nothing names, in bytes.
const LOOK: usize = 64 * 1024;
/// Where a page names its encoding: the first bytes, as browsers look for it.
const HTML_HEAD: usize = 1024;

/// Text, and what is to be said of its encoding.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) warning: Option<String>,
}

impl From<String> for Decoded {
    fn from(text: String) -> Self {
        Decoded {
            text,
            warning: None,
        }
    }
}

/// The text of `bytes`, without its byte order mark: UTF-8; UTF-16 when a mark says so or every second byte is
/// zero; the encoding that an HTML page names; or an older encoding where the letters it gives stand in words,
/// with a warning, since it is a guess.
///
/// # Errors
/// `Format` naming the first offending byte: binary data (a NUL, or too many control bytes), invalid UTF-8
/// with offset and line, invalid UTF-16.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded> {
    match bytes {
        [0xff, 0xfe, ..] => return utf16(bytes, 2, u16::from_le_bytes).map(Decoded::from),
        [0xfe, 0xff, ..] => return utf16(bytes, 2, u16::from_be_bytes).map(Decoded::from),
        _ => {}
    }
    if let Some(unit) = unmarked_utf16(bytes) {
        return utf16(bytes, 0, unit).map(Decoded::from);
    }
    let mark = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        3
    } else {
        0
    };
    refuse_binary(bytes, mark)?;
    match std::str::from_utf8(&bytes[mark..]) {
        Ok(text) => Ok(text.to_owned().into()),
        Err(error) => {
            let offset = mark + error.valid_up_to();
            older(bytes, offset).ok_or_else(|| invalid_utf8(bytes, offset))
        }
    }
}

/// Text in UTF-16 without a mark: half of its bytes, those of one parity, are nearly all zero.
fn unmarked_utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let head = &bytes[..bytes.len().min(LOOK)];
    if head.len() < 8 || bytes.len() % 2 == 1 {
        return None;
    }
    let zeros = |parity: usize| {
        let half = head.iter().skip(parity).step_by(2);
        half.filter(|&&byte| byte == 0).count()
    };
    let many = |zeros: usize| zeros * 10 >= head.len() / 2 * 7;
    match (zeros(0), zeros(1)) {
        (0, odd) if many(odd) => Some(u16::from_le_bytes),
        (even, 0) if many(even) => Some(u16::from_be_bytes),
        _ => None,
    }
}

fn utf16(bytes: &[u8], start: usize, unit: fn([u8; 2]) -> u16) -> Result<String> {
    let units = bytes[start..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = start;
    for character in char::decode_utf16(units) {
        match character {
            Ok('\0') => return Err(binary(0, offset)),
            Ok(character) => {
                text.push(character);
                offset += 2 * character.len_utf16();
            }
            Err(unpaired) => {
                return Err(Error::new(
                    ErrorKind::Format,
                    format!(
                        "invalid UTF-16 text: unpaired surrogate 0x{:04x} at byte offset {offset}",
                        unpaired.unpaired_surrogate()
                    ),
                )
                .with("offset", offset));
            }
        }
    }
    if bytes.len() % 2 == 1 {
        return Err(Error::new(
            ErrorKind::Format,
            format!("invalid UTF-16 text: half a character at its end, byte offset {offset}"),
        )
        .with("offset", offset));
    }
    Ok(text)
}

/// Text that is not UTF-8 from byte `offset` on, in the encoding it names or is likely to be in.
fn older(bytes: &[u8], offset: usize) -> Option<Decoded> {
    let named = named_by_html(bytes).filter(|&named| named != UTF_8);
    let encoding = match named {
        Some(named) => named,
        None => likely(bytes)?,
    };
    let (text, failed) = encoding.decode_without_bom_handling(bytes);
    if failed || (named.is_none() && !in_words(&text)) {
        return None;
    }
    let warning = format!(
        "the text is not UTF-8 (byte 0x{:02x} at offset {offset}) and was read as {}, which {}",
        bytes[offset],
        encoding.name(),
        match named {
            Some(_) => "it names itself",
            None => "is a guess",
        }
    );
    Some(Decoded {
        text: text.into_owned(),
        warning: Some(warning),
    })
}

fn likely(bytes: &[u8]) -> Option<&'static Encoding> {
    // With more whole characters of UTF-8 than broken ones it is damaged, and not of another encoding.
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if whole >= broken {
        return None;
    }
    let first = bytes.iter().position(|byte| !byte.is_ascii())?;
    let start = first.saturating_sub(LOOK / 2);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[start..bytes.len().min(start + LOOK)], true);
    Some(detector.guess(None, Utf8Detection::Deny))
}

/// What a page says in its head: `<meta charset="…">` or the older form with a content type.
fn named_by_html(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HTML_HEAD)]).to_ascii_lowercase();
    if !super::html::is_html(&head) {
        return None;
    }
    let (_, label) = head.split_once("charset=")?;
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_graphic() || "\"'>;/".contains(c))?;
    Encoding::for_label(&label.as_bytes()[..end])
}

/// Whether what is not ASCII in `text` is what words and sentences are made of: letters beside letters, capitals not
/// behind small ones, and the marks of typesetters. Anything else would make a text of damaged data.
fn in_words(text: &str) -> bool {
    const MARKS: &str = "‘’“”„«»–—…•·°§©®€£¡¿\u{a0}\u{3000}、。「」";
    let (mut fit, mut all) = (0usize, 0usize);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_ascii() {
            let after = characters.peek().copied().unwrap_or(' ');
            let letter = character.is_alphabetic()
                && (before.is_alphabetic() || after.is_alphabetic())
                && !(character.is_uppercase() && before.is_lowercase());
            all += 1;
            fit += usize::from(letter || MARKS.contains(character));
        }
        before = character;
    }
    fit * 10 >= all * 9
}

fn refuse_binary(bytes: &[u8], start: usize) -> Result<()> {
    let mut strays = 0;
    let mut first = None;
    for (offset, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            0 => return Err(binary(0, offset)),
            // All but tab, line feed, form feed, carriage return and escape.
            0x01..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f => {
                strays += 1;
                first = first.or(Some((byte, offset)));
            }
            _ => {}
        }
    }
    match first {
        // One stray character is let pass however short the text is.
        Some((byte, offset)) if strays > 1 + bytes.len() / BYTES_PER_STRAY_CONTROL => {
            Err(binary(byte, offset))
        }
        _ => Ok(()),
    }
}

fn binary(byte: u8, offset: usize) -> Error {
    Error::new(
        ErrorKind::Format,
        format!(
            "not a document: byte 0x{byte:02x} at offset {offset} is no text; give PDF, DOCX, HTML, Markdown or plain text"
        ),
    )
    .with("offset", offset)
}

fn invalid_utf8(bytes: &[u8], offset: usize) -> Error {
    let line = 1 + bytes[..offset]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count();
    let byte = bytes.get(offset).copied().unwrap_or(0);
    Error::new(
        ErrorKind::Format,
        format!(
            "invalid UTF-8: byte 0x{byte:02x} at offset {offset}, line {line}, and no older encoding fits; convert the text to UTF-8"
        ),
    )
    .with("offset", offset)
    .with("line", line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let decoded = decode(bytes).unwrap();
        assert_eq!(decoded.warning, None);
        decoded.text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn marks_of_order_are_read_and_taken_off() {
        assert_eq!(text(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe"), "Grüße");
        let marked = "\u{feff}Grüße 𝕏";
        let little = utf16(marked, u16::to_le_bytes);
        assert_eq!(text(&little), "Grüße 𝕏");
        assert_eq!(text(&utf16(marked, u16::to_be_bytes)), "Grüße 𝕏");
        let error = decode(&little[..little.len() - 2]).unwrap_err();
        assert_eq!(error.field("offset").unwrap(), 14);
    }

    #[test]
    fn utf16_without_a_mark_is_told_by_its_zeros() {
        let words = "Words of a text, and some more.";
        assert_eq!(text(&utf16(words, u16::to_le_bytes)), words);
        assert_eq!(text(&utf16(words, u16::to_be_bytes)), words);
    }

    #[test]
    fn older_encodings_are_read_with_a_warning() {
        for (encoding, words) in [
            (
                encoding_rs::WINDOWS_1252,
                "Die Prüfung der Straßen dauert länger, und “früher” ging es schöner.",
            ),
            (
                encoding_rs::WINDOWS_1251,
                "Ветер гонит снег по пустой улице города.",
            ),
            (
                encoding_rs::SHIFT_JIS,
                "日本語の文章を読む試験です。これは短い文です。ひらがなもあります。",
            ),
        ] {
            let (bytes, _, _) = encoding.encode(words);
            let decoded = decode(&bytes).unwrap();
            assert_eq!(decoded.text, words);
            assert!(decoded.warning.unwrap().contains(encoding.name()));
        }
    }

    #[test]
    fn a_page_is_read_as_it_says() {
        let page = b"<!doctype html><meta charset=iso-8859-2><p>\xb1\xb6</p>";
        let decoded = decode(page).unwrap();
        assert!(decoded.text.contains("ąś"), "{}", decoded.text);
        assert!(decoded.warning.unwrap().contains("ISO-8859-2"));
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_place() {
        let error = decode(b"one\ntwo \xc3( three").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        assert_eq!(error.field("offset").unwrap(), 8);
        assert_eq!(error.field("line").unwrap(), 2);
        // One byte of many good ones is damage.
        assert!(decode("Grüße und größere Sträuße\u{20}".as_bytes()).is_ok());
        let mut damaged = "Grüße und größere Sträuße".as_bytes().to_vec();
        damaged.push(0xfc);
        assert!(decode(&damaged).is_err());
        let error = decode(b"PK\x03\x04\x00\x01").unwrap_err();
        assert!(error.message().contains("byte 0x00 at offset 4"), "{error}");
        let error = decode(&[0x89, 0x50, 0x01, 0x02, 0x03]).unwrap_err();
        assert!(error.message().contains("byte 0x01 at offset 2"), "{error}");
        assert!(decode(b"one stray \x02 in a text").is_ok());
    }
}
