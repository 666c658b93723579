//! The limits of one document while it is read.

use hayro_syntax::budget::Budget;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::progress::Observer;

/// Operators between two questions to the observer.
const OPERATORS_PER_CHECK: u64 = 256;

/// Counts what a document uses up and stops it at its limits.
pub(super) struct Fuel<'o> {
    config: &'o Config,
    observer: &'o dyn Observer,
    budget: &'o Budget<'o>,
    operators: u64,
    forms: u64,
    /// Bytes of text on the pages before.
    text: u64,
}

impl<'o> Fuel<'o> {
    pub(super) fn new(
        config: &'o Config,
        observer: &'o dyn Observer,
        budget: &'o Budget<'o>,
    ) -> Self {
        Fuel {
            config,
            observer,
            budget,
            operators: 0,
            forms: 0,
            text: 0,
        }
    }

    /// One more operator, on a page with `text` bytes so far.
    pub(super) fn operator(&mut self, text: usize) -> Result<()> {
        self.operators += 1;
        if self.operators.is_multiple_of(OPERATORS_PER_CHECK) {
            self.check(text)?;
        }
        Ok(())
    }

    /// Asks the observer and compares everything counted with its limit.
    pub(super) fn check(&self, text: usize) -> Result<()> {
        self.observer.check()?;
        let config = self.config;
        decoded_within(self.budget, config)?;
        within(
            "limits.operators",
            self.operators,
            config.limits_operators,
            "operators",
        )?;
        within(
            "limits.text_bytes",
            self.text.saturating_add(text as u64),
            config.limits_text_bytes,
            "bytes",
        )
    }

    /// One more form, drawn at `depth` from 1.
    pub(super) fn form(&mut self, depth: u64) -> Result<()> {
        self.forms += 1;
        within(
            "limits.form_depth",
            depth,
            self.config.limits_form_depth,
            "forms",
        )?;
        within(
            "limits.forms",
            self.forms,
            self.config.limits_forms,
            "forms",
        )?;
        self.observer.check()
    }

    /// A page is finished with `text` bytes.
    pub(super) fn page(&mut self, text: usize) -> Result<()> {
        self.check(text)?;
        self.text = self.text.saturating_add(text as u64);
        Ok(())
    }
}

/// The limit on decoded bytes, when decoding has run into it.
fn decoded_within(budget: &Budget<'_>, config: &Config) -> Result<()> {
    match budget.is_exhausted() {
        true => within(
            "limits.decoded_bytes",
            budget.used(),
            config.limits_decoded_bytes,
            "bytes",
        ),
        false => Ok(()),
    }
}

/// Compares what was found with a limit.
pub(super) fn within(key: &str, found: u64, allowed: u64, unit: &str) -> Result<()> {
    if found > allowed {
        return Err(Error::limit(key, found, allowed, unit));
    }
    Ok(())
}
