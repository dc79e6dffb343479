//! Which factor of a product is to blame for how much of a ratio: shares of its logarithm, which add up to one.
//!
//! Not here: which law the product follows (`schema`).

use serde::Serialize;

use crate::trace::cause::cells::Cells;
use crate::trace::keys::Keys;
use crate::trace::schema::expression::{BoundedValue, Expr, Names, evaluate, parse, truth};

/// What shares are, for whoever meets one beyond 100 % or below zero.
pub const SHARES: &str = "shares are parts of the whole difference, measured by the logarithm of the ratio: they add up to 100 %, and those of \
    factors that act against each other cancel";

/// A factor of the product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The key, or the expression's last name where it is no single key.
    pub factor: String,
    /// How many times larger it makes the second side.
    pub ratio: f64,
    /// Its part of the logarithm of the whole ratio.
    pub share: f64,
}

/// The shares of one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribution {
    /// The key that was taken apart.
    pub key: String,
    /// B over A.
    pub ratio: f64,
    /// Factors that differ, largest share first.
    pub shares: Vec<Share>,
    /// What the factors of the traces do not explain.
    pub rest: f64,
}

impl Attribution {
    /// Whether factors act against each other, so that a share is beyond the whole or below nothing.
    pub fn cancels(&self) -> bool {
        // Rounding alone does not need explaining.
        self.shares.iter().map(|share| share.share).any(|share| !(-1e-3..=1.001).contains(&share))
    }
}

/// The values of one side of a segment as names in laws. What no trace holds is taken as given: 0 for `background`.
pub struct Side<'a, 't> {
    /// The keys.
    pub keys: &'a Keys<'a>,
    /// Their cells.
    pub cells: &'a Cells<'t>,
    /// 0 for the first trace, 1 for the second.
    pub side: usize,
}

impl Names for Side<'_, '_> {
    fn value(&self, name: &str) -> Option<BoundedValue> {
        let numbers =
            self.keys.find(name).map(|k| self.cells.get(k).sides[self.side]).filter(|n| !n.is_empty());
        match numbers {
            Some(numbers) => Some(BoundedValue::rounded(numbers, 1e-15)),
            None => match name {
                "background" => Some(BoundedValue::exact(0.0)),
                // Sub-pixels are counted among the steps, which a condition asks for as well.
                "blocks" => Some(BoundedValue::exact(1.0)),
                _ => None,
            },
        }
    }

    fn all(&self, _: &str) -> Vec<f64> {
        Vec::new()
    }
}

/// Takes `key` apart by its law; `None` without a law, without values, or without a ratio that has a logarithm.
pub fn attribute(keys: &Keys<'_>, cells: &Cells<'_>, key: usize) -> Option<Attribution> {
    let law = keys.law(key)?;
    let [a, b] = cells.get(key).sides.map(|side| side.first().copied());
    let (ratio, whole) = logarithm(a?, b?)?;
    let mut shares = Vec::new();
    let mut explained = 0.0;
    for (factor, sign) in law.factors() {
        let [x, y] =
            [0, 1].map(|side| evaluate(factor, &Side { keys, cells, side }).ok()?.numbers.first().copied());
        // A factor that a trace does not hold is part of the rest.
        let Some((factor_ratio, part)) = x.zip(y).and_then(|(x, y)| logarithm(x, y)) else { continue };
        let sign = f64::from(sign);
        explained += sign * part / whole;
        if part != 0.0 {
            shares.push(Share {
                factor: name_of(factor),
                ratio: factor_ratio.powf(sign),
                share: sign * part / whole,
            });
        }
    }
    shares.sort_by(|p, q| q.share.abs().total_cmp(&p.share.abs()));
    Some(Attribution { key: keys.name(key).to_owned(), ratio, shares, rest: 1.0 - explained })
}

/// How far the law of `key` says that its logarithm should move from A to B, and how far it did.
pub fn moves(keys: &Keys<'_>, cells: &Cells<'_>, key: usize) -> Option<(f64, f64)> {
    let law = keys.law(key)?;
    let [x, y] = [0, 1].map(|side| evaluate(law, &Side { keys, cells, side }).ok());
    let length = |v: &BoundedValue| v.numbers.iter().map(|n| n * n).sum::<f64>().sqrt();
    let [a, b] = cells.get(key).sides.map(|s| s.iter().map(|n| n * n).sum::<f64>().sqrt());
    let expected = (length(&y?) / length(&x?)).ln();
    let actual = (b / a).ln();
    (!expected.is_nan() && actual.is_finite()).then_some((expected, actual))
}

/// Whether the law of `key` is about the whole of it on both sides, and not about one of the terms that it adds up.
pub fn law_is_whole(keys: &Keys<'_>, cells: &Cells<'_>, key: usize) -> bool {
    let Some(condition) = keys.about(key).when.as_deref().and_then(|text| parse(text).ok()) else {
        return true;
    };
    (0..2).all(|side| truth(&condition, &Side { keys, cells, side }).is_ok_and(|holds| holds))
}

fn logarithm(a: f64, b: f64) -> Option<(f64, f64)> {
    let ratio = b / a;
    let value = ratio.ln();
    (ratio > 0.0 && value.is_finite()).then_some((ratio, value))
}

fn name_of(factor: &Expr) -> String {
    factor.names().last().map_or_else(String::new, |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::cause::cells::{Cell, CellState};
    use crate::trace::diff::tolerance::Tolerances;
    use crate::trace::log::TraceLog;
    use crate::trace::schema::Schema;

    #[test]
    fn shares_add_up_to_one_and_what_is_missing_is_the_rest() {
        let schema = "[[key]]\nname = 'a'\n[[key]]\nname = 'b'\n[[key]]\nname = 'p'\nlaw = 'a * b^2 / c'\n[[key]]\nname = 'c'\n";
        let schema = Schema::from_toml(schema).unwrap();
        let empty = TraceLog::default();
        let keys = Keys::new(&schema, [&empty, &empty], &Tolerances::default(), false);
        let values = [[2.0, 8.0], [3.0, 6.0], [1.0, 32.0], [5.0, 2.5]].map(|pair| pair.map(|x| [x]));
        let cell = |n: usize| Cell {
            state: CellState::Differ,
            relative: 1.0,
            sides: [&values[n][0][..], &values[n][1][..]],
        };
        let mut cells = Cells::new(4);
        (0..4).for_each(|n| cells.set(n, cell(n)));
        let found = attribute(&keys, &cells, 2).unwrap();
        let shares: Vec<(&str, f64)> = found.shares.iter().map(|s| (s.factor.as_str(), s.share)).collect();
        // 4 x 4 x 2 = 32: two, two and one of five halvings.
        assert_eq!(shares.iter().map(|s| s.0).collect::<Vec<_>>(), ["a", "b", "c"]);
        for ((_, share), expected) in shares.iter().zip([0.4, 0.4, 0.2]) {
            assert!((share - expected).abs() < 1e-12, "{found:?}");
        }
        assert!(found.rest.abs() < 1e-12);
        cells.set(1, Cell::default());
        let without = attribute(&keys, &cells, 2).unwrap();
        assert!((without.rest - 0.4).abs() < 1e-12, "{without:?}");
    }
}
