//! What a gate requires: a TOML file, or what can be checked without one.
//!
//! Not here: checking it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The gate's file when none is named.
pub const FILE: &str = "gate.toml";

/// Free space that a run needs unless the file says otherwise, in MiB.
const FREE_MIB: u64 = 256;

/// The reference program.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where it is; seen from the folder of the file.
    pub path: Option<PathBuf>,
    /// Variable that says where it is; `NB_C_BIN` if neither is given.
    pub env: Option<String>,
    /// SHA-256 that it must have.
    pub sha256: Option<String>,
    /// Text that it must print.
    pub version: Option<String>,
    /// Arguments that make it print its version; none if not given.
    #[serde(default)]
    pub version_args: Vec<String>,
    /// Whether it has to be a simulator, which writes an image on request.
    #[serde(default)]
    pub image: bool,
    /// Whether it may be absent.
    #[serde(default)]
    pub optional: bool,
}

/// A file, or a list of files in the format of `sha256sum`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The file.
    pub path: Option<PathBuf>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// A list; the files are seen from its folder.
    pub manifest: Option<PathBuf>,
}

/// The working folder.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingFolder {
    /// The folder that the gate has to be called in; any if not given.
    pub path: Option<PathBuf>,
    /// Names that must be in it.
    #[serde(default)]
    pub contains: Vec<String>,
}

/// Free space.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// Somewhere on the disk; the working folder if not given.
    pub path: Option<PathBuf>,
    /// How much has to be free.
    pub free_mib: u64,
}

/// A program on the PATH.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Text that `NAME --version` must print.
    pub version: Option<String>,
}

/// A file that nobody may have changed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// The file; seen from the folder of the gate's file.
    pub path: PathBuf,
    /// Its SHA-256; without it, what git has committed counts.
    pub sha256: Option<String>,
}

/// A file that is no gate.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct GateError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: GateProblem,
}

/// What is wrong with a gate.
#[derive(Debug, thiserror::Error)]
pub enum GateProblem {
    /// The path leads nowhere.
    #[error("cannot be found: {0}; expected a gate in TOML")]
    NotFound(std::io::Error),
    /// The system refuses to give the file, or it is no text.
    #[error("cannot be read: {0}; expected a gate in TOML")]
    Unreadable(std::io::Error),
    /// The text is no TOML, or TOML of another form.
    #[error("is no gate: {}", .0.to_string().trim())]
    Form(toml::de::Error),
    /// A golden file without a place, or a list with a digest of its own.
    #[error("a `[[golden]]` needs `path` (and `sha256`) or `manifest`")]
    Golden,
}

/// Everything a gate asks for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The reference program.
    pub reference: Option<Reference>,
    /// Golden files.
    #[serde(default)]
    pub golden: Vec<Golden>,
    /// The working folder.
    #[serde(default)]
    pub folder: WorkingFolder,
    /// Free space.
    pub disk: Option<Disk>,
    /// Programs on the PATH.
    #[serde(default, rename = "tool")]
    pub tools: Vec<Tool>,
    /// Files that nobody may have changed.
    #[serde(default)]
    pub protected: Vec<Protected>,
    /// Folder that relative paths are seen from.
    #[serde(skip)]
    pub base: PathBuf,
}

impl Gate {
    /// Reads a gate.
    ///
    /// # Errors
    /// The file cannot be read, or is no gate.
    pub fn read(path: &Path) -> Result<Self, GateError> {
        let read = || {
            let full = path.canonicalize().map_err(GateProblem::NotFound)?;
            let text = crate::evidence::given::text(&full).map_err(GateProblem::Unreadable)?;
            Self::parse(&text, full.parent().unwrap_or(Path::new("/")).to_owned())
        };
        read().map_err(|problem| GateError { path: path.to_owned(), problem })
    }

    /// The file called [`FILE`] in `folder` or the nearest folder above it, up to the root of the repository that `folder` is in.
    pub fn find(folder: &Path) -> Option<PathBuf> {
        for folder in folder.ancestors() {
            let file = folder.join(FILE);
            if file.is_file() {
                return Some(file);
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        None
    }

    /// Reads a gate from text; relative paths are seen from `base`.
    ///
    /// # Errors
    /// The text is no gate.
    pub fn parse(text: &str, base: PathBuf) -> Result<Self, GateProblem> {
        let gate: Self = toml::from_str(text).map_err(GateProblem::Form)?;
        for golden in &gate.golden {
            if golden.path.is_some() == golden.manifest.is_some()
                || (golden.manifest.is_some() && golden.sha256.is_some())
            {
                return Err(GateProblem::Golden);
            }
        }
        Ok(Self { base, ..gate })
    }

    /// What can be checked without a file: the reference program where `NB_C_BIN` names one, a folder to write in, and space.
    pub fn built_in(folder: &Path) -> Self {
        Self {
            reference: Some(Reference { image: true, ..Reference::default() }),
            disk: Some(Disk { path: None, free_mib: FREE_MIB }),
            base: folder.to_owned(),
            ..Self::default()
        }
    }
}
