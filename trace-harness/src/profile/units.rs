//! Times and sizes as people read them.
//!
//! Not here: what they are of.

/// A time with four digits or so, in a unit that suits it.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 || s <= 0.0 => format!("{s:.3} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.1} us", s * 1e6),
    }
}

/// A size in MiB.
pub fn size(bytes: f64) -> String {
    format!("{:.3} MiB", bytes / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_are_not_zero() {
        assert_eq!(
            [12.0, 1.0, 0.0123, 0.0009, 0.0].map(time),
            ["12.000 s", "1.000 s", "12.3 ms", "900.0 us", "0.000 s"]
        );
        assert_eq!(size(1572864.0), "1.500 MiB");
    }
}
