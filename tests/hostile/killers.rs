//! Inputs that want to kill their reader, made when they are needed.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::writer::{
    HELVETICA, Writer, deflate, deflate_run, forms, lzw_bomb, pdf_of, with_object_stream,
};

/// A name and what makes the input.
pub(crate) type Killer = (&'static str, fn() -> Vec<u8>);

const MB: usize = 1 << 20;

/// Compressed data that grows without end.
pub(crate) const BOMBS: &[Killer] = &[
    ("flate_content_500mb", || {
        page_of(&deflate_run(b' ', 500 * MB), "/Filter /FlateDecode")
    }),
    ("flate_content_2gb", || {
        page_of(&deflate_run(b' ', 2048 * MB), "/Filter /FlateDecode")
    }),
    ("flate_twice_500mb", || {
        page_of(
            &deflate(&deflate_run(b' ', 500 * MB)),
            "/Filter [/FlateDecode /FlateDecode]",
        )
    }),
    ("flate_thrice_500mb", || {
        let data = deflate(&deflate(&deflate_run(b' ', 500 * MB)));
        page_of(&data, "/Filter [/FlateDecode /FlateDecode /FlateDecode]")
    }),
    ("flate_fifty_pages_40mb", || {
        let mut writer = Writer::new();
        let data = deflate_run(b' ', 40 * MB);
        for _ in 0..50 {
            let content = writer.stream("/Filter /FlateDecode", &data);
            writer.page(content, "");
        }
        writer.finish()
    }),
    ("flate_one_content_ten_thousand_pages", || {
        let mut writer = Writer::new();
        let content = writer.flate("", &b"q Q ".repeat(MB / 4));
        for _ in 0..5_000 {
            writer.page(content, "");
        }
        writer.finish()
    }),
    ("flate_truncated_and_retried", || {
        let mut data = deflate_run(b' ', 500 * MB);
        data.truncate(data.len() - 9);
        page_of(&data, "/Filter /FlateDecode")
    }),
    ("flate_object_stream_500mb", || {
        let head = b"1 0 2 40 << /Type /Catalog /Pages 2 0 R >>       << /Type /Pages /Kids [] /Count 0 >> ";
        let mut objects = head.to_vec();
        objects.resize(500 * MB, b' ');
        with_object_stream(&deflate(&objects), 9, "/Filter /FlateDecode")
    }),
    ("flate_object_streams_of_all_objects", || {
        // Each object asks for another object stream of 30 MB.
        let mut writer = Writer::new();
        let data = deflate_run(b' ', 30 * MB);
        for _ in 0..60 {
            writer.stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &data);
        }
        writer.text_page("BT ET");
        let mut bytes = writer.finish();
        cut_cross_references(&mut bytes);
        bytes
    }),
    ("flate_xref_stream_500mb", || {
        xref_stream(&deflate_run(1, 500 * MB), 4_000_000_000, "1 1 0")
    }),
    ("xref_stream_of_50_million_objects", || {
        xref_stream(&deflate_run(1, 100 * MB), 50_000_000, "1 1 0")
    }),
    ("lzw_content", || {
        page_of(&lzw_bomb().repeat(1_000), "/Filter /LZWDecode")
    }),
    ("run_length_content", || {
        page_of(&[129, b' '].repeat(4 * MB), "/Filter /RunLengthDecode")
    }),
    ("run_length_of_run_length", || {
        let inner = [129, b' '].repeat(4 * MB);
        let data: Vec<u8> = inner
            .chunks(128)
            .flat_map(|part| [&[part.len() as u8 - 1], part].concat())
            .collect();
        page_of(&data, "/Filter [/RunLengthDecode /RunLengthDecode]")
    }),
    ("ascii_85_of_flate", || {
        // `z` stands for four zeros; a deflate stream never follows.
        page_of(
            &vec![b'z'; 16 * MB],
            "/Filter [/ASCII85Decode /FlateDecode]",
        )
    }),
    ("ascii_85_of_ascii_85", || {
        page_of(&vec![b'z'; 16 * MB], "/Filter [/ASCII85Decode]")
    }),
    ("a_thousand_filters", || {
        let filters = "/ASCIIHexDecode ".repeat(1_000);
        page_of(b"20>", &format!("/Filter [{filters}]"))
    }),
    ("predictor_of_billions_of_columns", || {
        let parms = "/Predictor 12 /Colors 255 /BitsPerComponent 16 /Columns 9223372036854775807";
        page_of(
            &deflate_run(b' ', MB),
            &format!("/Filter /FlateDecode /DecodeParms << {parms} >>"),
        )
    }),
    ("predictor_of_one_column", || {
        let parms = "/Predictor 15 /Colors 1 /BitsPerComponent 8 /Columns 1";
        page_of(
            &deflate_run(4, 400 * MB),
            &format!("/Filter /FlateDecode /DecodeParms << {parms} >>"),
        )
    }),
    ("predictor_of_one_bit", || {
        let parms = "/Predictor 2 /Colors 1 /BitsPerComponent 1 /Columns 8";
        page_of(
            &deflate_run(4, 400 * MB),
            &format!("/Filter /FlateDecode /DecodeParms << {parms} >>"),
        )
    }),
    ("font_program_500mb", || {
        let mut writer = Writer::new();
        let program = writer.stream("/Filter /FlateDecode", &deflate_run(0, 500 * MB));
        with_font(
            writer,
            &format!(
                "<< /Type /Font /Subtype /TrueType /BaseFont /X /FontDescriptor << /Type /FontDescriptor /FontFile2 {program} 0 R >> >>"
            ),
        )
    }),
];

/// Forms, pages and their like that lead to each other.
pub(crate) const LOOPS: &[Killer] = &[
    ("forms_that_double", || {
        forms(24, 2, |form| (form + 1).min(23))
    }),
    ("forms_that_grow_hundredfold", || {
        forms(12, 100, |form| (form + 1).min(11))
    }),
    ("form_that_draws_itself", || forms(1, 10, |_| 0)),
    ("forms_in_a_circle", || forms(5, 3, |form| (form + 1) % 5)),
    ("form_drawn_a_million_times", || {
        let mut writer = Writer::new();
        let form = writer.flate(
            &format!("/Subtype /Form /BBox [0 0 9 9] /Resources << {HELVETICA} >>"),
            b"BT /F1 1 Tf (x) Tj ET",
        );
        let content = writer.flate("", &b"/X Do ".repeat(1_000_000));
        writer.page(
            content,
            &format!("/Resources << /XObject << /X {form} 0 R >> >>"),
        );
        writer.finish()
    }),
    ("large_form_drawn_100000_times", || {
        let mut writer = Writer::new();
        let form = writer.flate("/Subtype /Form /BBox [0 0 9 9]", &b"q Q ".repeat(MB / 4));
        let content = writer.flate("", &b"/X Do ".repeat(100_000));
        writer.page(
            content,
            &format!("/Resources << /XObject << /X {form} 0 R >> >>"),
        );
        writer.finish()
    }),
    ("form_with_large_resources", || {
        let mut writer = Writer::new();
        let names: String = (0..50_000).map(|n| format!("/N{n} {n} ")).collect();
        let form = writer.stream(
            &format!("/Subtype /Form /BBox [0 0 9 9] /Resources << /Font << {names} >> >>"),
            b"BT ET",
        );
        let content = writer.flate("", &b"/X Do ".repeat(100_000));
        writer.page(
            content,
            &format!("/Resources << /XObject << /X {form} 0 R >> >>"),
        );
        writer.finish()
    }),
    ("annotations_a_hundred_thousand", || {
        let mut writer = Writer::new();
        let form = writer.stream("/Subtype /Form /BBox [0 0 9 9]", &b"q Q ".repeat(1_000));
        let content = writer.stream("", b"");
        let annotation = format!("<< /Subtype /Widget /Rect [0 0 9 9] /AP << /N {form} 0 R >> >> ");
        let annotations = writer.object(format!("[{}]", annotation.repeat(100_000)));
        writer.page(content, &format!("/Annots {annotations} 0 R"));
        writer.finish()
    }),
    ("page_tree_that_bites_its_tail", || {
        let mut writer = Writer::new();
        writer.text_page("BT /F1 10 Tf 72 700 Td (here) Tj ET");
        let tree = writer.object("<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>");
        writer.kids.push_str(&format!("2 0 R {tree} 0 R "));
        writer.finish()
    }),
    ("page_tree_of_direct_kids", || {
        let mut writer = Writer::new();
        let kid = "<< /Type /Page /MediaBox [0 0 9 9] >> ".repeat(200_000);
        writer.objects[1] = format!("<< /Type /Pages /Count 1 /Kids [{kid}] >>").into_bytes();
        writer.finish_without_pages()
    }),
    ("page_tree_that_doubles", || {
        // Direct nodes are no loop for a reader that remembers references.
        let mut writer = Writer::new();
        let mut kids = "[3 0 R]".to_owned();
        writer.object("<< /Type /Page >>");
        for _ in 0..16 {
            kids = format!("[<< /Type /Pages /Kids {kids} >> << /Type /Pages /Kids {kids} >>]");
        }
        writer.objects[1] = format!("<< /Type /Pages /Count 1 /Kids {kids} >>").into_bytes();
        writer.finish_without_pages()
    }),
    ("page_tree_that_shares_arrays", || {
        // Every level names the array of the next one twice, in direct nodes.
        let mut writer = Writer::new();
        for level in 0..40 {
            let next = 4 + level;
            writer.object(format!(
                "[<< /Type /Pages /Kids {next} 0 R >> << /Type /Pages /Kids {next} 0 R >>]"
            ));
        }
        writer.object("[<< /Type /Page >>]");
        writer.objects[1] = b"<< /Type /Pages /Count 1 /Kids 3 0 R >>".to_vec();
        writer.finish_without_pages()
    }),
    ("page_tree_of_100000_levels", || {
        let mut writer = Writer::new();
        for level in 0..100_000 {
            writer.object(format!(
                "<< /Type /Pages /Count 1 /Kids [{} 0 R] >>",
                level + 4
            ));
        }
        writer.object("<< /Type /Page >>");
        writer.objects[1] = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec();
        writer.finish_without_pages()
    }),
    ("page_tree_that_counts_to_billions", || {
        let mut writer = Writer::new();
        writer.object("<< /Type /Page >>");
        writer.objects[1] = b"<< /Type /Pages /Count 4000000000 /Kids [3 0 R] >>".to_vec();
        writer.finish_without_pages()
    }),
    ("pages_one_hundred_thousand", || {
        let mut writer = Writer::new();
        let content = writer.stream("", b"BT /F1 10 Tf 72 700 Td (x) Tj ET");
        for _ in 0..100_000 {
            writer.page(content, "");
        }
        writer.finish()
    }),
    ("pages_that_share_large_resources", || {
        let mut writer = Writer::new();
        let names: String = (0..50_000).map(|n| format!("/N{n} 1 0 R ")).collect();
        let fonts = writer.object(format!("<< {names} >>"));
        let content = writer.stream("", b"BT ET");
        for _ in 0..4_000 {
            writer.page(content, &format!("/Resources << /Font {fonts} 0 R >>"));
        }
        writer.finish()
    }),
    ("outline_of_a_million_entries", || {
        outlined(1_000_000, |entry| {
            format!("/Title (1 Entry of an outline) /Next {} 0 R", entry + 1)
        })
    }),
    ("outline_of_a_million_levels", || {
        outlined(1_000_000, |entry| {
            format!("/Title (Deep) /First {} 0 R", entry + 1)
        })
    }),
    ("outline_that_bites_its_tail", || {
        outlined(3, |entry| {
            format!("/Title (Round) /First {entry} 0 R /Next {entry} 0 R")
        })
    }),
    ("outline_that_doubles", || {
        outlined(64, |entry| {
            let next = entry + 1;
            format!("/Title (Twice) /First {next} 0 R /Next {next} 0 R")
        })
    }),
    ("outline_of_direct_entries", || {
        let entry = "<< /Title (Inside) /Next ".repeat(200_000);
        outlined(1, |_| format!("/Next {entry} 0 {}", " >>".repeat(200_000)))
    }),
    ("outline_of_titles_of_a_megabyte", || {
        let title = "x".repeat(MB);
        outlined(50, |entry| {
            format!("/Title ({title}) /Next {} 0 R", entry + 1)
        })
    }),
    ("outline_with_the_name_of_every_line", || {
        with_outline(pages_of_lines(&["Results"]), 20_000, |entry| {
            format!("/Title (Results) /Next {} 0 R", entry + 1)
        })
    }),
    ("contents_with_the_name_of_every_line", || {
        pages_of_lines(&["Results . . . . . . . . . 1", "Results"]).finish()
    }),
    ("references_in_a_chain", || {
        let mut writer = Writer::new();
        for n in 0..100_000 {
            writer.object(format!("{} 0 R", n + 4));
        }
        writer.objects[1] = b"<< /Type /Pages /Count 1 /Kids 3 0 R >>".to_vec();
        writer.finish_without_pages()
    }),
    ("xref_tables_in_a_chain", || {
        let mut out = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n".to_vec();
        let mut before = String::new();
        for _ in 0..20_000 {
            let at = out.len();
            out.extend_from_slice(
                format!("xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R {before} >>\n")
                    .as_bytes(),
            );
            before = format!("/Prev {at}");
            out.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        }
        out
    }),
];

/// A few bytes that ask for billions of entries.
pub(crate) const RANGES: &[Killer] = &[
    ("widths_of_billions", || {
        cid_font("/W [0 4294967295 500]", "")
    }),
    ("widths_again_and_again", || {
        cid_font(&format!("/W [{}]", "0 65535 500 ".repeat(1_000)), "")
    }),
    ("vertical_widths_of_billions", || {
        cid_font("/W2 [0 4000000000 1 2 3]", "")
    }),
    ("fonts_with_all_widths", || width_fonts(5_000, 15).finish()),
    ("fonts_of_chinese_five_thousand", || {
        chinese_fonts(5_000).finish()
    }),
    ("fonts_of_latin_fifty_thousand", || {
        let mut writer = Writer::new();
        let mut fonts = String::new();
        let mut content = String::from("BT ");
        for n in 0..50_000 {
            fonts.push_str(&format!(
                "/F{n} << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /N {n} >> "
            ));
            content.push_str(&format!("/F{n} 1 Tf (a) Tj "));
        }
        let content = writer.flate("", content.as_bytes());
        writer.page(content, &format!("/Resources << /Font << {fonts} >> >>"));
        writer.finish()
    }),
    ("fonts_of_chinese_in_a_large_file", || {
        padded(chinese_fonts(40_000))
    }),
    ("fonts_with_wide_tables_in_a_large_file", || {
        padded(width_fonts(5_000, 1))
    }),
    ("fonts_with_large_cmaps_in_a_large_file", || {
        let mut writer = Writer::new();
        let mut fonts = String::new();
        let mut content = String::from("BT ");
        let map = [
            b"1 beginbfrange ".to_vec(),
            b"<00><01><0041>".repeat(200_000),
            b"endbfrange".to_vec(),
        ]
        .concat();
        for n in 0..200 {
            let cmap = writer.flate("", &map);
            fonts.push_str(&format!(
                "/F{n} << /Type /Font /Subtype /Type1 /BaseFont /X{n} /ToUnicode {cmap} 0 R >> "
            ));
            content.push_str(&format!("/F{n} 1 Tf (a) Tj "));
        }
        let content = writer.flate("", content.as_bytes());
        writer.page(content, &format!("/Resources << /Font << {fonts} >> >>"));
        padded(writer)
    }),
    ("cmap_ranges_of_billions", || {
        cmap_font(
            b"1 begincodespacerange <00000000> <FFFFFFFF> endcodespacerange \
              2 beginbfrange <00000000> <FFFFFFFF> <0041> <0000> <FFFF> [<0041>] endbfrange \
              1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange",
        )
    }),
    ("cmap_of_millions_of_ranges", || {
        let mut map =
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange ".to_vec();
        map.extend_from_slice(&b"<00> <01> <0041>".repeat(3_500_000));
        map.extend_from_slice(b"endbfrange");
        cmap_font(&map)
    }),
    ("cmap_of_one_array_of_strings", || {
        let mut map = b"1 beginbfrange <00000000> <FFFFFFFF> [".to_vec();
        map.extend_from_slice(&b"<41>".repeat(10_000_000));
        map.extend_from_slice(b"] endbfrange");
        cmap_font(&map)
    }),
    ("cmap_of_codespace_ranges_and_long_strings", || {
        let mut map = b"1 begincodespacerange ".to_vec();
        map.extend_from_slice(&b"<00> <FF> ".repeat(50_000));
        map.extend_from_slice(b"endcodespacerange");
        let mut writer = Writer::new();
        let cmap = writer.flate("", &map);
        let content = writer.flate(
            "",
            &[
                b"BT /F1 1 Tf <".to_vec(),
                b"41".repeat(1_600_000),
                b"> Tj ET".to_vec(),
            ]
            .concat(),
        );
        writer.page(content, &format!(
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /X /Encoding {cmap} 0 R \
             /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X >>] >> >> >>"
        ));
        writer.finish()
    }),
    ("glyph_that_stands_for_much", || {
        let mut map = b"1 beginbfchar <41> <".to_vec();
        map.extend_from_slice(&b"0041".repeat(100_000));
        map.extend_from_slice(b"> endbfchar");
        let mut writer = Writer::new();
        let cmap = writer.flate("", &map);
        let content = writer.flate(
            "",
            &[
                b"BT /F1 .01 Tf (".to_vec(),
                b"A".repeat(5_000_000),
                b") Tj ET".to_vec(),
            ]
            .concat(),
        );
        writer.page(content, &format!(
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /X /ToUnicode {cmap} 0 R >> >> >>"
        ));
        writer.finish()
    }),
];

/// Nesting, damage and bytes without sense.
pub(crate) const SOUP: &[Killer] = &[
    ("parentheses_16mb", || {
        [b"%PDF-1.4\n".to_vec(), vec![b'('; 16 * MB]].concat()
    }),
    ("parentheses_in_an_object_16mb", || {
        [b"%PDF-1.4\n1 0 obj ".to_vec(), vec![b'('; 16 * MB]].concat()
    }),
    ("parentheses_in_content_16mb", || {
        pdf_of(&"(".repeat(16 * MB))
    }),
    ("parentheses_closed_16mb", || {
        pdf_of(&format!(
            "BT {}{} Tj",
            "(".repeat(8 * MB),
            ")".repeat(8 * MB)
        ))
    }),
    ("objects_of_open_strings", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 0..100_000 {
            out.extend_from_slice(format!("{n} 0 obj (\n").as_bytes());
        }
        out
    }),
    ("objects_of_strings_closed_at_the_end", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 0..100_000 {
            out.extend_from_slice(format!("{n} 0 obj (\n").as_bytes());
        }
        out.extend_from_slice(&vec![b')'; 100_000]);
        out
    }),
    ("objects_of_open_arrays", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 0..1_000_000 {
            out.extend_from_slice(format!("{n} 0 obj [\n").as_bytes());
        }
        out
    }),
    ("objects_of_open_dictionaries", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 0..1_000_000 {
            out.extend_from_slice(format!("{n} 0 obj << /A\n").as_bytes());
        }
        out
    }),
    ("objects_that_are_streams_without_end", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 1..200_000 {
            out.extend_from_slice(
                format!("{n} 0 obj << /Type /ObjStm /Length 9 >> stream\n").as_bytes(),
            );
        }
        out
    }),
    ("objects_that_are_pages_with_open_strings", || {
        let mut out = b"%PDF-1.4\n".to_vec();
        for n in 1..100_000 {
            out.extend_from_slice(
                format!("{n} 0 obj << /Type /Page /Contents {n} 0 R >> endobj (\n").as_bytes(),
            );
        }
        out
    }),
    ("objects_that_lie_about_their_place", || {
        // Every entry leads to the same unfinished string.
        let mut out = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n".to_vec();
        let tree = out.len();
        let kids: String = (3..50_000).map(|n| format!("{n} 0 R ")).collect();
        out.extend_from_slice(
            format!("2 0 obj << /Type /Pages /Kids [{kids}] >> endobj\n").as_bytes(),
        );
        let string = out.len();
        out.extend_from_slice(b"3 0 obj (");
        out.extend_from_slice(&vec![b'x'; MB]);
        let start = out.len();
        out.extend_from_slice(b"xref\n1 49999\n");
        for n in 1..50_000 {
            let offset = match n {
                1 => 9,
                2 => tree,
                _ => string,
            };
            out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        out.extend_from_slice(
            format!("trailer << /Root 1 0 R >>\nstartxref\n{start}\n%%EOF").as_bytes(),
        );
        out
    }),
    ("array_nested_a_million_times", || {
        nested("[", "]", 1_000_000)
    }),
    ("dictionary_nested_a_million_times", || {
        nested("<< /X ", ">>", 1_000_000)
    }),
    ("both_nested_a_million_times", || {
        nested("[ << /X ", ">> ]", 500_000)
    }),
    ("dictionaries_opened_16mb", || {
        [b"%PDF-1.4\n".to_vec(), b"<< ".repeat(16 * MB / 3)].concat()
    }),
    ("dictionaries_opened_with_keys_16mb", || {
        [b"%PDF-1.4\n".to_vec(), b"<< /A ".repeat(16 * MB / 6)].concat()
    }),
    ("arrays_opened_16mb", || {
        [b"%PDF-1.4\n".to_vec(), b"1 0 obj [ ".repeat(16 * MB / 10)].concat()
    }),
    ("nested_in_content_16mb", || {
        pdf_of(&"[ << /X ".repeat(2 * MB))
    }),
    ("nested_511_in_content", || {
        pdf_of(&format!("{}{} TJ ", "[".repeat(500), "]".repeat(500)).repeat(10_000))
    }),
    ("object_soup_16mb", || {
        let words: [&[u8]; 14] = [
            b"obj ",
            b"endobj ",
            b"<< ",
            b">> ",
            b"[ ",
            b"] ",
            b"( ",
            b") ",
            b"stream\n",
            b"endstream ",
            b"1 0 R ",
            b"/Type /Page ",
            b"3 0 obj ",
            b"trailer ",
        ];
        let mut random = random(7);
        let mut out = b"%PDF-1.4\n".to_vec();
        while out.len() < 16 * MB {
            out.extend_from_slice(words[random(words.len())]);
        }
        out
    }),
    ("noise_16mb", || {
        let mut random = random(11);
        let mut out = b"%PDF-1.4\n1 0 obj\nendobj\n".to_vec();
        out.extend((0..16 * MB).map(|_| random(256) as u8));
        out
    }),
    ("inline_images_without_end", || {
        pdf_of(&format!("BI ID {} \u{ff} EI", "EI ".repeat(300_000)))
    }),
    ("inline_images_that_begin", || {
        pdf_of(&format!("BI ID EI {}", "BI x ".repeat(500_000)))
    }),
    ("inline_images_of_open_strings", || {
        pdf_of(&format!("BI ID EI {}", "BI /A ( ".repeat(500_000)))
    }),
    ("inline_images_one_million", || {
        pdf_of(&"BI /W 1 ID x EI ".repeat(1_000_000))
    }),
    ("operators_of_one_byte_60mb", || {
        page_of(&deflate(&b"q Q ".repeat(15 * MB)), "/Filter /FlateDecode")
    }),
    ("operators_of_one_byte_in_a_large_file", || {
        let mut writer = Writer::new();
        let data = deflate(&b"q ".repeat(20 * MB));
        for _ in 0..20 {
            let content = writer.stream("/Filter /FlateDecode", &data);
            writer.page(content, "");
        }
        padded(writer)
    }),
    ("paths_in_a_large_file", || {
        let mut writer = Writer::new();
        let data = deflate(&b"1 1 l ".repeat(6 * MB));
        for _ in 0..20 {
            let content = writer.stream("/Filter /FlateDecode", &data);
            writer.page(content, "");
        }
        padded(writer)
    }),
    ("operands_of_one_operator_60mb", || {
        page_of(&deflate(&b"1 ".repeat(30 * MB)), "/Filter /FlateDecode")
    }),
    ("saved_states_30_million", || {
        page_of(&deflate(&b"q ".repeat(30 * MB)), "/Filter /FlateDecode")
    }),
    ("glyphs_45_million", || {
        let string = [b"(".to_vec(), b"ab".repeat(500), b")Tj ".to_vec()].concat();
        text_page(
            &[
                b"BT /F1 .00001 Tf 72 700 Td ".to_vec(),
                string.repeat(45_000),
            ]
            .concat(),
        )
    }),
    ("lines_14_million", || {
        text_page(
            &[
                b"BT /F1 1 Tf .0001 TL 72 700 Td ".to_vec(),
                b"(a)'(b)'(c)'".repeat(4_600_000),
            ]
            .concat(),
        )
    }),
    ("cells_5_million", || {
        text_page(
            &[
                b"BT /F1 1 Tf ".to_vec(),
                b"9 0 Td(a)Tj -9 0 Td(b)Tj 0 9 Td(c)Tj ".repeat(1_600_000),
            ]
            .concat(),
        )
    }),
    ("graphics_states_five_million", || {
        let mut writer = Writer::new();
        let content = writer.flate("", &b"/G gs ".repeat(5_000_000));
        let font = writer.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        writer.page(
            content,
            &format!("/Resources << /ExtGState << /G << /Font [{font} 0 R 9] >> >> >>"),
        );
        writer.finish()
    }),
    ("layers_three_million", || {
        let mut writer = Writer::new();
        let group = writer.object("<< /Type /OCG /Name (off) >>");
        let groups = format!("{group} 0 R ").repeat(100_000);
        writer.objects[0] = format!(
            "<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [{group} 0 R] /D << /OFF [{group} 0 R] >> >> >>"
        )
        .into_bytes();
        let members = writer.object(format!("<< /Type /OCMD /OCGs [{groups}] >>"));
        let content = writer.flate("", &b"/OC /M BDC EMC ".repeat(3_000_000));
        writer.page(
            content,
            &format!("/Resources << /Properties << /M {members} 0 R >> >>"),
        );
        writer.finish()
    }),
    ("lines_that_end_in_hyphens", || {
        text_page(
            &[
                b"BT /F1 1 Tf .0001 TL 1 700 Td ".to_vec(),
                b"(ab-)'(cd ef)'".repeat(100_000),
            ]
            .concat(),
        )
    }),
    ("numbers_of_a_megabyte", || {
        pdf_of(&format!("{} 0 Td", "9".repeat(16 * MB)))
    }),
    ("names_of_a_megabyte", || {
        pdf_of(&format!(
            "/{} /X gs /{} Do",
            "a".repeat(8 * MB),
            "#41".repeat(2 * MB)
        ))
    }),
    ("comments_16mb", || {
        [b"%PDF-1.4\n".to_vec(), b"%\n".repeat(8 * MB)].concat()
    }),
    ("marked_content_nested", || {
        pdf_of(&"/A << /ActualText (x) >> BDC ".repeat(300_000))
    }),
];

/// Text and Markdown.
pub(crate) const TEXTS: &[Killer] = &[
    ("markdown_one_paragraph_50mb", || {
        [b"# T\n\n[a](b.c)\n\n".to_vec(), b"word ".repeat(10_000_000)].concat()
    }),
    ("markdown_one_paragraph_of_marks", || {
        [
            b"# T\n\n[a](b.c)\n\n".to_vec(),
            b"*a _b [c](".repeat(2_000_000),
        ]
        .concat()
    }),
    ("markdown_headings_one_million", || {
        b"# Heading\n\n".repeat(1_000_000)
    }),
    ("markdown_lists_one_million", || {
        [
            b"# T\n\n[a](b.c)\n\n".to_vec(),
            b"- item\n".repeat(1_000_000),
        ]
        .concat()
    }),
    ("html_attributes_one_million", || {
        let attributes: String = (0..1_000_000).map(|n| format!(" a{n}=1")).collect();
        format!("<html{attributes}><p>words").into_bytes()
    }),
    ("html_deep_one_million", || {
        [b"<html>".to_vec(), b"<div hidden><p>a".repeat(1_000_000)].concat()
    }),
    ("html_unclosed_comment_50mb", || {
        [b"<html><!--".to_vec(), b"word ".repeat(10_000_000)].concat()
    }),
    ("html_entities_ten_million", || {
        [b"<html><p>".to_vec(), b"&amp;".repeat(10_000_000)].concat()
    }),
    ("docx_of_nothing_but_spaces", || {
        docx("word/document.xml", &b" ".repeat(256 * MB))
    }),
    ("docx_paragraphs_one_million", || {
        docx(
            "word/document.xml",
            &b"<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(1_000_000),
        )
    }),
    ("docx_attributes_one_million", || {
        let attributes: String = (0..1_000_000).map(|n| format!(" a{n}=\"1\"")).collect();
        docx(
            "word/document.xml",
            format!("<w:p><w:br{attributes}/></w:p>").as_bytes(),
        )
    }),
    ("docx_styles_in_a_ring", || {
        let styles: String = (0..200_000)
            .map(|n| {
                format!(
                    "<w:style w:styleId=\"{n}\"><w:basedOn w:val=\"{}\"/></w:style>",
                    (n + 1) % 200_000
                )
            })
            .collect();
        docx("word/styles.xml", styles.as_bytes())
    }),
    ("markdown_of_each_mark", || {
        let marks = [
            "[",
            "](",
            "*_",
            "> ",
            "- ",
            "`",
            "<",
            "![",
            "#",
            "|",
            "~~~\n",
            "[a]: b\n",
            "&",
            "\\",
            "* a\n ",
            "<!--",
            "$",
            "**a",
            "[^",
            "| a |\n|-|\n",
            "1. ",
            "`a``",
        ];
        let mut text = b"# T\n\n[a](b.c)\n\n".to_vec();
        for mark in marks {
            text.extend_from_slice(mark.repeat(MB / mark.len()).as_bytes());
            text.extend_from_slice(b"\n\nword\n\n");
        }
        text
    }),
    ("markdown_quotes_nested", || {
        [b"# T\n\n[a](b.c)\n\n".to_vec(), b"> ".repeat(1_000_000)].concat()
    }),
    ("text_one_line_50mb", || b"word ".repeat(10_000_000)),
    ("text_one_word_50mb", || vec![b'a'; 50_000_000]),
    ("text_of_different_words", || {
        let words = (0..1_400_000).map(|number| made_up_word(number * 7_919));
        words.collect::<Vec<_>>().join(" ").into_bytes()
    }),
    ("text_of_one_word_before_all_others", || {
        let terms = (0..600_000).map(|number| format!("data {}. ", made_up_word(number * 7_919)));
        terms.collect::<String>().into_bytes()
    }),
    ("text_of_phrases_said_twice", || {
        let mut random = random(5);
        let words = (0..580_000).map(|_| made_up_word(random(2_000) * 5_003));
        let half = words.collect::<Vec<_>>().join(" ");
        format!("{half} {half}").into_bytes()
    }),
    ("text_of_one_letter_lines", || b"a\n".repeat(5_000_000)),
    ("text_of_blank_lines", || {
        [b"a".to_vec(), b"\n".repeat(49_000_000)].concat()
    }),
];

/// A page with an outline of so many entries, each made of the number of its object.
fn outlined(entries: usize, entry: impl Fn(usize) -> String) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.text_page("BT /F1 10 Tf 72 700 Td (1 Entry of an outline) Tj ET");
    with_outline(writer, entries, entry)
}

fn with_outline(mut writer: Writer, entries: usize, entry: impl Fn(usize) -> String) -> Vec<u8> {
    let first = writer.objects.len() + 1;
    for number in first..first + entries {
        writer.object(format!("<< {} >>", entry(number)));
    }
    writer.objects[0] =
        format!("<< /Type /Catalog /Pages 2 0 R /Outlines << /First {first} 0 R >> >>")
            .into_bytes();
    writer.finish()
}

/// A thousand pages full of each of the lines.
fn pages_of_lines(lines: &[&str]) -> Writer {
    let mut writer = Writer::new();
    for line in lines {
        let shown = format!("0 -12 Td ({line}) Tj ").repeat(60);
        let content = format!("BT /F1 10 Tf 72 780 Td {shown} ET");
        let content = writer.stream("", content.as_bytes());
        for _ in 0..1_000 {
            writer.page(content, &format!("/Resources << {HELVETICA} >>"));
        }
    }
    writer
}

fn page_of(data: &[u8], entries: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    let content = writer.stream(entries, data);
    writer.page(content, "");
    writer.finish()
}

fn text_page(content: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    let content = writer.flate("", content);
    writer.page(content, &format!("/Resources << {HELVETICA} >>"));
    writer.finish()
}

fn with_font(mut writer: Writer, font: &str) -> Vec<u8> {
    let content = writer.stream("", b"BT /F1 10 Tf 72 700 Td <0041> Tj ET");
    writer.page(content, &format!("/Resources << /Font << /F1 {font} >> >>"));
    writer.finish()
}

fn cid_font(widths: &str, entries: &str) -> Vec<u8> {
    with_font(
        Writer::new(),
        &format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H {entries} /DescendantFonts [<< /Type /Font \
             /Subtype /CIDFontType2 /BaseFont /X {widths} >>] >>"
        ),
    )
}

/// Composite fonts without a program, all used on one page.
fn composite_fonts(count: usize, code: &str, entries: &str, descendant: &str) -> Writer {
    let mut writer = Writer::new();
    let mut fonts = String::new();
    let mut content = String::from("BT ");
    for n in 0..count {
        let font = writer.object(format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /X{n} {entries} /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 \
             /BaseFont /X {descendant} >>] >>"
        ));
        fonts.push_str(&format!("/F{n} {font} 0 R "));
        content.push_str(&format!("/F{n} 1 Tf <{code}> Tj "));
    }
    let content = writer.flate("", content.as_bytes());
    writer.page(content, &format!("/Resources << /Font << {fonts} >> >>"));
    writer
}

fn width_fonts(count: usize, times: usize) -> Writer {
    let widths = format!("/W [{}]", "0 65535 500 ".repeat(times));
    composite_fonts(count, "0041", "/Encoding /Identity-H", &widths)
}

fn chinese_fonts(count: usize) -> Writer {
    let info = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>";
    composite_fonts(count, "B0A1", "/Encoding /GBK-EUC-H", info)
}

/// The file with ten megabytes of noise in it, which allow it to decode to more.
fn padded(mut writer: Writer) -> Vec<u8> {
    let mut random = random(3);
    let noise: Vec<u8> = (0..10 * MB).map(|_| random(256) as u8).collect();
    writer.stream("", &noise);
    writer.finish()
}

fn cmap_font(map: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    let cmap = writer.flate("", map);
    with_font(
        writer,
        &format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding {cmap} 0 R /ToUnicode {cmap} 0 R /DescendantFonts \
             [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X >>] >>"
        ),
    )
}

/// A file of one cross-reference stream.
fn xref_stream(data: &[u8], size: u64, widths: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n".to_vec();
    let start = out.len();
    out.extend_from_slice(
        format!(
            "4 0 obj\n<< /Type /XRef /Size {size} /W [{widths}] /Root 1 0 R /Filter /FlateDecode /Length {} >>\nstream\n",
            data.len()
        )
        .as_bytes(),
    );
    out.extend_from_slice(data);
    out.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF").as_bytes());
    out
}

/// Takes the cross-reference table away, so that the objects have to be looked for.
fn cut_cross_references(bytes: &mut Vec<u8>) {
    let at = bytes
        .windows(5)
        .rposition(|window| window == b"\nxref")
        .unwrap();
    bytes.truncate(at);
    bytes.extend_from_slice(b"\ntrailer << /Root 1 0 R >>\n");
}

/// A value nested so often, as an object, as a page's resources and in its content.
fn nested(open: &str, close: &str, times: usize) -> Vec<u8> {
    let value = format!("{}0{}", open.repeat(times), close.repeat(times));
    let mut writer = Writer::new();
    let object = writer.object(value.clone());
    let content = writer.stream("", format!("{value} TJ").as_bytes());
    writer.page(
        content,
        &format!("/Annots {object} 0 R /Resources {object} 0 R /Deep {value}"),
    );
    writer.finish()
}

/// Numbers below the one asked for, xorshift.
pub(crate) fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    }
}

/// Five letters, different for numbers that differ.
fn made_up_word(mut number: usize) -> String {
    let letter = |_| {
        let letter = b'a' + (number % 26) as u8;
        number /= 26;
        char::from(letter)
    };
    (0..5).map(letter).collect()
}

/// A document of Word with one part of one's own.
fn docx(part: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [("word/document.xml", &b"<w:p/>"[..]), (part, content)];
    for (name, content) in parts.iter().skip(usize::from(part == parts[0].0)) {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
