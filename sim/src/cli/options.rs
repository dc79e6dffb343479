//! Our own long options, which the reference does not have: engine, defects, trace, pictures, console, information.
//!
//! The words of `nanobragg refine` and `series` are listed here as well. Not here: reading them from the command line (`raw_args`,
//! `refine::options`, `series::options`), the reference's flags (`flags`).

use super::flags::FLAGS;
use crate::choices::{Engine, Precision, TraceDepth};
use crate::defects::{Defect, Dialect, Treatment};
use crate::pixel::Pixel;
use std::ffi::OsStr;
use std::path::PathBuf;

/// One row of the table of our own options.
#[derive(Debug)]
pub struct OwnOption {
    /// Spelling with two dashes.
    pub name: &'static str,
    /// Names of the values, empty for none.
    pub metavar: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn row(name: &'static str, metavar: &'static str, help: &'static str) -> OwnOption {
    OwnOption { name, metavar, help }
}

/// Every own option, in the order of the help text.
pub static OWN_OPTIONS: &[OwnOption] = &[
    row(
        "--engine",
        "NAME",
        "exact (default): the reference engine's bytes at vector speed; reference: the C program's operations in its order; fast: not proven, nearly all floats within 1 ULP of exact (traced pixels are the reference engine's in all three)",
    ),
    row("--dtype", "f64|f32", "precision of the fast engine's lattice factors (default: f64)"),
    row("--threads", "COUNT", "threads to render with; the image does not depend on it (default: all cores)"),
    row(
        "--defect",
        "ID=emulate|correct",
        "treat a known defect of the reference as it does, or correctly; ID may be `all`; repeatable",
    ),
    row("--list-defects", "", "list the known defects of the reference and exit"),
    row("--phi-mode", "spec|c-parity", "short for --defect C-PARITY-001=correct or =emulate"),
    row(
        "--parity",
        "",
        "the C program's bytes: --engine reference --defect all=emulate --ignore-unknown, and its leniency in reading numbers and files",
    ),
    row(
        "--dialect",
        "fork|upstream",
        "which of the two C programs --parity means: the fork that made the golden data (default), or the one its author publishes",
    ),
    row("--ignore-unknown", "", "pass over unknown flags, as the reference does"),
    row("--trace-pixel", "SLOW FAST", "write how this pixel's value comes about; repeatable"),
    row("--trace-depth", "pixel|source|phi|step", "how deep the trace goes (default: pixel)"),
    row("--trace-format", "text|jsonl", "trace as text lines or one JSON object per value (default: text)"),
    row("--trace-file", "FILE", "write the trace to this file (default: standard output)"),
    row("--png", "FILE", "write a picture of the image"),
    row(
        "--png-scale",
        "PERCENTILE|log",
        "white level of the picture, or logarithmic grey levels (default: 99.5)",
    ),
    row("--npy", "FILE", "write the float image as a NumPy array of shape (slow, fast)"),
    row(
        "--grad",
        "NAME,...",
        "write the image's derivatives by these parameters (cell_a, misset_x, ..., F(1,2,3), or `all`), per the user's unit",
    ),
    row("--grad-dir", "DIR", "folder for the derivative images and their index (default: gradients)"),
    row("--quiet", "", "no summary on standard output"),
    row("--json", "", "summary as one JSON object: resolved configuration and statistics"),
    row("--completions", "SHELL", "print completions for bash, elvish, fish, powershell or zsh and exit"),
    row("--man", "", "print the man page (roff) and exit"),
    row("--help", "", "print this text and exit (also -h)"),
    row("--version", "", "print the version and exit (also -V)"),
];

/// The word in front of the flags that asks for a refinement.
pub const REFINE: &str = "refine";

/// Every option that only `nanobragg refine` has, in the order of its help text.
pub static REFINE_OPTIONS: &[OwnOption] = &[
    row("--target", "IMAGE", "image to fit: .npy or .bin in photons; anything else as SMV, less -adc"),
    row("--params", "NAME,...", "parameters to refine, as for --grad"),
    row("--loss", "poisson|least-squares", "what is minimised (default: poisson)"),
    row("--method", "lm|lbfgs", "Levenberg-Marquardt (default) or L-BFGS"),
    row(
        "--blur",
        "SIGMA,...",
        "blur of the stages before the last, pixels (default: 6,3,1.5; `none` for one stage)",
    ),
    row("--steps", "COUNT", "steps per stage at most (default: 60)"),
    row("--bound", "NAME=LOW:HIGH", "keep a parameter in a range, in its unit; repeatable"),
    row("--background", "RATE", "photons per pixel beside the model's (default: 0.01)"),
    row("--out", "DIR", "folder for refinement.json and convergence.svg (default: refinement)"),
];

/// The word in front of the flags that asks for a series of images.
pub const SERIES: &str = "series";

/// Every option that only `nanobragg series` has, in the order of its help text.
pub static SERIES_OPTIONS: &[OwnOption] = &[
    row(
        "--images",
        "COUNT",
        "images of a rotation: the first from -phi, -osc wide, each from where the one before ends",
    ),
    row(
        "--list",
        "FILE",
        "a line for each image, with the flags that it has beside the common ones (orientation, seed, wavelength ...); # begins a comment",
    ),
    row("--first", "NUMBER", "number of the first image (default: 1)"),
    row("--partition", "I/N", "only part I of N, counted from 1: every Nth image"),
    row("--again", "", "render images that are there already, too"),
    row("--commands", "", "print the run of the program that each image stands for, and exit"),
    row(
        "--journal",
        "FILE",
        "where finished images are noted down (default: series.jsonl, of a part series.IofN.jsonl)",
    ),
];

/// Whether a word is one of our own options or, with one dash or two, the first spelling of a flag: no name of a file, then.
pub(crate) fn is_option(word: &OsStr) -> bool {
    let Some(word) = word.to_str().filter(|word| word.starts_with('-')) else { return false };
    let single = word.strip_prefix('-').filter(|rest| rest.starts_with('-')).unwrap_or(word);
    FLAGS.iter().any(|flag| flag.name() == single) || OWN_OPTIONS.iter().any(|o| o.name[1..] == *single)
}

/// Form of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TraceFormat {
    /// `TRACE_RS: key value…` lines.
    #[default]
    Text,
    /// One JSON object per value.
    JsonLines,
}

/// Grey scale of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PngScale {
    /// White at this percentile of the pixels.
    Percentile(f64),
    /// Logarithm of the intensity.
    Log,
}

/// A request that prints something and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Information {
    /// Help text.
    Help,
    /// Version line.
    Version,
    /// Man page.
    Man,
    /// Completions for a shell.
    #[cfg(feature = "cli")]
    Completions(clap_complete::Shell),
    /// Table of defects.
    Defects,
}

/// Our own options as given.
#[derive(Debug, Clone)]
pub struct Options {
    /// Asked for information instead of a run.
    pub information: Option<Information>,
    /// Render engine.
    pub engine: Engine,
    /// Precision of the fast engine.
    pub precision: Precision,
    /// Threads; 0 means all cores.
    pub threads: usize,
    /// Treatments in the order given; `None` stands for all defects.
    pub defects: Vec<(Option<Defect>, Treatment)>,
    /// Read everything as leniently as the reference does.
    pub parity: bool,
    /// Which of the two C programs a parity run is like; `None` where the user does not say.
    pub dialect: Option<Dialect>,
    /// Pass over unknown flags.
    pub ignore_unknown: bool,
    /// Pixels to trace, as given: they may lie outside.
    pub trace_pixels: Vec<Pixel<i32>>,
    /// Depth of the trace.
    pub trace_depth: TraceDepth,
    /// Form of the trace.
    pub trace_format: TraceFormat,
    /// Where the trace goes.
    pub trace_file: Option<PathBuf>,
    /// Picture.
    pub png: Option<PathBuf>,
    /// Its grey scale.
    pub png_scale: PngScale,
    /// NumPy file.
    pub npy: Option<PathBuf>,
    /// Parameters to differentiate by, as given.
    pub grad: Option<String>,
    /// Where derivative images go.
    pub grad_dir: PathBuf,
    /// No summary.
    pub quiet: bool,
    /// Summary as JSON.
    pub json: bool,
}

impl Options {
    /// Options that say nothing without another one that is not given; `traced` says whether a pixel is traced, by whatever flag.
    pub(crate) fn without_effect(&self, traced: bool) -> Vec<(&'static str, &'static str)> {
        let default = Self::default();
        let of_traces = [
            ("--trace-file", self.trace_file.is_some()),
            ("--trace-depth", self.trace_depth != default.trace_depth),
            ("--trace-format", self.trace_format != default.trace_format),
        ];
        let of_traces = of_traces.map(|(word, given)| (word, given && !traced, "--trace-pixel"));
        let others = [
            ("--png-scale", self.png_scale != default.png_scale && self.png.is_none(), "--png"),
            ("--grad-dir", self.grad_dir != default.grad_dir && self.grad.is_none(), "--grad"),
        ];
        let all = of_traces.into_iter().chain(others);
        all.filter(|(_, idle, _)| *idle).map(|(word, _, needed)| (word, needed)).collect()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            information: None,
            engine: Engine::default(),
            precision: Precision::default(),
            threads: 0,
            defects: Vec::new(),
            parity: false,
            dialect: None,
            ignore_unknown: false,
            trace_pixels: Vec::new(),
            trace_depth: TraceDepth::default(),
            trace_format: TraceFormat::default(),
            trace_file: None,
            png: None,
            png_scale: PngScale::Percentile(99.5),
            npy: None,
            grad: None,
            grad_dir: PathBuf::from("gradients"),
            quiet: false,
            json: false,
        }
    }
}
