//! The XObjects of a document: what is known of each after it was looked up once.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Dict, Name, Stream};
use hayro_syntax::page::Resources;

use super::layers::Layers;

/// Something that `Do` draws.
#[derive(Clone)]
pub(super) enum XObject<'a> {
    Image,
    Form(Rc<Form<'a>>),
    /// On a layer switched off, or nothing that can be drawn.
    Unseen,
}

/// A form XObject.
pub(super) struct Form<'a> {
    pub(super) stream: Stream<'a>,
    pub(super) matrix: Option<[f64; 6]>,
    /// Its own resources; without them it uses those of where it is drawn.
    pub(super) resources: Option<Resources<'a>>,
    /// Known to show no text: how many images it draws.
    pub(super) textless: Cell<Option<u64>>,
}

/// XObjects kept; more are looked up again.
const KEPT: usize = 1_024;

/// The XObjects that one thread has met.
#[derive(Default)]
pub(super) struct Forms<'a> {
    /// Where an XObject's dictionary stands in memory tells it from all others.
    by_dict: HashMap<(usize, usize), XObject<'a>>,
}

impl<'a> Forms<'a> {
    /// What drawing `stream` comes to.
    pub(super) fn look_up(&mut self, stream: &Stream<'a>, layers: &Layers) -> XObject<'a> {
        let data = stream.dict().data();
        let key = (data.as_ptr() as usize, data.len());
        if let Some(known) = self.by_dict.get(&key) {
            return known.clone();
        }
        let found = match stream.dict().get::<Name<'_>>(keys::SUBTYPE).as_deref() {
            Some(b"Image") => XObject::Image,
            Some(b"Form") => {
                let layer = stream.dict().get::<Dict<'_>>(keys::OC);
                match layer.is_some_and(|layer| layers.hides(&layer)) {
                    true => XObject::Unseen,
                    false => XObject::Form(Rc::new(Form::new(stream))),
                }
            }
            _ => XObject::Unseen,
        };
        if self.by_dict.len() >= KEPT {
            self.by_dict.clear();
        }
        self.by_dict.insert(key, found.clone());
        found
    }
}

impl<'a> Form<'a> {
    pub(super) fn new(stream: &Stream<'a>) -> Self {
        let dict = stream.dict();
        Form {
            matrix: dict.get::<[f64; 6]>(keys::MATRIX),
            resources: dict.get::<Dict<'_>>(keys::RESOURCES).map(Resources::new),
            stream: stream.clone(),
            textless: Cell::new(None),
        }
    }
}
