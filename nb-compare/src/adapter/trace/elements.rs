//! Which elements of an output are worth a trace: the worst, the median of the bad ones, the largest, and one that agrees.
//!
//! Not here: asking for traces (`super`), the verdict over an output (`judge`).

use std::path::Path;

use serde::Serialize;

use crate::adapter::Output;
use crate::adapter::contents::{Contents, OutputError, read};
use crate::array::{ArrayError, Order, apart, place_of};
use crate::table::apart::{CellHeld, Cells};

/// An element that is traced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ChosenElement {
    /// Why this one; empty where the trace is one of the whole run.
    pub role: String,
    /// Where it is along each axis; of a table the number of the row, counted from 0.
    pub place: Vec<usize>,
    /// The value of the reference.
    pub reference: String,
    /// The value of the candidate.
    pub candidate: String,
}

impl ChosenElement {
    /// What stands for the whole run.
    pub(crate) fn whole_run() -> Self {
        Self { role: String::new(), place: Vec::new(), reference: String::new(), candidate: String::new() }
    }

    /// Which element it is, in words.
    pub(crate) fn words(&self) -> String {
        if self.role.is_empty() {
            return "the whole run".to_owned();
        }
        let places: Vec<String> = self.place.iter().map(usize::to_string).collect();
        format!("{} at [{}], {} and {}", self.role, places.join(", "), self.reference, self.candidate)
    }
}

/// Why no element can be chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoElement {
    /// A file is not what its format asks for.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// There is nothing that corresponds.
    #[error(
        "the output `{0}` has other shapes, rows or columns on both sides, so that no element of one is one of the other"
    )]
    Shapes(String),
}

/// An element and how far its two values are apart; infinite where that is no number.
type Far = (f64, usize);

/// The elements of `output` that are worth a trace, of which both sides left a file: its name for messages, and its content.
///
/// # Errors
/// A file is not what its format asks for; the shapes differ.
pub(crate) fn choose(output: &Output, files: [(&Path, &[u8]); 2]) -> Result<Vec<ChosenElement>, NoElement> {
    let wrong = |e: ArrayError| OutputError::of(output, e);
    let mut roles = Roles::default();
    match read(output, files)? {
        Contents::Arrays(sides, gates) => {
            let [a, b] = *sides;
            if a.shape() != b.shape() {
                return Err(NoElement::Shapes(output.name.clone()));
            }
            let tolerance = gates.tolerance(a.is_printed() || b.is_printed());
            apart::each(&a, &b, |index, apart| {
                let allowed = tolerance.absolute + tolerance.relative * apart.size;
                roles.take(index, apart.by, allowed, Some(apart.size));
            })
            .map_err(wrong)?;
            let chosen = roles.chosen().into_iter().map(|(role, index)| -> Result<_, OutputError> {
                let place = place_of(a.shape(), Order::C, index);
                let [reference, candidate] = [a.text(&place).map_err(wrong)?, b.text(&place).map_err(wrong)?];
                Ok(ChosenElement { role, place, reference, candidate })
            });
            Ok(chosen.collect::<Result<_, _>>()?)
        }
        Contents::Tables(tables, rules) => {
            let cells = Cells::of(&tables[0], &tables[1], rules)
                .map_err(|e| OutputError::of(output, e))?
                .map_err(|_| NoElement::Shapes(output.name.clone()))?;
            let [rows, columns] = cells.shape();
            // Columns have units of their own: what is compared among them is a part of the value.
            let far = |row: usize, column: usize| match cells.held(row, column, 0.0) {
                CellHeld::Inside(_) | CellHeld::Unknown => 0.0,
                CellHeld::Outside(by) => {
                    let size = cells.text(row, column).map(|text| text.parse().unwrap_or(f64::NAN).abs());
                    by.unwrap_or(f64::NAN) / size[0].max(size[1])
                }
            };
            let rank = |far: f64| if far.is_nan() { f64::INFINITY } else { far };
            let worst_of = |row: usize| {
                (0..columns).max_by(|x, y| {
                    // The first of equals.
                    rank(far(row, *x)).total_cmp(&rank(far(row, *y))).then(y.cmp(x))
                })
            };
            for row in 0..rows {
                let by = worst_of(row).map_or(0.0, |column| far(row, column));
                roles.take(row, by, 0.0, None);
            }
            let chosen = roles.chosen().into_iter().map(|(role, row)| {
                let [reference, candidate] =
                    worst_of(row).map_or(["", ""], |column| cells.text(row, column)).map(str::to_owned);
                ChosenElement { role, place: vec![row], reference, candidate }
            });
            Ok(chosen.collect())
        }
    }
}

/// What is kept while elements are visited.
#[derive(Default)]
struct Roles {
    /// Elements beyond the tolerance.
    bad: Vec<Far>,
    /// Elements that differ within it.
    near: Vec<Far>,
    /// The largest element, and the largest of those that are equal and of those that agree.
    largest: Option<Far>,
    equal: Option<Far>,
    agreeing: Option<Far>,
}

impl Roles {
    /// An element whose values are `by` apart where `allowed` are; `size` is that of the reference's, where sizes can be compared.
    fn take(&mut self, index: usize, by: f64, allowed: f64, size: Option<f64>) {
        let rank = if by.is_nan() { f64::INFINITY } else { by };
        let keep = |best: &mut Option<Far>, size: f64| {
            if size.is_finite() && best.is_none_or(|(known, _)| size > known) {
                *best = Some((size, index));
            }
        };
        if let Some(size) = size {
            keep(&mut self.largest, size);
        }
        let size = size.unwrap_or(0.0);
        if by == 0.0 {
            keep(&mut self.equal, size);
            keep(&mut self.agreeing, size);
        } else if by <= allowed {
            self.near.push((rank, index));
            keep(&mut self.agreeing, size);
        } else {
            self.bad.push((rank, index));
        }
    }

    /// Each role and its element; an element that has several is there once.
    fn chosen(mut self) -> Vec<(String, usize)> {
        // Where all keep to the tolerance, what fails is asked of all of them: then every difference is a bad one.
        let (mut bad, good) = match self.bad.is_empty() {
            true => (std::mem::take(&mut self.near), self.equal),
            false => (self.bad, self.agreeing),
        };
        bad.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        // A small part of a large element may be more than all of a small one.
        let is_largest = bad.first().is_none_or(|worst| self.near.iter().all(|near| near.0 <= worst.0));
        let worst = if is_largest { "largest difference" } else { "largest difference beyond the tolerance" };
        let at = |n: usize| bad.get(n).map(|(_, index)| *index);
        let of = |far: Option<Far>| far.map(|(_, index)| index);
        let mut chosen: Vec<(String, usize)> = Vec::new();
        for (role, index) in [
            (worst, at(0)),
            ("median difference", at(bad.len() / 2)),
            ("largest value", of(self.largest)),
            ("agreeing", of(good)),
        ] {
            let Some(index) = index else { continue };
            match chosen.iter_mut().find(|(_, known)| *known == index) {
                Some((roles, _)) => *roles += &format!(" and {role}"),
                None => chosen.push((role.to_owned(), index)),
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter;

    fn chosen(format: &str, a: &[u8], b: &[u8]) -> Result<Vec<(String, Vec<usize>)>, String> {
        let text = format!(
            "[side.reference]\nlabel = \"a\"\ncommand = [\"a\"]\n[side.candidate]\nlabel = \"b\"\ncommand = [\"b\"]\n\
             [[output]]\nname = \"x\"\npath = \"x\"\n{format}\n"
        );
        let adapter = adapter::parse(Path::new("a.toml"), &text).expect("an adapter");
        let found = choose(&adapter.outputs[0], [(Path::new("a"), a), (Path::new("b"), b)]);
        let found = found.map_err(|e| e.to_string())?;
        Ok(found.into_iter().map(|element| (element.role, element.place)).collect())
    }

    fn bytes(numbers: [f64; 6]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    const ARRAY: &str = "format = \"raw:dtype=<f8,shape=2x3\"\ngates = { rtol = 0.1 }";

    #[test]
    fn the_worst_the_median_of_the_bad_the_largest_and_one_that_agrees_are_chosen() {
        let a = bytes([1.0, 2.0, 3.0, 4.0, 100.0, 6.0]);
        let b = bytes([2.0, 5.0, 3.0, 9.0, 101.0, 6.0]);
        let roles = |list: &[(&str, [usize; 2])]| -> Vec<(String, Vec<usize>)> {
            list.iter().map(|(role, place)| ((*role).to_owned(), place.to_vec())).collect()
        };
        assert_eq!(
            chosen(ARRAY, &a, &b).unwrap(),
            roles(&[
                ("largest difference", [1, 0]),
                ("median difference", [0, 1]),
                ("largest value and agreeing", [1, 1]),
            ])
        );
        // NaN on one side is farther than every number.
        let b = bytes([2.0, 5.0, f64::NAN, 9.0, 101.0, 6.0]);
        assert_eq!(chosen(ARRAY, &a, &b).unwrap()[0], roles(&[("largest difference", [0, 2])])[0]);
    }

    #[test]
    fn a_larger_difference_within_the_tolerance_is_not_passed_over_in_silence() {
        let a = bytes([1.0, 2.0, 3.0, 4.0, 100.0, 6.0]);
        let b = bytes([2.0, 2.0, 3.0, 4.0, 105.0, 6.0]);
        let found = chosen(ARRAY, &a, &b).unwrap();
        let role = "largest difference beyond the tolerance and median difference";
        assert_eq!(found[0], (role.to_owned(), vec![0, 0]));
    }

    #[test]
    fn within_the_tolerance_every_difference_is_a_bad_one() {
        let a = bytes([1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
        let b = bytes([1.0, 1.01, 1.0, 1.0, 1.0, 2.0]);
        let found = chosen(ARRAY, &a, &b).unwrap();
        assert_eq!(found[0], ("largest difference and median difference".to_owned(), vec![0, 1]));
        assert_eq!(found[1], ("largest value and agreeing".to_owned(), vec![1, 2]));
    }

    #[test]
    fn of_a_table_rows_are_chosen_by_their_relative_difference() {
        let table = |t: &str, q: &str| format!("t,q\n0,1000\n{t},5\n2,{q}\n").into_bytes();
        let found = chosen("format = \"csv\"", &table("1", "1000"), &table("2", "1001")).unwrap();
        let places: Vec<&[usize]> = found.iter().map(|(_, place)| &**place).collect();
        assert_eq!(places, [&[1][..], &[2], &[0]]);
    }

    #[test]
    fn other_shapes_have_no_element_in_common() {
        let refused = chosen("format = \"csv\"", b"t\n1\n", b"t\n1\n2\n").unwrap_err();
        assert!(refused.contains("no element of one is one of the other"), "{refused}");
    }
}
