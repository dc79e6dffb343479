//! Distance between two floats in units of the last place: how many floats lie between them.
//!
//! Not here: statistics of distances.

const SIGN: u32 = 1 << 31;

/// A key whose unsigned order is the order of the floats; both zeros have the same key. NaN sorts outside the infinities.
pub fn order_key(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { SIGN - (bits & !SIGN) }
}

/// The float of an [`order_key`] (`+0` for zero).
pub fn from_order_key(key: u32) -> f32 {
    f32::from_bits(if key & SIGN != 0 { key & !SIGN } else { (SIGN - key) | SIGN })
}

/// The distance of two numbers; +0 and −0 are 0 apart, though their bits differ.
pub fn distance(a: f32, b: f32) -> u32 {
    order_key(a).abs_diff(order_key(b))
}

/// The distance of two double-precision numbers; the largest count where one is NaN.
pub fn distance_f64(a: f64, b: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let key = |value: f64| {
        let bits = value.to_bits();
        if bits & SIGN == 0 { bits | SIGN } else { SIGN - (bits & !SIGN) }
    };
    if a.is_nan() || b.is_nan() { u64::MAX } else { key(a).abs_diff(key(b)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order_of_floats() {
        let ordered = [f32::NEG_INFINITY, f32::MIN, -1.0, -1e-45, 0.0, 1e-45, 1.0, f32::MAX, f32::INFINITY];
        assert!(ordered.windows(2).all(|w| order_key(w[0]) < order_key(w[1])));
        assert_eq!(order_key(-0.0), order_key(0.0));
        assert!(ordered.iter().all(|&v| from_order_key(order_key(v)) == v));
    }

    #[test]
    fn neighbours_are_one_apart_also_across_zero() {
        assert_eq!(distance(1.0, 1.0_f32.next_up()), 1);
        assert_eq!(distance(-f32::from_bits(1), f32::from_bits(1)), 2);
        assert_eq!(distance(-0.0, 0.0), 0);
        assert_eq!(distance(1.0, 2.0), 1 << 23);
    }
    #[test]
    fn doubles_are_counted_likewise_and_nan_is_far_from_everything() {
        assert_eq!(distance_f64(1.0, 1.0_f64.next_up()), 1);
        assert_eq!(distance_f64(-f64::from_bits(1), f64::from_bits(1)), 2);
        assert_eq!(distance_f64(-0.0, 0.0), 0);
        assert_eq!(distance_f64(1.0, 2.0), 1 << 52);
        assert_eq!([distance_f64(f64::NAN, 1.0), distance_f64(f64::NAN, f64::NAN)], [u64::MAX; 2]);
    }
}
