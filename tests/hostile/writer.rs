//! Writes PDF files for tests, as damaged as a test asks for.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A PDF file under construction. Object 1 is the catalog, object 2 the page tree.
pub(crate) struct Writer {
    pub(crate) objects: Vec<Vec<u8>>,
    pub(crate) kids: String,
    pub(crate) pages: usize,
    pub(crate) trailer: String,
}

pub(crate) const HELVETICA: &str = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> \
                             /F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >> >>";

impl Writer {
    pub(crate) fn new() -> Self {
        Writer {
            objects: vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), Vec::new()],
            kids: String::new(),
            pages: 0,
            trailer: String::new(),
        }
    }

    pub(crate) fn object(&mut self, body: impl Into<Vec<u8>>) -> usize {
        self.objects.push(body.into());
        self.objects.len()
    }

    pub(crate) fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let mut body = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.object(body)
    }

    pub(crate) fn flate(&mut self, entries: &str, data: &[u8]) -> usize {
        self.stream(&format!("{entries} /Filter /FlateDecode"), &deflate(data))
    }

    pub(crate) fn page(&mut self, content: usize, entries: &str) {
        let page = self.object(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R {entries} >>"
        ));
        self.kids.push_str(&format!("{page} 0 R "));
        self.pages += 1;
    }

    pub(crate) fn text_page(&mut self, content: &str) {
        let content = self.stream("", content.as_bytes());
        self.page(content, &format!("/Resources << {HELVETICA} >>"));
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.objects[1] = format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            self.kids, self.pages
        )
        .into_bytes();
        self.finish_without_pages()
    }

    /// The file with object 2 as it is.
    pub(crate) fn finish_without_pages(self) -> Vec<u8> {
        let mut out = b"%PDF-1.4\n".to_vec();
        let mut offsets = Vec::new();
        for (number, body) in (1..).zip(&self.objects) {
            offsets.push(out.len());
            out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        let size = offsets.len() + 1;
        out.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for offset in offsets {
            out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        out.extend_from_slice(
            format!(
                "trailer\n<< /Size {size} /Root 1 0 R {} >>\nstartxref\n{start}\n%%EOF\n",
                self.trailer
            )
            .as_bytes(),
        );
        out
    }
}

pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A zlib stream of `len` bytes, all of them `byte`, without ever holding them.
pub(crate) fn deflate_run(byte: u8, len: usize) -> Vec<u8> {
    let block = vec![byte; 1 << 20];
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut left = len;
    while left > 0 {
        let now = left.min(block.len());
        encoder.write_all(&block[..now]).unwrap();
        left -= now;
    }
    encoder.finish().unwrap()
}

pub(crate) fn pdf_of(content: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.text_page(content);
    writer.finish()
}

/// A file whose form number `n` draws form `next(n)` so many times.
pub(crate) fn forms(count: usize, draws: usize, next: impl Fn(usize) -> usize) -> Vec<u8> {
    let mut writer = Writer::new();
    let first = writer.objects.len() + 1;
    for form in 0..count {
        writer.stream(
            &format!(
                "/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {} 0 R >> >>",
                first + next(form)
            ),
            format!("() Tj {}", "/X Do ".repeat(draws)).as_bytes(),
        );
    }
    let content = writer.stream("", b"/X Do");
    writer.page(
        content,
        &format!("/Resources << /XObject << /X {first} 0 R >> >>"),
    );
    writer.finish()
}

/// Codes of LZW where each is one longer than the one before: 3,800 codes for 7 million bytes.
pub(crate) fn lzw_bomb() -> Vec<u8> {
    let mut bits = Vec::new();
    let mut put = |code: u32, length: u32| {
        bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
    };
    put(256, 9);
    put(u32::from(b' '), 9);
    for code in 258..4_000_u32 {
        let known = code + 1;
        put(
            code,
            match known {
                0..=511 => 9,
                512..=1023 => 10,
                1024..=2047 => 11,
                _ => 12,
            },
        );
    }
    bits.chunks(8)
        .map(|byte| {
            byte.iter()
                .fold(0, |value, bit| value << 1 | u8::from(*bit))
                << (8 - byte.len())
        })
        .collect()
}

/// A file with a cross-reference stream: objects 1 and 2, the catalog and the page tree, stand in the object
/// stream 3.
pub(crate) fn with_object_stream(objects: &[u8], first: usize, entries: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n".to_vec();
    let at = out.len();
    out.extend_from_slice(
        format!(
            "3 0 obj\n<< /Type /ObjStm /N 2 /First {first} {entries} /Length {} >>\nstream\n",
            objects.len()
        )
        .as_bytes(),
    );
    out.extend_from_slice(objects);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    let start = out.len();
    let mut xref = vec![0, 0, 0, 0, 0, 2, 0, 0, 3, 0, 2, 0, 0, 3, 1, 1];
    xref.extend_from_slice(&(at as u32).to_be_bytes()[1..]);
    xref.extend_from_slice(&[0, 1]);
    xref.extend_from_slice(&(start as u32).to_be_bytes()[1..]);
    xref.push(0);
    out.extend_from_slice(
        format!(
            "4 0 obj\n<< /Type /XRef /Size 5 /W [1 3 1] /Root 1 0 R /Length {} >>\nstream\n",
            xref.len()
        )
        .as_bytes(),
    );
    out.extend_from_slice(&xref);
    out.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF").as_bytes());
    out
}
