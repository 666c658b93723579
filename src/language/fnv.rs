//! The hash that the models and lists under `data/` are made with.

/// FNV-1a of 32 bits, over units of up to 32 bits.
#[inline]
pub fn fnv1a(units: impl IntoIterator<Item = u32>) -> u32 {
    units.into_iter().fold(0x811c_9dc5, |hash, unit| {
        (hash ^ unit).wrapping_mul(0x0100_0193)
    })
}
