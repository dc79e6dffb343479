//! Adapters: what a program is, as data. A TOML file says how both sides are called and what comes out of them.
//!
//! `document` reads the file strictly, `words` knows the placeholders of commands, `stated` finds what a program says it computes with,
//! `contents` reads what both left of an output, `judge` compares every output and comes to one verdict, `inside` holds one against the
//! reference's own noise, `noise` says what may move when the reference is run many times, `trace` how a side is asked for a trace, `look` makes a first adapter of what one run
//! leaves. Not here: running the sides (`app`), arrays and tables themselves (`array`, `table`).

pub(crate) mod contents;
mod document;
mod error;
pub(crate) mod inside;
pub(crate) mod judge;
pub(crate) mod known;
pub(crate) mod look;
mod noise;
pub(crate) mod stated;
mod table_document;
pub(crate) mod template;
pub(crate) mod trace;
pub(crate) mod unsaid;
pub(crate) mod variants;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

pub use document::{parse, read};
pub use error::AdapterError;
pub use noise::{ArgumentRule, NoiseRules};
pub use trace::rules::{TraceRequest, TraceRules, TraceSource};

use trace_harness::evidence::process::named_by;

use crate::adapter::known::ParameterTable;
use crate::adapter::stated::{Pattern, StatedValues};
use crate::adapter::words::Template;
use crate::array::{ArrayGates, Format};
use crate::table::rules::Rules;

/// Two programs, and what they write.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// One line for people, where the file has one.
    pub title: Option<String>,
    /// The reference and the candidate.
    pub sides: [SideRules; 2],
    /// What both write, in the order of the file; at least one.
    pub outputs: Vec<Output>,
    /// How the sides say what they compute with.
    pub parameters: Option<Parameters>,
    /// Differences that can be switched on.
    pub variants: Vec<Variant>,
    /// What of a run of the reference may move, to find how far its outputs move by themselves.
    pub noise: Option<NoiseRules>,
    /// How each side is asked for a trace of one element.
    pub trace: Option<TraceRules>,
    /// What the file is called that `{image}` stands for, of whichever output that is.
    image_name: String,
}

/// How one side is called.
#[derive(Debug, Clone)]
pub struct SideRules {
    /// What it is called everywhere that people look.
    pub label: String,
    /// The program and its arguments.
    pub command: Vec<Template>,
    /// The variable that names another program to call in the place of the command's.
    pub variable: Option<String>,
    /// Variables that are set for it.
    pub env: BTreeMap<String, String>,
    /// Variables that are set for it to these values unless the user has set them.
    pub default_env: BTreeMap<String, String>,
    /// A command that prints its version; empty where it has none.
    pub version: Vec<String>,
    /// The folder in that of the side that it works in; made before it starts.
    pub cwd: Option<PathBuf>,
    /// The file that it reads as its standard input, seen from the folder of the adapter.
    pub stdin: Option<PathBuf>,
}

impl SideRules {
    /// The program that the environment names in the place of the command's.
    pub(crate) fn program_of_environment(&self) -> Option<PathBuf> {
        self.variable.as_deref().and_then(named_by)
    }

    /// The variables that it runs with, beside the user's own.
    pub(crate) fn exported(&self) -> Vec<(String, OsString)> {
        let set = self.env.iter().map(|(name, value)| (name.clone(), OsString::from(value)));
        let unless = |(name, value): (&String, &String)| {
            (name.clone(), std::env::var_os(name).unwrap_or_else(|| value.into()))
        };
        set.chain(self.default_env.iter().map(unless)).collect()
    }
}

/// A file that both sides write, or what both print.
#[derive(Debug, Clone)]
pub struct Output {
    /// What it is called; unique, and fit for a file name.
    pub name: String,
    /// Where it comes from.
    pub from: From,
    /// What it is, and what has to hold.
    pub kind: OutputKind,
}

/// Where an output comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The file that the placeholder `{image}` stands for.
    Image,
    /// A file in the folder that the program works in.
    File(PathBuf),
    /// What the program prints.
    StandardOutput,
}

/// What an output is, and what has to hold.
#[derive(Debug, Clone)]
pub enum OutputKind {
    /// Numbers in an array.
    Array {
        /// How they are stored.
        format: Format,
        /// Which array of the file is meant, where it has several.
        part: Option<String>,
        /// What has to hold.
        gates: ArrayGates,
    },
    /// A table of text.
    Table(Box<Rules>),
}

impl OutputKind {
    /// The word for the format, as an adapter has it.
    pub fn format(&self) -> String {
        match self {
            Self::Array { format, .. } => format.to_string(),
            Self::Table(_) => TABLE.to_owned(),
        }
    }

    /// How the name of a file of it ends, with the dot.
    pub fn suffix(&self) -> &'static str {
        match self {
            Self::Table(_) => ".txt",
            Self::Array { format, .. } => match format.to_string().split(':').next() {
                Some("npy") => ".npy",
                Some("npz") => ".npz",
                _ => ".bin",
            },
        }
    }
}

impl Output {
    /// Where the evidence has the file of a side: the reference's is side 0.
    pub fn stored(&self, side: usize) -> String {
        format!("outputs/{}/{}{}", SIDES[side], self.name, self.kind.suffix())
    }

    /// Where a side leaves it that works in `folder`, as bundles have it: `log` is the name of its standard output there.
    pub(crate) fn left_at(&self, folder: &str, log: &str) -> String {
        match &self.from {
            From::StandardOutput => format!("{{out}}/{log}"),
            From::Image => format!("{folder}/{}", self.image_name()),
            From::File(name) => format!("{folder}/{}", name.display()),
        }
    }

    /// What the file is called that `{image}` stands for.
    pub fn image_name(&self) -> String {
        format!("image{}", self.kind.suffix())
    }

    /// Where a file of this name is that lies beside it, seen from the folder that the side works in.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        match &self.from {
            From::File(path) => path.with_file_name(name),
            From::Image | From::StandardOutput => PathBuf::from(name),
        }
    }
}

/// How the sides are called in files.
pub const SIDES: [&str; 2] = ["reference", "candidate"];

/// The format of tables of text.
const TABLE: &str = "table";

/// How the sides say what they compute with.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// What a line that states a parameter looks like, where lines name their parameters.
    pub pattern: Option<Pattern>,
    /// Parameters that are known by name, and lines that state them.
    pub table: ParameterTable,
    /// Where the lines are.
    pub from: ParameterSource,
}

impl Parameters {
    /// What `text` states, by pattern and by lines.
    pub(crate) fn stated(&self, text: &str) -> StatedValues {
        let mut stated = self.pattern.as_ref().map(|pattern| pattern.stated(text)).unwrap_or_default();
        for (name, values) in self.table.stated(text) {
            stated.entry(name).or_default().extend(values);
        }
        stated
    }

    /// Where the evidence has the text of a side.
    pub fn stored(&self, side: usize) -> String {
        let kind = match self.from {
            ParameterSource::StandardOutput => "stdout",
            ParameterSource::StandardError => "stderr",
            ParameterSource::File(_) => "parameters",
        };
        format!("{}_{kind}.txt", SIDES[side])
    }
}

/// Where a program says what it computes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterSource {
    /// On its standard output.
    StandardOutput,
    /// On its standard error.
    StandardError,
    /// In a file in the folder that it works in.
    File(PathBuf),
}

/// A known difference between the sides that can be switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What it is called.
    pub id: String,
    /// What it is, in words.
    pub meaning: String,
    /// What the candidate and the reference are given for it, the reference first.
    pub args: [Vec<String>; 2],
}

impl Adapter {
    /// One line for people.
    pub fn title(&self) -> String {
        let [reference, candidate] = &self.sides;
        self.title.clone().unwrap_or_else(|| format!("{} against {}", candidate.label, reference.label))
    }

    /// What the file is called that `{image}` stands for, of whichever output that is.
    pub(crate) fn image_name(&self) -> &str {
        &self.image_name
    }

    /// The variant that is called `id`, or what is known instead.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn variant(&self, id: &str) -> Result<&Variant, AdapterError> {
        self.variants.iter().find(|variant| variant.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.variants.iter().map(|variant| variant.id.as_str()).collect();
            let known = if known.is_empty() {
                "none: the adapter has no variants".to_owned()
            } else {
                known.join(", ")
            };
            AdapterError::Senseless {
                problem: format!("`{id}`: is no variant of the adapter"),
                expected: known,
                hint: String::new(),
            }
        })
    }
}
