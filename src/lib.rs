//! Turns documents into ranked concepts.

pub mod concepts;
pub mod config;
pub mod database;
pub mod document;
pub mod error;
mod hook;
pub mod language;
pub mod logging;
mod panics;
pub mod pool;
pub mod progress;
