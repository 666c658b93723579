//! A hash table that is searched as it lies in an image.
//!
//! A bucket is a cache line of seven slots: the lower 32 bits of seven hashes, seven values, and seven tags, which are
//! the next eight bits of the hash or what the table's owner puts in place of some of them. The upper bits of the hash
//! are the bucket's number. The last byte tells of what did not fit and stands in a bucket behind, or behind another whose
//! lower bits are the same: one bit for every eighth of the hashes, so that few searches for what is not there go on.

#![allow(unsafe_code)]

use std::hint::select_unpredictable;

use fearless_simd::{Level, Simd, dispatch};

use super::lanes::alike;

/// A cache line of a table.
pub(super) type Bucket = [u8; 64];

/// Slots of a bucket.
pub(super) const SLOTS: usize = 7;

/// Most buckets looked at for one hash.
pub(super) const PROBES: usize = 32;

const VALUES: usize = 4 * SLOTS;
const TAGS: usize = 8 * SLOTS;
const SPILLED: usize = 9 * SLOTS;

/// An item of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) tag: u8,
    pub(super) value: u32,
}

/// What is found of a hash where it is looked for first.
#[derive(Clone, Copy, Default)]
pub(super) struct Probe {
    /// Whether the item is there.
    is: bool,
    /// Its tag; zero when it is not there.
    pub(super) tag: u8,
    /// Its value; any when it is not there.
    pub(super) any_value: u32,
    /// Whether it is to be [looked for further](Table::get_further).
    pub(super) more: bool,
}

impl Probe {
    /// The value of the item; zero when it is not there.
    #[inline(always)]
    pub(super) fn value(self) -> u32 {
        select_unpredictable(self.is, self.any_value, 0)
    }
}

/// A table whose tags hold the `PRINTED` bits of the hash; the others are the owner's. An item that is all zero does
/// not differ from one that is absent.
#[derive(Clone, Copy)]
pub(super) struct Table<'i, const PRINTED: u8>(pub(super) &'i [Bucket]);

/// Where a hash stands in a table of `buckets` (Lemire 2019, "Fast random integer generation").
#[inline(always)]
fn home(hash: u64, buckets: usize) -> usize {
    (((hash >> 32) * buckets as u64) >> 32) as usize
}

/// The byte of a hash that a tag may hold.
#[inline(always)]
pub(super) fn tag(hash: u64) -> u8 {
    (hash >> 32) as u8
}

/// The bit of a hash among those that tell of what did not fit.
#[inline(always)]
fn spill(hash: u64) -> u8 {
    1 << (hash & 7)
}

#[inline(always)]
fn number(bucket: &Bucket, at: usize) -> u32 {
    let bytes = bucket.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[inline(always)]
fn item(bucket: &Bucket, slot: usize) -> Item {
    Item {
        tag: bucket.get(TAGS + slot).copied().unwrap_or(0),
        value: number(bucket, VALUES + 4 * slot),
    }
}

/// Has the cache line of something fetched.
#[inline(always)]
pub(super) fn fetch<T>(at: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: fetching a line reads nothing that the program sees, and every x86-64 has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

impl<const PRINTED: u8> Table<'_, PRINTED> {
    /// The item of a hash; zero when there is none.
    pub(super) fn get(&self, hash: u64) -> Item {
        dispatch!(Level::new(), simd => self.get_by(simd, hash))
    }

    /// As [`get`](Self::get), by what the processor has.
    #[inline(always)]
    pub(super) fn get_by<S: Simd>(&self, simd: S, hash: u64) -> Item {
        let probe = self.at_home(simd, hash);
        match probe.more {
            true => self.get_further(hash),
            false => Item {
                tag: probe.tag,
                value: probe.value(),
            },
        }
    }

    /// What there is of a hash where it is looked for first.
    #[inline(always)]
    pub(super) fn at_home<S: Simd>(&self, simd: S, hash: u64) -> Probe {
        let Some(bucket) = self.0.get(home(hash, self.0.len())) else {
            return Probe::default();
        };
        // Without a branch on whether it is there, which cannot be foretold: where nothing is alike, the slot behind the
        // last is read, and what is in it dropped.
        let alike = alike(simd, bucket, hash as u32);
        let slot = (alike | 1 << SLOTS).trailing_zeros() as usize & SLOTS;
        let Item { tag: found, value } = item(bucket, slot);
        let is = (slot < SLOTS) & ((found ^ tag(hash)) & PRINTED == 0);
        Probe {
            is,
            tag: select_unpredictable(is, found, 0),
            any_value: value,
            more: !is & (bucket[SPILLED] & spill(hash) != 0),
        }
    }

    /// The item of a hash that may not be in the first slot that is like it.
    #[cold]
    #[inline(never)]
    pub(super) fn get_further(&self, hash: u64) -> Item {
        let home = home(hash, self.0.len());
        for bucket in self.0[home..].iter().chain(self.0).take(PROBES) {
            for slot in (0..SLOTS).filter(|slot| number(bucket, 4 * slot) == hash as u32) {
                let found = item(bucket, slot);
                if (found.tag ^ tag(hash)) & PRINTED == 0 {
                    return found;
                }
            }
            if bucket[SPILLED] & spill(hash) == 0 {
                break;
            }
        }
        Item::default()
    }

    /// Has the line of a hash fetched.
    #[inline(always)]
    pub(super) fn fetch(&self, hash: u64) {
        if let Some(bucket) = self.0.get(home(hash, self.0.len())) {
            fetch(bucket);
        }
    }

    /// The lower bits of the hashes, and the zeros where there are none.
    pub(super) fn hashes(&self) -> impl Iterator<Item = u32> {
        let hashes = |bucket| (0..SLOTS).map(move |slot| number(bucket, 4 * slot));
        self.0.iter().flat_map(hashes)
    }

    /// The items, and the zeros where there are none.
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        let slots = |bucket| (0..SLOTS).map(move |slot| item(bucket, slot));
        self.0.iter().flat_map(slots)
    }
}

/// How often a table is made larger before it is given up.
const GROWTHS: usize = 16;

/// A table of items; `None` when too many have nearly the same hash.
pub(super) fn build(items: &[(u64, Item)]) -> Option<Vec<u8>> {
    // Three of four slots are used.
    let mut len = items.len() * 4 / (3 * SLOTS) + 1;
    for _ in 0..GROWTHS {
        let mut buckets = vec![[0; size_of::<Bucket>()]; len];
        let mut put_all = items.iter();
        if put_all.all(|(hash, item)| put(&mut buckets, *hash, *item)) {
            return Some(buckets.into_flattened());
        }
        len += len / 8 + 1;
    }
    None
}

/// Puts an item into its home or one of the buckets behind it; whether there was room.
fn put(buckets: &mut [Bucket], hash: u64, new: Item) -> bool {
    let len = buckets.len();
    let home = home(hash, len);
    for probe in 0..PROBES.min(len) {
        let bucket = &mut buckets[(home + probe) % len];
        let free = (0..SLOTS).find(|slot| item(bucket, *slot) == Item::default());
        if let Some(slot) = free {
            // A slot before that is like it hides it.
            if (0..slot).any(|slot| number(bucket, 4 * slot) == hash as u32) {
                bucket[SPILLED] |= spill(hash);
            }
            bucket[4 * slot..][..4].copy_from_slice(&(hash as u32).to_le_bytes());
            bucket[VALUES + 4 * slot..][..4].copy_from_slice(&new.value.to_le_bytes());
            bucket[TAGS + slot] = new.tag;
            return true;
        }
        bucket[SPILLED] |= spill(hash);
    }
    false
}
