//! How far every element of an output moves: the largest |x − x₀| over all runs, where x₀ is the unchanged run.
//!
//! That, and not the largest minus the smallest, because it is what a candidate is held against: its distance from the unchanged run.
//! An element that is NaN or infinite in some runs only has no noise that is a number: NaN. Not here: which runs there are (`draws`),
//! holding a candidate against it (`inside`).

use std::path::Path;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

use crate::adapter::Output;
use crate::adapter::contents::{Contents, OutputError, read};
use crate::array::{self, ArrayError, Spread, apart, place_of};
use crate::noise::draws::{BASELINE, Source};
use crate::table::apart::Cells;

/// What is reported of the noise of an output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputNoise {
    /// What the output is called.
    pub name: String,
    /// How it was read.
    pub format: String,
    /// Lengths of the axes; of a table its rows and judged columns.
    pub shape: Vec<usize>,
    /// Digest of the cells that pair the rows of a table, in their order; null where nothing but the order does.
    pub keys: Option<String>,
    /// The judged columns of a table; none of an array.
    pub columns: Vec<String>,
    /// How many elements it has.
    pub elements: usize,
    /// Elements that no run moves: of these a candidate has to be equal.
    pub still: usize,
    /// Elements that are NaN or infinite in some runs only, or other words: nothing can be decided of them.
    pub undecided: usize,
    /// The largest noise.
    pub largest: Option<Largest>,
    /// The largest noise as a share of the unchanged run's value; none where that is 0 everywhere it moves.
    pub largest_relative: Option<Largest>,
    /// What the rules of a table leave out, a sentence each: it has no noise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Where it comes from.
    pub sources: Vec<SourceNoise>,
}

/// An element that moves far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Largest {
    /// Its place along every axis.
    pub place: Vec<usize>,
    /// Its value in the unchanged run.
    pub value: String,
    /// How far it moves; a share where that is what was looked for.
    pub noise: f64,
}

/// Noise from one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceNoise {
    /// Where it comes from.
    pub source: Source,
    /// Runs that look for it.
    pub runs: usize,
    /// Runs that leave every element as it is.
    pub runs_without: usize,
    /// The most elements that one run moves.
    pub moved: usize,
    /// The most elements of one run that are NaN, infinite or another word there and not in the unchanged run, or the other way round.
    pub undecided: usize,
    /// The largest move of any element.
    pub largest: f64,
}

/// What keeps the noise of an output from being found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpreadError {
    /// A file is not what its format asks for.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A run left another shape than the unchanged one.
    #[error("output `{output}` of run `{run}`: {why}; expected the shape of the unchanged run")]
    Shapes {
        /// Which output.
        output: String,
        /// Which run.
        run: String,
        /// How the shapes differ.
        why: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl EndsCommand for SpreadError {
    fn exit(&self) -> Exit {
        match self {
            Self::Output(e) => e.exit(),
            Self::Shapes { .. } => Exit::Mismatch,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Output(e) => e.hint(),
            Self::Shapes { .. } => {
                "numbers that decide how much is computed are no noise: let fewer of them move"
            }
        }
    }
}

/// What is known of an output before its elements are.
#[derive(Debug, Default)]
struct Begun {
    shape: Vec<usize>,
    keys: Option<String>,
    columns: Vec<String>,
}

/// The noise of one output while runs come in.
#[derive(Debug)]
pub(crate) struct Growing<'a> {
    output: &'a Output,
    baseline: &'a [u8],
    columns: Vec<String>,
    spread: Spread,
    sources: Vec<SourceNoise>,
}

impl<'a> Growing<'a> {
    /// The noise of `output`, of which the unchanged run left `baseline`, before any other run.
    ///
    /// # Errors
    /// The file is not what the format asks for.
    pub(crate) fn of(output: &'a Output, baseline: &'a [u8]) -> Result<Self, SpreadError> {
        let mut growing = Self {
            output,
            baseline,
            columns: Vec::new(),
            spread: Spread { shape: Vec::new(), keys: None, values: Vec::new() },
            sources: Vec::new(),
        };
        growing.each(
            BASELINE,
            baseline,
            |growing, begun| {
                let length = begun.shape.iter().product();
                growing.columns = begun.columns;
                growing.spread = Spread { shape: begun.shape, keys: begun.keys, values: vec![0.0; length] };
            },
            |_, _, _| (),
        )?;
        Ok(growing)
    }

    /// Takes in what the run called `run` left, which looks for noise from `source`.
    ///
    /// # Errors
    /// The file is not what the format asks for, or has another shape.
    pub(crate) fn take(&mut self, run: &str, source: &Source, file: &[u8]) -> Result<(), SpreadError> {
        let (mut moved, mut undecided, mut largest) = (0, 0, 0.0_f64);
        self.each(
            run,
            file,
            |_, _| (),
            |growing, index, by| {
                let spread = &mut growing.spread.values[index];
                // Once it is NaN it stays NaN.
                *spread = if by.is_nan() || spread.is_nan() { f64::NAN } else { spread.max(by) };
                moved += usize::from(by > 0.0);
                undecided += usize::from(by.is_nan());
                largest = largest.max(by);
            },
        )?;
        let at = self.sources.iter().position(|known| known.source == *source).unwrap_or_else(|| {
            let source = source.clone();
            self.sources.push(SourceNoise {
                source,
                runs: 0,
                runs_without: 0,
                moved: 0,
                undecided: 0,
                largest: 0.0,
            });
            self.sources.len() - 1
        });
        let known = &mut self.sources[at];
        known.runs += 1;
        known.runs_without += usize::from(moved + undecided == 0);
        known.moved = known.moved.max(moved);
        known.undecided = known.undecided.max(undecided);
        known.largest = known.largest.max(largest);
        Ok(())
    }

    /// Visits how far every element of `file` is from the unchanged run, when its shape is known.
    fn each(
        &mut self,
        run: &str,
        file: &[u8],
        begin: impl FnOnce(&mut Self, Begun),
        mut visit: impl FnMut(&mut Self, usize, f64),
    ) -> Result<(), SpreadError> {
        let output = self.output;
        let shapes = |why: Box<dyn std::error::Error + Send + Sync>| SpreadError::Shapes {
            output: output.name.clone(),
            run: run.to_owned(),
            why,
        };
        let names = [BASELINE, run].map(|run| format!("{} of {run}", output.name));
        let files = [(Path::new(&names[0]), self.baseline), (Path::new(&names[1]), file)];
        match read(output, files)? {
            Contents::Arrays(sides, _) => {
                let [a, b] = *sides;
                if a.shape() != b.shape() {
                    return Err(shapes(Box::new(ArrayError::Shapes(a.shape().to_vec(), b.shape().to_vec()))));
                }
                begin(self, Begun { shape: a.shape().to_vec(), ..Begun::default() });
                apart::each(&a, &b, |index, apart| visit(self, index, apart.by))
                    .map_err(|e| OutputError::of(output, e))?;
            }
            Contents::Tables(tables, rules) => {
                let cells =
                    Cells::of(&tables[0], &tables[1], rules).map_err(|e| OutputError::of(output, e))?;
                let cells = cells.map_err(|unpaired| shapes(Box::new(unpaired)))?;
                let [rows, columns] = cells.shape();
                let (shape, keys) = (vec![rows, columns], cells.keys());
                begin(self, Begun { shape, keys, columns: cells.columns() });
                for row in 0..rows {
                    (0..columns)
                        .for_each(|column| visit(self, row * columns + column, cells.apart(row, column)));
                }
            }
        }
        Ok(())
    }

    /// What came of all runs.
    ///
    /// # Errors
    /// The file of the unchanged run cannot be read any more.
    pub(crate) fn done(self) -> Result<(OutputNoise, Spread), SpreadError> {
        let Self { output, baseline, columns, spread, sources } = self;
        let values = &spread.values;
        let mut noise = OutputNoise {
            name: output.name.clone(),
            format: output.kind.format(),
            shape: spread.shape.clone(),
            keys: spread.keys.clone(),
            columns,
            elements: values.len(),
            still: values.iter().filter(|value| **value == 0.0).count(),
            undecided: values.iter().filter(|value| value.is_nan()).count(),
            largest: None,
            largest_relative: None,
            left_out: Vec::new(),
            sources,
        };
        let (mut absolute, mut relative) = (Farthest::default(), Farthest::default());
        let name = format!("{} of {BASELINE}", output.name);
        let wrong = |e: ArrayError| OutputError::of(output, e);
        match read(output, [(Path::new(&name), baseline); 2])? {
            Contents::Arrays(sides, _) => {
                let [a, b] = *sides;
                apart::each(&a, &b, |index, apart| {
                    absolute.take(index, values[index]);
                    relative.take(index, values[index] / apart.size);
                })
                .map_err(wrong)?;
                let text = |place: &[usize]| a.text(place).map_err(wrong);
                noise.largest = absolute.found(&spread.shape, text)?;
                noise.largest_relative = relative.found(&spread.shape, text)?;
            }
            Contents::Tables(tables, rules) => {
                let cells =
                    Cells::of(&tables[0], &tables[1], rules).map_err(|e| OutputError::of(output, e))?;
                if let Ok(cells) = cells {
                    noise.left_out = cells.left_out().to_vec();
                    let [rows, columns] = cells.shape();
                    for (row, column) in
                        (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)))
                    {
                        let index = row * columns + column;
                        let size =
                            trace_harness::numbers::number(cells.text(row, column)[0]).unwrap_or(f64::NAN);
                        absolute.take(index, values[index]);
                        relative.take(index, values[index] / size.abs());
                    }
                    let text = |place: &[usize]| Ok(cells.text(place[0], place[1])[0].to_owned());
                    noise.largest = absolute.found(&spread.shape, text)?;
                    noise.largest_relative = relative.found(&spread.shape, text)?;
                }
            }
        }
        Ok((noise, spread))
    }
}

/// The largest of many numbers that are above 0 and finite, the first of equal ones.
#[derive(Debug, Default)]
struct Farthest(Option<(usize, f64)>);

impl Farthest {
    fn take(&mut self, index: usize, value: f64) {
        if value.is_finite() && value > self.0.map_or(0.0, |(_, largest)| largest) {
            self.0 = Some((index, value));
        }
    }

    fn found(
        &self,
        shape: &[usize],
        text: impl Fn(&[usize]) -> Result<String, OutputError>,
    ) -> Result<Option<Largest>, OutputError> {
        let Some((index, noise)) = self.0 else { return Ok(None) };
        let place = place_of(shape, array::Order::C, index);
        Ok(Some(Largest { value: text(&place)?, place, noise }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{From, OutputKind};
    use crate::array::{ArrayGates, Format};
    use crate::table::rules::Rules;

    fn array_output() -> Output {
        let format: Format = "raw:dtype=<f8".parse().unwrap();
        Output {
            name: "x".to_owned(),
            from: From::Image,
            kind: OutputKind::Array { format, part: None, gates: ArrayGates::default() },
        }
    }

    fn bytes(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn found(baseline: &[f64], runs: &[(Source, &[f64])]) -> Result<(OutputNoise, Spread), SpreadError> {
        let (output, baseline) = (array_output(), bytes(baseline));
        let mut growing = Growing::of(&output, &baseline)?;
        for (number, (source, values)) in runs.iter().enumerate() {
            growing.take(&format!("run-{number}"), source, &bytes(values))?;
        }
        growing.done()
    }

    #[test]
    fn an_element_moves_by_the_largest_distance_from_the_unchanged_run() {
        let (noise, spread) = found(
            &[1.0, 2.0, 100.0, 5.0],
            &[
                (Source::Again, &[1.0, 2.0, 100.0, 5.0]),
                (Source::Inputs, &[1.5, 2.0, 98.0, 5.0]),
                (Source::Inputs, &[0.75, 2.0, 101.0, 5.0]),
            ],
        )
        .unwrap();
        assert_eq!(spread.values, [0.5, 0.0, 2.0, 0.0]);
        assert_eq!((noise.elements, noise.still, noise.undecided), (4, 2, 0));
        let largest = noise.largest.unwrap();
        assert_eq!((largest.place, largest.value.as_str(), largest.noise), (vec![2], "100.0", 2.0));
        assert_eq!(noise.largest_relative.unwrap().place, [0]);
        let source = |source| noise.sources.iter().find(|known| known.source == source).unwrap().clone();
        let (again, inputs) = (source(Source::Again), source(Source::Inputs));
        assert_eq!((again.runs, again.runs_without, again.moved, again.largest), (1, 1, 0, 0.0));
        assert_eq!((inputs.runs, inputs.runs_without, inputs.moved, inputs.largest), (2, 0, 2, 2.0));
    }

    #[test]
    fn what_is_not_finite_in_some_runs_only_has_no_noise_and_the_same_nan_everywhere_has_none_to_fear() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let (noise, spread) = found(
            &[nan, 1.0, 1.0, inf],
            &[(Source::Inputs, &[nan, nan, inf, inf]), (Source::Inputs, &[nan, 1.0, 2.0, inf])],
        )
        .unwrap();
        assert!(spread.values[1].is_nan() && spread.values[2].is_nan());
        assert_eq!([spread.values[0], spread.values[3]], [0.0, 0.0]);
        assert_eq!((noise.still, noise.undecided), (2, 2));
        assert_eq!(noise.largest, None);
    }

    #[test]
    fn another_shape_is_a_mismatch_that_names_run_and_output() {
        let error = found(&[1.0, 2.0], &[(Source::Inputs, &[1.0])]).unwrap_err();
        assert_eq!(error.exit(), Exit::Mismatch);
        assert!(error.to_string().starts_with("output `x` of run `run-0`: "), "{error}");
    }

    #[test]
    fn a_table_moves_cell_by_cell_in_its_judged_columns() {
        let rules =
            Rules::parse("header = true\nkey = [\"t\"]\n[column.word]\njudge = \"information\"\n").unwrap();
        let output =
            Output { name: "t".to_owned(), from: From::Image, kind: OutputKind::Table(Box::new(rules)) };
        let mut growing = Growing::of(&output, b"t word q r\n0 a 1.5 2\n1 b 2.5 3\n").unwrap();
        growing.take("one", &Source::Inputs, b"t word q r\n1 c 2.5 3\n0 a 1.25 2\n").unwrap();
        let shapes = growing.take("two", &Source::Inputs, b"t word q r\n0 a 1.5 2\n").unwrap_err();
        assert_eq!(shapes.exit(), Exit::Mismatch);
        let (noise, spread) = growing.done().unwrap();
        assert_eq!(
            (noise.columns, noise.shape, spread.values),
            (vec!["q".into(), "r".into()], vec![2, 2], vec![0.25, 0.0, 0.0, 0.0])
        );
        assert_eq!(noise.largest.unwrap().value, "1.5");
    }
}
