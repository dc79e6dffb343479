//! What a divergence looks like, in words: a unit, an angle's unit, a sign, an index, a default.
//!
//! Not here: which divergence matters (`root_cause`).

use std::f64::consts::{PI, TAU};

/// A value that stands when none is given: met on one side alone, it suggests that an argument was not taken.
#[derive(Debug, Clone, Copy)]
pub struct DefaultValue<'a> {
    /// The value.
    pub value: f64,
    /// The question where it is not known what was given.
    pub question: &'a str,
    /// What it means where another value was given.
    pub statement: &'a str,
    /// What was given to each side; `None` where that is not known.
    pub given: [Option<f64>; 2],
}

impl DefaultValue<'_> {
    /// The remark on a side that has the default while the other one does not; none where the arguments give it just this value.
    pub fn remark(&self, has: [bool; 2]) -> Option<String> {
        let side = match has {
            [true, false] => 0,
            [false, true] => 1,
            _ => return None,
        };
        let name = NAMES[side];
        match self.given[side] {
            None => Some(format!("{name} has the default value: {}", self.question)),
            // Arguments are rounded where they change their unit.
            Some(given) if (given / self.value - 1.0).abs() < 1e-9 || given == self.value => None,
            Some(_) => Some(format!("{name} has the default: {}", self.statement)),
        }
    }
}

/// Two values of a key, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The values of the two sides.
    pub sides: [&'a [f64]; 2],
    /// The value it has when the user gives none, and what is known of what was given.
    pub default: Option<DefaultValue<'a>>,
    /// Relative tolerance: how closely a factor has to be met.
    pub tolerance: f64,
    /// Whether each side had one value wherever the other had several.
    pub constant: [bool; 2],
    /// What a turned vector suggests; none where turning means nothing.
    pub turned: Option<&'a str>,
}

/// Everything that is remarkable, in words; side A is the first trace.
pub fn describe(evidence: &Observation<'_>) -> Vec<String> {
    let [a, b] = evidence.sides;
    let mut out = Vec::new();
    if let Some(text) = defaults(evidence) {
        out.push(text);
    }
    if a.len() == b.len() && !a.is_empty() {
        let close = evidence.tolerance.clamp(1e-12, 1e-5);
        out.extend(factor(a, b, close));
        out.extend(arrangement(a, b, close));
        out.extend(one_off(a, b));
        out.extend(evidence.turned.and_then(|hint| turned(a, b, hint)));
    }
    for (side, other) in [(0, 1), (1, 0)] {
        if evidence.constant[side] && !evidence.constant[other] {
            out.push(format!("{} is the same everywhere, {} is not", NAMES[side], NAMES[other]));
        }
    }
    out
}

const NAMES: [&str; 2] = ["A", "B"];

fn defaults(evidence: &Observation<'_>) -> Option<String> {
    let default = evidence.default?;
    let value = default.value;
    let is = |side: &[f64]| side.len() == 1 && (side[0] / value - 1.0).abs() < 1e-14 || side == [value];
    default.remark(evidence.sides.map(is))
}

/// One factor between all components.
fn factor(a: &[f64], b: &[f64], close: f64) -> Option<String> {
    let (x, y) = a.iter().zip(b).max_by(|p, q| p.0.abs().total_cmp(&q.0.abs()))?;
    let ratio = y / x;
    let size = x.abs().max(y.abs());
    let uniform =
        a.iter().zip(b).all(|(x, y)| (y - ratio * x).abs() <= close * size.max(ratio.abs() * x.abs()));
    if !ratio.is_finite() || ratio == 0.0 || !uniform {
        return a
            .iter()
            .any(|x| *x != 0.0)
            .then(|| b.iter().all(|y| *y == 0.0).then(|| "B is zero".to_owned()))?;
    }
    let is = |value: f64| (ratio / value - 1.0).abs() <= close;
    let power = ratio.abs().log10().round();
    let named = [
        (-1.0, "the sign is turned"),
        (TAU, "B is 2 pi times A"),
        (1.0 / TAU, "A is 2 pi times B"),
        (PI / 180.0, "B is pi/180 times A: degrees taken for radians"),
        (180.0 / PI, "A is pi/180 times B: degrees taken for radians"),
        (PI, "B is pi times A"),
        (1.0 / PI, "A is pi times B"),
    ];
    if let Some((_, text)) = named.iter().find(|(value, _)| is(*value)) {
        return Some((*text).to_owned());
    }
    if power != 0.0 && is(10_f64.powf(power).copysign(ratio)) {
        let sign = if ratio < 0.0 { " with the sign turned" } else { "" };
        return Some(format!("B is exactly 1e{power:+03.0} times A{sign}: a unit"));
    }
    whole(ratio, close)
}

/// Whole factors, and squares among them.
fn whole(ratio: f64, close: f64) -> Option<String> {
    let (larger, smaller, n) = if ratio.abs() >= 1.0 { ("B", "A", ratio) } else { ("A", "B", 1.0 / ratio) };
    let count = n.round();
    // A count so large that any number is as close to a whole one says nothing.
    if !(2.0..=1e6).contains(&count) || (n / count - 1.0).abs() > close || count * close > 0.05 {
        return None;
    }
    let root = count.sqrt().round();
    let square =
        if root * root == count { format!(" = {root}²: a square of a count") } else { String::new() };
    Some(format!("{larger} is {count} times {smaller}{square}"))
}

/// The same components elsewhere.
fn arrangement(a: &[f64], b: &[f64], close: f64) -> Option<String> {
    let size = a.iter().fold(0.0_f64, |s, x| s.max(x.abs()));
    let same = |x: &f64, y: &f64| (x - y).abs() <= close * size;
    let flipped = a.iter().zip(b).filter(|(x, y)| !same(x, y) && same(x, &-**y)).count();
    let differing = a.iter().zip(b).filter(|(x, y)| !same(x, y)).count();
    if a.len() > 1 && differing > 0 && flipped == differing && differing < a.len() {
        return Some("the sign of some components is turned".to_owned());
    }
    let sorted = |v: &[f64]| {
        let mut v = v.to_vec();
        v.sort_by(f64::total_cmp);
        v
    };
    let swapped = differing > 1 && sorted(a).iter().zip(&sorted(b)).all(|(x, y)| same(x, y));
    swapped.then(|| "the components are swapped".to_owned())
}

/// The same place moved by half a pixel or a whole one along some axes, where `pixel` is the length of a pixel in the unit
/// of the values. `close` is how closely the values are known, relative to their size.
pub fn shift(a: &[f64], b: &[f64], pixel: f64, close: f64) -> Option<String> {
    let size = a.iter().chain(b).fold(0.0_f64, |s, x| s.max(x.abs()));
    let slack = 2.0 * close * size / pixel + 1e-6;
    // Where a quarter of a pixel is within the tolerance, half and whole ones look alike.
    if a.len() != b.len() || slack.is_nan() || slack >= 0.25 {
        return None;
    }
    let steps: Vec<f64> = a.iter().zip(b).map(|(x, y)| (y - x) / pixel).collect();
    let is = |length: f64| {
        let moved = steps.iter().filter(|s| s.abs() > slack);
        moved.clone().count() > 0 && moved.clone().all(|s| (s.abs() - length).abs() <= slack)
    };
    let length = if is(0.5) {
        "half a pixel"
    } else if is(1.0) {
        "a whole pixel"
    } else {
        return None;
    };
    let named: Vec<String> =
        steps.iter().map(|s| format!("{:+.1}", if s.abs() > slack { *s } else { 0.0 })).collect();
    Some(format!("B is shifted by {length} ({})", named.join(", ")))
}

/// Three vectors that stand in rows on one side and in columns on the other.
pub fn transposed(a: &[f64], b: &[f64], close: f64) -> Option<String> {
    let size = a.iter().fold(0.0_f64, |s, x| s.max(x.abs()));
    let flipped = |(i, x): (usize, &f64)| (x - b[i % 3 * 3 + i / 3]).abs() <= close * size;
    let is = a.len() == 9 && b.len() == 9 && a.iter().enumerate().all(flipped);
    is.then(|| "the matrix is transposed".to_owned())
}

/// Whole numbers one apart.
fn one_off(a: &[f64], b: &[f64]) -> Option<String> {
    let whole = a.iter().chain(b).all(|x| x.fract() == 0.0 && x.abs() < 1e9);
    let steps: Vec<f64> = a.iter().zip(b).map(|(x, y)| y - x).filter(|d| *d != 0.0).collect();
    let one = whole && !steps.is_empty() && steps.iter().all(|d| d.abs() == 1.0);
    one.then(|| "off by one".to_owned())
}

/// The same vector in another direction.
fn turned(a: &[f64], b: &[f64], hint: &str) -> Option<String> {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(p, q)| p * q).sum::<f64>();
    let lengths = [dot(a, a).sqrt(), dot(b, b).sqrt()];
    let same = (lengths[1] / lengths[0] - 1.0).abs() < 1e-5;
    // The angle from the chord: its cosine is too blunt for small ones.
    let chord: Vec<f64> = a.iter().zip(b).map(|(x, y)| x / lengths[0] - y / lengths[1]).collect();
    let angle = 2.0 * (dot(&chord, &chord).sqrt() / 2.0).min(1.0).asin().to_degrees();
    (same && a.len() == 3 && angle > 1e-4)
        .then(|| format!("the same length, turned by {angle:.4} degrees: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(a: &[f64], b: &[f64]) -> String {
        describe(&Observation {
            sides: [a, b],
            default: None,
            tolerance: 1e-9,
            constant: [false; 2],
            turned: None,
        })
        .join("; ")
    }

    #[test]
    fn factors_are_said_in_words() {
        for (a, b, expected) in [
            (&[1.5, 2.5][..], &[1.5e-10, 2.5e-10][..], "exactly 1e-10"),
            (&[2.0], &[2.0 * TAU], "B is 2 pi times A"),
            (&[30.0], &[30.0_f64.to_radians()], "degrees taken for radians"),
            (&[1.2, 3.4], &[-1.2, -3.4], "the sign is turned"),
            (&[1.1], &[1.1 * 25.0], "B is 25 times A = 5²"),
            (&[2.2], &[1.1], "A is 2 times B"),
            (&[1.0, 2.5, 3.0], &[2.5, 1.0, 3.0], "swapped"),
            (&[1.5, 2.5], &[-1.5, 2.5], "the sign of some"),
            (&[2.0, 2.0, -13.0], &[2.0, 3.0, -13.0], "off by one"),
            (&[2.5], &[0.0], "B is zero"),
        ] {
            let text = described(a, b);
            assert!(text.contains(expected), "{a:?} {b:?}: `{text}`, expected `{expected}`");
        }
    }

    #[test]
    fn shifts_by_half_and_whole_pixels_are_named() {
        let shift_from = |b: &[f64]| shift(&[0.0125, 0.0175], b, 1e-4, 1e-5);
        assert_eq!(shift_from(&[0.01255, 0.01755]).unwrap(), "B is shifted by half a pixel (+0.5, +0.5)");
        assert_eq!(shift_from(&[0.0124, 0.0175]).unwrap(), "B is shifted by a whole pixel (-1.0, +0.0)");
        assert_eq!(shift_from(&[0.01253, 0.0175]), None);
        assert_eq!(shift_from(&[0.0125, 0.0175]), None);
        assert_eq!(shift(&[100.0], &[100.00005], 1e-4, 1e-5), None, "nothing to tell by");
        assert_eq!(shift(&[1.0], &[1.0, 2.0], 1e-4, 1e-5), None);
    }

    #[test]
    fn a_transposed_matrix_is_named() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let b = [1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0];
        assert!(transposed(&a, &b, 1e-9).is_some());
        assert!(transposed(&a, &a, 1e-9).is_none() && transposed(&a[..8], &b, 1e-9).is_none());
    }

    #[test]
    fn a_count_too_large_to_tell_is_not_named() {
        assert_eq!(whole(126_451.3, 1e-5), None);
        assert_eq!(whole(126_451.0, 1e-9).unwrap(), "B is 126451 times A");
    }

    #[test]
    fn nothing_is_said_of_an_ordinary_difference() {
        assert_eq!(described(&[1.0, 2.0], &[1.1, 2.3]), "");
        assert_eq!(described(&[1.0], &[1.0e-10 * 1.001]), "");
        assert_eq!(described(&[f64::NAN], &[1.0]), "");
    }

    #[test]
    fn a_default_accuses_a_side_only_where_another_value_was_given() {
        let signatures = |given: [Option<f64>; 2]| {
            let default =
                DefaultValue { value: 1.0, question: "was it taken?", statement: "not taken", given };
            let sides: [&[f64]; 2] = [&[5.0], &[1.0]];
            describe(&Observation {
                sides,
                default: Some(default),
                tolerance: 1e-9,
                constant: [false, true],
                turned: None,
            })
        };
        assert_eq!(signatures([None; 2])[0], "B has the default value: was it taken?");
        assert_eq!(signatures([Some(5.0); 2])[0], "B has the default: not taken");
        // Given or not, the default is what the arguments come to: B is right.
        assert!(signatures([Some(1.0); 2]).iter().all(|text| !text.contains("default")));
        assert!(signatures([None; 2]).contains(&"B is the same everywhere, A is not".to_owned()));
    }
}
