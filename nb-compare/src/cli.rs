//! The command line of `nb-compare`. It is long because every option of every command stands in it, with its help.
//!
//! Not here: doing anything about it (that is the work of `call`).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use trace_harness::cases::{HELP, partition};

use crate::array::{Format, NonFinite};
use crate::built_in::help;
use crate::compare::peaks::{LARGEST_GATE, PeakOptions};
use crate::compare::verdict::Gates;
use crate::report::PERCENTILE;

const FILES: &str = "\
Examples:
  nb-compare files a.bin b.bin --max-ulp 0
      two images of bare floats that have to be the same bits
  nb-compare files a.bin b.img --shape 1024 512 --roi 0 99 0 99 --outdir compared
      a region of two files, one of which does not say how many pixels it has along each axis; the evidence goes into a folder
  nb-compare files a.npz:temperature b.bin:dtype=<f8,shape=10x20x30,order=F --rtol 1e-12 --atol 1e-300
      arrays of any rank and number type: a member of a NumPy archive, and bare numbers in Fortran's order

Exit status: 0 agrees, 1 usage, 3 differs, 4 shapes do not match, 5 nothing decided, or a file cannot be read or written.";

const TABLES: &str = "\
Examples:
  nb-compare tables reference.txt candidate.txt --key t --rtol 1e-9
      two tables with blanks between their columns and the names of these in the first row; rows are paired by the column t
  nb-compare tables a.csv b.csv --rules orbit.toml --json
      what is compared how stands in a file: separators, lines to leave out, keys, tolerances by column, angles, vectors, exceptions

Exit status: 0 agrees, 1 usage, 3 differs, 4 rows or columns do not match, 5 nothing decided, or a file cannot be read.";

const RECOMPUTE: &str = "\
Examples:
  nb-compare recompute comparisons/20261128-101500-1a2b3c4d
      compute metrics, gates and verdict again; what the bundle says and its images do not show is named
  nb-compare recompute comparisons/one comparisons/two --json
      the same of several, for programs

Exit status: 0 all follows, 1 usage, 3 something does not, 5 something cannot be computed again, or a folder cannot be read.";

const INIT: &str = "\
Examples:
  nb-compare init --output heat.toml -- ./heat_ref -n 100
      run a program once in an empty folder, look at the files that come, and write a commented adapter
  nb-compare init --candidate ./heat_port -- ./heat_ref -n 100
      run two programs; what only one of them writes is said and left out

Exit status: 0 an adapter was written, 1 usage, 2 a program failed or timed out, 5 nothing came that can be compared, or a file
cannot be written, 6 interrupted.";

const CAPTURE: &str = "\
Examples:
  nb-compare capture --adapter heat.toml --outdir c -- 0
      the reference's trace, with all that it took to make it
  nb-compare capture --adapter heat.toml --side candidate --outdir port -- 0
      that of the other side; `trace-harness diff c port --schema keys.toml` compares them

Exit status: 0 traced, 1 usage, 2 the side failed or left no trace, 5 a file cannot be read or written, 6 interrupted.";

const HYGIENE: &str = "\
Examples:
  nb-compare hygiene --adapter heat.toml -- 0
      is the reference repeatable, and are its outputs the same with a trace and without?
  nb-compare hygiene --adapter heat.toml --side candidate --rounds 10 -- 0
      the same of the other side, ten times

Exit status: 0 all is the same, 1 usage, 2 the side failed or left no trace, 3 something is not, 5 a file cannot be read or written,
6 interrupted.";

const COMPLETIONS: &str = "\
Examples:
  nb-compare completions bash > ~/.local/share/bash-completion/completions/nb-compare

Exit status: 0 done, 1 usage.";

const MAN: &str = "\
Examples:
  nb-compare man > nb-compare.1

Exit status: 0 done, 1 usage.";

/// How the program is called.
pub(crate) const USAGE: &str = "nb-compare [OPTIONS] -- ARGS...\n       nb-compare <COMMAND>";

/// Runs two simulators on the same arguments, or takes two images, and says with evidence whether they agree.
#[derive(Debug, Parser)]
#[command(name = "nb-compare", version, about, after_help = help::EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(
    subcommand_negates_reqs = true,
    override_usage = USAGE
)]
pub(crate) struct Cli {
    /// What to do other than running two programs.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which programs to run.
    #[command(flatten)]
    pub programs: Programs,
    /// How to compare.
    #[command(flatten)]
    pub options: Options,
    /// Arguments for both simulators, after `--`.
    #[arg(last = true, required_unless_present = "adapter", value_name = "ARGS")]
    pub args: Vec<OsString>,
}

/// What to do other than running two programs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare two images or arrays without running anything; writes a folder only with --outdir
    #[command(after_help = FILES, mut_arg("explain", |explain| explain.hide(true)))]
    Files {
        /// The reference: a file, or FILE:PART for a member, a variable, or the layout of bare numbers (dtype=<f8,shape=100x200)
        a: PathBuf,
        /// The other file
        b: PathBuf,
        /// What only arrays have.
        #[command(flatten)]
        arrays: ArrayOptions,
        /// How to compare.
        #[command(flatten)]
        options: Options,
    },
    /// Compare two tables of text column by column: whitespace, separated values, or fixed width
    #[command(after_help = TABLES)]
    Tables(TableOptions),
    /// Render the protein that is brought along and compare it with what the reference made of it
    #[command(after_help = help::PROTEIN)]
    Protein {
        /// Which rendering
        #[arg(long, default_value = "still", value_parser = ["still", "rotation"])]
        case: String,
        /// The program to judge; this project's own simulator if not given
        #[arg(long, alias = "py-bin", value_name = "PATH")]
        candidate: Option<PathBuf>,
        /// End the program after this many seconds
        #[arg(long, value_name = "S", value_parser = seconds)]
        timeout: Option<f64>,
        /// How to compare.
        #[command(flatten)]
        options: Options,
    },
    /// Run and compare every case of a list; one verdict and one folder of evidence for all
    #[command(after_help = format!("{HELP}\n{}", help::MATRIX), mut_arg("explain", |explain| explain.hide(true)))]
    Matrix(Box<MatrixOptions>),
    /// Compute metrics, gates and verdict of bundles again from the images in them, and say what does not follow
    #[command(after_help = RECOMPUTE)]
    Recompute {
        /// Folders of bundles: comparisons, or matrices of them
        #[arg(required = true, value_name = "DIR")]
        bundles: Vec<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a program once and write an adapter that says how it is called and what it writes
    #[command(after_help = INIT)]
    Init(InitOptions),
    /// Ask one side of an adapter for a trace, and keep it
    #[command(after_help = CAPTURE)]
    Capture(CaptureOptions),
    /// Run one side of an adapter untraced, traced and untraced: the same outputs and traces each time, and none unasked
    #[command(after_help = HYGIENE)]
    Hygiene(HygieneOptions),
    /// Run the reference of an adapter many times, and keep how far its outputs move by themselves
    #[command(after_help = help::NOISE)]
    Noise(NoiseOptions),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(after_help = MAN)]
    Man,
}

/// How to write a first adapter.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitOptions {
    /// Write the adapter here, and not to standard output; a file that is there already is never overwritten
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The other program, given the same arguments
    #[arg(long, value_name = "PATH")]
    pub candidate: Option<PathBuf>,
    /// End a program after this many seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// The program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "PROGRAM ARGS")]
    pub command: Vec<OsString>,
}

/// A side of an adapter that is asked for a trace.
#[derive(Debug, Clone, Args)]
pub(crate) struct TracedSide {
    /// How the programs are called, and how each is asked for a trace
    #[arg(long, value_name = "FILE")]
    pub adapter: PathBuf,
    /// Which side is asked
    #[arg(long, value_name = "SIDE", default_value = "reference")]
    pub side: SideName,
    /// The element that is traced: its places along all axes, counted from 0; of a table the number of the row
    #[arg(long, value_name = "I,J", value_parser = element)]
    pub element: Option<ElementPlace>,
    /// Switch on a difference that the adapter knows; repeatable
    #[arg(long, value_name = "ID")]
    pub variant: Vec<String>,
    /// End a run after this many seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// Where to write the evidence; a folder that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    pub outdir: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Print one line only
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
    /// Arguments for the side, after `--`
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

/// A side of an adapter, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SideName {
    /// The one that is right by agreement
    Reference,
    /// The one that is judged
    Candidate,
}

/// Where an element is along each axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ElementPlace(pub Vec<usize>);

/// How one side is traced.
#[derive(Debug, Clone, Args)]
pub(crate) struct CaptureOptions {
    /// The side.
    #[command(flatten)]
    pub side: TracedSide,
    /// Write the trace to this file too, beside the evidence; arrays that it names stay there
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How often one side is traced.
#[derive(Debug, Clone, Args)]
pub(crate) struct HygieneOptions {
    /// The side.
    #[command(flatten)]
    pub side: TracedSide,
    /// How many times untraced, traced and untraced
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub rounds: u16,
}

/// How the reference's own noise is looked for.
#[derive(Debug, Clone, Args)]
pub(crate) struct NoiseOptions {
    /// How the program is called, what it writes, and what may move; the built-in one if not given
    #[arg(long, help = help::ADAPTER_OF_NOISE, value_name = "FILE", conflicts_with = "reference", required_unless_present = "args")]
    pub adapter: Option<PathBuf>,
    /// The reference program, unless the environment names it
    #[arg(long, help = help::REFERENCE_OF_NOISE, alias = "c-bin", value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// Another build of the reference; repeatable
    #[arg(long, value_name = "PROGRAM")]
    pub build: Vec<PathBuf>,
    /// Runs with numbers of the inputs moved by one unit of their last digit; fewer where there are not so many combinations
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = runs)]
    pub runs: usize,
    /// Ask every run for a trace, too, and keep how far its keys move: of the whole run, or, as --trace=3,14, of one element
    #[arg(long, value_name = "I,J", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = element_or_run)]
    pub trace: Option<ElementPlace>,
    /// Which way the numbers move: the same seed, the same moves
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Switch on a difference that the adapter knows; repeatable
    #[arg(long, value_name = "ID")]
    pub variant: Vec<String>,
    /// End a run after this many seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// Where to write the evidence; a folder that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    pub outdir: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Print one line only
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
    /// Arguments for the reference, after `--`
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

/// Options that speak of images and of this project's simulators: an adapter says these things itself, or knows them not.
const NOT_WITH_ADAPTER: [&str; 20] = [
    "candidate_arg",
    "reference_arg",
    "no_cache",
    "cache_dir",
    "cache_limit",
    "roi",
    "mask",
    "shape",
    "resample",
    "threshold",
    "sum_ratio",
    "rtol",
    "within",
    "max_ulp",
    "peaks",
    "peak_percentile",
    "peak_gate",
    "png_scale",
    "log",
    "save_diff",
];

/// Which programs to run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Programs {
    /// Two programs of any kind: a file that says how they are called and what they write
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_WITH_ADAPTER, conflicts_with_all = ["reference", "candidate", "reference_image"])]
    pub adapter: Option<PathBuf>,
    /// Switch on a difference that the adapter knows; repeatable
    #[arg(long, value_name = "ID", requires = "adapter")]
    pub variant: Vec<String>,
    /// Judge by the reference's own noise, which the bundle in this folder has (see `nb-compare noise`), and by nothing else
    #[arg(long, value_name = "DIR", conflicts_with_all = NOT_WITH_ADAPTER, conflicts_with = "reference_image")]
    pub tolerance_from: Option<PathBuf>,
    /// The reference program, unless the environment names it
    #[arg(long, help = help::REFERENCE, alias = "c-bin", value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// The program to judge, unless the environment names it or it is the one inside this executable
    #[arg(long, help = help::CANDIDATE, alias = "py-bin", value_name = "PATH")]
    pub candidate: Option<PathBuf>,
    /// An argument for the candidate only, before the others; repeatable
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub candidate_arg: Vec<OsString>,
    /// An argument for the reference only, before the others; repeatable
    #[arg(long, alias = "c-arg", value_name = "ARG", allow_hyphen_values = true)]
    pub reference_arg: Vec<OsString>,
    /// An image that stands in for the reference program: of the whole detector, or of the region only
    #[arg(long, value_name = "FILE")]
    pub reference_image: Option<PathBuf>,
    /// End a runner after this many seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// Which runs of the reference are kept for the next time.
    #[command(flatten)]
    pub cache: CacheOptions,
}

/// Two tables, and how they are compared.
#[derive(Debug, Clone, Args)]
pub(crate) struct TableOptions {
    /// The reference
    pub a: PathBuf,
    /// The other table
    pub b: PathBuf,
    /// How the tables are read and judged, in TOML: separator, header, comment, key, tolerances by column (docs/tables.md)
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Columns that pair the rows; repeatable. Without --rules the first row has the names of the columns
    #[arg(long, value_name = "COLUMN")]
    pub key: Vec<String>,
    /// Values agree that differ by at most this share of the reference's, added to --atol
    #[arg(long, value_name = "SHARE")]
    pub rtol: Option<f64>,
    /// Values agree that differ by at most this
    #[arg(long, value_name = "N")]
    pub atol: Option<f64>,
    /// Values agree that differ by at most so many units of the last digit printed, on the side that prints fewer
    #[arg(long, value_name = "N")]
    pub max_ulp: Option<f64>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// A whole matrix.
#[derive(Debug, Clone, Args)]
pub(crate) struct MatrixOptions {
    /// The list of cases
    pub cases: PathBuf,
    /// Two programs of any kind: a file that says how they are called, what they write, and what has to hold
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_WITH_ADAPTER, conflicts_with_all = ["reference", "candidate"])]
    pub adapter: Option<PathBuf>,
    /// Switch on a difference that the adapter knows, in every case; repeatable
    #[arg(long, value_name = "ID", requires = "adapter")]
    pub variant: Vec<String>,
    /// Judge by the reference's own noise: that of case NAME is the bundle in DIR/NAME (see `nb-compare noise`)
    #[arg(long, value_name = "DIR", conflicts_with_all = NOT_WITH_ADAPTER)]
    pub tolerance_from: Option<PathBuf>,
    /// The reference program, unless the environment names it
    #[arg(long, help = help::REFERENCE_OF_CASES, alias = "c-bin", value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// The program to judge, unless the environment names it or it is the one inside this executable
    #[arg(long, help = help::CANDIDATE, alias = "py-bin", value_name = "PATH")]
    pub candidate: Option<PathBuf>,
    /// An argument for the candidate only, before those of the case; repeatable
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub candidate_arg: Vec<OsString>,
    /// An argument for the reference only, before those of the case; repeatable
    #[arg(long, alias = "c-arg", value_name = "ARG", allow_hyphen_values = true)]
    pub reference_arg: Vec<OsString>,
    /// End a runner after this many seconds, unless the case says otherwise
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// So many cases at a time; as many as there are cores if not given
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<usize>,
    /// Only cases whose name holds this text; repeatable
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// The i-th of n parts of the cases
    #[arg(long, value_name = "I/N", value_parser = partition)]
    pub partition: Option<(usize, usize)>,
    /// Write the result as JUnit XML here, too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// What is known of each case, in TOML; the matrix fails only where one comes out worse than that
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what came out to the file of --baseline, which is made if it is not there
    #[arg(long, requires = "baseline")]
    pub update_baseline: bool,
    /// With --update-baseline: why cases that passed may fail from now on
    #[arg(long, value_name = "TEXT", requires = "update_baseline")]
    pub reason: Option<String>,
    /// Which float images, or outputs of an adapter, become part of the evidence
    #[arg(long, value_name = "WHICH", default_value = "failed")]
    pub keep_images: KeepImages,
    /// Which runs of the reference are kept for the next time.
    #[command(flatten)]
    pub cache: CacheOptions,
    /// How to compare.
    #[command(flatten)]
    pub options: Options,
}

/// Which float images of a matrix are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum KeepImages {
    /// Those of all cases
    All,
    /// Those of cases that do not pass
    Failed,
    /// None
    None,
}

/// Runs of the reference that are kept for the next time; verdicts are always computed.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CacheOptions {
    /// Always run the reference, and keep nothing of it. Without this, a run is kept where program, libraries, arguments and input
    /// files decide what runs: not of a script, nor of a program that is given a file or a program to run by --reference-arg
    #[arg(long)]
    pub no_cache: bool,
    /// Where runs of the reference are kept; `nb-compare` in the user's cache folder if not given
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub cache_dir: Option<PathBuf>,
    /// How much of them is kept, the least recently used go first
    #[arg(long, value_name = "SIZE", default_value = "2GiB", conflicts_with = "no_cache")]
    pub cache_limit: Option<bytesize::ByteSize>,
}

/// How arrays are read and compared, beside what images have too.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ArrayOptions {
    /// Read both files as this, whatever their first bytes say: npy, npz, hdf5, netcdf, tiff, fits, edf, cbf, smv, csv, or
    /// raw:dtype=<f8,shape=100x200,offset=0,order=C
    #[arg(long, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Elements agree that differ by at most this, beside --rtol; compares images as arrays, too
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = size)]
    pub atol: Option<f64>,
    /// What becomes of NaN: the same on both sides (equal), none at all (fail), or left out (missing)
    #[arg(long, value_name = "RULE")]
    pub nan: Option<NonFinite>,
}

/// How to compare.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Compare this region only, limits included; x is the fast axis
    #[arg(long, num_args = 4, value_names = ["XMIN", "XMAX", "YMIN", "YMAX"])]
    pub roi: Option<Vec<usize>>,
    /// Leave out the pixels that are zero in this image
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// Pixels along both axes, for files that do not say
    #[arg(long, num_args = 2, value_names = ["FAST", "SLOW"])]
    pub shape: Option<Vec<usize>>,
    /// Bring B to the shape of A by taking nearest neighbours
    #[arg(long)]
    pub resample: bool,
    /// Least correlation, from 0 to 1
    #[arg(long, value_name = "CORR", default_value_t = Gates::default().correlation, allow_negative_numbers = true, value_parser = share)]
    pub threshold: f64,
    /// Least and largest ratio of the sums, B over A; of the best scale, where the pixels of A cancel each other
    #[arg(long, num_args = 2, value_names = ["MIN", "MAX"], default_values_t = <[f64; 2]>::from(Gates::default().sum_ratio), value_parser = positive, allow_negative_numbers = true)]
    pub sum_ratio: Vec<f64>,
    /// Pixels agree that differ by at most this part of the larger one; counts also within three deviations of their noise
    /// [default: 0.05]
    #[arg(long, value_name = "PART", allow_negative_numbers = true, value_parser = part)]
    pub rtol: Option<f64>,
    /// Least share of pixels that agree, of those that are not zero on both sides: every pixel counts alike, so that a few bright
    /// ones decide nothing; all elements of arrays for which a tolerance is stated [default: 0.9]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, value_parser = share)]
    pub within: Option<f64>,
    /// Largest distance of any pixel in units of the last place, of 64-bit floats if either image has them
    #[arg(long, value_name = "N")]
    pub max_ulp: Option<u64>,
    /// Least fraction of peaks that match, from 0 to 1
    #[arg(long, value_name = "FRACTION", allow_negative_numbers = true, value_parser = share)]
    pub peaks: Option<f64>,
    /// A peak is brighter than this percentile
    #[arg(long, value_name = "PCTL", default_value_t = PeakOptions::default().percentile, value_parser = percentile)]
    pub peak_percentile: f64,
    /// Peaks match within this many pixels
    #[arg(long, value_name = "PX", default_value_t = PeakOptions::default().gate, value_parser = peak_gate)]
    pub peak_gate: f64,
    /// Percentile of both images that is white in the pictures
    #[arg(long, value_name = "PCTL", default_value_t = PERCENTILE, value_parser = percentile)]
    pub png_scale: f64,
    /// Logarithmic grey scale in the pictures
    #[arg(long)]
    pub log: bool,
    /// Trace the worst and the brightest pixel on both sides, and try the known defects one at a time; with --adapter, try its variants
    #[arg(long)]
    pub explain: bool,
    /// Keep the difference as bare floats, too
    #[arg(long)]
    pub save_diff: bool,
    /// Where to write the evidence; a folder that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    pub outdir: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Print the verdict only
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
}

/// A word that is not what its option takes.
#[derive(Debug, thiserror::Error)]
#[error("expected {0}")]
struct Expected(String);

fn number(text: &str, holds: impl Fn(f64) -> bool, expected: &str) -> Result<f64, Expected> {
    text.parse().ok().filter(|value| holds(*value)).ok_or_else(|| Expected(expected.to_owned()))
}

fn element(text: &str) -> Result<ElementPlace, Expected> {
    let places = text.split(',').map(|word| word.trim().parse().ok()).collect::<Option<Vec<usize>>>();
    places
        .map(ElementPlace)
        .ok_or_else(|| Expected("whole numbers from 0 with commas between them".to_owned()))
}

fn element_or_run(text: &str) -> Result<ElementPlace, Expected> {
    if text.is_empty() { Ok(ElementPlace(Vec::new())) } else { element(text) }
}

fn jobs(text: &str) -> Result<usize, Expected> {
    let number = text.parse().ok().filter(|n| (1..=1024).contains(n));
    number.ok_or_else(|| Expected("a number from 1 to 1024".to_owned()))
}

fn runs(text: &str) -> Result<usize, Expected> {
    let number = text.parse().ok().filter(|n| *n <= 10_000);
    number.ok_or_else(|| Expected("a number from 0 to 10000".to_owned()))
}

fn peak_gate(text: &str) -> Result<f64, Expected> {
    number(text, |v| v > 0.0 && v <= LARGEST_GATE, &format!("pixels above 0, at most {LARGEST_GATE}"))
}

fn share(text: &str) -> Result<f64, Expected> {
    number(text, |v| (0.0..=1.0).contains(&v), "a number from 0 to 1")
}

fn part(text: &str) -> Result<f64, Expected> {
    number(text, |v| (0.0..1.0).contains(&v), "a number from 0, below 1")
}

fn size(text: &str) -> Result<f64, Expected> {
    number(text, |v| v.is_finite() && v >= 0.0, "a number from 0 on")
}

fn positive(text: &str) -> Result<f64, Expected> {
    number(text, |v| v.is_finite() && v > 0.0, "a number above 0")
}

fn seconds(text: &str) -> Result<f64, Expected> {
    number(text, |v| v > 0.0 && v < 1e9, "seconds above 0")
}

fn percentile(text: &str) -> Result<f64, Expected> {
    number(text, |v| (0.0..=100.0).contains(&v), "a percentile from 0 to 100")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// The calls in a page of help: the lines below `Examples:` that begin with the program's name.
    fn examples(page: &str) -> Vec<Vec<&str>> {
        let lines = page.lines().skip_while(|line| *line != "Examples:");
        let calls =
            lines.filter_map(|line| line.strip_prefix("  ").filter(|call| call.starts_with("nb-compare")));
        calls.map(|call| call.split(" > ").next().unwrap_or_default().split_whitespace().collect()).collect()
    }

    #[test]
    fn every_command_shows_its_exit_statuses_and_examples_that_can_be_called() {
        let mut cli = Cli::command();
        let mut pages = vec![(String::new(), cli.render_long_help().to_string())];
        cli.build();
        for command in cli.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            pages.push((command.get_name().to_owned(), command.render_long_help().to_string()));
        }
        assert!(pages.len() > 5, "{}", pages.len());
        for (name, page) in pages {
            assert!(page.contains("Exit status: 0"), "{page}");
            let calls = examples(&page);
            assert!(calls.iter().any(|call| name.is_empty() || call[1] == name), "{name}: {page}");
            for call in calls {
                let parsed = Cli::try_parse_from(&call);
                assert!(parsed.is_ok(), "{call:?}: {}", parsed.expect_err("a refusal"));
            }
        }
    }

    #[test]
    fn an_option_that_a_command_has_no_use_for_is_not_in_its_help() {
        let mut cli = Cli::command();
        assert!(cli.render_long_help().to_string().contains("--explain"));
        for name in ["files", "matrix"] {
            let command = cli.find_subcommand_mut(name).expect("a command");
            let page = command.render_long_help().to_string();
            assert!(page.contains("--outdir") && !page.contains("--explain"), "{page}");
        }
    }
}
