//! PDF to text.
