//! Automatic choice of range, step and count of a sweep, one table per quantity: they are not the same.
//!
//! Not here: the sweeps themselves (`model`).

use super::notice::Notice;
use serde::Serialize;

/// A sweep over a range: `steps` values, `step` apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sweep {
    /// Full range, in the quantity's SI unit (radians, metres) or as a fraction.
    pub range: f64,
    /// Distance of two values.
    pub step: f64,
    /// Number of values.
    pub steps: i32,
}

impl Sweep {
    const NONE: Self = Self { range: 0.0, step: 0.0, steps: 1 };

    /// A sweep without extent is one step.
    fn sane(self) -> Self {
        if self.range <= 0.0 || self.step <= 0.0 || self.steps <= 0 { Self::NONE } else { self }
    }
}

/// A sweep as requested: a negative range or step means "not given".
#[derive(Debug, Clone, Copy)]
pub struct RequestedSweep {
    /// Range, or negative.
    pub range: f64,
    /// Step, or not positive.
    pub step: f64,
    /// Count, or not positive (negative for the spindle).
    pub steps: i32,
}

/// Beam divergence: a range alone takes two steps a whole range apart, a count alone spans one radian.
pub fn divergence(wish: RequestedSweep) -> Sweep {
    spread(wish, 1.0, |range, _| (range, 2)).sane()
}

/// Wavelength spread: as the divergence, with a count alone spanning 100 %.
pub fn dispersion(wish: RequestedSweep) -> Sweep {
    spread(wish, 1.0, |range, _| (range, 2)).sane()
}

/// Sensor layers: a thickness alone takes two layers of half of it, a count alone half a micrometre.
pub fn thickness(wish: RequestedSweep) -> Sweep {
    spread(wish, 0.5e-6, |range, steps| (range / f64::from(steps), steps)).sane()
}

/// The table that divergence, dispersion and thickness share but for the default range and the step of a range alone.
fn spread(wish: RequestedSweep, default_range: f64, range_alone: impl Fn(f64, i32) -> (f64, i32)) -> Sweep {
    let RequestedSweep { range, step, steps } = wish;
    let (range_given, step_given) = (range >= 0.0, step > 0.0);
    match (steps > 0, range_given, step_given) {
        (false, false, false) => Sweep::NONE,
        (_, false, true) => Sweep { range: step, step, steps: 2 },
        (false, true, false) => {
            let (step, steps) = range_alone(range, 2);
            Sweep { range, step, steps }
        }
        (false, true, true) => Sweep { range, step, steps: (range / step).ceil() as i32 },
        (true, false, false) => Sweep { range: default_range, step: default_range / f64::from(steps), steps },
        (true, true, false) => {
            let steps = steps.max(2);
            Sweep { range, step: range / f64::from(steps - 1), steps }
        }
        (true, true, true) => Sweep { range, step, steps },
    }
}

/// Spindle rotation: a range alone takes two steps of half of it, a count alone one degree.
pub fn spindle(wish: RequestedSweep, one_degree: f64) -> Sweep {
    let RequestedSweep { range, step, steps } = wish;
    if steps < 0 {
        return match (range >= 0.0, step > 0.0) {
            (false, false) => Sweep::NONE,
            (false, true) => Sweep { range: step, step, steps: 2 },
            (true, false) => Sweep { range, step: range / 2.0, steps: 2 },
            (true, true) => Sweep { range, step, steps: (range / step).ceil() as i32 },
        };
    }
    let steps = steps.max(1);
    match (range >= 0.0, step > 0.0) {
        (false, false) => Sweep { range: one_degree, step: one_degree / f64::from(steps), steps },
        (false, true) => Sweep { range: step, step, steps: 2 },
        // Only a negative step counts as not given here: a step of 0 stays.
        (true, _) if step < 0.0 => Sweep { range, step: range / f64::from(steps), steps },
        (true, _) => Sweep { range, step, steps },
    }
}

/// Mosaic spread (radians; negative when not given) and domains: a spread alone takes ten domains, a count without a spread
/// one. Also what to say about it.
pub fn mosaic(spread: f64, domains: i32) -> (f64, i32, Option<Notice>) {
    match (domains > 0, spread < 0.0, spread == 0.0) {
        (false, true, _) => (0.0, 1, None),
        (false, false, true) => (spread, 1, None),
        (false, false, false) => (spread, 10, Some(Notice::TenDomains)),
        (true, true, _) => (0.0, 1, Some(Notice::NoSpread)),
        (true, false, true) => (spread, 1, Some(Notice::ZeroSpread)),
        (true, false, false) => (spread, domains, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(range: f64, step: f64, steps: i32) -> RequestedSweep {
        RequestedSweep { range, step, steps }
    }
    fn sweep(range: f64, step: f64, steps: i32) -> Sweep {
        Sweep { range, step, steps }
    }

    #[test]
    fn nothing_given_is_one_step() {
        assert_eq!(divergence(wish(-1.0, -1.0, -1)), Sweep::NONE);
        assert_eq!(thickness(wish(0.0, -1.0, -1)), Sweep::NONE);
        assert_eq!(spindle(wish(-1.0, -1.0, -1), 0.1), Sweep::NONE);
    }

    #[test]
    fn a_range_alone_differs_per_quantity() {
        assert_eq!(divergence(wish(4.0, -1.0, -1)), sweep(4.0, 4.0, 2));
        assert_eq!(thickness(wish(4.0, -1.0, -1)), sweep(4.0, 2.0, 2));
        assert_eq!(spindle(wish(4.0, -1.0, -1), 0.1), sweep(4.0, 2.0, 2));
    }

    #[test]
    fn a_count_alone_differs_per_quantity() {
        assert_eq!(divergence(wish(-1.0, -1.0, 4)), sweep(1.0, 0.25, 4));
        assert_eq!(spindle(wish(-1.0, -1.0, 4), 0.5), sweep(0.5, 0.125, 4));
        // A sensor always has a thickness, if only 0: a count alone means no sensor.
        assert_eq!(thickness(wish(0.0, -1.0, 4)), Sweep::NONE);
    }

    #[test]
    fn range_and_count_divide_the_range_between_the_ends_or_not() {
        assert_eq!(divergence(wish(4.0, -1.0, 5)), sweep(4.0, 1.0, 5));
        assert_eq!(divergence(wish(4.0, -1.0, 1)), sweep(4.0, 4.0, 2));
        assert_eq!(spindle(wish(4.0, -1.0, 4), 0.1), sweep(4.0, 1.0, 4));
    }

    #[test]
    fn step_and_count_forget_the_count() {
        assert_eq!(divergence(wish(-1.0, 3.0, 7)), sweep(3.0, 3.0, 2));
        assert_eq!(spindle(wish(-1.0, 3.0, 7), 0.1), sweep(3.0, 3.0, 2));
    }

    #[test]
    fn range_and_step_round_the_count_up() {
        assert_eq!(divergence(wish(1.0, 0.3, -1)).steps, 4);
        assert_eq!(spindle(wish(1.0, 0.3, -1), 0.1).steps, 4);
    }

    #[test]
    fn mosaic_domains_need_a_spread() {
        assert_eq!(mosaic(-1.0, -1), (0.0, 1, None));
        assert_eq!(mosaic(0.1, -1), (0.1, 10, Some(Notice::TenDomains)));
        assert_eq!(mosaic(-1.0, 5), (0.0, 1, Some(Notice::NoSpread)));
        assert_eq!(mosaic(0.0, 5), (0.0, 1, Some(Notice::ZeroSpread)));
        assert_eq!(mosaic(0.1, 5), (0.1, 5, None));
    }
}
