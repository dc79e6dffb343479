//! Spearman's rank correlation: Pearson's correlation of the ranks, ties sharing their mean rank.
//!
//! Not here: quantiles (`quantile`).

use crate::compare::metrics::correlation::undefined;
use crate::compare::metrics::differences::Totals;
use crate::compare::metrics::measured::Measured;
use crate::compare::pixel::PixelNumber;

const DIGIT_BITS: u32 = 11;
const DIGITS: u32 = 3;

/// Spearman's correlation, exact: ranks are integers and their products are summed as integers.
///
/// Takes 16 bytes of memory per pixel.
pub fn spearman<T: PixelNumber>(a: &[T], b: &[T], totals: &Totals) -> Measured {
    if let Some(why) = undefined(totals) {
        return Measured::Undefined(why);
    }
    if a.len() >= 1 << 31 {
        return Measured::undefined("ranks of 2^31 pixels or more are not computed");
    }
    // Each pair travels as one word, the key that is sorted on above: no lookups by index in either pass.
    let keys = [T::keys(a), T::keys(b)];
    let mut pairs: Vec<u64> = keys[0].iter().zip(&keys[1]).map(|(&x, &y)| pack(x, y)).collect();
    drop(keys);
    let mut spare = vec![0; pairs.len()];
    sort_by_upper_half(&mut pairs, &mut spare);
    replace_upper_by_rank(&mut pairs);
    pairs.iter_mut().for_each(|p| *p = p.rotate_left(32));
    sort_by_upper_half(&mut pairs, &mut spare);
    replace_upper_by_rank(&mut pairs);
    Measured::finite(of_ranks(&pairs), "a side has one rank only")
}

fn pack(upper: u32, lower: u32) -> u64 {
    u64::from(upper) << 32 | u64::from(lower)
}

fn upper(pair: u64) -> u32 {
    (pair >> 32) as u32
}

/// Stable radix sort on the upper 32 bits; `spare` is scratch of the same length.
fn sort_by_upper_half(pairs: &mut Vec<u64>, spare: &mut Vec<u64>) {
    const CELLS: usize = 1 << DIGIT_BITS;
    let digit = |pair: u64, d: u32| (upper(pair) >> (d * DIGIT_BITS)) as usize & (CELLS - 1);
    let mut counts = vec![[0_usize; CELLS]; DIGITS as usize];
    for &p in pairs.iter() {
        (0..DIGITS).for_each(|d| counts[d as usize][digit(p, d)] += 1);
    }
    for d in 0..DIGITS {
        let counts = &mut counts[d as usize];
        if counts.contains(&pairs.len()) {
            continue;
        }
        let mut next = 0;
        for cell in counts.iter_mut() {
            next += std::mem::replace(cell, next);
        }
        for &p in pairs.iter() {
            let place = &mut counts[digit(p, d)];
            spare[*place] = p;
            *place += 1;
        }
        std::mem::swap(pairs, spare);
    }
}

/// Replaces the sorted keys by first + last rank of their tie group (twice the mean rank, an integer).
fn replace_upper_by_rank(pairs: &mut [u64]) {
    let mut start = 0;
    while start < pairs.len() {
        let key = upper(pairs[start]);
        let ties = pairs[start..].iter().take_while(|&&p| upper(p) == key).count();
        let twice_mean = (2 * start + ties - 1) as u32;
        pairs[start..start + ties].iter_mut().for_each(|p| *p = pack(twice_mean, *p as u32));
        start += ties;
    }
}

/// Pearson's coefficient of the two halves of each word, by exact integer sums.
fn of_ranks(pairs: &[u64]) -> f64 {
    // Doubled ranks run from 0 to 2(n − 1) with mean n − 1 on both sides, ties or not.
    let middle = pairs.len() as i64 - 1;
    let mut sums = [0_i128; 3];
    for &p in pairs {
        let x = i64::from(upper(p)) - middle;
        let y = i64::from(p as u32) - middle;
        sums[0] += i128::from(x * x);
        sums[1] += i128::from(y * y);
        sums[2] += i128::from(x * y);
    }
    (sums[2] as f64 / (sums[0] as f64 * sums[1] as f64).sqrt()).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::differences::totals;
    use super::*;

    fn rho(a: &[f32], b: &[f32]) -> Measured {
        spearman(a, b, &totals(a, b))
    }

    /// Ranks by counting, straight from the definition.
    fn by_definition(a: &[f32], b: &[f32]) -> f64 {
        let ranks = |v: &[f32]| -> Vec<f64> {
            let below = |x: f32| v.iter().filter(|y| **y < x).count() as f64;
            let same = |x: f32| v.iter().filter(|y| **y == x).count() as f64;
            v.iter().map(|&x| below(x) + (same(x) + 1.0) / 2.0).collect()
        };
        let (p, q) = (ranks(a), ranks(b));
        let mean = (a.len() as f64 + 1.0) / 2.0;
        let dot = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
        dot(&p, &q) / (dot(&p, &p) * dot(&q, &q)).sqrt()
    }

    #[test]
    fn any_increasing_map_keeps_all_ranks() {
        let a: Vec<f32> = (0..5000_u16).map(|i| f32::from(i % 997) - 300.0).collect();
        let b: Vec<f32> = a.iter().map(|v| v * v * v).collect();
        assert_eq!(rho(&a, &a), Measured::Value(1.0));
        assert_eq!(rho(&a, &b), Measured::Value(1.0));
        let negated: Vec<f32> = a.iter().map(|v| -v).collect();
        assert_eq!(rho(&a, &negated), Measured::Value(-1.0));
    }

    #[test]
    fn ties_share_their_mean_rank() {
        let a: Vec<f32> = (0..400_u16).map(|i| f32::from(i * 7 % 13)).collect();
        let b: Vec<f32> = (0..400_u16).map(|i| f32::from(i * 11 % 17) - 8.0).collect();
        assert!((rho(&a, &b).value().unwrap() - by_definition(&a, &b)).abs() < 1e-14);
        assert!((rho(&a, &a).value().unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_constant_side_has_no_ranks() {
        assert_eq!(rho(&[1.0, 2.0], &[5.0, 5.0]).reason(), Some("side B is constant"));
        assert_eq!(rho(&[], &[]).reason(), Some("no pixel was compared"));
    }
}
