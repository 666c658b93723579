//! Many bytes at once: comparing those of a block of text, and the hashes of a line of a table.

use fearless_simd::{Simd, mask8x64, prelude::*, u8x64, u32x8};

use super::table::Bucket;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A block of text. What its bytes are asked for is answered by a bit each, the first the lowest.
#[derive(Clone, Copy)]
pub(super) struct Lanes<S: Simd>(u8x64<S>);

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, bytes: &[u8; BLOCK]) -> Self {
        Lanes(u8x64::simd_from(simd, *bytes))
    }

    /// With the bit set that letters of ASCII have in lower case.
    #[inline(always)]
    pub(super) fn lower(self) -> Self {
        Lanes(self.0 | 0x20)
    }

    #[inline(always)]
    pub(super) fn equal(self, byte: u8) -> u64 {
        self.0.simd_eq(byte).to_bitmask()
    }

    /// Which are among some bytes.
    #[inline(always)]
    pub(super) fn any(self, bytes: &[u8]) -> u64 {
        let mut any = mask8x64::splat(self.0.token(), false);
        for byte in bytes {
            any |= self.0.simd_eq(*byte);
        }
        any.to_bitmask()
    }

    #[inline(always)]
    pub(super) fn within(self, first: u8, last: u8) -> u64 {
        (self.0 - first).simd_le(last - first).to_bitmask()
    }

    /// Those beyond ASCII.
    #[inline(always)]
    pub(super) fn beyond(self) -> u64 {
        self.0.simd_ge(0x80).to_bitmask()
    }

    /// Which have a bit.
    #[inline(always)]
    pub(super) fn have(self, bit: u8) -> u64 {
        (self.0 & bit).simd_eq(bit).to_bitmask()
    }
}

/// Which of the first eight numbers of a line are equal to one.
#[inline(always)]
pub(super) fn alike<S: Simd>(simd: S, line: &Bucket, number: u32) -> u32 {
    let numbers = line.as_chunks().0;
    let numbers =
        std::array::from_fn::<_, 8, _>(|at| numbers.get(at).copied().map_or(0, u32::from_le_bytes));
    u32x8::simd_from(simd, numbers).simd_eq(number).to_bitmask() as u32
}
