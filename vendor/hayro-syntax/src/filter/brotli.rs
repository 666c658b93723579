//! Brotli streams. Not part of the upstream crate.

use super::lzw_flate::{PredictorParams, apply_predictor, read_within_budget};
use crate::object::Dict;
use alloc::vec::Vec;

const BUFFER_BYTES: usize = 4_096;

pub(crate) fn decode(data: &[u8], params: &Dict<'_>) -> Option<Vec<u8>> {
    let decoded = read_within_budget(brotli_decompressor::Decompressor::new(data, BUFFER_BYTES))?;
    apply_predictor(decoded, &PredictorParams::from_params(params))
}
