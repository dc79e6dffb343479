//! How far apart two values may be and still agree.
//!
//! The defaults follow from what rounding does: 15 printed digits for programs that compute in double precision, and some
//! eighty units of the last place where one of them computed in single precision. Not here: what is made of a difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::numbers::is_unprintable;
use crate::trace::diff::noise::TraceNoise;
use crate::trace::schema::KeyKind;
use crate::ulp;

/// How large the rounding of a number may be, as a share of the period, for the number to say something of the angle.
const KNOWN_TURNS: f64 = 1e-6;

/// Largest difference of two values that agree: absolute, plus relative to the longer of two vectors.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct KeyTolerance {
    /// Share of the larger value.
    pub relative: f64,
    /// In the unit of the key; NaN where the reference's own noise is undecided.
    pub absolute: f64,
    /// Whether it is the reference's own noise: then a difference has to keep each of the two by itself, and not their sum.
    #[serde(skip_serializing_if = "is_no_noise")]
    pub is_noise: bool,
}

fn is_no_noise(is_noise: &bool) -> bool {
    !is_noise
}

/// How far values of a key are outside the reference's own noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseDistance {
    /// The largest distance in units of the noise: up to 1 is inside.
    Times(f64),
    /// They differ, and no run of the reference moves them.
    Still,
    /// Their difference is not a number: NaN, other words, another length.
    NoNumber,
    /// The noise is undecided.
    Unknown,
}

impl NoiseDistance {
    /// In words.
    pub fn to_text(self) -> String {
        match self {
            Self::Times(times) => {
                format!("{} times the reference's own noise", nanobragg::c_number::g(times, 3))
            }
            Self::Still => "no run of the reference moves it".to_owned(),
            Self::NoNumber => "differs by no number, which no noise explains".to_owned(),
            Self::Unknown => "the reference's own noise is undecided".to_owned(),
        }
    }
}

/// Tolerances as requested.
#[derive(Debug, Clone, Default)]
pub struct Tolerances {
    /// Relative tolerance of every key.
    pub relative: Option<f64>,
    /// Absolute tolerance of every key.
    pub absolute: Option<f64>,
    /// Of single keys.
    pub by_key: BTreeMap<String, Wish>,
    /// The reference's own noise, the tolerance of every key that it has and that has none of its own.
    pub noise: Option<TraceNoise>,
}

/// The tolerances of one key; what is not given stays at its default.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Relative tolerance.
    pub rtol: Option<f64>,
    /// Absolute tolerance.
    pub atol: Option<f64>,
}

/// A file of tolerances that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct KeyToleranceError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: ToleranceProblem,
}

/// What is wrong with a text of tolerances.
#[derive(Debug, thiserror::Error)]
pub enum ToleranceProblem {
    /// The system refuses to give the file, or it is no text.
    #[error("cannot be read: {0}; expected tolerances in TOML")]
    Unreadable(std::io::Error),
    /// The text is no TOML, or TOML of another form.
    #[error("holds no tolerances: {}", .0.to_string().trim())]
    Form(toml::de::Error),
    /// A tolerance that nothing or everything would meet.
    #[error("tolerance of `{key}`: `{value}`; expected a number {expected}")]
    Range {
        /// The key of the trace.
        key: String,
        /// The tolerance.
        value: f64,
        /// The numbers that make sense.
        expected: &'static str,
    },
}

impl Tolerances {
    /// Adds the tolerances of single keys from a TOML file: tables named after keys, with `rtol` and `atol`.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn add_file(&mut self, path: &Path) -> Result<(), KeyToleranceError> {
        let text = crate::evidence::given::text(path).map_err(ToleranceProblem::Unreadable);
        let added = text.and_then(|text| self.add(&text));
        added.map_err(|problem| KeyToleranceError { path: path.to_owned(), problem })
    }

    /// Adds the tolerances in `text`.
    ///
    /// # Errors
    /// The text holds something else, or a tolerance out of range.
    pub fn add(&mut self, text: &str) -> Result<(), ToleranceProblem> {
        let wishes: BTreeMap<String, Wish> = toml::from_str(text).map_err(ToleranceProblem::Form)?;
        for (key, wish) in wishes {
            // A difference of more than the whole is no agreement.
            let ranges = [(wish.rtol, 1.0, "from 0 to 1"), (wish.atol, f64::MAX, "from 0")];
            for (value, most, expected) in ranges {
                if let Some(value) = value.filter(|value| !(0.0..=most).contains(value)) {
                    return Err(ToleranceProblem::Range { key, value, expected });
                }
            }
            self.by_key.insert(key, wish);
        }
        Ok(())
    }

    /// The tolerance of the key `name`; `single` says that one side computed in single precision.
    pub fn of(&self, name: &str, kind: KeyKind, single: bool) -> KeyTolerance {
        let default = default_of(kind, single);
        let wish = self.by_key.get(name).copied();
        let noise = self.noise.as_ref().and_then(|noise| noise.keys.get(name)).filter(|_| wish.is_none());
        if let Some(noise) = noise {
            let absolute = if noise.undecided { f64::NAN } else { noise.absolute };
            return KeyTolerance { relative: noise.relative, absolute, is_noise: true };
        }
        let wish = wish.unwrap_or_default();
        KeyTolerance {
            relative: wish.rtol.or(self.relative).unwrap_or(default.relative),
            absolute: wish.atol.or(self.absolute).unwrap_or(default.absolute),
            is_noise: false,
        }
    }

    /// Whether the key `name` has a tolerance of its own, whatever the schema knows of it.
    pub fn has(&self, name: &str) -> bool {
        self.by_key.contains_key(name)
            || self.noise.as_ref().is_some_and(|noise| noise.keys.contains_key(name))
    }
}

/// The default for a kind of key.
pub fn default_of(kind: KeyKind, single: bool) -> KeyTolerance {
    let (relative, absolute) = match (kind, single) {
        (KeyKind::Exact, _) => (0.0, 0.0),
        (KeyKind::Plain, false) => (1e-12, 0.0),
        (KeyKind::Amplified, false) => (1e-10, 0.0),
        (KeyKind::Index, false) => (1e-10, 1e-10),
        (KeyKind::Single, false) => (1.2e-7, 0.0),
        (KeyKind::Index, true) => (1e-5, 1e-10),
        (_, true) => (1e-5, 0.0),
    };
    KeyTolerance { relative, absolute, is_noise: false }
}

/// How far two values are apart.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Distance {
    /// Largest difference of a component.
    pub absolute: f64,
    /// The same as a share of the longer vector; for one number, of the larger.
    pub relative: f64,
    /// Largest number of double-precision numbers between two components.
    pub ulp: u64,
}

impl Distance {
    /// Of values that cannot be subtracted: other counts, or NaN.
    pub const UNKNOWN: Self = Self { absolute: f64::NAN, relative: f64::NAN, ulp: u64::MAX };
}

impl KeyTolerance {
    /// Whether numbers that are `apart` agree where the larger of them, or the longer vector, is of `size`. NaN never does.
    pub fn allows(self, apart: f64, size: f64) -> bool {
        match self.is_noise {
            // The share is computed as that of the noise was, so that the run that made the noise is inside it to the last bit.
            true => apart == 0.0 || apart <= self.absolute && apart / size <= self.relative,
            false => apart <= self.absolute + self.relative * size,
        }
    }

    /// Whether nothing is known of how far the reference moves by itself.
    pub fn is_undecided(self) -> bool {
        self.is_noise && self.absolute.is_nan()
    }

    /// How far values are outside the reference's own noise that are at most `largest` apart and of which `differing` do not agree;
    /// of those with a `period` the absolute bound alone counts.
    pub fn noise_distance(self, largest: Distance, differing: bool, period: bool) -> Option<NoiseDistance> {
        Some(match (self.is_noise, self.absolute) {
            (false, _) => return None,
            (true, noise) if noise.is_nan() => NoiseDistance::Unknown,
            _ if !differing && largest.absolute == 0.0 => NoiseDistance::Times(0.0),
            _ if largest.absolute == 0.0 || !largest.absolute.is_finite() => NoiseDistance::NoNumber,
            (true, 0.0) => NoiseDistance::Still,
            (true, noise) => {
                let share = if period { 0.0 } else { largest.relative / self.relative };
                NoiseDistance::Times((largest.absolute / noise).max(share))
            }
        })
    }

    /// Whether no difference is allowed.
    pub fn is_exact(self) -> bool {
        self.relative == 0.0 && self.absolute == 0.0
    }

    /// As [`KeyTolerance::compare`], each number against its own partner: for numbers that are not components of one vector.
    pub fn compare_each(self, a: &[f64], b: &[f64]) -> (Distance, bool) {
        if a.len() != b.len() {
            return self.compare(a, b);
        }
        let pairs = a.iter().zip(b).map(|(x, y)| self.compare(&[*x], &[*y]));
        let (mut distance, mut agree) = (Distance::default(), true);
        let larger = |a: f64, b: f64| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) };
        for (one, fine) in pairs {
            agree &= fine;
            distance = Distance {
                absolute: larger(distance.absolute, one.absolute),
                relative: larger(distance.relative, one.relative),
                ulp: distance.ulp.max(one.ulp),
            };
        }
        (distance, agree)
    }

    /// As [`KeyTolerance::compare_each`], for numbers that are the same when they are whole periods apart. The relative tolerance is one of
    /// the period, whatever the number of turns: 40000000 and 17 degrees are 23 degrees apart. What whole turns were added to is rounded as
    /// numbers of its size are, which is allowed for within the relative tolerance of that size. Where this rounding is not small beside
    /// the period nothing is known of the angle, and only the same number agrees.
    pub fn compare_turns(self, a: &[f64], b: &[f64], period: f64) -> (Distance, bool) {
        if a.len() != b.len() {
            return self.compare(a, b);
        }
        let (mut distance, mut agree) = (Distance::default(), true);
        // Noise was measured as an angle, whose share of its own number says nothing.
        let share = if self.is_noise { 0.0 } else { self.relative };
        for (x, y) in a.iter().zip(b) {
            let turns = ((x - y) / period).round();
            let size = x.abs().max(y.abs()).max(period);
            let spacing = size.next_up() - size;
            let known = spacing <= KNOWN_TURNS * period;
            if turns == 0.0 || !turns.is_finite() || !known {
                // What compares equal by itself (zeros, NaN, infinities, stars) does so here.
                let (one, same) = Self::default().compare(&[*x], &[*y]);
                let near = known && one.absolute <= self.absolute + share * period;
                agree &= same || near;
                distance =
                    if one.absolute > distance.absolute || one.absolute.is_nan() { one } else { distance };
                continue;
            }
            let apart = (x - (y + turns * period)).abs();
            let rounding = (2.0 * spacing).min(share * size);
            agree &= apart <= self.absolute + rounding.max(share * period);
            if apart > distance.absolute {
                // In numbers of the size that the whole turns were added to.
                let ulp = (apart / spacing).ceil() as u64;
                distance = Distance { absolute: apart, relative: apart / period, ulp };
            }
        }
        (distance, agree)
    }

    /// The distance of two values, and whether they agree. NaN agrees with NaN, an infinity with itself, and neither with anything
    /// else. What is unprintable is left out: it is not known (see [`is_unprintable`]).
    pub fn compare(self, a: &[f64], b: &[f64]) -> (Distance, bool) {
        if a.len() != b.len() {
            return (Distance::UNKNOWN, false);
        }
        let size = a.iter().chain(b).map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
        let mut distance = Distance::default();
        let mut agree = true;
        for (x, y) in a.iter().zip(b) {
            if x == y || x.is_nan() && y.is_nan() || is_unprintable(*x) || is_unprintable(*y) {
                continue;
            }
            let apart = (x - y).abs();
            agree &= self.allows(apart, size);
            distance.absolute = if apart.is_nan() { apart } else { distance.absolute.max(apart) };
            distance.ulp = distance.ulp.max(ulp::distance_f64(*x, *y));
        }
        distance.relative = if distance.absolute == 0.0 { 0.0 } else { distance.absolute / size };
        (distance, agree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIGHT: KeyTolerance = KeyTolerance { relative: 1e-12, absolute: 0.0, is_noise: false };

    #[test]
    fn a_small_component_is_measured_against_its_vector() {
        assert!(TIGHT.compare(&[1.0, 0.0], &[1.0, 1e-13]).1);
        assert!(!TIGHT.compare(&[0.0], &[1e-13]).1);
    }

    #[test]
    fn nan_and_infinities_agree_with_themselves_alone_and_zero_with_minus_zero() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(TIGHT.compare(&[x, 1.0], &[x, 1.0]).1);
            for y in [0.0, 1.0, f64::MAX, -x] {
                assert!(x.is_nan() && y.is_nan() || !TIGHT.compare(&[x], &[y]).1, "{x} {y}");
            }
        }
        assert!(TIGHT.compare(&[0.0], &[-0.0]).1);
        assert!(!TIGHT.compare(&[1.0], &[1.0, 1.0]).1);
    }

    #[test]
    fn whole_periods_between_two_angles_are_nothing_and_half_a_period_is_half_a_period() {
        let turn = 2.0 * std::f64::consts::PI;
        for x in [0.0, 1e-17, 1.0, 3.0, -2.5] {
            for turns in [-3.0, -1.0, 0.0, 1.0, 2.0] {
                assert!(TIGHT.compare_turns(&[x], &[x + turns * turn], turn).1, "{x} {turns}");
                assert!(!TIGHT.compare_turns(&[x], &[x + (turns + 0.5) * turn], turn).1, "{x} {turns}");
            }
        }
        assert_eq!(TIGHT.compare_turns(&[0.25], &[360.75], 360.0).0.absolute, 0.5);
        assert!(
            TIGHT.compare_turns(&[f64::NAN], &[f64::NAN], turn).1
                && !TIGHT.compare_turns(&[f64::NAN], &[1.0], turn).1
        );
        assert!(!TIGHT.compare_turns(&[f64::INFINITY], &[1.0], turn).1);
    }

    #[test]
    fn the_tolerance_of_an_angle_is_one_of_its_period_whatever_the_number_of_turns() {
        for loose in [1e-5, 1e-12] {
            let loose = KeyTolerance { relative: loose, ..KeyTolerance::default() };
            for (x, y, agree) in [
                (4e7, 17.0, false),
                (4e7, 4e7 + 17.0, false),
                (4e7, 40.0, true),
                (4e7, 4e7 + 360.0, true),
                (40_000_000.1, 40.1, true),
                (-50_000_123.0, -99.0, false),
            ] {
                assert_eq!(loose.compare_turns(&[x], &[y], 360.0).1, agree, "{x} {y} {loose:?}");
                assert_eq!(loose.compare_turns(&[y], &[x], 360.0).1, agree, "{y} {x} {loose:?}");
            }
        }
    }

    #[test]
    fn numbers_too_large_for_an_angle_agree_with_themselves_alone() {
        for x in [1e17, 1e18, 1e22, 1e300, f64::MAX] {
            for y in [-3.0 * x / 4.0, x / 3.1, x.next_down(), 0.0, 40.0] {
                assert!(!TIGHT.compare_turns(&[x], &[y], 360.0).1, "{x} {y}");
                assert!(!TIGHT.compare_turns(&[y], &[x], 360.0).1, "{y} {x}");
            }
            assert!(TIGHT.compare_turns(&[x], &[x], 360.0).1, "{x}");
        }
    }

    #[test]
    fn noise_bounds_a_difference_and_its_share_each_by_itself() {
        let noise = KeyTolerance { relative: 0.1, absolute: 2.0, is_noise: true };
        for (x, y, inside) in [
            (10.0, 9.0, true),
            (10.0, 8.5, false),
            (100.0, 98.0, true),
            (100.0, 97.0, false),
            (0.0, 0.0, true),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, 1.0, false),
            (f64::NAN, 1.0, false),
        ] {
            assert_eq!(noise.compare(&[x], &[y]).1, inside, "{x} {y}");
        }
        let undecided = KeyTolerance { absolute: f64::NAN, ..noise };
        assert!(undecided.compare(&[1.0], &[1.0]).1 && !undecided.compare(&[1.0], &[2.0]).1);
        let distance = |a: f64, b: f64| {
            let (distance, agree) = noise.compare(&[a], &[b]);
            noise.noise_distance(distance, !agree, false)
        };
        assert_eq!(distance(10.0, 5.0), Some(NoiseDistance::Times(5.0)));
        assert_eq!(distance(100.0, 90.0), Some(NoiseDistance::Times(5.0)));
        assert_eq!(distance(1.0, f64::NAN), Some(NoiseDistance::NoNumber));
        let still = KeyTolerance { is_noise: true, ..KeyTolerance::default() };
        let apart = still.compare(&[1.0], &[1.0_f64.next_up()]);
        assert_eq!(still.noise_distance(apart.0, !apart.1, false), Some(NoiseDistance::Still));
        assert_eq!(TIGHT.noise_distance(apart.0, true, false), None);
    }

    #[test]
    fn units_of_the_last_place_are_counted() {
        assert_eq!(TIGHT.compare(&[1.0], &[1.0_f64.next_up().next_up()]).0.ulp, 2);
        assert_eq!(ulp::distance_f64(-0.0, 0.0), 0);
    }

    #[test]
    fn the_narrowest_wish_wins() {
        let mut wishes = Tolerances { relative: Some(1e-3), ..Tolerances::default() };
        wishes.add("[hkl_frac]\natol = 0.5\n").unwrap();
        assert_eq!(
            wishes.of("hkl_frac", KeyKind::Plain, false),
            KeyTolerance { relative: 1e-3, absolute: 0.5, is_noise: false }
        );
        assert_eq!(
            wishes.of("F_cell", KeyKind::Exact, false),
            KeyTolerance { relative: 1e-3, ..KeyTolerance::default() }
        );
        for text in [
            "[a]\natol = -1.0\n",
            "[a]\nrtol = nan\n",
            "[a]\nrtol = 1e308\n",
            "[a]\natol = inf\n",
            "[a]\ncolour = 1\n",
            "a = 1",
        ] {
            assert!(wishes.add(text).is_err(), "{text}");
        }
    }
}
