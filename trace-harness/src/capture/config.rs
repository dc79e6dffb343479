//! A configuration: the arguments and input files of a command that is traced again and again.
//!
//! Ours are in `scripts/configs`, and part of the program; any other is a TOML file. Not here: running it.

use std::path::{Path, PathBuf};

use nanobragg::Pixel;
use nanobragg::error::{InputError, OutputError, UsageError};
use serde::Deserialize;

use crate::evidence::bundle::digest;
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::given;
use crate::protein::{self, UnpackError};

/// The configurations that are known by name; the first is the default.
const BUILT_IN: [(&str, &str); 4] = [
    ("protein", include_str!("../../../scripts/configs/protein.toml")),
    ("protein-rotation", include_str!("../../../scripts/configs/protein-rotation.toml")),
    ("simple-cubic", include_str!("../../../scripts/configs/simple-cubic.toml")),
    ("supervisor", include_str!("../../../scripts/configs/supervisor.toml")),
];

/// How an input file begins among the arguments.
const INPUTS: &str = "{inputs}/";

/// A command to trace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Its name: that of the file.
    #[serde(skip)]
    pub name: String,
    /// Its own file, where it has one.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// One line for people.
    pub about: String,
    /// The arguments; `{inputs}/NAME` stands for an input file.
    pub arguments: Vec<String>,
    /// Pixels that are traced when no other is requested: slow and fast.
    #[serde(default, deserialize_with = "crate::pixel_pair::deserialize")]
    pub pixels: Vec<Pixel>,
    /// The files that the arguments name.
    #[serde(default, rename = "input")]
    pub inputs: Vec<Input>,
}

/// An input file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name, without folders.
    pub file: String,
    /// SHA-256 of the file that the configuration was made for.
    pub sha256: Option<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is none of this name.
    #[error(transparent)]
    Unknown(#[from] UsageError),
    /// Its file, or one that it names, is missing or makes no sense.
    #[error(transparent)]
    File(#[from] InputError),
    /// A file that it names is not part of this project.
    #[error("configuration `{name}` needs the file `{file}`, which is not part of this project")]
    Needs {
        /// The configuration.
        name: String,
        /// The file.
        file: String,
    },
    /// The protein that is brought along cannot be unpacked.
    #[error(transparent)]
    Protein(#[from] UnpackError),
    /// It cannot be written where it is unpacked.
    #[error(transparent)]
    Unpacked(#[from] OutputError),
}

impl EndsCommand for ConfigError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unknown(e) => e.exit(),
            _ => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Unknown(e) => e.hint(),
            Self::File(e) => e.hint(),
            Self::Needs { .. } => WHERE,
            Self::Protein(_) | Self::Unpacked(_) => "",
        }
    }
}

/// How the files of a configuration are found.
const WHERE: &str = "say where its input files are with --inputs DIR";

/// What is expected of a file of one's own.
const WHAT: &str = "a configuration in TOML";

/// Arguments that can be run, and the files that they read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The arguments, input files absolute.
    pub arguments: Vec<String>,
    /// The files, absolute.
    pub files: Vec<PathBuf>,
    /// Files that are not the ones that the configuration was made for, in words.
    pub remarks: Vec<String>,
}

impl Config {
    /// The names that are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The configuration of this name, or in the file of this path as seen from `folder`.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub fn load(name: &str, folder: &Path) -> Result<Self, ConfigError> {
        if let Some((known, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(text, known, None);
        }
        if !name.contains('/') && !name.ends_with(".toml") {
            let known: Vec<&str> = Self::names().collect();
            let unknown = UsageError::new(format!("`{name}`: no such configuration"), known.join(", "));
            return Err(unknown.hint("a file of your own is given by a path that ends in `.toml`").into());
        }
        let path = folder.join(name);
        let text = given::text(&path).map_err(|e| InputError::io(&path, WHAT, &e))?;
        let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        Self::parse(&text, &stem, Some(path))
    }

    fn parse(text: &str, name: &str, path: Option<PathBuf>) -> Result<Self, ConfigError> {
        let shown = path.as_deref().unwrap_or(Path::new(name));
        let wrong = |problem: String, expected: &str| InputError::new(shown, problem, expected);
        let config: Self = toml::from_str(text)
            .map_err(|e| wrong(format!("is no configuration: {}", e.to_string().trim()), ""))?;
        for input in &config.inputs {
            if input.file.is_empty() || input.file.contains('/') || input.file.starts_with('.') {
                return Err(wrong(format!("input `{}`", input.file), "a file name without folders").into());
            }
        }
        let named = config.arguments.iter().filter_map(|word| word.strip_prefix(INPUTS));
        if let Some(stranger) = named.into_iter().find(|n| !config.inputs.iter().any(|i| i.file == *n)) {
            return Err(wrong(format!("the arguments name `{stranger}`"), "an [[input]] for it").into());
        }
        Ok(Self { name: name.to_owned(), path, ..config })
    }

    /// The arguments with the input files in `inputs`, or beside the configuration's own file, or (those that this program
    /// brings along) unpacked into `unpacked`.
    ///
    /// # Errors
    /// A file is not there, or cannot be written.
    pub fn resolve(&self, inputs: Option<&Path>, unpacked: &Path) -> Result<Resolved, ConfigError> {
        let mut out = Resolved { arguments: self.arguments.clone(), files: Vec::new(), remarks: Vec::new() };
        for input in &self.inputs {
            let path = self.find(input, inputs, unpacked)?;
            let (sha256, _) = digest::of_file(&path).map_err(|e| InputError::io(&path, "a file", &e))?;
            if input.sha256.as_ref().is_some_and(|expected| *expected != sha256) {
                out.remarks
                    .push(format!("`{}` is not the file that this configuration was made for", input.file));
            }
            let token = format!("{INPUTS}{}", input.file);
            for word in out.arguments.iter_mut().filter(|word| **word == token) {
                *word = path.to_string_lossy().into_owned();
            }
            out.files.push(path);
        }
        Ok(out)
    }

    fn find(&self, input: &Input, inputs: Option<&Path>, unpacked: &Path) -> Result<PathBuf, ConfigError> {
        let beside = self.path.as_ref().and_then(|p| p.parent());
        if inputs.is_none() && beside.is_none() && input.file == protein::HKL_NAME {
            return unpack(unpacked);
        }
        let Some(folder) = inputs.or(beside) else {
            return Err(ConfigError::Needs { name: self.name.clone(), file: input.file.clone() });
        };
        let path = folder.join(&input.file);
        match path.canonicalize() {
            Ok(path) if path.is_file() => Ok(path),
            _ => {
                let expected = format!("the file that configuration `{}` needs", self.name);
                Err(InputError::new(&path, "is not there", expected).hint(WHERE).into())
            }
        }
    }
}

fn unpack(folder: &Path) -> Result<PathBuf, ConfigError> {
    let path = folder.join(protein::HKL_NAME);
    let refused = |source| OutputError { path: path.clone(), source };
    let text = protein::hkl()?;
    std::fs::create_dir_all(folder).map_err(refused)?;
    std::fs::write(&path, text).map_err(refused)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_configuration_can_be_used_and_traces_a_pixel() {
        for name in Config::names() {
            let config = Config::load(name, Path::new("/")).unwrap();
            assert!(!config.about.is_empty() && config.pixels.len() == 1, "{name}");
            assert!(config.inputs.iter().all(|i| i.sha256.as_ref().is_some_and(|s| s.len() == 64)), "{name}");
        }
    }

    #[test]
    fn the_protein_is_brought_along_and_is_the_file_that_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let resolved = Config::load("protein", Path::new("/")).unwrap().resolve(None, folder.path()).unwrap();
        assert!(resolved.remarks.is_empty() && resolved.files[0].is_file());
        assert_eq!(resolved.arguments[1], resolved.files[0].to_str().unwrap());
    }

    #[test]
    fn a_missing_input_is_named_and_a_wrong_one_remarked_upon() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load("supervisor", Path::new("/")).unwrap();
        let error = config.resolve(None, folder.path()).unwrap_err();
        assert!(error.to_string().contains("`A.mat`") && error.hint().contains("--inputs"), "{error:?}");
        std::fs::write(folder.path().join("A.mat"), "x").unwrap();
        let error = config.resolve(Some(folder.path()), folder.path()).unwrap_err();
        assert!(error.to_string().contains("scaled.hkl`: is not there"), "{error:?}");
        std::fs::write(folder.path().join("scaled.hkl"), "y").unwrap();
        let resolved = config.resolve(Some(folder.path()), folder.path()).unwrap();
        assert_eq!((resolved.remarks.len(), resolved.files.len()), (2, 2));
    }

    #[test]
    fn a_configuration_that_makes_no_sense_is_refused_with_a_reason() {
        let cases = [
            ("about = 'x'\narguments = ['-hkl', '{inputs}/a']\n", "[[input]]"),
            ("about = 'x'\narguments = []\n[[input]]\nfile = '../a'\n", "without folders"),
            ("about = 'x'\narguments = []\ncolour = 'red'\n", "colour"),
            ("arguments = []\n", "about"),
        ];
        for (text, reason) in cases {
            let error = Config::parse(text, "x", None).unwrap_err();
            assert!(error.to_string().contains(reason), "{error:?}");
        }
        let error = Config::load("protien", Path::new("/")).unwrap_err();
        assert!(error.to_string().contains("expected protein,"), "{error}");
        assert_eq!(error.exit(), Exit::Usage);
        assert_eq!(Config::load("no/such.toml", Path::new("/")).unwrap_err().exit(), Exit::Undecided);
    }

    #[test]
    fn files_lie_beside_a_configuration_of_ones_own() {
        let folder = tempfile::tempdir().unwrap();
        let text = "about = 'mine'\narguments = ['-hkl', '{inputs}/a.hkl']\n[[input]]\nfile = 'a.hkl'\n";
        std::fs::write(folder.path().join("mine.toml"), text).unwrap();
        std::fs::write(folder.path().join("a.hkl"), "0 0 1 5\n").unwrap();
        let config = Config::load("./mine.toml", folder.path()).unwrap();
        assert_eq!(config.name, "mine");
        let files = config.resolve(None, folder.path()).unwrap().files;
        assert_eq!(files, [folder.path().canonicalize().unwrap().join("a.hkl")]);
    }
}
