//! Takes our own options out of the command line, before the reference's flags are looked at.
//!
//! Not here: what they are (`options`), the reference's flags (`parse`).

use super::options::{Information, OWN_OPTIONS, Options, PngScale, TraceFormat, is_option};
use crate::choices::{Engine, Precision, TraceDepth};
use crate::defects::{Defect, Dialect, Treatment};
use crate::error::UsageError;
use crate::pixel::Pixel;
use std::ffi::{OsStr, OsString};

/// Takes our own options out of `args`; what is left, in order, is for the reference's flags.
///
/// # Errors
/// A missing or unusable value, with what was expected.
pub fn split(args: &[OsString]) -> Result<(Options, Vec<OsString>), UsageError> {
    let mut options = Options::default();
    let mut rest = Vec::new();
    let mut remaining = args.iter();
    while let Some(word) = remaining.next() {
        let text = word.to_string_lossy();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_ref(), None),
        };
        if OWN_OPTIONS.iter().any(|o| o.name == name) {
            options.take(name, inline, &mut remaining)?;
        } else {
            rest.push(word.clone());
        }
    }
    // Whoever names an engine wants it, before --parity or behind it.
    if options.parity && !args.iter().any(|word| is_engine(word)) {
        options.engine = Engine::Reference;
    }
    if !options.parity {
        rest.retain(|word| match word.to_str() {
            Some("-h") => {
                options.information = Some(Information::Help);
                false
            }
            Some("-V") => {
                options.information.get_or_insert(Information::Version);
                false
            }
            _ => true,
        });
    }
    contradictions(&options)?;
    Ok((options, rest))
}

fn is_engine(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| word == "--engine" || word.starts_with("--engine="))
}

/// Options that contradict each other, or say nothing without another one.
fn contradictions(options: &Options) -> Result<(), UsageError> {
    if options.dialect.is_some() && !options.parity {
        return Err(UsageError::new(
            "`--dialect` without `--parity`",
            "a run that is like one of the C programs",
        )
        .hint("add --parity"));
    }
    if options.parity && options.defects.contains(&(None, Treatment::Correct)) {
        return Err(UsageError::new(
            "`--parity` with `--defect all=correct`",
            "one of them: --parity emulates all defects",
        )
        .hint("--parity --defect ID=correct corrects a single one"));
    }
    if options.precision == Precision::Single && options.engine != Engine::Fast {
        return Err(UsageError::new(
            "`--dtype f32` without `--engine fast`",
            "f64: the other engines have the reference's bytes",
        )
        .hint("add --engine fast"));
    }
    Ok(())
}

/// The values that follow an option.
struct Following<'a, 'w> {
    name: &'a str,
    inline: Option<OsString>,
    arguments: &'a mut std::slice::Iter<'w, OsString>,
}

impl Following<'_, '_> {
    fn word(&mut self, expected: &str) -> Result<OsString, UsageError> {
        // A name like that of an option has to stand behind an equals sign.
        let next = self.inline.take().or_else(|| self.arguments.next().filter(|w| !is_option(w)).cloned());
        next.filter(|word| !word.is_empty())
            .ok_or_else(|| UsageError::new(format!("`{}` needs a value", self.name), expected))
    }

    fn parsed<T>(&mut self, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, UsageError> {
        let word = self.word(expected)?;
        let text = word.to_string_lossy();
        parse(&text)
            .ok_or_else(|| UsageError::new(format!("`{}`: unusable value `{text}`", self.name), expected))
    }
}

impl Options {
    fn take(
        &mut self,
        name: &str,
        inline: Option<OsString>,
        arguments: &mut std::slice::Iter<'_, OsString>,
    ) -> Result<(), UsageError> {
        let mut next = Following { name, inline, arguments };
        match name {
            "--engine" => {
                self.engine = next.parsed("`reference`, `exact` or `fast`", |t| match t {
                    "reference" => Some(Engine::Reference),
                    "exact" => Some(Engine::Exact),
                    "fast" => Some(Engine::Fast),
                    _ => None,
                })?;
            }
            "--dtype" => {
                self.precision = next.parsed("`f64` or `f32`", |t| match t {
                    "f64" => Some(Precision::Double),
                    "f32" => Some(Precision::Single),
                    _ => None,
                })?;
            }
            "--threads" => {
                self.threads = next
                    .parsed("a count of 1 to 1024", |t| t.parse().ok().filter(|n| (1..=1024).contains(n)))?;
            }
            "--defect" => {
                let text = next.word(DEFECT_FORM)?;
                self.defects.push(parse_defect(&text.to_string_lossy())?);
            }
            "--phi-mode" => {
                let treatment = next.parsed("`spec` or `c-parity`", |t| match t {
                    "spec" => Some(Treatment::Correct),
                    "c-parity" => Some(Treatment::Emulate),
                    _ => None,
                })?;
                self.defects.push((Some(Defect::PhiCarryOver), treatment));
            }
            "--parity" => {
                (self.parity, self.ignore_unknown) = (true, true);
                self.defects.insert(0, (None, Treatment::Emulate));
            }
            "--dialect" => self.dialect = Some(next.parsed("`fork` or `upstream`", Dialect::from_name)?),
            "--ignore-unknown" => self.ignore_unknown = true,
            "--quiet" => self.quiet = true,
            "--json" => self.json = true,
            "--png" => self.png = Some(next.word("a file name")?.into()),
            "--npy" => self.npy = Some(next.word("a file name")?.into()),
            "--grad" => self.grad = Some(next.parsed("names with commas between", |t| Some(t.to_owned()))?),
            "--grad-dir" => self.grad_dir = next.word("a folder")?.into(),
            "--png-scale" => {
                self.png_scale = next.parsed("a percentile of 0 to 100, or `log`", parse_png_scale)?
            }
            "--help" => self.information = Some(Information::Help),
            "--version" => self.information = Some(Information::Version),
            "--man" => self.information = Some(Information::Man),
            "--list-defects" => self.information = Some(Information::Defects),
            #[cfg(feature = "cli")]
            "--completions" => {
                let shell = next.parsed("bash, elvish, fish, powershell or zsh", |t| t.parse().ok())?;
                self.information = Some(Information::Completions(shell));
            }
            _ => self.take_trace(&mut next)?,
        }
        Ok(())
    }

    fn take_trace(&mut self, next: &mut Following<'_, '_>) -> Result<(), UsageError> {
        match next.name {
            "--trace-pixel" => {
                let index = |t: &str| t.parse::<i32>().ok().filter(|n| *n >= 0);
                let slow = next.parsed("two pixel numbers, slow and fast", index)?;
                let fast = next.parsed("two pixel numbers, slow and fast", index)?;
                self.trace_pixels.push(Pixel { slow, fast });
            }
            "--trace-depth" => {
                self.trace_depth = next.parsed("pixel, source, phi or step", |t| match t {
                    "pixel" => Some(TraceDepth::Pixel),
                    "source" => Some(TraceDepth::Source),
                    "phi" => Some(TraceDepth::Phi),
                    "step" => Some(TraceDepth::Step),
                    _ => None,
                })?;
            }
            "--trace-format" => {
                self.trace_format = next.parsed("text or jsonl", |t| match t {
                    "text" => Some(TraceFormat::Text),
                    "jsonl" => Some(TraceFormat::JsonLines),
                    _ => None,
                })?;
            }
            _ => self.trace_file = Some(next.word("a file name")?.into()),
        }
        Ok(())
    }
}

const DEFECT_FORM: &str = "ID=emulate or ID=correct";

fn parse_defect(text: &str) -> Result<(Option<Defect>, Treatment), UsageError> {
    let read = || {
        let (id, treatment) = text.split_once('=')?;
        let treatments = [Treatment::Emulate, Treatment::Correct];
        Some((id, treatments.into_iter().find(|known| known.name() == treatment)?))
    };
    let (id, treatment) = read().ok_or_else(|| {
        UsageError::new(format!("`--defect`: unusable value `{text}`"), DEFECT_FORM)
            .hint("--list-defects lists the known defects")
    })?;
    if id.eq_ignore_ascii_case("all") {
        return Ok((None, treatment));
    }
    Defect::from_id(id).map(|defect| (Some(defect), treatment)).ok_or_else(|| unknown_defect(id))
}

fn unknown_defect(id: &str) -> UsageError {
    let known: Vec<&str> = Defect::ALL.iter().map(|defect| defect.id()).collect();
    UsageError::new(
        format!("`--defect`: `{id}` is no known defect"),
        format!("one of {}, or `all`", known.join(", ")),
    )
    .hint("--list-defects says what each of them is")
}

fn parse_png_scale(text: &str) -> Option<PngScale> {
    if text == "log" {
        return Some(PngScale::Log);
    }
    text.parse().ok().filter(|p| (0.0..=100.0).contains(p)).map(PngScale::Percentile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_arguments(arguments: &[&str]) -> Result<(Options, Vec<OsString>), UsageError> {
        split(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn own_options_are_taken_out_and_the_rest_keeps_its_order() {
        let (options, rest) =
            split_arguments(&["-N", "5", "--trace-pixel", "1", "2", "-cell", "9", "--threads=3"])
                .expect("valid");
        assert_eq!(rest, ["-N", "5", "-cell", "9"]);
        assert_eq!(options.trace_pixels, [Pixel { slow: 1, fast: 2 }]);
        assert_eq!(options.threads, 3);
    }

    #[test]
    fn parity_is_a_short_form_that_later_switches_can_refine() {
        let (options, _) = split_arguments(&["--defect", "C-PARITY-001=correct", "--parity"]).expect("valid");
        assert_eq!(options.defects[0], (None, Treatment::Emulate));
        assert_eq!(options.defects[1], (Some(Defect::PhiCarryOver), Treatment::Correct));
        assert!(options.ignore_unknown);
        let engine = |arguments: &[&str]| split_arguments(arguments).expect("valid").0.engine;
        assert_eq!(engine(&["-N", "5"]), Engine::Exact);
        assert_eq!(engine(&["--parity"]), Engine::Reference);
        assert_eq!(engine(&["--parity", "--engine", "exact"]), Engine::Exact);
        assert_eq!(engine(&["--engine", "fast", "--dtype", "f32"]), Engine::Fast);
        assert!(split_arguments(&["--dtype", "f32"]).is_err(), "only the fast engine has it");
    }

    #[test]
    fn a_named_engine_is_taken_before_and_behind_parity() {
        for arguments in [["--engine", "exact", "--parity"], ["--parity", "--engine", "exact"]] {
            assert_eq!(split_arguments(&arguments).expect("valid").0.engine, Engine::Exact);
        }
        let (options, _) = split_arguments(&["--engine=fast", "--parity"]).expect("valid");
        assert_eq!(options.engine, Engine::Fast);
    }

    #[test]
    fn parity_contradicts_correcting_all_defects_but_not_a_single_one() {
        for arguments in [["--parity", "--defect", "all=correct"], ["--defect", "ALL=correct", "--parity"]] {
            assert!(
                split_arguments(&arguments).expect_err("a contradiction").problem.contains("all=correct")
            );
        }
        assert!(split_arguments(&["--parity", "--defect", "C-PIVOT-001=correct"]).is_ok());
        assert!(split_arguments(&["--parity", "--defect", "all=emulate"]).is_ok());
    }

    #[test]
    fn a_help_flag_means_help_but_not_under_parity() {
        assert_eq!(split_arguments(&["-h"]).expect("valid").0.information, Some(Information::Help));
        assert_eq!(split_arguments(&["-h", "--parity"]).expect("valid").0.information, None);
    }

    #[test]
    fn unusable_values_say_what_was_expected() {
        let error = split_arguments(&["--threads", "0"]).expect_err("0 threads");
        assert!(error.to_string().contains("`0`") && error.to_string().contains("1 to 1024"), "{error}");
        let error = split_arguments(&["--defect", "FOO=emulate"]).expect_err("no such defect").to_string();
        assert!(error.contains("`FOO` is no known defect"), "{error}");
        assert!(Defect::ALL.iter().all(|defect| error.contains(defect.id())), "{error}");
        let error =
            split_arguments(&["--defect", "C-CELL-001=fix"]).expect_err("no such treatment").to_string();
        assert!(error.contains("`C-CELL-001=fix`") && error.contains("ID=correct"), "{error}");
        assert!(split_arguments(&["--trace-pixel", "1"]).is_err());
    }
}
