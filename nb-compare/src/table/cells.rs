//! Two cells, or the cells of a vector: whether they agree, and how far they are apart.
//!
//! A number agrees where `|candidate − reference| ≤ atol + rtol · |reference|`, as NumPy has it, or where the difference is at most
//! `max_ulp` units of the last digit printed on the side that prints fewer. Without any of these the values have to be equal as
//! numbers: `1.0` and `1.00` are. All of it is of the decimals that stand there, so that 0.4 is 0.1 from 0.3, and within 0.1 of it. Not here: columns and whole tables (`compare`), reading a number as it is printed (`printed`).

use serde::{Deserialize, Serialize};
use trace_harness::numbers::decimal;

use super::printed::{Printed, printed};
use super::rules::{Column, Judge, Nan, Period, Sign};

/// How far two numbers are apart.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Distance {
    /// In the unit of the column.
    pub absolute: f64,
    /// As a share of the reference's value; none where that is 0.
    pub relative: Option<f64>,
    /// In units of the last digit printed; none where a side has no decimal digits.
    pub ulp: Option<f64>,
}

/// What is asked of a pair of numbers.
pub(super) struct Limits {
    pub(super) relative: f64,
    pub(super) absolute: f64,
    pub(super) ulp: Option<f64>,
}

/// How a pair of cells came out, and how far beyond what was asked.
pub(super) enum CellFinding {
    Agrees(Option<Distance>),
    Unknown,
    Differs(f64, Option<Distance>),
}

/// A pair of cells.
pub(super) fn cell(
    [reference, candidate]: [&str; 2],
    wish: &Column,
    asked: &Limits,
    nan: Nan,
) -> CellFinding {
    // Text has no distance to be beyond of: it is beyond every number.
    let text = || {
        if reference == candidate {
            CellFinding::Agrees(None)
        } else {
            CellFinding::Differs(f64::INFINITY, None)
        }
    };
    if wish.judge == Judge::Text {
        return text();
    }
    let (Some(a), Some(b)) = (printed(reference), printed(candidate)) else { return text() };
    if a.is_unknown() || b.is_unknown() {
        return CellFinding::Unknown;
    }
    let Some(b) = in_unit_of_reference(b, wish.factor) else {
        return CellFinding::Differs(f64::INFINITY, None);
    };
    if a.value.is_nan() || b.value.is_nan() {
        return match nan {
            Nan::Missing => CellFinding::Unknown,
            Nan::Equal if a.value.is_nan() && b.value.is_nan() => CellFinding::Agrees(None),
            _ => CellFinding::Differs(f64::INFINITY, None),
        };
    }
    let period = wish.period.as_ref().and_then(Period::value);
    let found = numbers(a, b, asked, period, wish.judge);
    let other_sign = || numbers(a, b.negative(), asked, period, wish.judge);
    match (found, wish.sign) {
        (CellFinding::Differs(beyond, distance), Sign::Free) => match other_sign() {
            CellFinding::Differs(other, _) if other >= beyond => CellFinding::Differs(beyond, distance),
            better => better,
        },
        (found, _) => found,
    }
}

/// A number times its column's factor; none where the product is beyond the range of 64 bits and so says nothing.
fn in_unit_of_reference(number: Printed<'_>, factor: Option<f64>) -> Option<Printed<'_>> {
    let Some(factor) = factor else { return Some(number) };
    let value = decimal::product(number.value, factor);
    let is_lost = number.value.is_finite() && (value.is_infinite() || (value == 0.0 && number.value != 0.0));
    let unit = number.unit.map(|unit| unit * factor.abs());
    (!is_lost).then_some(Printed { value, unit, whole: None })
}

fn numbers(a: Printed<'_>, b: Printed<'_>, asked: &Limits, period: Option<f64>, judge: Judge) -> CellFinding {
    let mut apart = a.to(&b);
    if apart == 0.0 {
        return CellFinding::Agrees(Some(distance(0.0, a, b)));
    }
    if !a.value.is_finite() || !b.value.is_finite() {
        return CellFinding::Differs(f64::INFINITY, None);
    }
    let mut size = a.value.abs();
    if let Some(period) = period {
        let Some(within_a_turn) = turned(apart, [a.value, b.value], period) else {
            return CellFinding::Unknown;
        };
        apart = within_a_turn;
        // Turns that an angle has made are no reason to be less exact.
        size = size.min(period);
    }
    let distance = distance(apart.abs(), a, b);
    let one_sided = (judge == Judge::AtMost && apart < 0.0) || (judge == Judge::AtLeast && apart > 0.0);
    let allowed = (asked.absolute + asked.relative * size).min(f64::MAX);
    let is_within = || decimal::is_within(apart.abs(), [asked.absolute, asked.relative], size);
    // Printed digits are decimal: half a unit of the last place of double precision is nothing beside them.
    let by_digits =
        || matches!((asked.ulp, distance.ulp), (Some(most), Some(ulp)) if ulp <= most * (1.0 + 1e-9));
    if one_sided || is_within() || by_digits() {
        return CellFinding::Agrees(Some(distance));
    }
    let beyond = if allowed > 0.0 { apart.abs() / allowed } else { distance.ulp.unwrap_or(apart.abs()) };
    CellFinding::Differs(beyond, Some(distance))
}

/// How far two numbers that differ by `apart` are apart when a period does not count, from −period/2 to period/2; none where one of
/// them is so large that its neighbour among 64-bit floats is a period away: it says nothing of where in the period it is.
fn turned(apart: f64, values: [f64; 2], period: f64) -> Option<f64> {
    /// The neighbours of a number of this size are 1 away.
    const MOST_PERIODS: f64 = (1_u64 << 52) as f64;
    if values.iter().any(|value| value.abs() / period >= MOST_PERIODS) {
        return None;
    }
    // A remainder is exact, the difference of large numbers is rounded.
    let [a, b] = values;
    if apart.abs() < period {
        let turns = (apart / period).round();
        return Some(if turns == 0.0 { apart } else { decimal::difference_in_turns(a, b, turns, period) });
    }
    let apart = b % period - a % period;
    Some(apart - (apart / period).round() * period)
}

fn distance(apart: f64, a: Printed<'_>, b: Printed<'_>) -> Distance {
    let unit = a.unit.zip(b.unit).map(|(a, b)| a.max(b));
    Distance {
        absolute: apart,
        relative: (a.value != 0.0).then(|| apart / a.value.abs()),
        ulp: unit.filter(|unit| *unit > 0.0).map(|unit| apart / unit),
    }
}

/// A pair of vectors. NaN in a component is what it is in a column; under [`Nan::Missing`] the other components are compared all the same.
pub(super) fn vector(
    [reference, candidate]: &[Vec<&str>; 2],
    sign: Sign,
    [absolute, relative]: [f64; 2],
    nan: Nan,
) -> CellFinding {
    const DIFFERS: CellFinding = CellFinding::Differs(f64::INFINITY, None);
    let pairs: Option<Vec<(Printed<'_>, Printed<'_>)>> =
        reference.iter().zip(candidate).map(|(a, b)| printed(a).zip(printed(b))).collect();
    let Some(mut pairs) = pairs else {
        return if reference == candidate { CellFinding::Agrees(None) } else { DIFFERS };
    };
    if pairs.iter().any(|(a, b)| a.is_unknown() || b.is_unknown()) {
        return CellFinding::Unknown;
    }
    let components = pairs.len();
    match nan {
        Nan::Fail if pairs.iter().any(|(a, b)| a.value.is_nan() || b.value.is_nan()) => return DIFFERS,
        Nan::Equal if pairs.iter().any(|(a, b)| a.value.is_nan() != b.value.is_nan()) => return DIFFERS,
        _ => pairs.retain(|(a, b)| !a.value.is_nan() && !b.value.is_nan()),
    }
    let mut found = numbers_of_vector(&pairs, [absolute, relative]);
    if sign == Sign::Free && matches!(found, CellFinding::Differs(..)) {
        let turned: Vec<_> = pairs.iter().map(|(a, b)| (*a, b.negative())).collect();
        let other = numbers_of_vector(&turned, [absolute, relative]);
        let is_nearer = match (&found, &other) {
            (CellFinding::Differs(beyond, _), CellFinding::Differs(other, _)) => other < beyond,
            _ => true,
        };
        if is_nearer {
            found = other;
        }
    }
    match found {
        CellFinding::Agrees(_) if nan == Nan::Missing && pairs.len() < components => CellFinding::Unknown,
        found => found,
    }
}

/// Two vectors of numbers, none of them NaN.
fn numbers_of_vector(pairs: &[(Printed<'_>, Printed<'_>)], [absolute, relative]: [f64; 2]) -> CellFinding {
    /// Beyond it lengths and differences may exceed the range of 64 bits; in its unit they do not.
    const LARGE: f64 = 1e300;
    const OF_LARGE: f64 = 1.0 / (1_u64 << 20) as f64;
    if pairs.iter().all(|(a, b)| a.to(b) == 0.0) {
        return CellFinding::Agrees(Some(Distance { absolute: 0.0, relative: None, ulp: None }));
    }
    let largest = pairs.iter().fold(0.0_f64, |largest, (a, b)| largest.max(a.value.abs()).max(b.value.abs()));
    if !largest.is_finite() {
        return CellFinding::Differs(f64::INFINITY, None);
    }
    let scale = if largest > LARGE { OF_LARGE } else { 1.0 };
    let length = pairs.iter().fold(0.0_f64, |length, (a, _)| length.hypot(scale * a.value));
    let difference = |(a, b): &(Printed<'_>, Printed<'_>)| {
        if scale == 1.0 { a.to(b) } else { scale * b.value - scale * a.value }
    };
    let apart = pairs.iter().fold(0.0_f64, |apart, pair| apart.hypot(difference(pair)));
    let distance = Distance {
        absolute: (apart / scale).min(f64::MAX),
        relative: (length > 0.0).then(|| (apart / length).min(f64::MAX)),
        ulp: None,
    };
    let allowed = absolute * scale + relative * length;
    // Numbers that differ are apart, whatever is left of it in the unit.
    if apart <= allowed && allowed > 0.0 {
        return CellFinding::Agrees(Some(distance));
    }
    CellFinding::Differs(if allowed > 0.0 { apart / allowed } else { apart }, Some(distance))
}
