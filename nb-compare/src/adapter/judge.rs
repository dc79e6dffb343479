//! Comparing every output of two sides, and the one verdict over all of them.
//!
//! Not here: how an array or a table is judged (`array`, `table`), reporting it (`report`).

use std::path::Path;

use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure};
use trace_harness::evidence::verdict::Verdict;

use crate::adapter::Output;
use crate::adapter::contents::{Contents, OutputError, read};
use crate::adapter::inside::{Inside, InsideError, ShapeError, inside};
use crate::array::{self, ArrayComparison, ArrayError, Spread};
use crate::table::{self, words};

/// One output of both sides, compared.
#[derive(Debug)]
pub(crate) struct JudgedOutput {
    /// What it is called.
    pub name: String,
    /// How it was read.
    pub format: String,
    /// What came of it.
    pub compared: OutputComparison,
}

/// What came of comparing an output.
#[derive(Debug)]
pub(crate) enum OutputComparison {
    /// Two arrays of one shape.
    Array(Box<ArrayComparison>),
    /// Two tables.
    Table(Box<table::compare::TableComparison>),
    /// Held against the reference's own noise.
    Inside(Box<Inside>),
    /// Outputs of other shapes, of which nothing else is known.
    Mismatch(ShapeError),
    /// Nothing: a file is not what its format asks for.
    Unreadable(OutputError),
}

/// Compares `output`, of which both sides left a file: its name for messages, and its content.
///
/// # Errors
/// A file is not what its format asks for.
pub(crate) fn compare(output: &Output, files: [(&Path, &[u8]); 2]) -> Result<JudgedOutput, OutputError> {
    let compared = compared(output, files)?;
    Ok(JudgedOutput { name: output.name.clone(), format: output.kind.format(), compared })
}

/// Holds `output`, of which both sides left a file, against the reference's own noise.
///
/// # Errors
/// A file is not what its format asks for.
pub(crate) fn compare_within(
    output: &Output,
    files: [(&Path, &[u8]); 2],
    noise: &Spread,
) -> Result<JudgedOutput, OutputError> {
    let compared = match inside(output, files, noise) {
        Ok(inside) => OutputComparison::Inside(Box::new(inside)),
        Err(InsideError::Shape(shapes)) => OutputComparison::Mismatch(shapes),
        Err(InsideError::Output(wrong)) => return Err(wrong),
    };
    Ok(JudgedOutput { name: output.name.clone(), format: output.kind.format(), compared })
}

fn compared(output: &Output, files: [(&Path, &[u8]); 2]) -> Result<OutputComparison, OutputError> {
    let wrong = |e: Failure| OutputError::of(output, e);
    match read(output, files)? {
        Contents::Tables(tables, rules) => {
            let compared = table::compare::compare(&tables[0], &tables[1], rules);
            Ok(OutputComparison::Table(Box::new(compared.map_err(|e| wrong(e.into()))?)))
        }
        Contents::Arrays(sides, gates) => match array::compare(&sides[0], &sides[1], gates) {
            Ok(comparison) => Ok(OutputComparison::Array(Box::new(comparison))),
            Err(shapes @ ArrayError::Shapes(..)) => {
                Ok(OutputComparison::Mismatch(ShapeError::Arrays(shapes)))
            }
            Err(other) => Err(wrong(other.into())),
        },
    }
}

impl JudgedOutput {
    /// An output that cannot be judged, because of `error`: it hides no other one.
    pub(crate) fn unreadable(output: &Output, error: OutputError) -> Self {
        let compared = OutputComparison::Unreadable(error);
        Self { name: output.name.clone(), format: output.kind.format(), compared }
    }

    /// How it came out.
    pub(crate) fn verdict(&self) -> Verdict {
        match &self.compared {
            OutputComparison::Unreadable(_) => Verdict::Undecided,
            OutputComparison::Array(comparison) => comparison.judgement.verdict,
            OutputComparison::Table(comparison) => comparison.verdict,
            OutputComparison::Inside(inside) => inside.verdict(),
            OutputComparison::Mismatch(_) => Verdict::Fail,
        }
    }

    /// Why, in one sentence.
    pub(crate) fn reason(&self) -> String {
        match &self.compared {
            OutputComparison::Unreadable(error) => error.to_string(),
            OutputComparison::Array(comparison) => comparison.judgement.reason.clone(),
            OutputComparison::Table(comparison) => words::sentence(comparison),
            OutputComparison::Inside(inside) => inside.sentence(),
            OutputComparison::Mismatch(error) => error.to_string(),
        }
    }

    /// The exit status that it alone would have.
    pub(crate) fn exit(&self) -> Exit {
        match &self.compared {
            OutputComparison::Unreadable(error) => error.exit(),
            OutputComparison::Mismatch(_) => Exit::Mismatch,
            OutputComparison::Table(comparison) => comparison.exit(),
            OutputComparison::Inside(inside) => inside.verdict().exit(),
            OutputComparison::Array(comparison) => comparison.judgement.verdict.exit(),
        }
    }
}

/// One verdict over all outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overall {
    /// In one word.
    pub verdict: Verdict,
    /// The exit status.
    pub exit: Exit,
    /// Why, in one sentence.
    pub reason: String,
}

/// The verdict over `outputs`: that of the worst; `found` is what comes before them in the reason, unless all of them pass.
pub(crate) fn overall(outputs: &[JudgedOutput], found: Option<String>) -> Overall {
    // From the best to the worst: what differs weighs more than what has another shape, and that more than what tells nothing or
    // has rules that do not fit.
    const ORDER: [Exit; 5] = [Exit::Agrees, Exit::Undecided, Exit::Usage, Exit::Mismatch, Exit::Differs];
    let weight =
        |output: &JudgedOutput| ORDER.iter().position(|exit| *exit == output.exit()).unwrap_or(ORDER.len());
    // The first of the worst.
    let worst = outputs.iter().rev().max_by_key(|output| weight(output));
    let Some(worst) = worst else {
        return Overall {
            verdict: Verdict::Undecided,
            exit: Exit::Undecided,
            reason: "nothing was compared".to_owned(),
        };
    };
    let agreeing = outputs.iter().filter(|output| output.verdict() == Verdict::Pass).count();
    let counts = match outputs.len() {
        1 => String::new(),
        n if agreeing == n => format!("all {n} outputs agree; "),
        n => format!("{agreeing} of {n} outputs agree; "),
    };
    let summary = format!("{counts}`{}`: {}", worst.name, worst.reason());
    let reason = match found.filter(|_| worst.verdict() != Verdict::Pass) {
        Some(found) => format!("{found}. Outputs: {summary}"),
        None => summary,
    };
    Overall { verdict: worst.verdict(), exit: worst.exit(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{From, OutputKind};
    use crate::array::{ArrayGates, Format};

    fn array_output(name: &str) -> Output {
        let format: Format = "raw:dtype=<f8".parse().expect("a format");
        let gates = ArrayGates { rtol: Some(1e-9), ..ArrayGates::default() };
        Output {
            name: name.to_owned(),
            from: From::Image,
            kind: OutputKind::Array { format, part: None, gates },
        }
    }

    fn judged(name: &str, a: &[f64], b: &[f64]) -> JudgedOutput {
        let [a, b] = [a, b].map(|numbers| numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        compare(&array_output(name), [(Path::new("a"), &a), (Path::new("b"), &b)]).expect("two arrays")
    }

    #[test]
    fn the_worst_output_decides_and_is_named() {
        let same = || judged("same", &[1.0, 2.0, 4.0], &[1.0, 2.0, 4.0]);
        let other = || judged("other", &[1.0, 2.0, 4.0], &[1.0, 2.0, 9.0]);
        let longer = || judged("longer", &[1.0, 2.0, 4.0], &[1.0, 2.0]);
        let empty = || judged("empty", &[], &[]);
        let of = |outputs: &[JudgedOutput]| overall(outputs, None);
        assert_eq!(
            (of(&[same(), same()]).exit, of(&[same(), empty()]).exit),
            (Exit::Agrees, Exit::Undecided)
        );
        assert_eq!(
            (of(&[empty(), longer()]).exit, of(&[longer(), other()]).exit),
            (Exit::Mismatch, Exit::Differs)
        );
        let summary = of(&[same(), other(), same()]);
        assert_eq!(summary.verdict, Verdict::Fail);
        assert!(summary.reason.starts_with("2 of 3 outputs agree; `other`: "), "{}", summary.reason);
        assert_eq!(of(&[]).exit, Exit::Undecided);
    }

    /// By the usual share of agreeing elements, one other number among a hundred would pass.
    #[test]
    fn printed_numbers_are_equal_unless_a_tolerance_is_stated() {
        let printed = |x: f64| {
            (0..100).map(|k| format!("{k} {}\n", if k == 70 { x } else { 7022.5 })).collect::<String>()
        };
        let verdict = |gates: ArrayGates| {
            let kind = OutputKind::Array { format: Format::Auto, part: None, gates };
            let output = Output { name: "t".to_owned(), from: From::Image, kind };
            let [a, b] = [printed(7022.5), printed(7029.5)];
            compare(&output, [(Path::new("a"), a.as_bytes()), (Path::new("b"), b.as_bytes())])
                .expect("text")
                .verdict()
        };
        assert_eq!(verdict(ArrayGates::default()), Verdict::Fail);
        assert_eq!(verdict(ArrayGates { rtol: Some(0.01), ..ArrayGates::default() }), Verdict::Pass);
    }

    #[test]
    fn other_parameters_come_before_outputs_that_differ_and_excuse_nothing() {
        let found = || Some("steps differ".to_owned());
        let fails = overall(&[judged("x", &[1.0, 2.0], &[1.0, 3.0])], found());
        assert!(fails.reason.starts_with("steps differ. Outputs: `x`: "), "{}", fails.reason);
        assert_eq!(fails.exit, Exit::Differs);
        assert!(!overall(&[judged("x", &[1.0, 2.0], &[1.0, 2.0])], found()).reason.contains("steps"));
    }

    #[test]
    fn a_file_that_is_not_of_its_format_is_an_error_that_names_the_output() {
        let files = [(Path::new("a"), [0_u8; 7].as_slice()), (Path::new("b"), &[0; 7])];
        let error = compare(&array_output("flux"), files).expect_err("seven bytes");
        assert!(error.to_string().starts_with("output `flux`: `a`"), "{error}");
        let table =
            Output { name: "t".to_owned(), from: From::Image, kind: OutputKind::Table(Box::default()) };
        let error =
            compare(&table, [(Path::new("a"), b"1 \xff"), (Path::new("b"), b"1")]).expect_err("no text");
        assert!(error.to_string().contains("is no text in UTF-8"), "{error}");
    }
}
