//! The arguments of `trace-harness matrix`.
//!
//! Not here: what is done with them (the module above), how a second run is written down (`evidence`).

use std::path::PathBuf;

use clap::Args;

use crate::cases::{HELP, partition};
use crate::commands::checks::BundleArgs;
use crate::commands::checks::gate::GateFlag;

/// Stands for the simulator in this program.
pub(super) const BUILT_IN: &str = "built-in";

/// Arguments of `matrix`.
#[derive(Debug, Args)]
#[command(after_help = format!("{HELP}\n{}", include_str!("help.txt")))]
pub struct MatrixArgs {
    /// The cases (see below)
    #[arg(value_name = "CASES.toml")]
    pub cases: PathBuf,
    /// Render engines
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "reference,exact")]
    pub engine: Vec<String>,
    /// Number types
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "f64")]
    pub dtype: Vec<String>,
    /// Where to compute
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "cpu")]
    pub device: Vec<String>,
    /// Numbers of threads; 0 for all cores
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1")]
    pub threads: Vec<usize>,
    /// How many cases at once; as many as there are cores if not given
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// The i-th of n parts of the cases
    #[arg(long, value_name = "I/N", value_parser = partition)]
    pub partition: Option<(usize, usize)>,
    /// Only cases whose name holds this text; repeatable
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// Each case in a process of its own (as without this flag; with --suite, both, and compared)
    #[arg(long)]
    pub isolated: bool,
    /// All cases of a configuration in one process
    #[arg(long)]
    pub suite: bool,
    /// Largest distance of two pixels of float images, in units of the last place
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub max_ulp: u32,
    /// The simulator; `nanobragg` beside this program or on the PATH if not given, else `built-in`: the one in this program,
    /// which --suite always takes
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Do not compare with the program at NB_C_BIN
    #[arg(long)]
    pub no_live: bool,
    /// Time limit of each case
    #[arg(long, value_name = "S", default_value_t = 600)]
    pub timeout: u64,
    /// Record the files of the cases by digest instead of copying them into the bundle, which then does not run again alone
    #[arg(long)]
    pub no_copies: bool,
    /// Write the results into this folder that is there, and no bundle: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true)]
    pub files: Option<PathBuf>,
    /// Where the bundle goes.
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Whether the gate comes first.
    #[command(flatten)]
    pub gate: GateFlag,
}
