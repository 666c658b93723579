#![no_main]

#[path = "../wrap.rs"]
mod wrap;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrap::read(&(wrap::TARGETS[5].1)(bytes)));
