//! Many bytes at once: comparing those of a block of text, and the hashes of a line of a table.

#![allow(unsafe_code)]

use wide::{u8x16, u32x8};

use super::table::Bucket;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A block of text. What its bytes are asked for is answered by a bit each, the first the lowest.
pub(super) trait Lanes: Copy {
    fn new(bytes: &[u8; BLOCK]) -> Self;

    /// With the bit set that letters of ASCII have in lower case.
    fn lower(self) -> Self;

    fn equal(self, byte: u8) -> u64;

    /// Which are among some bytes.
    fn any(self, bytes: &[u8]) -> u64;

    fn within(self, first: u8, last: u8) -> u64;

    /// Those beyond ASCII.
    fn beyond(self) -> u64;

    /// Which have a bit.
    fn have(self, bit: u8) -> u64;

    /// Which of the first eight numbers of a line are equal to one.
    fn alike(line: &Bucket, number: u32) -> u32;
}

/// On any processor.
#[derive(Clone, Copy)]
pub(super) struct Portable([u8x16; 4]);

impl Portable {
    #[inline(always)]
    fn bits(self, of: impl Fn(u8x16) -> u8x16) -> u64 {
        let parts = self.0.map(|part| u64::from(of(part).to_bitmask()));
        parts[0] | parts[1] << 16 | parts[2] << 32 | parts[3] << 48
    }
}

impl Lanes for Portable {
    #[inline(always)]
    fn new(bytes: &[u8; BLOCK]) -> Self {
        let (parts, _) = bytes.as_chunks();
        Portable(std::array::from_fn(|at| {
            u8x16::new(parts.get(at).copied().unwrap_or_default())
        }))
    }

    #[inline(always)]
    fn lower(self) -> Self {
        Portable(self.0.map(|part| part | u8x16::splat(0x20)))
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        self.bits(|part| part.simd_eq(u8x16::splat(byte)))
    }

    #[inline(always)]
    fn any(self, bytes: &[u8]) -> u64 {
        bytes.iter().fold(0, |any, byte| any | self.equal(*byte))
    }

    #[inline(always)]
    fn within(self, first: u8, last: u8) -> u64 {
        self.bits(|part| {
            let above = part - u8x16::splat(first);
            above.min(u8x16::splat(last - first)).simd_eq(above)
        })
    }

    #[inline(always)]
    fn beyond(self) -> u64 {
        self.bits(|part| part)
    }

    #[inline(always)]
    fn have(self, bit: u8) -> u64 {
        let bit = u8x16::splat(bit);
        self.bits(|part| (part & bit).simd_eq(bit))
    }

    #[inline(always)]
    fn alike(line: &Bucket, number: u32) -> u32 {
        let numbers = line.as_chunks().0;
        let numbers =
            std::array::from_fn(|at| numbers.get(at).copied().map_or(0, u32::from_le_bytes));
        let same = u32x8::new(numbers).simd_eq(u32x8::splat(number));
        same.to_bitmask()
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::Avx2;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::x86_64::*;

    use super::{BLOCK, Bucket, Lanes};

    /// On a processor that has AVX2: no other may call what this has, and what does is compiled for AVX2. Without
    /// closures, which would not be.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx2(__m256i, __m256i);

    #[inline(always)]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: the bytes are all readable, and need not be aligned; the processor has AVX2, see `Avx2`.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn splat(byte: u8) -> __m256i {
        // SAFETY: the processor has AVX2, see `Avx2`.
        unsafe { _mm256_set1_epi8(byte as i8) }
    }

    #[inline(always)]
    fn within(part: __m256i, first: u8, last: u8) -> __m256i {
        // SAFETY: the processor has AVX2, see `Avx2`.
        unsafe {
            let above = _mm256_sub_epi8(part, splat(first));
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, splat(last - first)), above)
        }
    }

    impl Avx2 {
        #[inline(always)]
        fn bits(low: __m256i, high: __m256i) -> u64 {
            // SAFETY: the processor has AVX2, see `Avx2`.
            let (low, high) = unsafe { (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high)) };
            u64::from(low as u32) | u64::from(high as u32) << 32
        }
    }

    impl Lanes for Avx2 {
        #[inline(always)]
        fn new(bytes: &[u8; BLOCK]) -> Self {
            let (low, high) = bytes.split_at(BLOCK / 2);
            match (low.first_chunk(), high.first_chunk()) {
                (Some(low), Some(high)) => Avx2(load(low), load(high)),
                _ => Avx2(splat(0), splat(0)),
            }
        }

        #[inline(always)]
        fn lower(self) -> Self {
            // SAFETY: the processor has AVX2, see `Avx2`.
            unsafe {
                Avx2(
                    _mm256_or_si256(self.0, splat(0x20)),
                    _mm256_or_si256(self.1, splat(0x20)),
                )
            }
        }

        #[inline(always)]
        fn equal(self, byte: u8) -> u64 {
            // SAFETY: the processor has AVX2, see `Avx2`.
            unsafe {
                Self::bits(
                    _mm256_cmpeq_epi8(self.0, splat(byte)),
                    _mm256_cmpeq_epi8(self.1, splat(byte)),
                )
            }
        }

        #[inline(always)]
        fn any(self, bytes: &[u8]) -> u64 {
            let (mut low, mut high) = (splat(0), splat(0));
            for byte in bytes {
                // SAFETY: the processor has AVX2, see `Avx2`.
                unsafe {
                    low = _mm256_or_si256(low, _mm256_cmpeq_epi8(self.0, splat(*byte)));
                    high = _mm256_or_si256(high, _mm256_cmpeq_epi8(self.1, splat(*byte)));
                }
            }
            Self::bits(low, high)
        }

        #[inline(always)]
        fn within(self, first: u8, last: u8) -> u64 {
            Self::bits(within(self.0, first, last), within(self.1, first, last))
        }

        #[inline(always)]
        fn beyond(self) -> u64 {
            Self::bits(self.0, self.1)
        }

        #[inline(always)]
        fn have(self, bit: u8) -> u64 {
            // SAFETY: the processor has AVX2, see `Avx2`.
            unsafe {
                let bit = splat(bit);
                Self::bits(
                    _mm256_cmpeq_epi8(_mm256_and_si256(self.0, bit), bit),
                    _mm256_cmpeq_epi8(_mm256_and_si256(self.1, bit), bit),
                )
            }
        }

        #[inline(always)]
        fn alike(line: &Bucket, number: u32) -> u32 {
            let Some(numbers) = line.first_chunk() else {
                return 0;
            };
            let numbers = load(numbers);
            // SAFETY: the processor has AVX2, see `Avx2`.
            unsafe {
                let same = _mm256_cmpeq_epi32(numbers, _mm256_set1_epi32(number as i32));
                _mm256_movemask_ps(_mm256_castsi256_ps(same)) as u32
            }
        }
    }
}
