//! Settings: one schema table, and the values with where each came from.
//!
//! [`SCHEMA`] is the only list of settings. Setting by name, the defaults, the rendering as JSON and the
//! documentation all read it.

mod schema;

use std::fmt;
use std::ops::{Deref, RangeInclusive};

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};

pub use schema::{SCHEMA, Settings};

/// One row of the schema.
pub struct Key {
    /// Dotted, lower-case: `limits.pages`.
    pub name: &'static str,
    /// `integer`, `number`, `boolean`, `text` or the choices, `off|gentle|strong`.
    pub kind: &'static str,
    /// The unit of the value, empty when it has none.
    pub unit: &'static str,
    /// What the setting does.
    pub doc: &'static str,
    default: fn() -> Value,
    range: fn() -> String,
    get: fn(&Settings) -> Value,
    set: fn(&mut Settings, &str) -> Result<(), String>,
}

impl Key {
    /// The value the setting has when nobody sets it.
    pub fn default(&self) -> Value {
        (self.default)()
    }

    /// The values allowed, for people: `1 to 5000`; empty when every value of the type is.
    pub fn range(&self) -> String {
        (self.range)()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}: {} = {})", self.name, self.kind, self.default())
    }
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The schema's default.
    #[default]
    Default,
    /// [`Config::set`].
    Set,
}

impl Origin {
    /// `default`, `set`.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::Set => "set",
        }
    }
}

/// A full set of settings; reads like the struct [`Settings`].
#[derive(Clone, Debug)]
pub struct Config {
    settings: Settings,
    origins: Vec<Origin>,
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Config {
    /// Every setting at its default.
    pub fn new() -> Self {
        Config {
            settings: Settings::default(),
            origins: vec![Origin::Default; SCHEMA.len()],
        }
    }

    /// Sets `key` from its textual form: integers in decimal, booleans as `true` or `false`, numbers with a
    /// decimal point, texts as they are.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config), naming the key, the value found and what is allowed. The setting keeps
    /// its old value.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let Some(index) = SCHEMA.iter().position(|row| row.name == key) else {
            return Err(unknown(key));
        };
        let row = &SCHEMA[index];
        (row.set)(&mut self.settings, value).map_err(|expected| {
            Error::new(
                ErrorKind::Config,
                format!("setting {key} = \"{value}\" is not accepted: expected {expected}"),
            )
            .with("key", key)
            .with("found", value)
            .with("allowed", expected)
        })?;
        self.origins[index] = Origin::Set;
        Ok(())
    }

    /// Where the value of `key` came from; `None` for an unknown key.
    pub fn origin(&self, key: &str) -> Option<Origin> {
        SCHEMA
            .iter()
            .position(|row| row.name == key)
            .map(|index| self.origins[index])
    }

    /// `{"limits.pages": {"value": 5000, "origin": "default", "default": …, "type": …, "range": …, "unit": …,
    /// "doc": …}, …}`: the schema with its values.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        for (row, origin) in SCHEMA.iter().zip(&self.origins) {
            object.insert(
                row.name.into(),
                json!({
                    "value": (row.get)(&self.settings),
                    "origin": origin.name(),
                    "default": row.default(),
                    "type": row.kind,
                    "range": row.range(),
                    "unit": row.unit,
                    "doc": row.doc,
                }),
            );
        }
        Value::Object(object)
    }
}

fn unknown(key: &str) -> Error {
    let nearest = SCHEMA
        .iter()
        .map(|row| (strsim::osa_distance(row.name, key), row.name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3);
    let hint = nearest.map_or_else(
        || "the configuration's JSON lists the known ones".to_owned(),
        |(_, name)| format!("did you mean \"{name}\"?"),
    );
    Error::new(
        ErrorKind::Config,
        format!("unknown setting \"{key}\": {hint}"),
    )
    .with("key", key)
}

/// A type a setting can have.
trait Setting: Sized {
    type Range;
    const KIND: &'static str;
    fn parse(text: &str, range: &Self::Range) -> Result<Self, String>;
    fn json(&self) -> Value;
    fn describe(range: &Self::Range) -> String;
}

impl Setting for u64 {
    type Range = RangeInclusive<u64>;
    const KIND: &'static str = "integer";

    fn parse(text: &str, range: &Self::Range) -> Result<Self, String> {
        let value = text
            .trim()
            .parse()
            .ok()
            .filter(|value| range.contains(value));
        value.ok_or_else(|| format!("an integer, {}", Self::describe(range)))
    }

    fn json(&self) -> Value {
        (*self).into()
    }

    fn describe(range: &Self::Range) -> String {
        match *range.end() {
            u64::MAX => format!("at least {}", range.start()),
            end => format!("{} to {end}", range.start()),
        }
    }
}

impl Setting for f64 {
    type Range = RangeInclusive<f64>;
    const KIND: &'static str = "number";

    fn parse(text: &str, range: &Self::Range) -> Result<Self, String> {
        let value = text
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| range.contains(value));
        value.ok_or_else(|| format!("a number, {}", Self::describe(range)))
    }

    fn json(&self) -> Value {
        (*self).into()
    }

    fn describe(range: &Self::Range) -> String {
        format!("{} to {}", range.start(), range.end())
    }
}

impl Setting for bool {
    type Range = ();
    const KIND: &'static str = "boolean";

    fn parse(text: &str, _range: &()) -> Result<Self, String> {
        match text.trim() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("true or false".to_owned()),
        }
    }

    fn json(&self) -> Value {
        (*self).into()
    }

    fn describe(_range: &()) -> String {
        String::new()
    }
}

impl Setting for String {
    type Range = ();
    const KIND: &'static str = "text";

    fn parse(text: &str, _range: &()) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn json(&self) -> Value {
        self.clone().into()
    }

    fn describe(_range: &()) -> String {
        String::new()
    }
}

/// Defines an enum that is set by the lower-case names of its variants.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident: $kind:literal { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl Setting for $name {
            type Range = ();
            const KIND: &'static str = $kind;

            fn parse(text: &str, _range: &()) -> Result<Self, String> {
                match text.trim() {
                    $($text => Ok($name::$variant),)*
                    _ => Err(concat!("one of ", $kind).to_owned()),
                }
            }

            fn json(&self) -> Value {
                match self { $($name::$variant => $text.into(),)* }
            }

            fn describe(_range: &()) -> String {
                String::new()
            }
        }
    };
}

choice! {
    /// How much alike the concepts of one report may be.
    Diversity: "off|gentle|strong" {
        /// Nothing is pruned for likeness.
        Off = "off",
        /// Duplicates and near-spellings are pruned, and sub-phrases in short texts.
        Gentle = "gentle",
        /// Also similar phrases, and more of one category than its limit.
        Strong = "strong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_value_is_read_back_with_its_origin() {
        let mut config = Config::new();
        config.set("limits.pages", "7").unwrap();
        assert_eq!(config.limits_pages, 7);
        assert_eq!(config.origin("limits.pages"), Some(Origin::Set));
        assert_eq!(config.to_json()["limits.pages"]["value"], 7);
        assert_eq!(config.to_json()["limits.forms"]["origin"], "default");
    }

    #[test]
    fn a_refused_value_leaves_the_old_one_and_names_key_and_range() {
        let mut config = Config::new();
        for value in ["0", "-1", "many", "", "99999999999999999999"] {
            let error = config.set("limits.pages", value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(
                error.message().contains("limits.pages") && error.message().contains(value),
                "{error}"
            );
        }
        assert_eq!(config.limits_pages, Config::new().limits_pages);
    }

    #[test]
    fn an_unknown_key_suggests_the_nearest() {
        let error = Config::new().set("limit.pages", "7").unwrap_err();
        assert!(
            error.message().contains("did you mean \"limits.pages\"?"),
            "{error}"
        );
    }

    #[test]
    fn every_default_is_accepted_by_its_own_range() {
        for row in SCHEMA {
            let text = match row.default() {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Config::new().set(row.name, &text).unwrap();
            assert!(!row.doc.is_empty(), "{} has no documentation", row.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = SCHEMA.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SCHEMA.len());
    }
}
