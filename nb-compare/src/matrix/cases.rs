//! The file that lists the cases of a matrix.
//!
//! Not here: running them.

use std::path::{Component, Path, PathBuf};

use nanobragg::error::InputError;
use serde::Deserialize;

/// One command line for both simulators, and what is particular to its comparison.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: letters, digits, `-`, `_`, `.`, and `/` between parts.
    pub name: String,
    /// Arguments for both simulators.
    #[serde(default)]
    pub args: Words,
    /// Files that have to be there. Those that no argument names lie in the working folder of both simulators.
    #[serde(default)]
    pub inputs: Vec<PathBuf>,
    /// Arguments for the reference only, before the others.
    #[serde(default)]
    pub c_args: Words,
    /// Arguments for the candidate only, before the others.
    #[serde(default)]
    pub candidate_args: Words,
    /// An image that stands in for the reference.
    pub reference_image: Option<PathBuf>,
    /// xmin, xmax, ymin, ymax.
    pub roi: Option<Vec<usize>>,
    /// Least correlation.
    pub threshold: Option<f64>,
    /// Least and largest ratio of the sums.
    pub sum_ratio: Option<[f64; 2]>,
    /// Largest distance in units of the last place.
    pub max_ulp: Option<u32>,
    /// Seconds after which a runner is ended.
    pub timeout: Option<f64>,
}

/// Arguments: a list of words, or one text that is split at blanks.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// One text.
    Text(String),
    /// A list, for words with blanks in them.
    List(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Words {
    /// One by one.
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
            Self::List(words) => words.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Arguments of every case, before its own.
    #[serde(default)]
    args: Words,
    #[serde(default)]
    case: Vec<Case>,
}

/// Reads the cases in `path`.
///
/// # Errors
/// The file cannot be read, is no such list, names no case, the same case twice, or a case by a name that cannot be that of a
/// folder.
pub fn read(path: &Path) -> Result<Vec<Case>, InputError> {
    const WHAT: &str = "a list of cases: `[[case]]` with `name` and `args`";
    let text = std::fs::read_to_string(path).map_err(|e| InputError::io(path, WHAT, &e))?;
    let file: File = toml::from_str(&text).map_err(|e| InputError::new(path, e.to_string(), WHAT))?;
    if file.case.is_empty() {
        return Err(InputError::new(path, "no case", WHAT).hint("an empty matrix decides nothing"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for case in &file.case {
        if !is_name(&case.name) {
            let problem = format!("`{}` cannot be a case's name", case.name);
            return Err(InputError::new(
                path,
                problem,
                "letters, digits, `-`, `_`, `.`, and `/` between parts",
            ));
        }
        // Names become folders, and `a/b` and `a-b` the same one while they are made.
        if !seen.insert(case.name.replace('/', "-")) {
            return Err(InputError::new(
                path,
                format!("two cases are called `{}`", case.name),
                "names of their own",
            ));
        }
    }
    let shared = file.args.list();
    let with_shared = |case: Case| {
        let words = shared.iter().cloned().chain(case.args.list()).collect();
        Case { args: Words::List(words), ..case }
    };
    Ok(file.case.into_iter().map(with_shared).collect())
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    !name.is_empty()
        && name.chars().all(plain)
        && !name.starts_with('/')
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && Path::new(name).components().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Case>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn arguments_are_text_or_words_and_the_shared_ones_come_first() {
        let cases = of(
            "args = '-N 5'\n[[case]]\nname = 'a'\nargs = '-x 1  2'\n[[case]]\nname = 'b/c'\nargs = ['-y', 'a b']\n",
        );
        let cases = cases.unwrap();
        assert_eq!(cases[0].args.list(), ["-N", "5", "-x", "1", "2"]);
        assert_eq!(cases[1].args.list(), ["-N", "5", "-y", "a b"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("", "no case"),
            ("[[case]]\nargs = 'x'", "missing field `name`"),
            ("[[case]]\nname = 'a'\ntreshold = 1", "unknown field `treshold`"),
            ("[[case]]\nname = '../a'", "`../a` cannot be a case's name"),
            ("[[case]]\nname = 'a//b'", "cannot be a case's name"),
            ("[[case]]\nname = '.a'", "cannot be a case's name"),
            ("[[case]]\nname = 'a/b'\n[[case]]\nname = 'a-b'", "two cases are called `a-b`"),
            ("[[case]\n", "case"),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
