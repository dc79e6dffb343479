//! The kinds of number that a pixel can be: 32-bit floats, and 64-bit ones where a side has them.
//!
//! Not here: reading them (`image`).

use trace_harness::ulp;

/// A number of an image.
pub trait PixelNumber: Copy + Send + Sync + PartialOrd + 'static {
    /// The same number as a 64-bit float; nothing is lost.
    fn wide(self) -> f64;
    /// Its bits.
    fn bits(self) -> u64;
    /// How many numbers of its kind lie between this and `other`; +0 and −0 are 0 apart.
    fn distance(self, other: Self) -> u64;
    /// For every number of the list a key in whose order the numbers are; equal numbers have the same key, and so do both
    /// zeros. There must be fewer than 2^31.
    fn keys(list: &[Self]) -> Vec<u32>;
}

impl PixelNumber for f32 {
    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }

    fn distance(self, other: Self) -> u64 {
        u64::from(ulp::distance(self, other))
    }

    fn keys(list: &[Self]) -> Vec<u32> {
        list.iter().map(|&v| ulp::order_key(v)).collect()
    }
}

const SIGN: u64 = 1 << 63;

/// As [`ulp::order_key`], for 64-bit floats.
fn order_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { SIGN - (bits & !SIGN) }
}

impl PixelNumber for f64 {
    fn wide(self) -> f64 {
        self
    }

    fn bits(self) -> u64 {
        self.to_bits()
    }

    fn distance(self, other: Self) -> u64 {
        order_key(self).abs_diff(order_key(other))
    }

    fn keys(list: &[Self]) -> Vec<u32> {
        // 64 bits do not fit: the place among the different numbers stands for the number.
        let mut different: Vec<u64> = list.iter().map(|&v| order_key(v)).collect();
        different.sort_unstable();
        different.dedup();
        let place = |key: u64| different.partition_point(|d| *d < key);
        list.iter().map(|&v| u32::try_from(place(order_key(v))).unwrap_or(u32::MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_the_numbers_of_the_kind() {
        assert_eq!(1.0_f32.distance(1.0_f32.next_up().next_up()), 2);
        assert_eq!(1.0_f64.distance(1.0_f64.next_down()), 1);
        assert_eq!((-0.0_f64).distance(0.0), 0);
        assert_eq!(1.0_f64.distance(2.0), 1 << 52);
        assert_eq!((-f64::from_bits(1)).distance(f64::from_bits(1)), 2);
    }

    #[test]
    fn keys_are_in_the_order_of_the_numbers() {
        let list = [3.0_f64, -1e300, 3.0_f64.next_up(), 0.0, -0.0, 3.0, 1e-300];
        let keys = f64::keys(&list);
        for (i, x) in list.iter().enumerate() {
            for (j, y) in list.iter().enumerate() {
                assert_eq!(x.partial_cmp(y), Some(keys[i].cmp(&keys[j])), "{x} {y}");
            }
        }
    }
}
