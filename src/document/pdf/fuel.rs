//! The limits of one document while it is read.

use std::sync::atomic::{AtomicU64, Ordering};

use hayro_syntax::budget::Budget;

use crate::config::Config;
use crate::document::layout::Extent;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Observer;

/// Operators between two questions to the observer.
const OPERATORS_PER_CHECK: u64 = 256;

/// Running an operator takes this many times as long as decoding a byte, and more.
const OPERATOR_COST: u64 = 8;
/// Placing a glyph takes this many times as long as decoding a byte, and more.
const SHOWN_COST: u64 = 2;

/// What a document may decode to however small its file is. From there on `limits.decoded_ratio` counts.
const FREE_BYTES: u64 = 64_000_000;

/// The most that a file of so many bytes may decode to.
pub(super) fn decoded_allowed(file_bytes: usize, config: &Config) -> u64 {
    let in_proportion = config
        .limits_decoded_ratio
        .saturating_mul(file_bytes as u64);
    config
        .limits_decoded_bytes
        .min(in_proportion.max(FREE_BYTES))
}

/// What a document has used up, all threads that read its pages together.
pub(super) struct Used<'o> {
    config: &'o Config,
    observer: &'o dyn Observer,
    pub(super) budget: &'o Budget<'o>,
    file_bytes: usize,
    operators: AtomicU64,
    forms: AtomicU64,
    /// Text on the pages that are finished.
    bytes: AtomicU64,
    lines: AtomicU64,
}

impl<'o> Used<'o> {
    pub(super) fn new(
        file_bytes: usize,
        config: &'o Config,
        observer: &'o dyn Observer,
        budget: &'o Budget<'o>,
    ) -> Self {
        Used {
            config,
            observer,
            budget,
            file_bytes,
            operators: AtomicU64::new(0),
            forms: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            lines: AtomicU64::new(0),
        }
    }

    /// Runs `load` and tells what it took, which is counted when it is to be `charged`.
    pub(super) fn apart<R>(&self, charged: bool, load: impl FnOnce() -> R) -> (R, u64) {
        let stop = || self.observer.check().is_err();
        let limit = decoded_allowed(self.file_bytes, self.config);
        let apart = Budget::new(limit, self.config.limits_stream_bytes, 0, &stop);
        let loaded = apart.run(load);
        if charged {
            self.budget.absorb(&apart);
        }
        (loaded, apart.used())
    }

    /// Asks the observer and compares everything counted with its limit; `text` is on the page that is being read.
    pub(super) fn check(&self, text: Extent) -> Result<()> {
        self.observer.check()?;
        self.decoded_within()?;
        let config = self.config;
        within(
            "limits.operators",
            self.operators.load(Ordering::Relaxed),
            config.limits_operators,
            "operators",
        )?;
        let bytes = self.bytes.load(Ordering::Relaxed);
        within(
            "limits.text_bytes",
            bytes.saturating_add(text.bytes),
            config.limits_text_bytes,
            "bytes",
        )?;
        let lines = self.lines.load(Ordering::Relaxed);
        within(
            "limits.lines",
            lines.saturating_add(text.lines),
            config.limits_lines,
            "lines",
        )
    }

    /// The limit on decoded bytes, when decoding has run into one.
    fn decoded_within(&self) -> Result<()> {
        let config = self.config;
        if self.budget.is_stream_exhausted() {
            let allowed = config.limits_stream_bytes;
            return within(
                "limits.stream_bytes",
                allowed.saturating_add(1),
                allowed,
                "bytes",
            );
        }
        if self.budget.is_starved() {
            return Err(Error::new(
                ErrorKind::Io,
                "the system has no memory to decode a stream of the document",
            ));
        }
        if !self.budget.is_exhausted() {
            return Ok(());
        }
        let used = self.budget.used();
        within(
            "limits.decoded_bytes",
            used,
            config.limits_decoded_bytes,
            "bytes",
        )?;
        within(
            "limits.decoded_ratio",
            used.div_ceil(self.file_bytes.max(1) as u64),
            config.limits_decoded_ratio,
            "decoded bytes for each byte of the file",
        )
    }
}

/// Counts what one thread uses up and stops it at the limits of the document.
pub(super) struct Fuel<'o> {
    used: &'o Used<'o>,
    /// Operators and bytes of shown strings not yet told to the others.
    operators: u64,
    shown: u64,
}

impl<'o> Fuel<'o> {
    pub(super) fn new(used: &'o Used<'o>) -> Self {
        Fuel {
            used,
            operators: 0,
            shown: 0,
        }
    }

    /// One more operator, on a page with `text` so far.
    pub(super) fn operator(&mut self, text: Extent) -> Result<()> {
        self.operators += 1;
        if self.operators == OPERATORS_PER_CHECK {
            self.used
                .operators
                .fetch_add(self.operators, Ordering::Relaxed);
            self.used.budget.charge(OPERATOR_COST * self.operators);
            self.operators = 0;
            self.check(text)?;
        }
        Ok(())
    }

    /// So many more bytes of strings are shown.
    pub(super) fn shown(&mut self, bytes: usize) {
        self.shown += bytes as u64;
    }

    /// As [`Used::check`].
    pub(super) fn check(&mut self, text: Extent) -> Result<()> {
        self.used.budget.charge(SHOWN_COST * self.shown);
        self.shown = 0;
        self.used.check(text)
    }

    /// What a page needs at one time, `bytes` all together, is no more than one stream may be.
    pub(super) fn contents(&self, bytes: u64) -> Result<()> {
        within(
            "limits.stream_bytes",
            bytes,
            self.used.config.limits_stream_bytes,
            "bytes",
        )
    }

    /// One more form, drawn at `depth` from 1.
    pub(super) fn form(&mut self, depth: u64) -> Result<()> {
        let config = self.used.config;
        let forms = self.used.forms.fetch_add(1, Ordering::Relaxed) + 1;
        within(
            "limits.form_depth",
            depth,
            config.limits_form_depth,
            "forms",
        )?;
        within("limits.forms", forms, config.limits_forms, "forms")?;
        self.used.observer.check()
    }

    /// A page is finished with `text`.
    pub(super) fn page(&mut self, text: Extent) -> Result<()> {
        self.used.bytes.fetch_add(text.bytes, Ordering::Relaxed);
        self.used.lines.fetch_add(text.lines, Ordering::Relaxed);
        self.check(Extent::default())
    }
}

/// Compares what was found with a limit.
pub(super) fn within(key: &str, found: u64, allowed: u64, unit: &str) -> Result<()> {
    if found > allowed {
        return Err(Error::limit(key, found, allowed, unit));
    }
    Ok(())
}
