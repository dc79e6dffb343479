//! Order statistics of 32-bit keys by counting, without sorting and without a copy of the data.
//!
//! Not here: ranks of every element (`rank`).

pub(crate) use trace_harness::ulp::{from_order_key, order_key};

/// The nearest-rank quantile: the smallest key such that at least `q` of all keys are no greater; `None` for no keys.
///
/// `keys` is run through twice.
pub(crate) fn nearest_rank<I: Iterator<Item = u32>>(keys: impl Fn() -> I, q: f64) -> Option<u32> {
    let [key] = nearest_ranks(keys, [q]);
    key
}

/// Several quantiles as [`nearest_rank`] gives them; `keys` is run through once, and once more for each.
pub(crate) fn nearest_ranks<const N: usize, I: Iterator<Item = u32>>(
    keys: impl Fn() -> I,
    q: [f64; N],
) -> [Option<u32>; N] {
    let mut high = vec![0_u64; 1 << 16];
    keys().for_each(|k| high[(k >> 16) as usize] += 1);
    let count: u64 = high.iter().sum();
    q.map(|q| {
        let rank = ((q * count as f64).ceil() as u64).clamp(1, count.max(1));
        let (top, before) = find(&high, rank);
        let mut low = vec![0_u64; 1 << 16];
        keys().filter(|k| (k >> 16) as usize == top).for_each(|k| low[(k & 0xffff) as usize] += 1);
        let (bottom, _) = find(&low, rank - before);
        (count > 0).then_some((top as u32) << 16 | bottom as u32)
    })
}

/// The first cell at which the running count reaches `rank`, and the count before it.
fn find(counts: &[u64], rank: u64) -> (usize, u64) {
    let mut before = 0;
    for (cell, &n) in counts.iter().enumerate() {
        if before + n >= rank {
            return (cell, before);
        }
        before += n;
    }
    // Only for no keys at all, whose cell nobody asks for.
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_of_the_sample() {
        let values: Vec<u32> = (1..=1000).rev().map(|v| v * 7919).collect();
        let at = |q| nearest_rank(|| values.iter().copied(), q);
        assert_eq!(at(0.0), Some(7919));
        assert_eq!(at(0.5), Some(500 * 7919));
        assert_eq!(at(0.99), Some(990 * 7919));
        assert_eq!(at(1.0), Some(1000 * 7919));
        assert_eq!(nearest_rank(std::iter::empty::<u32>, 0.5), None);
    }
}
