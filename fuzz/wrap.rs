//! What a fuzzer's bytes are put into. The tests read every regression input the same way.

use std::io::{Cursor, Write};

use tori::config::Config;
use tori::document::{self, Document};
use tori::error::{ErrorKind, Result};
use tori::progress::Unobserved;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What an input is.
pub(crate) type Wrap = fn(&[u8]) -> Vec<u8>;

/// The fuzzers by name.
pub(crate) const TARGETS: [(&str, Wrap); 7] = [
    ("pdf", |bytes| [b"%PDF-1.7\n", bytes].concat()),
    ("content", |bytes| pdf_with(bytes, b"")),
    ("cmap", |bytes| {
        pdf_with(
            b"BT /F1 9 Tf 9 99 Td <00410042FFFF00> Tj /F2 9 Tf (ABC) Tj ET",
            bytes,
        )
    }),
    ("text", <[u8]>::to_vec),
    ("markdown", |bytes| [b"# T\n\n[a](b.c)\n\n", bytes].concat()),
    ("html", |bytes| [b"<html><body>", bytes].concat()),
    ("docx", docx_with),
];

/// Reads an input. Whatever it is, there is a document that keeps its promises or an error that is no bug.
pub(crate) fn read(input: &[u8]) {
    let mut config = Config::new();
    // A fuzzer looks for what is slow, too, and has no time for what is only large.
    for (key, value) in [
        ("limits.decoded_bytes", "4000000"),
        ("limits.text_bytes", "1000000"),
        ("limits.operators", "1000000"),
        ("limits.forms", "2000"),
    ] {
        config.set(key, value).expect("a setting");
    }
    match document::read(input, &config, &Unobserved) {
        Ok(document) => check(&document, &config).expect("a structure"),
        Err(error) => assert_ne!(error.kind(), ErrorKind::Panic, "{error}"),
    }
}

fn check(document: &Document, config: &Config) -> Result<()> {
    let text = &document.text;
    assert!(!document.pages.is_empty());
    let mut end = 0;
    for line in &document.lines {
        assert!(line.range.start >= end && text.get(line.range.clone()).is_some());
        end = line.range.end;
    }
    for block in &document.blocks {
        assert!(text.get(block.range.clone()).is_some());
        assert!(document.lines.get(block.lines.clone()).is_some());
        assert!((1..=document.pages.len()).contains(&(block.page as usize)));
    }
    let structure = document::structure::find(document, config, &Unobserved)?;
    for chunk in &structure.chunks {
        assert!(text.get(chunk.range.clone()).is_some());
    }
    Ok(())
}

/// A document of Word with this body.
fn docx_with(body: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive
        .start_file("word/document.xml", plain)
        .and_then(|()| Ok(archive.write_all(body)?))
        .and_then(|()| archive.finish())
        .expect("an archive in memory")
        .into_inner()
}

/// A file of one page: its content, and the CMap of its fonts.
fn pdf_with(content: &[u8], cmap: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut object = |out: &mut Vec<u8>, body: &[u8]| {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    let stream = |entries: &str, data: &[u8]| {
        let head = format!("<< {entries} /Length {} >>\nstream\n", data.len());
        [head.as_bytes(), data, b"\nendstream"].concat()
    };
    object(&mut out, b"<< /Type /Catalog /Pages 2 0 R >>");
    object(&mut out, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(
        &mut out,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 6 0 R >> \
          /Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /X /Encoding 5 0 R /ToUnicode 5 0 R \
          /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X >>] >> \
          /F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >> >> >> >>",
    );
    object(&mut out, &stream("", content));
    object(&mut out, &stream("", cmap));
    object(&mut out, &stream("/Subtype /Form /BBox [0 0 9 9]", content));
    let start = out.len();
    out.extend_from_slice(b"xref\n0 7\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let end = format!("trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
    out
}
