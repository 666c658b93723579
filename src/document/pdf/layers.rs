//! Optional content: which layers of a document are switched off when it is opened (ISO 32000-1, 8.11).

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjectIdentifier};

/// The layers that are off.
#[derive(Debug, Default)]
pub(super) struct Layers {
    off: HashSet<ObjectIdentifier>,
}

impl Layers {
    /// Reads the default configuration of the document.
    pub(super) fn of(pdf: &Pdf) -> Self {
        Self::read(pdf).unwrap_or_default()
    }

    fn read(pdf: &Pdf) -> Option<Self> {
        let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
        let properties = catalog.get::<Dict<'_>>(keys::OCPROPERTIES)?;
        let default = properties.get::<Dict<'_>>(keys::D)?;
        let listed = |dict: &Dict<'_>, key: &[u8]| -> Vec<ObjectIdentifier> {
            dict.get::<Array<'_>>(key)
                .into_iter()
                .flat_map(|array| array.raw_iter().collect::<Vec<_>>())
                .filter_map(|entry| match entry {
                    MaybeRef::Ref(reference) => Some(reference.into()),
                    MaybeRef::NotRef(_) => None,
                })
                .collect()
        };
        let mut off = HashSet::new();
        if default
            .get::<Name<'_>>(keys::BASE_STATE)
            .is_some_and(|state| &*state == b"OFF")
        {
            off.extend(listed(&properties, keys::OCGS));
        }
        for layer in listed(&default, keys::ON) {
            off.remove(&layer);
        }
        off.extend(listed(&default, keys::OFF));
        Some(Layers { off })
    }

    /// Whether content that belongs to `group`, a layer or a set of layers, is not shown.
    pub(super) fn hides(&self, group: &Dict<'_>) -> bool {
        if self.off.is_empty() {
            return false;
        }
        if group.obj_id().is_some_and(|id| self.off.contains(&id)) {
            return true;
        }
        let members: Vec<bool> = match group.get::<Array<'_>>(keys::OCGS) {
            Some(members) => members
                .iter::<Dict<'_>>()
                .map(|member| self.is_off(&member))
                .collect(),
            None => match group.get::<Dict<'_>>(keys::OCGS) {
                Some(member) => vec![self.is_off(&member)],
                None => return false,
            },
        };
        let policy = group.get::<Name<'_>>(keys::P);
        !members.is_empty()
            && match policy.as_deref() {
                Some(b"AllOn") => members.contains(&true),
                Some(b"AnyOff") => !members.contains(&true),
                Some(b"AllOff") => members.contains(&false),
                _ => !members.contains(&false),
            }
    }

    fn is_off(&self, layer: &Dict<'_>) -> bool {
        layer.obj_id().is_some_and(|id| self.off.contains(&id))
    }
}
