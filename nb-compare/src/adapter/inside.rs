//! Whether a candidate stays inside the reference's own noise, element by element.
//!
//! Not here: how large the noise is (`spread`).

use std::path::Path;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::verdict::Verdict;

use crate::adapter::Output;
use crate::adapter::contents::{Contents, OutputError, read};
use crate::array::{ArrayError, Order, Spread, apart, place_of, shape_text};
use crate::compare::judgement::figure;
use crate::table::apart::{CellHeld, Cells, Unpaired};

/// What holding a candidate against the noise came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inside {
    /// How many elements there are.
    pub elements: usize,
    /// Elements of which a side is not known, by the rules of their table: nothing passes with one of them.
    pub unknown: usize,
    /// Elements outside.
    pub outside: usize,
    /// Elements outside that no run of the reference moves: there only the same value is inside.
    pub outside_still: usize,
    /// Elements that differ and whose noise is NaN.
    pub undecided: usize,
    /// Elements that are equal and whose noise is NaN: they are inside because they are the same, not because of any noise.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub without_noise: usize,
    /// What the rules of a table leave out, a sentence each: none of it is an element.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The element that is farthest away in units of its noise, of those that the reference moves.
    pub worst: Option<WorstElement>,
    /// The element that is farthest away of those that no run of the reference moves.
    pub worst_still: Option<WorstElement>,
}

/// Zero is what is not said.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// An element that is far away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorstElement {
    /// Where it is, in words.
    pub place: String,
    /// The reference's value.
    pub reference: String,
    /// The candidate's.
    pub candidate: String,
    /// How far apart; none where one of them is NaN, infinite or a word.
    pub apart: Option<f64>,
    /// How far the reference itself moves there.
    pub noise: f64,
    /// How many times that the candidate is away; none where the noise is 0 or the distance is NaN.
    pub times: Option<f64>,
}

/// What keeps a candidate from being held against the noise.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InsideError {
    /// A file is not what its format asks for.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Something is of another shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// Outputs that do not fit together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShapeError {
    /// Two arrays of different shapes.
    #[error(transparent)]
    Arrays(ArrayError),
    /// Two tables of which not every row or column has a partner.
    #[error("the candidate's table: {0}")]
    Tables(Unpaired),
    /// The noise is of another shape.
    #[error("the reference's own noise is of shape `{}`, and the output of shape `{}`", shape_text(.0), shape_text(.1))]
    Noise(Vec<usize>, Vec<usize>),
    /// The noise is of other rows.
    #[error("the reference's own noise is of a table with other rows, or in another order")]
    Rows,
}

/// Holds what both sides left of `output` against its noise.
///
/// # Errors
/// A file is not what its format asks for; the shapes differ.
pub(crate) fn inside(
    output: &Output,
    files: [(&Path, &[u8]); 2],
    noise: &Spread,
) -> Result<Inside, InsideError> {
    let mut tally = InsideTally::default();
    let same_shape = |shape: &[usize]| match noise.shape == shape {
        true => Ok(()),
        false => Err(ShapeError::Noise(noise.shape.clone(), shape.to_vec())),
    };
    let wrong = |e: ArrayError| InsideError::Output(OutputError::of(output, e));
    match read(output, files)? {
        Contents::Arrays(sides, _) => {
            let [a, b] = *sides;
            if a.shape() != b.shape() {
                return Err(
                    ShapeError::Arrays(ArrayError::Shapes(a.shape().to_vec(), b.shape().to_vec())).into()
                );
            }
            same_shape(a.shape())?;
            apart::each(&a, &b, |index, apart| tally.take(index, apart.by, noise.values[index]))
                .map_err(wrong)?;
            let describe = |index: usize| -> Result<[String; 3], InsideError> {
                let place = place_of(a.shape(), Order::C, index);
                Ok([place_text(&place), a.text(&place).map_err(wrong)?, b.text(&place).map_err(wrong)?])
            };
            tally.done(noise, describe)
        }
        Contents::Tables(tables, rules) => {
            let cells = Cells::of(&tables[0], &tables[1], rules)
                .map_err(|e| InsideError::Output(OutputError::of(output, e)))?
                .map_err(ShapeError::Tables)?;
            let [rows, columns] = cells.shape();
            same_shape(&[rows, columns])?;
            if noise.keys != cells.keys() {
                return Err(ShapeError::Rows.into());
            }
            for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
                let index = row * columns + column;
                let noise = noise.values[index];
                match cells.held(row, column, if noise.is_nan() { 0.0 } else { noise }) {
                    // One that may be smaller without end is inside.
                    CellHeld::Inside(by) => tally.take(
                        index,
                        by.unwrap_or(0.0).min(if noise.is_nan() { 0.0 } else { noise }),
                        noise,
                    ),
                    CellHeld::Outside(by) => tally.take(index, by.unwrap_or(f64::NAN), noise),
                    CellHeld::Unknown => tally.found.unknown += 1,
                }
            }
            tally.found.left_out = cells.left_out().to_vec();
            let names = cells.columns();
            let describe = |index: usize| {
                let (row, column) = (index / columns, index % columns);
                let [reference, candidate] = cells.text(row, column).map(str::to_owned);
                Ok([format!("column `{}`, line {}", names[column], cells.line(row)), reference, candidate])
            };
            tally.done(noise, describe)
        }
    }
}

fn place_text(place: &[usize]) -> String {
    let places: Vec<String> = place.iter().map(usize::to_string).collect();
    format!("[{}]", places.join(", "))
}

/// What is found element by element.
struct InsideTally {
    found: Inside,
    /// The farthest element that the reference moves: in units of its noise, its number, its distance.
    worst: Option<(f64, usize, f64)>,
    /// The farthest that it does not move.
    still: Option<(f64, usize, f64)>,
}

impl Default for InsideTally {
    fn default() -> Self {
        let found = Inside {
            elements: 0,
            unknown: 0,
            outside: 0,
            outside_still: 0,
            undecided: 0,
            without_noise: 0,
            left_out: Vec::new(),
            worst: None,
            worst_still: None,
        };
        Self { found, worst: None, still: None }
    }
}

impl InsideTally {
    fn take(&mut self, index: usize, by: f64, noise: f64) {
        // NaN is farther away than every number.
        let rank = |by: f64| if by.is_nan() { f64::INFINITY } else { by };
        let keep = |worst: &mut Option<(f64, usize, f64)>, far: f64| {
            if worst.is_none_or(|(known, ..)| far > known) {
                *worst = Some((far, index, by));
            }
        };
        if by == 0.0 {
            self.found.without_noise += usize::from(noise.is_nan());
            return;
        }
        if noise.is_nan() {
            self.found.undecided += 1;
            return;
        }
        let is_outside = by.is_nan() || by > noise;
        self.found.outside += usize::from(is_outside);
        if noise == 0.0 {
            self.found.outside_still += 1;
            keep(&mut self.still, rank(by));
        } else {
            keep(&mut self.worst, rank(by / noise));
        }
    }

    fn done(
        mut self,
        noise: &Spread,
        describe: impl Fn(usize) -> Result<[String; 3], InsideError>,
    ) -> Result<Inside, InsideError> {
        let worst = |far: Option<(f64, usize, f64)>| -> Result<Option<WorstElement>, InsideError> {
            let Some((_, index, by)) = far else { return Ok(None) };
            let [place, reference, candidate] = describe(index)?;
            let noise = noise.values[index];
            let times = Some(by / noise).filter(|times| times.is_finite());
            let apart = Some(by).filter(|by| by.is_finite());
            Ok(Some(WorstElement { place, reference, candidate, apart, noise, times }))
        };
        self.found.worst = worst(self.worst)?;
        self.found.worst_still = worst(self.still)?;
        self.found.elements = noise.values.len();
        Ok(self.found)
    }
}

impl Inside {
    /// Names and values, for people.
    pub(crate) fn rows(&self) -> Vec<[String; 2]> {
        let mut rows = vec![
            ["elements".to_owned(), self.elements.to_string()],
            ["outside the noise".to_owned(), self.outside.to_string()],
            ["outside where no run of the reference moves".to_owned(), self.outside_still.to_string()],
            ["undecided: their noise is no number".to_owned(), self.undecided.to_string()],
            ["undecided: not known on a side".to_owned(), self.unknown.to_string()],
        ];
        if self.without_noise > 0 {
            rows.push(["equal, and their noise is no number".to_owned(), self.without_noise.to_string()]);
        }
        rows.extend(self.left_out.iter().map(|what| ["left out".to_owned(), what.clone()]));
        for (what, worst) in [("farthest", &self.worst), ("farthest where nothing moves", &self.worst_still)]
        {
            if let Some(WorstElement { place, reference, candidate, noise, times, .. }) = worst {
                let times = times.map_or_else(String::new, |times| format!(", {} times", figure(times)));
                let text = format!("{place}: {reference} and {candidate}, noise {}{times}", figure(*noise));
                rows.push([what.to_owned(), text]);
            }
        }
        rows
    }

    /// How it came out.
    pub(crate) fn verdict(&self) -> Verdict {
        match (self.outside, self.undecided + self.unknown, self.elements) {
            (1.., ..) => Verdict::Fail,
            (0, 0, 1..) => Verdict::Pass,
            _ => Verdict::Undecided,
        }
    }

    /// Why, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let mut text = self.why();
        if self.without_noise > 0 && self.verdict() == Verdict::Pass {
            text += &format!("; the noise of {} is no number, and they are equal", self.without_noise);
        }
        self.left_out.iter().for_each(|what| text += &format!("; {what}"));
        text
    }

    /// What the elements come to.
    fn why(&self) -> String {
        let n = self.elements;
        let far = |worst: &WorstElement| match (worst.apart, worst.times) {
            (Some(apart), Some(times)) => format!(
                "{}: {} apart, {} times the noise of {}",
                worst.place,
                figure(apart),
                figure(times),
                figure(worst.noise)
            ),
            (Some(apart), None) => format!("{}: {} apart", worst.place, figure(apart)),
            (None, _) => format!("{}: `{}` and `{}`", worst.place, worst.reference, worst.candidate),
        };
        match self.verdict() {
            Verdict::Pass => match &self.worst {
                None => format!("inside the reference's own noise: all {n} elements are equal"),
                Some(worst) => {
                    let inside = match self.without_noise {
                        0 => format!("all {n} elements"),
                        none => format!("{} of {n} elements", n - none),
                    };
                    format!("inside the reference's own noise: {inside}; the farthest at {}", far(worst))
                }
            },
            Verdict::Fail => {
                let mut text = format!("outside the reference's own noise: {} of {n} elements", self.outside);
                let moved = self.worst.as_ref().filter(|_| self.outside > self.outside_still);
                if let Some(worst) = moved {
                    text += &format!(", the worst at {}", far(worst));
                }
                if let Some(still) = &self.worst_still {
                    text += &format!(
                        "; {} of them where no run of the reference moves and only the same value is inside, the worst at {}",
                        self.outside_still,
                        far(still)
                    );
                }
                text
            }
            Verdict::Undecided if self.undecided > 0 => format!(
                "{} of {n} elements differ where the reference's own noise is no number{}",
                self.undecided,
                match self.unknown {
                    0 => "; the others are inside it".to_owned(),
                    unknown => format!(", and {unknown} are not known on a side"),
                }
            ),
            Verdict::Undecided if self.unknown > 0 => format!(
                "{} of {n} elements are not known on a side; the others are inside the reference's own noise",
                self.unknown
            ),
            Verdict::Undecided | Verdict::Error => "nothing was compared: there are no elements".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace_harness::evidence::bundle::digest;

    use crate::adapter::{From, OutputKind};
    use crate::array::{ArrayGates, Format};
    use crate::table::rules::Rules;

    fn held(a: &[f64], b: &[f64], noise: &[f64]) -> Result<Inside, InsideError> {
        let format: Format = "raw:dtype=<f8".parse().unwrap();
        let kind = OutputKind::Array { format, part: None, gates: ArrayGates::default() };
        let output = Output { name: "x".to_owned(), from: From::Image, kind };
        let [a, b] = [a, b].map(|v| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        let noise = Spread { shape: vec![noise.len()], keys: None, values: noise.to_vec() };
        inside(&output, [(Path::new("a"), &a), (Path::new("b"), &b)], &noise)
    }

    #[test]
    fn a_candidate_passes_only_where_every_element_is_inside() {
        let inside = held(&[1.0, 2.0, 3.0], &[1.5, 2.0, 2.75], &[0.5, 0.0, 1.0]).unwrap();
        assert_eq!(inside.verdict(), Verdict::Pass);
        let worst = inside.worst.clone().unwrap();
        assert_eq!((worst.place.as_str(), worst.times), ("[0]", Some(1.0)));
        let outside = held(&[1.0, 2.0, 3.0], &[1.5, 2.0, 8.0], &[0.5, 0.0, 1.0]).unwrap();
        assert_eq!((outside.verdict(), outside.outside, outside.outside_still), (Verdict::Fail, 1, 0));
        assert!(
            outside.sentence().contains("1 of 3 elements, the worst at [2]: 5 apart, 5 times the noise of 1"),
            "{}",
            outside.sentence()
        );
    }

    #[test]
    fn where_no_run_moves_only_the_same_value_is_inside() {
        let outside = held(&[1.0, 2.0], &[1.0, 2.0_f64.next_up()], &[1.0, 0.0]).unwrap();
        assert_eq!((outside.verdict(), outside.outside_still), (Verdict::Fail, 1));
        assert_eq!(outside.worst_still.as_ref().unwrap().times, None);
        assert!(
            outside.sentence().contains("only the same value is inside, the worst at [1]"),
            "{}",
            outside.sentence()
        );
    }

    #[test]
    fn what_has_no_noise_that_is_a_number_is_undecided_unless_it_is_equal_and_nan_is_outside() {
        let nan = f64::NAN;
        let verdict = |a: &[f64], b: &[f64], noise: &[f64]| held(a, b, noise).unwrap().verdict();
        assert_eq!(verdict(&[1.0, 2.0], &[1.5, 2.0], &[nan, 0.0]), Verdict::Undecided);
        assert_eq!(verdict(&[1.0, 2.0], &[1.0, 2.0], &[nan, 0.0]), Verdict::Pass);
        assert_eq!(verdict(&[1.0, 2.0], &[1.5, 9.0], &[nan, 0.0]), Verdict::Fail);
        assert_eq!(verdict(&[1.0], &[nan], &[1e300]), Verdict::Fail);
        assert_eq!(verdict(&[nan], &[nan], &[0.0]), Verdict::Pass);
        assert_eq!(verdict(&[], &[], &[]), Verdict::Undecided);
    }

    #[test]
    fn other_shapes_are_refused() {
        assert!(matches!(
            held(&[1.0, 2.0], &[1.0], &[0.0, 0.0]),
            Err(InsideError::Shape(ShapeError::Arrays(_)))
        ));
        assert!(matches!(
            held(&[1.0, 2.0], &[1.0, 2.0], &[0.0]),
            Err(InsideError::Shape(ShapeError::Noise(..)))
        ));
    }

    #[test]
    fn nothing_passes_with_a_cell_that_is_not_known() {
        let rules = Rules::parse("header = true\n").unwrap();
        let output =
            Output { name: "t".to_owned(), from: From::Image, kind: OutputKind::Table(Box::new(rules)) };
        let noise = Spread { shape: vec![3, 1], keys: None, values: vec![0.5; 3] };
        let table = |text: &'static str| (Path::new("t"), text.as_bytes());
        let found =
            inside(&output, [table("q\n1.0\n2.0\n3.0\n"), table("q\n1.0\n***\n3.0\n")], &noise).unwrap();
        assert_eq!((found.verdict(), found.unknown), (Verdict::Undecided, 1));
        assert!(
            found.sentence().starts_with("1 of 3 elements are not known on a side"),
            "{}",
            found.sentence()
        );
        let found =
            inside(&output, [table("q\n1.0\n2.0\n3.0\n"), table("q\n1.0\n***\n9.0\n")], &noise).unwrap();
        assert_eq!(found.verdict(), Verdict::Fail);
    }

    /// 0.4 − 0.3 and 0.3 − 0.2 are other floats.
    #[test]
    fn a_candidate_as_far_from_the_reference_as_the_reference_from_itself_is_inside() {
        let kind = |rules: Option<&str>| match rules {
            Some(rules) => OutputKind::Table(Box::new(Rules::parse(rules).unwrap())),
            None => OutputKind::Array { format: Format::Csv, part: None, gates: ArrayGates::default() },
        };
        for rules in [None, Some(""), Some("[column.1]\nperiod = 0.9\n")] {
            let output = Output { name: "x".to_owned(), from: From::Image, kind: kind(rules) };
            let file = |text: &'static str| (Path::new("x"), text.as_bytes());
            for (run, candidate, beyond) in
                [("0.4\n", "0.2\n", "0.19\n"), ("0.2\n", "0.4\n", "0.41\n"), ("0.4\n", "1.1\n", "1.09\n")]
            {
                if candidate == "1.1\n" && rules.is_none_or(str::is_empty) {
                    continue;
                }
                let mut growing = crate::noise::spread::Growing::of(&output, b"0.3\n").unwrap();
                growing.take("run", &crate::noise::draws::Source::Inputs, run.as_bytes()).unwrap();
                let (_, noise) = growing.done().unwrap();
                assert_eq!(noise.values, [0.1]);
                let verdict = |text| inside(&output, [file("0.3\n"), file(text)], &noise).unwrap().verdict();
                assert_eq!(
                    [verdict(candidate), verdict(beyond)],
                    [Verdict::Pass, Verdict::Fail],
                    "{rules:?} {run}"
                );
            }
        }
    }

    #[test]
    fn what_has_no_noise_and_what_is_left_out_is_named_in_the_verdict() {
        let found = held(&[1.0, 2.0, 3.0], &[1.5, 2.0, 3.0], &[1.0, f64::NAN, 0.0]).unwrap();
        assert_eq!((found.verdict(), found.without_noise), (Verdict::Pass, 1));
        let told = found.sentence();
        assert!(
            told.contains("2 of 3 elements;")
                && told.ends_with("the noise of 1 is no number, and they are equal"),
            "{told}"
        );
    }

    #[test]
    fn a_cell_is_named_by_its_column_and_line() {
        let rules = Rules::parse("header = true\nkey = [\"t\"]\n").unwrap();
        let output =
            Output { name: "t".to_owned(), from: From::Image, kind: OutputKind::Table(Box::new(rules)) };
        let keys = Some(digest::of_bytes(b"0\x1f\n1\x1f\n"));
        let noise = Spread { shape: vec![2, 1], keys, values: vec![0.5, 0.5] };
        let table = |text: &'static str| (Path::new("t"), text.as_bytes());
        let found =
            inside(&output, [table("t q\n0 1.0\n1 2.0\n"), table("t q\n1 4.0\n0 1.5\n")], &noise).unwrap();
        assert_eq!((found.outside, found.worst.unwrap().place.as_str()), (1, "column `q`, line 3"));
        let turned = inside(&output, [table("t q\n1 2.0\n0 1.0\n"), table("t q\n1 4.0\n0 1.5\n")], &noise);
        assert!(matches!(turned, Err(InsideError::Shape(ShapeError::Rows))), "noise of other rows");
        let other = inside(&output, [table("t q\n0 1.0\n1 2.0\n"), table("t q\n1 4.0\n")], &noise);
        assert!(matches!(other, Err(InsideError::Shape(ShapeError::Tables(_)))));
    }
}
