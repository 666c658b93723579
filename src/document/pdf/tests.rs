//! Small PDF files made here, read back.

// Shared with tests that ask for other parts of it.
#[allow(dead_code)]
#[path = "../../../tests/hostile/writer.rs"]
mod writer;

use self::writer::{HELVETICA, Writer, deflate, forms, lzw_bomb, pdf_of, with_object_stream};
use super::*;
use crate::document::{self, Block, BlockKind};
use crate::progress::Unobserved;

fn read_with(bytes: &[u8], settings: &[(&str, &str)]) -> Result<Document> {
    let mut config = Config::new();
    for (key, value) in settings {
        config.set(key, value).unwrap();
    }
    document::read(bytes, &config, &Unobserved)
}

fn read_content(content: &str) -> Document {
    read_with(&pdf_of(content), &[]).unwrap()
}

/// The lines of the only page, blocks parted by an empty line.
fn text_of(content: &str) -> String {
    let text = read_content(content).text;
    text.trim_end_matches(['\n', '\x0c']).to_owned()
}

fn limit_of(result: Result<Document>) -> String {
    let error = result.expect_err("a limit");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    let found: f64 = error
        .field("found")
        .and_then(serde_json::Value::as_f64)
        .unwrap();
    let allowed: f64 = error
        .field("allowed")
        .and_then(serde_json::Value::as_f64)
        .unwrap();
    assert!(found > allowed, "{error}");
    error.field("limit").unwrap().as_str().unwrap().to_owned()
}

// -- the interpreter -----------------------------------------------------------------------------------

#[test]
fn every_show_operator_shows_its_string() {
    let content =
        "BT /F1 12 Tf 14 TL 72 700 Td (one) Tj (two) ' 0 0 (three) \" T* [(fo) 20 (ur)] TJ ET";
    assert_eq!(text_of(content), "one\ntwo\nthree\nfour");
}

#[test]
fn gaps_are_spaces_and_kerning_is_not() {
    let content = "BT /F1 10 Tf 72 700 Td [(gaps) -300 (are) -250 (spa) 30 (ces)] TJ ET";
    assert_eq!(text_of(content), "gaps are spaces");
}

#[test]
fn cells_of_a_table_row_are_not_glued() {
    let content = "BT /F1 10 Tf 1 0 0 1 72 700 Tm (left) Tj 1 0 0 1 100 700 Tm (middle) Tj \
                   1 0 0 1 300 700 Tm (right) Tj ET";
    assert_eq!(text_of(content), "left middle\nright");
}

#[test]
fn word_and_character_spacing_and_scaling_move_the_pen() {
    let document =
        read_content("BT /F1 10 Tf 50 Tz 1 Tc 5 Tw 72 700 Td (ab cd) Tj 0 Tc 0 Tw (x) Tj ET");
    assert_eq!(document.text, "ab cdx\n\n\x0c");
    let bounds = document.lines[0].bounds.unwrap();
    // a b space c d are 5.56 5.56 2.78 5.00 5.56; five character spaces, one word space, all halved; then x.
    let expected = 72.0 + (24.46 + 5.0 + 5.0 + 5.0) / 2.0;
    assert!((bounds.right - expected).abs() < 0.05, "{bounds:?}");
}

#[test]
fn saved_state_comes_back_and_unmatched_restores_do_no_harm() {
    let content = "Q Q q 2 0 0 2 0 0 cm BT /F1 6 Tf 36 350 Td (big) Tj ET Q BT /F1 6 Tf 72 600 Td (small) Tj ET";
    let document = read_content(content);
    let sizes: Vec<f32> = document.lines.iter().map(|line| line.size).collect();
    assert_eq!(sizes, [12.0, 6.0]);
}

#[test]
fn forms_are_run_where_they_are_drawn() {
    let mut writer = Writer::new();
    let form = writer.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 500 500] /Matrix [1 0 0 1 0 100] /Resources << {HELVETICA} >>"),
        b"BT /F1 10 Tf 72 300 Td (inside) Tj ET",
    );
    let content = writer.stream(
        "",
        b"BT /F1 10 Tf 72 500 Td (before) Tj ET /X Do BT /F1 10 Tf 72 300 Td (after) Tj ET",
    );
    writer.page(
        content,
        &format!("/Resources << {HELVETICA} /XObject << /X {form} 0 R >> >>"),
    );
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(document.text, "before\n\ninside\n\nafter\n\n\x0c");
    let bottom = document.lines[1].bounds.unwrap().bottom;
    assert!((bottom - (792.0 - 400.0 + 2.0)).abs() < 0.01);
}

#[test]
fn type3_fonts_measure_gaps_by_their_own_em() {
    let mut writer = Writer::new();
    let glyph = writer.stream("", b"25 0 d0");
    let font = format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [1 0 0 1 0 0] /FirstChar 97 /LastChar 99 \
         /Widths [25 25 25] /CharProcs << /a {glyph} 0 R >> /Encoding << /Differences [97 /a /b /c] >> >>"
    );
    let content = writer.stream(
        "",
        b"q 0.2 0 0 0.2 0 0 cm BT /F1 1 Tf 300 3000 Td [(ab) -16000 (c)] TJ ET Q",
    );
    writer.page(content, &format!("/Resources << /Font << /F1 {font} >> >>"));
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(document.text, "ab c\n\n\x0c");
    assert!((document.lines[0].size - 10.0).abs() < 0.01);
}

#[test]
fn text_that_mentions_the_header_is_no_pdf() {
    assert!(is_pdf(b"%PDF-1.7") && is_pdf(b"\r\n%PDF-1.7"));
    assert!(!is_pdf(
        b"# Formats\nA file that begins with %PDF-1.4 is a PDF file."
    ));
    assert!(is_pdf(
        &[b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), pdf_of("")].concat()
    ));
}

#[test]
fn replacement_text_replaces_the_glyphs_once() {
    let content = "BT /F1 10 Tf 72 700 Td /Span << /ActualText (two words) >> BDC (xy) Tj (z) Tj EMC ( more) Tj ET";
    assert_eq!(text_of(content), "two words more");
}

#[test]
fn layers_switched_off_are_not_read() {
    let mut writer = Writer::new();
    let on = writer.object("<< /Type /OCG /Name (on) >>");
    let off = writer.object("<< /Type /OCG /Name (off) >>");
    writer.objects[0] = format!(
        "<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [{on} 0 R {off} 0 R] /D << /OFF [{off} 0 R] >> >> >>"
    )
    .into_bytes();
    let content = writer.stream(
        "",
        b"BT /F1 10 Tf 72 700 Td /OC /A BDC (shown) Tj EMC /OC /B BDC ( hidden) Tj EMC ET",
    );
    writer.page(
        content,
        &format!("/Resources << {HELVETICA} /Properties << /A {on} 0 R /B {off} 0 R >> >>"),
    );
    assert_eq!(
        read_with(&writer.finish(), &[]).unwrap().text,
        "shown\n\n\x0c"
    );
}

#[test]
fn annotations_are_read_unless_hidden() {
    let mut writer = Writer::new();
    let form = |writer: &mut Writer, text: &str| {
        writer.stream(
            &format!("/Subtype /Form /BBox [0 0 100 20] /Resources << {HELVETICA} >>"),
            format!("BT /F1 10 Tf 2 5 Td ({text}) Tj ET").as_bytes(),
        )
    };
    let (field, secret) = (form(&mut writer, "field"), form(&mut writer, "secret"));
    let content = writer.stream("", b"");
    writer.page(
        content,
        &format!(
            "/Annots [<< /Subtype /Widget /Rect [72 600 272 640] /AP << /N {field} 0 R >> >> \
             << /Subtype /Widget /F 2 /Rect [72 500 172 520] /AP << /N {secret} 0 R >> >>]"
        ),
    );
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(document.text, "field\n\n\x0c");
    // Twice the size of its form: 10 points become 20.
    assert!((document.lines[0].size - 20.0).abs() < 0.01);
}

#[test]
fn fields_without_an_appearance_show_their_values() {
    let mut writer = Writer::new();
    let content = writer.stream("", b"");
    let empty = writer.stream("/Subtype /Form /BBox [0 0 100 20]", b"/Tx BMC EMC");
    let name = writer.object("<< /FT /Tx /T (name) /V (Ada Lovelace) >>");
    let at = "/Rect [72 600 272 640]";
    writer.page(
        content,
        &format!(
            "/Annots [<< /Subtype /Widget {at} /Parent {name} 0 R /AP << /N {empty} 0 R >> >> \
             << /Subtype /Widget {at} /FT /Tx /Ff 8192 /V (secret) >> \
             << /Subtype /Widget {at} /FT /Btn /V /Yes >> \
             << /Subtype /FreeText /Rect [72 500 272 540] /Contents (A note\\nof two lines) >>]"
        ),
    );
    let bytes = writer.finish();
    let text = |settings: &[(&str, &str)]| read_with(&bytes, settings).unwrap().text;
    assert_eq!(text(&[]), "Ada Lovelace\n\nA note\nof two lines\n\n\x0c");
    assert_eq!(
        text(&[("document.annotations", "false")]),
        "Ada Lovelace\n\n\x0c"
    );
    assert_eq!(
        text(&[("document.form_fields", "false")]),
        "A note\nof two lines\n\n\x0c"
    );
}

#[test]
fn rotated_pages_read_like_upright_ones() {
    let mut writer = Writer::new();
    let content = writer.stream(
        "",
        b"BT /F1 10 Tf 0 1 -1 0 100 100 Tm (first line) Tj 0 1 -1 0 112 100 Tm (second line) Tj ET",
    );
    writer.page(content, &format!("/Rotate 90 /Resources << {HELVETICA} >>"));
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(document.text, "first line\nsecond line\n\n\x0c");
    let bounds = document.lines[0].bounds.unwrap();
    assert!(bounds.right - bounds.left > bounds.bottom - bounds.top);
}

#[test]
fn contents_in_several_streams_are_one() {
    let mut writer = Writer::new();
    let one = writer.flate("", b"BT /F1 10 Tf 72 700 Td (he) Tj");
    let two = writer.flate("", b"(llo) Tj ET");
    let page = writer.object(format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents [{one} 0 R 99 0 R null {two} 0 R] /Resources << {HELVETICA} >> >>"
    ));
    writer.kids = format!("{page} 0 R");
    writer.pages = 1;
    assert_eq!(
        read_with(&writer.finish(), &[]).unwrap().text,
        "hello\n\n\x0c"
    );
}

// -- lines, words, blocks ------------------------------------------------------------------------------

#[test]
fn text_outside_the_page_is_not_read() {
    let content = "BT /F1 10 Tf 1 0 0 1 72 700 Tm (inside) Tj 1 0 0 1 72 900 Tm (above) Tj 1 0 0 1 700 500 Tm (beside) Tj \
                   1e30 0 0 1e30 72 400 Tm (huge) Tj ET";
    assert_eq!(text_of(content), "inside");
}

#[test]
fn superscripts_stay_on_their_line() {
    let content =
        "BT /F1 10 Tf 72 700 Td (word) Tj /F1 7 Tf 4 Ts (12) Tj 0 Ts /F1 10 Tf ( goes on) Tj ET";
    assert_eq!(text_of(content), "word12 goes on");
}

#[test]
fn text_drawn_twice_for_boldness_is_read_once() {
    let content = "BT /F1 10 Tf 1 0 0 1 72 700 Tm (heading) Tj 1 0 0 1 72.3 700 Tm (heading) Tj ET";
    assert_eq!(text_of(content), "heading");
    // Letter by letter, the wide ones too.
    let content = "BT /F1 10 Tf 1 0 0 1 72 700 Tm (W) Tj 1 0 0 1 72.3 700 Tm (W) Tj (i) Tj 1 0 0 1 82.04 700 Tm (i) Tj \
                   (M) Tj 1 0 0 1 84.56 700 Tm (M) Tj ET";
    assert_eq!(text_of(content), "WiM");
}

#[test]
fn columns_are_blocks_in_drawing_order() {
    let column = |x: u32, words: &str| {
        words
            .split(' ')
            .enumerate()
            .map(|(line, word)| {
                format!(
                    "1 0 0 1 {x} {} Tm ({word} fills the line) Tj ",
                    700 - 12 * line
                )
            })
            .collect::<String>()
    };
    let content = format!(
        "BT /F1 10 Tf {}{}ET",
        column(72, "a b c"),
        column(320, "d e")
    );
    assert_eq!(
        text_of(&content),
        "a fills the line\nb fills the line\nc fills the line\n\nd fills the line\ne fills the line"
    );
}

#[test]
fn a_caption_is_a_block_of_its_own() {
    let content = lines_at_leading(&[
        "The text above",
        "Figure 2: What it",
        "shows. Text that",
        "Figure 2 shows.",
    ]);
    assert_eq!(
        text_of(&content),
        "The text above\n\nFigure 2: What it\nshows. Text that\nFigure 2 shows."
    );
}

#[test]
fn boxes_drawn_in_any_order_are_read_from_the_head_of_the_page() {
    let boxes = [
        ("last", 100),
        ("third", 300),
        ("second", 500),
        ("first", 700),
    ];
    let content: String = boxes
        .iter()
        .map(|(text, y)| format!("BT /F1 10 Tf 72 {y} Td ({text}) Tj ET "))
        .collect();
    assert_eq!(text_of(&content), "first\n\nsecond\n\nthird\n\nlast");
}

#[test]
fn a_heading_is_a_block_of_its_own_and_knows_size_and_weight() {
    let content = "BT /F2 10 Tf 12 TL 72 700 Td (1 Introduction) Tj /F1 10 Tf T* (Text begins here) Tj T* (and goes on) Tj ET";
    let document = read_content(content);
    assert_eq!(
        document.text,
        "1 Introduction\n\nText begins here\nand goes on\n\n\x0c"
    );
    assert!(document.lines[0].bold && !document.lines[1].bold);
    assert_eq!(document.blocks.len(), 2);
}

#[test]
fn bold_words_that_begin_a_paragraph_do_not_part_it() {
    let content = "BT /F2 10 Tf 12 TL 72 700 Td (Scheduling compaction.) Tj /F1 10 Tf ( The first) Tj T* (paragraph goes on) Tj ET";
    assert_eq!(
        text_of(content),
        "Scheduling compaction. The first\nparagraph goes on"
    );
}

fn lines_at_leading(lines: &[&str]) -> String {
    let shown: String = lines
        .iter()
        .map(|line| format!("({line}) Tj T* "))
        .collect();
    format!("BT /F1 10 Tf 12 TL 72 700 Td {shown}ET")
}

#[test]
fn words_broken_at_the_line_end_are_joined() {
    let content = lines_at_leading(&["This is inter-", "national, and", "so on"]);
    assert_eq!(text_of(&content), "This is international,\nand\nso on");
}

#[test]
fn a_words_own_hyphen_is_kept() {
    let elsewhere = lines_at_leading(&["a well-known fact", "is well-", "known now"]);
    assert_eq!(text_of(&elsewhere), "a well-known fact\nis well-known\nnow");
    let chain = lines_at_leading(&["the state-of-", "the-art method"]);
    assert_eq!(text_of(&chain), "the state-of-the-art\nmethod");
    let compound = lines_at_leading(&["mixed results in this mode", "and a mixed-", "mode run"]);
    assert_eq!(
        text_of(&compound),
        "mixed results in this mode\nand a mixed-mode\nrun"
    );
}

#[test]
fn hyphens_before_capitals_and_numbers_stay_as_they_are() {
    let content = lines_at_leading(&["Hewlett-", "Packard 2006-", "2007"]);
    assert_eq!(text_of(&content), "Hewlett-\nPackard 2006-\n2007");
}

#[test]
fn dehyphenation_can_be_switched_off() {
    let bytes = pdf_of(&lines_at_leading(&["inter-", "national"]));
    let document = read_with(&bytes, &[("document.dehyphenate", "false")]).unwrap();
    assert_eq!(document.text, "inter-\nnational\n\n\x0c");
}

#[test]
fn a_word_over_three_lines_is_joined_and_empty_lines_vanish() {
    let content = lines_at_leading(&["an inter-", "na-", "tional word"]);
    let document = read_content(&content);
    assert_eq!(document.text, "an international\nword\n\n\x0c");
    assert_eq!(document.lines.len(), 2);
}

fn encoded_font(names: &str) -> String {
    format!(
        "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica \
         /Encoding << /Differences [1 {names}] >> >> >> >>"
    )
}

fn text_with_names(names: &str, content: &str) -> String {
    let mut writer = Writer::new();
    let content = writer.stream("", content.as_bytes());
    writer.page(content, &encoded_font(names));
    let text = read_with(&writer.finish(), &[]).unwrap().text;
    text.trim_end_matches(['\n', '\x0c']).to_owned()
}

#[test]
fn ligatures_are_spelled_out() {
    let content = "BT /F1 10 Tf 72 700 Td (e\\001cient \\002rst \\003uid) Tj ET";
    assert_eq!(
        text_with_names("/ffi /fi /fl", content),
        "efficient first fluid"
    );
}

#[test]
fn accents_drawn_over_letters_are_one_character() {
    // The accent is 3.33 wide; the letter begins where the accent does.
    let content = "BT /F1 10 Tf 72 700 Td [(na\\001) 333 (\\002ve)] TJ ET";
    assert_eq!(text_with_names("/dieresis /dotlessi", content), "naïve");
}

/// A page in a font with glyphs half an em wide that are called `names`.
fn text_with_wide_names(names: &str, content: &str) -> String {
    let mut writer = Writer::new();
    let content = writer.stream("", content.as_bytes());
    let widths = "500 ".repeat(names.split('/').count() - 1);
    writer.page(
        content,
        &format!(
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Plain /FirstChar 1 /LastChar 255 \
             /Widths [{widths}] /Encoding << /Differences [1 {names}] >> >> >> >>"
        ),
    );
    let text = read_with(&writer.finish(), &[]).unwrap().text;
    text.trim_end_matches(['\n', '\x0c']).to_owned()
}

#[test]
fn lines_from_right_to_left_read_from_the_right() {
    // Shalom, a space and a digit; the last one is a ligature of lamed and vav.
    let names = "/uni05E9 /uni05DC /uni05D5 /uni05DD /space /one /uni05DC05D5";
    let seen = "BT /F1 10 Tf 72 700 Td (\\006\\006\\005\\004\\003\\002\\001) Tj ET";
    assert_eq!(text_with_wide_names(names, seen), "שלום 11");
    let with_ligature = "BT /F1 10 Tf 72 700 Td (\\004\\007\\001) Tj ET";
    assert_eq!(text_with_wide_names(names, with_ligature), "שלום");
    let read = "BT /F1 10 Tf 172 700 Td (\\001) Tj -5 0 Td (\\002) Tj -5 0 Td (\\003) Tj -5 0 Td (\\004) Tj \
                -10 0 Td (\\001) Tj -5 0 Td (\\007) Tj -5 0 Td (\\004) Tj ET";
    assert_eq!(text_with_wide_names(names, read), "שלום שלום");
}

#[test]
fn gaps_part_no_words_of_scripts_without_spaces() {
    let content = "BT /F1 10 Tf 72 700 Td [(\\001) -400 (\\002) -400 (\\003) -400 (\\003)] TJ ET";
    assert_eq!(
        text_with_wide_names("/uni76EE /uni6B21 /A", content),
        "目次 A A"
    );
}

#[test]
fn soft_hyphens_are_always_joined() {
    let content = "BT /F1 10 Tf 12 TL 72 700 Td (Spi\\001) Tj T* (Der) Tj ET";
    assert_eq!(text_with_names("/uni00AD", content), "SpiDer");
}

/// A TrueType font without outlines whose table of characters holds `chars` with their glyphs.
fn true_type(chars: &[(char, u32)]) -> Vec<u8> {
    let mut head = [0; 54];
    head[..4].copy_from_slice(&[0, 1, 0, 0]);
    head[12..20].copy_from_slice(&[0x5f, 0x0f, 0x3c, 0xf5, 0, 0, 0x03, 0xe8]);
    // 256 glyphs, no outlines.
    let maxp = [0, 0, 0x50, 0, 1, 0];
    // Version 0, one table for Windows and all of Unicode, in groups (format 12).
    let mut cmap = vec![0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0];
    let numbers = [16 + 12 * chars.len() as u32, 0, chars.len() as u32];
    let groups = chars
        .iter()
        .flat_map(|&(c, glyph)| [u32::from(c), u32::from(c), glyph]);
    cmap.extend(numbers.into_iter().chain(groups).flat_map(u32::to_be_bytes));
    let tables = [(b"cmap", &cmap[..]), (b"head", &head), (b"maxp", &maxp)];
    let mut font = vec![0, 1, 0, 0, 0, tables.len() as u8, 0, 0, 0, 0, 0, 0];
    let mut offset = font.len() + 16 * tables.len();
    for (tag, table) in tables {
        font.extend(tag);
        font.extend(
            [0, offset as u32, table.len() as u32]
                .into_iter()
                .flat_map(u32::to_be_bytes),
        );
        offset += table.len();
    }
    tables.iter().for_each(|(_, table)| font.extend(*table));
    font
}

#[test]
fn glyphs_without_characters_in_the_file_have_those_of_the_font() {
    let mut writer = Writer::new();
    let program = writer.stream("", &true_type(&[('f', 17), ('é', 9), ('字', 200)]));
    let descriptor = writer.object(format!(
        "<< /Type /FontDescriptor /Flags 4 /FontFile2 {program} 0 R >>"
    ));
    let descendant = writer.object(format!(
        "<< /Type /Font /Subtype /CIDFontType2 /FontDescriptor {descriptor} 0 R \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    ));
    let content = writer.stream("", b"BT /F1 10 Tf 72 700 Td <0011000900C80012> Tj ET");
    writer.page(
        content,
        &format!(
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type0 /Encoding /Identity-H \
             /DescendantFonts [{descendant} 0 R] >> >> >>"
        ),
    );
    // Nobody knows the last one.
    assert_eq!(
        read_with(&writer.finish(), &[]).unwrap().text,
        "fé字\n\n\x0c"
    );
}

/// A page that shows `shown` in a bitmap font of TeX's whose glyphs, half an em wide but for the narrow i, are called by
/// their codes.
fn text_in_bitmaps(shown: &[u8], prefix: &str, to_unicode: &str) -> String {
    let mut writer = Writer::new();
    let glyph = writer.stream("", b"25 0 d0");
    let mut codes = shown.to_vec();
    codes.sort_unstable();
    codes.dedup();
    let glyphs: String = codes
        .iter()
        .map(|code| format!("/{prefix}{code} {glyph} 0 R "))
        .collect();
    let names: String = codes
        .iter()
        .map(|code| format!("{code} /{prefix}{code} "))
        .collect();
    let widths: String = (0..=255)
        .map(|code| if code == b'i' { "28 " } else { "50 " })
        .collect();
    let cmap = writer.stream("", to_unicode.as_bytes());
    let to_unicode = match to_unicode {
        "" => String::new(),
        _ => format!("/ToUnicode {cmap} 0 R"),
    };
    let font = format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 100 100] /FontMatrix [.01 0 0 .01 0 0] /FirstChar 0 /LastChar 255 \
         /Widths [{widths}] /CharProcs << {glyphs} >> /Encoding << /Differences [{names}] >> {to_unicode} >>"
    );
    let hex: String = shown.iter().map(|code| format!("{code:02X}")).collect();
    let content = format!("BT /F1 10 Tf 72 700 Td <{hex}> Tj ET");
    let content = writer.stream("", content.as_bytes());
    writer.page(content, &format!("/Resources << /Font << /F1 {font} >> >>"));
    let text = read_with(&writer.finish(), &[]).unwrap().text;
    text.trim_end_matches(['\n', '\x0c']).to_owned()
}

#[test]
fn bitmaps_of_tex_are_read_by_their_codes() {
    let old = b"\\E\x0ecient\"{x,di\x0berent,\x1cuvre.";
    assert_eq!(
        text_in_bitmaps(old, "a", ""),
        "“Efficient”–x,different,øuvre."
    );
    let cork = b"\x10E\x1ecient\x11\x15x,di\x1berent,\xf7uvre,f\xfcr,\xe9t\xe9.";
    assert_eq!(
        text_in_bitmaps(cork, "a", ""),
        "“Efficient”–x,different,œuvre,für,été."
    );
    let signs = b"\x88\xa9";
    assert_eq!(text_in_bitmaps(signs, "a", ""), "•©");
}

#[test]
fn letters_of_tex_are_no_dingbats() {
    let dingbats = "1 beginbfrange <61> <7A> <275B> endbfrange";
    assert_eq!(text_in_bitmaps(b"stars,i.", "a", dingbats), "stars,i.");
    // Where the table of characters says something else, it is asked.
    let shifted = "1 beginbfrange <61> <79> <0062> endbfrange";
    assert_eq!(text_in_bitmaps(b"abci", "a", shifted), "bcdj");
}

#[test]
fn letters_of_formulas_are_no_ligatures() {
    assert_eq!(text_in_bitmaps(b"i\x0bn", "a", ""), "i n");
}

/// What is left of a page of twenty lines with a number beside each, and what the numbers are.
fn without_numbers(number: impl Fn(u32) -> String) -> (String, Vec<String>) {
    let mut content = "BT /F1 10 Tf ".to_owned();
    for row in 0..20_u32 {
        let y = 700 - 12 * row;
        let line = match row {
            4 => "the lines of this draft are counted, and one ends in a hyphen-",
            5 => "ated word, though numbers stand between the two halves of it as",
            _ => "words of a draft go on and on over the whole width of the page and",
        };
        content.push_str(&number(row + 96));
        content.push_str(&format!("1 0 0 1 72 {y} Tm ({line}) Tj "));
    }
    content.push_str("ET");
    let document = read_content(&content);
    let of_kind = |kind: BlockKind| -> Vec<String> {
        let blocks = document.blocks.iter().filter(|block| block.kind == kind);
        blocks
            .map(|block| document.text[block.range.clone()].to_owned())
            .collect()
    };
    (
        of_kind(BlockKind::Paragraph).join("\n\n"),
        of_kind(BlockKind::Furniture),
    )
}

#[test]
fn numbers_of_lines_are_furniture() {
    // Beside each line, in small print, as LaTeX's lineno has them.
    let beside = |number: u32| {
        let y = 700 - 12 * (number - 96);
        let x = if number < 100 { 55.6 } else { 52.8 };
        format!("/F1 5 Tf 1 0 0 1 {x} {y} Tm ({number}) Tj /F1 10 Tf ")
    };
    // Run into the line, as word processors have them.
    let run_in = |number: u32| {
        let y = 700 - 12 * (number - 96);
        let x = if number < 100 { 46.9 } else { 41.3 };
        format!("1 0 0 1 {x} {y} Tm ({number}) Tj ")
    };
    for (text, numbers) in [without_numbers(beside), without_numbers(run_in)] {
        assert!(!text.contains(char::is_numeric), "{text}");
        assert!(text.contains("hyphenated"), "{text}");
        assert!(!text.contains("\n\n"), "one paragraph: {text}");
        assert_eq!(numbers.join("\n").split_whitespace().count(), 20);
    }
}

#[test]
fn running_headers_and_page_numbers_are_furniture() {
    let mut writer = Writer::new();
    for (page, body) in ["alpha beta", "gamma delta", "epsilon zeta"]
        .iter()
        .enumerate()
    {
        writer.text_page(&format!(
            "BT /F1 9 Tf 1 0 0 1 72 760 Tm (Journal of Examples, page {}) Tj \
             /F1 10 Tf 1 0 0 1 72 500 Tm ({body}) Tj 1 0 0 1 300 30 Tm ({}) Tj ET",
            page + 1,
            page + 1
        ));
    }
    let document = read_with(&writer.finish(), &[]).unwrap();
    let of_kind = |kind: BlockKind| -> Vec<&str> {
        let text = |block: &Block| document.text.get(block.range.clone()).unwrap();
        document
            .blocks
            .iter()
            .filter(|block| block.kind == kind)
            .map(text)
            .collect()
    };
    assert_eq!(
        of_kind(BlockKind::Paragraph),
        ["alpha beta", "gamma delta", "epsilon zeta"]
    );
    assert_eq!(of_kind(BlockKind::Furniture).len(), 6);
}

#[test]
fn running_headers_of_pages_with_wide_margins_are_furniture() {
    let mut writer = Writer::new();
    for (page, body) in ["alpha beta", "gamma delta", "epsilon zeta"]
        .iter()
        .enumerate()
    {
        // An eighth of the page lies above the header. The first number of a table is no page number.
        writer.text_page(&format!(
            "BT /F1 9 Tf 1 0 0 1 72 686 Tm (ON THE PLACEMENT OF BATS) Tj 1 0 0 1 500 686 Tm ({}) Tj \
             /F1 10 Tf 1 0 0 1 72 650 Tm ({body} {page}) Tj ET",
            page + 11
        ));
    }
    writer.text_page("BT /F1 10 Tf 1 0 0 1 72 670 Tm (17) Tj 1 0 0 1 72 650 Tm (eta theta) Tj ET");
    let document = read_with(&writer.finish(), &[]).unwrap();
    let kept: Vec<&str> = document
        .blocks
        .iter()
        .filter(|block| block.kind != BlockKind::Furniture)
        .map(|block| &document.text[block.range.clone()])
        .collect();
    assert_eq!(
        kept.join(" ").replace('\n', " "),
        "alpha beta 0 gamma delta 1 epsilon zeta 2 17 eta theta"
    );
}

#[test]
fn what_stands_beside_page_numbers_is_furniture_however_it_changes() {
    let mut writer = Writer::new();
    for (page, name) in ["Preface", "Tools", "Methods", "Results"]
        .iter()
        .enumerate()
    {
        writer.text_page(&format!(
            "BT /F1 9 Tf 1 0 0 1 72 760 Tm ({}) Tj 1 0 0 1 300 760 Tm ({name}) Tj \
             /F1 10 Tf 1 0 0 1 72 740 Tm (text of {name}) Tj ET",
            page + 1
        ));
    }
    let document = read_with(&writer.finish(), &[]).unwrap();
    for block in &document.blocks {
        let is_text = document.text[block.range.clone()].starts_with("text");
        assert_eq!(block.kind == BlockKind::Paragraph, is_text, "{block:?}");
    }
}

#[test]
fn headings_at_the_head_of_pages_are_no_furniture_unless_they_come_back_soon() {
    let mut writer = Writer::new();
    for page in 1..=8 {
        // A heading that comes back, and one of a chapter, stand as high as the running header.
        let head = match page {
            2 | 5 | 7 => "/F1 16 Tf 1 0 0 1 72 760 Tm (Exercises) Tj",
            4 => "/F1 16 Tf 1 0 0 1 72 760 Tm (Bats) Tj",
            _ => "/F1 9 Tf 1 0 0 1 72 760 Tm (On Animals) Tj",
        };
        writer.text_page(&format!(
            "BT {head} /F1 16 Tf 1 0 0 1 72 40 Tm (The Press) Tj \
             /F1 10 Tf 1 0 0 1 72 500 Tm (much text of page {page} and more of it) Tj ET"
        ));
    }
    let document = read_with(&writer.finish(), &[]).unwrap();
    for block in &document.blocks {
        let text = &document.text[block.range.clone()];
        let furniture = matches!(text, "On Animals" | "The Press");
        assert_eq!(block.kind == BlockKind::Furniture, furniture, "{text}");
    }
}

#[test]
fn words_are_joined_across_furniture_and_pages() {
    let mut writer = Writer::new();
    writer.text_page("BT /F1 10 Tf 1 0 0 1 72 90 Tm (the inter-) Tj 1 0 0 1 300 30 Tm (1) Tj ET");
    writer
        .text_page("BT /F1 10 Tf 1 0 0 1 300 30 Tm (2) Tj 1 0 0 1 72 700 Tm (national one) Tj ET");
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(
        document.text,
        "the international\n\n1\n\n\x0c2\n\none\n\n\x0c"
    );
}

#[test]
fn ranges_hold_together() {
    let mut writer = Writer::new();
    writer.text_page(&lines_at_leading(&[
        "Gr\\366\\337e of the inter-",
        "national",
        "",
        "fi",
    ]));
    writer.text_page("");
    writer.text_page(&lines_at_leading(&["end"]));
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_ranges(&document);
    assert_eq!(document.pages.len(), 3);
    assert_eq!(document.page_of(document.text.find("end").unwrap()), 3);
}

/// What every document promises.
fn assert_ranges(document: &Document) {
    let text = &document.text;
    assert!(!document.pages.is_empty());
    for page in &document.pages {
        assert_eq!(text.get(page.end..page.end + 1), Some("\x0c"));
    }
    let mut line_end = 0;
    for line in &document.lines {
        assert!(line.range.start >= line_end && !line.range.is_empty());
        assert_eq!(text.get(line.range.end..line.range.end + 1), Some("\n"));
        assert!(!text[line.range.clone()].contains(['\n', '\x0c']));
        line_end = line.range.end;
    }
    let mut next_line = 0;
    for block in &document.blocks {
        assert_eq!(block.lines.start, next_line);
        next_line = block.lines.end;
        let lines = &document.lines[block.lines.clone()];
        assert_eq!(
            block.range,
            lines[0].range.start..lines[lines.len() - 1].range.end
        );
        assert!(text[block.range.end..].starts_with("\n\n"));
        let page = &document.pages[block.page as usize - 1];
        assert!(page.start <= block.range.start && block.range.end <= page.end);
    }
    assert_eq!(next_line, document.lines.len());
}

// -- metadata ------------------------------------------------------------------------------------------

#[test]
fn metadata_is_decoded_from_both_encodings() {
    let mut writer = Writer::new();
    writer.text_page("");
    let info = writer.object(
        "<< /Title <FEFF00DC0062006500720020D83DDE00> /Author (Ren\\351 \\205 Co) /Subject (  ) \
         /Keywords <EFBBBFC3A42C2062> >>",
    );
    writer.trailer = format!("/Info {info} 0 R");
    let metadata = read_with(&writer.finish(), &[]).unwrap().metadata;
    assert_eq!(metadata.title.as_deref(), Some("Über 😀"));
    assert_eq!(metadata.author.as_deref(), Some("René – Co"));
    assert_eq!(metadata.subject, None);
    assert_eq!(metadata.keywords.as_deref(), Some("ä, b"));
}

#[test]
fn outlines_are_read_in_their_order() {
    let mut writer = Writer::new();
    writer.text_page("BT /F1 10 Tf 72 700 Td (text) Tj ET");
    let outline = writer.objects.len() + 1;
    let entries = [
        (
            "<FEFF004F006E0065>",
            format!("/First {} 0 R /Next {} 0 R", outline + 2, outline + 4),
        ),
        ("(Below)", format!("/Next {} 0 R", outline + 3)),
        // Leads back.
        ("(Beside)", format!("/Next {} 0 R", outline + 2)),
        ("(Two)", String::new()),
    ];
    writer.object(format!("<< /First {} 0 R >>", outline + 1));
    for (title, links) in entries {
        writer.object(format!("<< /Title {title} {links} >>"));
    }
    writer.objects[0] =
        format!("<< /Type /Catalog /Pages 2 0 R /Outlines {outline} 0 R >>").into_bytes();
    let document = read_with(&writer.finish(), &[]).unwrap();
    let found: Vec<(u8, &str)> = document
        .bookmarks
        .iter()
        .map(|bookmark| (bookmark.level, bookmark.title.as_str()))
        .collect();
    assert_eq!(found[..3], [(1, "One"), (2, "Below"), (2, "Beside")]);
    assert!(found.len() <= 20_000);
}

#[test]
fn documents_without_text_say_why() {
    let blank = read_content("0 0 m 10 10 l S");
    assert!(blank.warnings[0].contains("blank"), "{:?}", blank.warnings);
    assert_eq!(blank.text, "\x0c");
    let mut writer = Writer::new();
    let image = writer.stream(
        "/Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        b"x",
    );
    let content = writer.stream("", b"q 612 0 0 792 0 0 cm /I Do Q");
    writer.page(
        content,
        &format!("/Resources << /XObject << /I {image} 0 R >> >>"),
    );
    let scanned = read_with(&writer.finish(), &[]).unwrap();
    assert!(
        scanned.warnings[0].contains("no text layer"),
        "{:?}",
        scanned.warnings
    );
}

// -- limits --------------------------------------------------------------------------------------------

#[test]
fn the_limit_on_pages_is_kept() {
    let mut writer = Writer::new();
    for _ in 0..4 {
        writer.text_page("");
    }
    let bytes = writer.finish();
    assert_eq!(
        limit_of(read_with(&bytes, &[("limits.pages", "3")])),
        "limits.pages"
    );
    assert!(read_with(&bytes, &[("limits.pages", "4")]).is_ok());
}

#[test]
fn the_limit_on_operators_is_kept() {
    let bytes = pdf_of(&"q Q ".repeat(5_000));
    assert_eq!(
        limit_of(read_with(&bytes, &[("limits.operators", "5000")])),
        "limits.operators"
    );
}

#[test]
fn the_limit_on_text_is_kept_within_one_string_too() {
    let bytes = pdf_of(&format!("BT /F1 0.001 Tf ({}) Tj ET", "a".repeat(100_000)));
    assert_eq!(
        limit_of(read_with(&bytes, &[("limits.text_bytes", "5000")])),
        "limits.text_bytes"
    );
}

#[test]
fn a_content_stream_that_inflates_without_end_is_stopped() {
    let mut writer = Writer::new();
    let content = writer.flate("", &vec![b' '; 20_000_000]);
    writer.page(content, "");
    let bytes = writer.finish();
    assert!(bytes.len() < 30_000);
    let result = read_with(&bytes, &[("limits.decoded_bytes", "1000000")]);
    assert_eq!(limit_of(result), "limits.decoded_bytes");
}

#[test]
fn bombs_inside_bombs_are_stopped() {
    let mut writer = Writer::new();
    let once = deflate(&vec![b' '; 50_000_000]);
    let content = writer.stream("/Filter [/FlateDecode /FlateDecode]", &deflate(&once));
    writer.page(content, "");
    let result = read_with(&writer.finish(), &[("limits.decoded_bytes", "1000000")]);
    assert_eq!(limit_of(result), "limits.decoded_bytes");
}

fn brotli(data: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*data, &mut compressed, &parameters).unwrap();
    compressed
}

#[test]
fn brotli_streams_are_read() {
    let mut writer = Writer::new();
    let content = brotli(b"BT /F1 10 Tf 72 700 Td (compressed anew) Tj ET");
    let content = writer.stream("/Filter /BrotliDecode", &content);
    writer.page(content, &format!("/Resources << {HELVETICA} >>"));
    let document = read_with(&writer.finish(), &[]).unwrap();
    assert_eq!(document.text, "compressed anew\n\n\x0c");
}

#[test]
fn every_growing_filter_is_stopped() {
    // Run-length: 129 stands for 128 copies. LZW: clear, then one byte and codes that double what is known.
    let run: Vec<u8> = [129, b' '].repeat(500_000);
    for (filter, data) in [
        ("/RunLengthDecode", run),
        ("/LZWDecode", lzw_bomb()),
        ("/BrotliDecode", brotli(&[b' '; 20_000_000])),
    ] {
        let mut writer = Writer::new();
        let content = writer.stream(&format!("/Filter {filter}"), &data);
        writer.page(content, "");
        let result = read_with(&writer.finish(), &[("limits.decoded_bytes", "1000000")]);
        assert_eq!(limit_of(result), "limits.decoded_bytes", "{filter}");
    }
}

#[test]
fn an_object_stream_that_inflates_without_end_is_stopped() {
    let head =
        b"1 0 2 40 << /Type /Catalog /Pages 2 0 R >>       << /Type /Pages /Kids [] /Count 0 >> ";
    let mut objects = head.to_vec();
    objects.resize(20_000_000, b' ');
    let bytes = with_object_stream(&deflate(&objects), 9, "/Filter /FlateDecode");
    let result = read_with(&bytes, &[("limits.decoded_bytes", "1000000")]);
    assert_eq!(limit_of(result), "limits.decoded_bytes");
}

#[test]
fn a_predictor_row_of_any_length_allocates_nothing() {
    for columns in [
        "1000000000000",
        "18446744073709551615",
        "9223372036854775807",
    ] {
        let mut writer = Writer::new();
        let content = writer.flate(&format!("/DecodeParms << /Predictor 12 /Colors 255 /BitsPerComponent 16 /Columns {columns} >>"), b"BT ET");
        writer.page(content, "");
        assert!(read_with(&writer.finish(), &[]).is_ok());
    }
}

#[test]
fn forms_that_draw_themselves_end() {
    for bytes in [forms(1, 3, |_| 0), forms(2, 3, |form| 1 - form)] {
        match read_with(&bytes, &[]) {
            Ok(document) => assert_eq!(document.text, "\x0c"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Limit),
        }
    }
}

#[test]
fn forms_deeper_than_allowed_are_refused() {
    let bytes = forms(9, 1, |form| (form + 1).min(8));
    let settings = |depth| [("limits.form_depth", depth)];
    assert_eq!(
        limit_of(read_with(&bytes, &settings("8"))),
        "limits.form_depth"
    );
    assert!(read_with(&bytes, &settings("9")).is_ok());
}

#[test]
fn forms_that_double_at_every_level_end_at_the_limit_on_forms() {
    let bytes = forms(21, 2, |form| (form + 1).min(20));
    assert_eq!(
        limit_of(read_with(
            &bytes,
            &[("limits.forms", "1000"), ("limits.form_depth", "64")]
        )),
        "limits.forms"
    );
}

#[test]
fn widths_for_billions_of_characters_are_refused() {
    for (key, widths) in [
        ("W", "[0 4294967295 500]".to_owned()),
        ("W", "[0 65535 500]".repeat(1_000).replace("][", " ")),
        ("W2", "[0 4000000000 1 2 3]".to_owned()),
    ] {
        let font = format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type /Font \
             /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> \
             /{key} {widths} >>] >>"
        );
        assert_reads_at_once(&font);
    }
    assert_reads_at_once(
        "<< /Type /Font /Subtype /TrueType /BaseFont /X /FirstChar 99999999999 /LastChar 99999999999 /Widths [1] >>",
    );
}

fn assert_reads_at_once(font: &str) {
    let mut writer = Writer::new();
    let content = writer.stream("", b"BT /F1 10 Tf 72 700 Td <0041> Tj ET");
    writer.page(content, &format!("/Resources << /Font << /F1 {font} >> >>"));
    assert!(read_with(&writer.finish(), &[]).is_ok());
}

#[test]
fn a_cmap_over_all_codes_costs_nothing() {
    let mut writer = Writer::new();
    let cmap = writer.stream(
        "",
        b"1 begincodespacerange <00000000> <FFFFFFFF> endcodespacerange \
        2 beginbfrange <00000000> <FFFFFFFF> <0041> <0000> <FFFF> [<0041>] endbfrange \
        1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange",
    );
    assert_reads_at_once_with(&mut writer, cmap);
}

fn assert_reads_at_once_with(writer: &mut Writer, cmap: usize) {
    let font = format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding {cmap} 0 R /ToUnicode {cmap} 0 R /DescendantFonts [<< /Type /Font \
         /Subtype /CIDFontType2 /BaseFont /X >>] >>"
    );
    let content = writer.stream("", b"BT /F1 10 Tf 72 700 Td <00000041> Tj ET");
    writer.page(content, &format!("/Resources << /Font << /F1 {font} >> >>"));
    let bytes = std::mem::replace(writer, Writer::new()).finish();
    assert!(read_with(&bytes, &[]).is_ok());
}

/// Says stop from the `n`th question on.
struct StopAfter {
    left: std::sync::atomic::AtomicI64,
}

impl Observer for StopAfter {
    fn check(&self) -> Result<()> {
        match self.left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) {
            0.. => Ok(()),
            _ => Err(Error::new(ErrorKind::Cancelled, "stopped")),
        }
    }

    fn progress(&self, _: Stage, _: u64, _: u64, _: &str) {}
}

#[test]
fn the_observer_can_stop_within_one_page() {
    let bytes = pdf_of(&"q Q ".repeat(50_000));
    for questions in [0, 1, 5, 50] {
        let observer = StopAfter {
            left: questions.into(),
        };
        let error = document::read(&bytes, &Config::new(), &observer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn the_observer_can_stop_searches_through_damaged_files() {
    let strings = [b"%PDF-1.4\n".to_vec(), b"1 0 obj ( ".repeat(100_000)].concat();
    let images = pdf_of(&format!("BI ID {} \u{ff} EI", "EI ".repeat(300_000)));
    let mut config = Config::new();
    let unlimited = u64::MAX.to_string();
    config.set("limits.decoded_bytes", &unlimited).unwrap();
    config.set("limits.decoded_ratio", &unlimited).unwrap();
    for bytes in [strings, images] {
        let observer = StopAfter { left: 5.into() };
        let error = document::read(&bytes, &config, &observer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

// -- damage --------------------------------------------------------------------------------------------

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn deep_nesting_fits_a_small_stack() {
    let nested =
        |open: &str, close: &str| format!("{}0{}", open.repeat(20_000), close.repeat(20_000));
    for value in [
        nested("[", "]"),
        nested("<< /X ", " >>"),
        nested("[ << /X ", ">> ]"),
    ] {
        let content = pdf_of(&format!(
            "/Span {value} BDC {value} TJ BT /F1 10 Tf (x) Tj ET"
        ));
        let mut writer = Writer::new();
        let page = writer.stream("", b"/X Do");
        let nested = writer.object(value.clone());
        writer.page(
            page,
            &format!(
                "/Resources << /XObject << /X {nested} 0 R >> /Deep {value} >> /Annots {nested} 0 R"
            ),
        );
        let object = writer.finish();
        let broken = format!("%PDF-1.4\n1 0 obj {value}\n2 0 obj << /Root {value} >>").into_bytes();
        on_a_small_stack(move || {
            for bytes in [content, object, broken] {
                let _ = read_with(&bytes, &[]);
            }
        });
    }
}

#[test]
fn the_deepest_forms_allowed_fit_a_small_stack() {
    let bytes = forms(65, 1, |form| (form + 1).min(64));
    on_a_small_stack(move || {
        let result = read_with(&bytes, &[("limits.form_depth", "64")]);
        assert_eq!(limit_of(result), "limits.form_depth");
    });
}

#[test]
fn chained_references_fit_a_small_stack() {
    // The length of every object stream is told by an object in the next one.
    let mut streams = b"%PDF-1.5\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
        2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n\
        3 0 obj << /Type /Page /Parent 2 0 R /Contents 10 0 R >> endobj\n\
        10 0 obj << /Length 10001 0 R >>\nstream\nBT ET\nendstream endobj\n"
        .to_vec();
    for at in 1..3_000 {
        let (stream, held, length) = (10 + at, 10_000 + at, 10_001 + at);
        let body = format!("{held} 0 5    ");
        let first = body.len() - 5;
        streams.extend_from_slice(
            format!("{stream} 0 obj << /Type /ObjStm /N 1 /First {first} /Length {length} 0 R >>\nstream\n{body}\nendstream endobj\n").as_bytes(),
        );
    }
    streams.extend_from_slice(b"trailer << /Root 1 0 R >>\n%%EOF");
    // Every cross-reference table names one before it.
    let mut tables = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n".to_vec();
    let mut before = String::new();
    for _ in 0..5_000 {
        let at = tables.len();
        tables.extend_from_slice(
            format!("xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R {before} >>\n")
                .as_bytes(),
        );
        before = format!("/Prev {at}");
        tables.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    }
    on_a_small_stack(move || {
        for bytes in [streams, tables] {
            let _ = read_with(&bytes, &[]);
        }
    });
}

#[test]
fn page_trees_that_bite_their_tail_end() {
    let mut writer = Writer::new();
    writer.text_page("BT /F1 10 Tf 72 700 Td (here) Tj ET");
    let tree = writer.object("<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>");
    writer.kids.push_str(&format!("2 0 R {tree} 0 R "));
    assert_eq!(
        read_with(&writer.finish(), &[]).unwrap().text,
        "here\n\n\x0c"
    );
}

fn three_pages() -> Vec<u8> {
    let mut writer = Writer::new();
    for page in ["first", "second", "third"] {
        let content = writer.flate(
            "",
            format!("BT /F1 10 Tf 72 700 Td (the {page} page) Tj ET").as_bytes(),
        );
        writer.page(content, &format!("/Resources << {HELVETICA} >>"));
    }
    writer.finish()
}

#[test]
fn a_file_cut_off_anywhere_is_recovered_or_refused() {
    let whole = three_pages();
    let mut recovered = 0;
    for end in 8..whole.len() - 1 {
        match read_with(&whole[..end], &[]) {
            Ok(document) => {
                recovered += 1;
                assert_ranges(&document);
                assert!(!document.warnings.is_empty(), "cut at {end}");
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Format, "cut at {end}: {error}");
                assert!(error.message().contains("bytes"));
            }
        }
    }
    assert!(recovered > 3, "{recovered}");
}

#[test]
fn pages_are_found_without_catalog_and_page_tree() {
    let mut bytes = three_pages();
    for lost in [&b"/Catalog"[..], b"/Pages 2"] {
        let at = memmem(&bytes, lost).unwrap();
        bytes[at..at + lost.len()].fill(b' ');
    }
    bytes.truncate(bytes.len() - 300);
    let document = read_with(&bytes, &[]).unwrap();
    assert!(
        document.text.contains("the first page"),
        "{:?}",
        document.text
    );
    assert!(document.warnings[0].contains("page tree is missing"));
}

/// Files of the shared corpus; none where it is not at hand.
fn corpus() -> Vec<std::path::PathBuf> {
    let shared = std::env::var_os("TORI_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        Into::into,
    );
    let folders = ["pdfjs", "sample-files"].map(|folder| shared.join("corpus/pdf").join(folder));
    let mut files: Vec<_> = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: no corpus at {}", shared.display());
    }
    files
}

#[test]
fn every_file_of_the_corpus_is_read_or_refused_with_a_reason() {
    for path in corpus() {
        let bytes = std::fs::read(&path).unwrap();
        match read_with(&bytes, &[]) {
            Ok(document) => assert_ranges(&document),
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Format | ErrorKind::Encrypted),
                "{}: {error}",
                path.display()
            ),
        }
    }
}

#[test]
fn a_two_column_paper_reads_in_order() {
    let Some(path) = corpus()
        .into_iter()
        .find(|path| path.ends_with("tracemonkey.pdf"))
    else {
        return;
    };
    let document = read_with(&std::fs::read(path).unwrap(), &[]).unwrap();
    assert_eq!(document.pages.len(), 14);
    let text = document.text.replace('\n', " ");
    let mut from = 0;
    for passage in [
        "Trace-based Just-in-Time Type Specialization for Dynamic Languages",
        "Abstract  Dynamic languages such as JavaScript are more difficult to compile than statically typed ones.",
        "1. Introduction",
        "2. Overview: Example Tracing Run",
        "8. Related Work",
        "References",
    ] {
        match text[from..].find(passage) {
            Some(at) => from += at,
            None => panic!("{passage:?} is not after byte {from}"),
        }
    }
}

#[test]
fn what_is_not_readable_says_what_is_missing() {
    let error = read_with(b"%PDF-1.4 and nothing else", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    assert!(
        error.message().contains("startxref") && error.message().contains("25 bytes"),
        "{error}"
    );
}
