//! What the annotations of a page show: form fields, text boxes, stamps (ISO 32000-1, 12.5 and 12.7).

use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream, String};
use hayro_syntax::page::Page;

use super::content::{Interpreter, Matrix};
use super::{entries, text_string};
use crate::config::Config;
use crate::error::Result;

/// Bits of an annotation's flags: hidden, and not shown on the screen (ISO 32000-1, table 165).
const INVISIBLE: u32 = 1 << 1 | 1 << 5;
/// Bit 14 of a text field's flags: what is typed in is not shown (ISO 32000-1, table 228).
const PASSWORD: u32 = 1 << 13;

/// Reads what the page's annotations show.
pub(super) fn run<'a>(
    page: &Page<'a>,
    interpreter: &mut Interpreter<'a, '_, '_, '_>,
    to_page: Matrix,
    config: &Config,
) -> Result<()> {
    let Some(annotations) = page.raw().get::<Array<'_>>(keys::ANNOTS) else {
        return Ok(());
    };
    for annotation in entries(page, &annotations).filter_map(Object::into_dict) {
        interpreter.fuel.check(interpreter.page.extent())?;
        let subtype = annotation.get::<Name<'_>>(keys::SUBTYPE);
        let wanted = match subtype.as_deref() {
            Some(b"Popup") => false,
            Some(b"Widget") => config.document_form_fields,
            _ => config.document_annotations,
        };
        let flags = annotation.get::<u32>(keys::F).unwrap_or(0);
        if !wanted || flags & INVISIBLE != 0 {
            continue;
        }
        let layer = annotation.get::<Dict<'_>>(keys::OC);
        if layer.is_some_and(|layer| interpreter.layers.hides(&layer)) {
            continue;
        }
        let Some(rect) = annotation.get::<Rect>(keys::RECT) else {
            continue;
        };
        interpreter.page.end_line();
        let shown = interpreter.shown();
        if let Some(appearance) = appearance(&annotation) {
            interpreter.run_appearance(&appearance, rect, to_page)?;
        }
        // Viewers draw the appearance of a field anew when it was filled in by a program that did not.
        if interpreter.shown() == shown
            && let Some(text) = text(&annotation, subtype.as_deref())
        {
            interpreter.show_text(&text, rect, to_page)?;
        }
    }
    Ok(())
}

/// The normal appearance in the annotation's present state.
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    let all = annotation.get::<Dict<'_>>(keys::AP)?;
    if let Some(stream) = all.get::<Stream<'_>>(keys::N) {
        return Some(stream);
    }
    let state = annotation.get::<Name<'_>>(keys::AS)?;
    all.get::<Dict<'_>>(keys::N)?.get::<Stream<'_>>(&*state)
}

/// The text of a text box, or that of a field that was typed or chosen.
fn text(annotation: &Dict<'_>, subtype: Option<&[u8]>) -> Option<std::string::String> {
    match subtype? {
        b"FreeText" => {
            let text = annotation.get::<String<'_>>(keys::CONTENTS)?;
            Some(text_string(&text))
        }
        b"Widget" => {
            let kind = inherited(annotation, |field| field.get::<Name<'_>>(keys::FT))?;
            let flags = inherited(annotation, |field| field.get::<u32>(keys::FF)).unwrap_or(0);
            let shown = match &*kind {
                b"Tx" => flags & PASSWORD == 0,
                b"Ch" => true,
                _ => false,
            };
            let text = inherited(annotation, |field| field.get::<String<'_>>(keys::V))
                .filter(|_| shown)?;
            Some(text_string(&text))
        }
        _ => None,
    }
}

/// Fields above a field, at most.
const FIELD_DEPTH: usize = 32;

/// An attribute of a field, or of the fields that it is part of.
fn inherited<'a, T>(field: &Dict<'a>, get: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
    let mut field = field.clone();
    for _ in 0..FIELD_DEPTH {
        if let Some(value) = get(&field) {
            return Some(value);
        }
        field = field.get::<Dict<'_>>(keys::PARENT)?;
    }
    None
}
