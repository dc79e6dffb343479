//! The list of cases: command lines, and what they have to write.
//!
//! Not here: running them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::digest::is_digest;

/// Files included in each other deeper than this go round in a circle.
const DEEPEST: usize = 8;
/// No detector has more pixels in a row.
const LARGEST_SIDE: usize = 1 << 20;

/// A file that a case has to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its name in the folder of the run.
    pub name: String,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A file with the same content, seen from the list of cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

/// Where a piece of a float image lies: in the image (limits inclusive) and in the file of pieces (bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// First and last column.
    pub fast: [usize; 2],
    /// First and last row.
    pub slow: [usize; 2],
    /// Where it begins.
    pub offset: usize,
    /// Its length, packed.
    pub length: usize,
}

impl Piece {
    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.fast[1] - self.fast[0] + 1
    }

    /// How many pixels.
    pub fn pixels(&self) -> usize {
        self.width() * (self.slow[1] - self.slow[0] + 1)
    }

    fn is_sound(&self, row: Option<usize>) -> bool {
        let ordered = |[first, last]: [usize; 2]| first <= last && last <= LARGEST_SIDE;
        ordered(self.fast) && ordered(self.slow) && row.is_some_and(|n| self.fast[1] < n && n <= LARGEST_SIDE)
    }
}

/// What to do where the mathematical library is not the one that the digests were made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherLibm {
    /// Lines of a function, an argument and the value it had, the numbers as bits in hexadecimal digits.
    pub probe: PathBuf,
    /// Pieces of float images.
    pub pieces: PathBuf,
    /// Largest distance of a pixel, in units of the last place.
    pub max_ulp: u32,
    /// Largest share of pixels of a piece that may differ.
    pub share: f64,
}

/// A command line and what it has to come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its name; unique.
    pub id: String,
    /// Arguments of the simulator. `{NAME}` stands for a folder.
    pub args: Vec<String>,
    /// Exit status.
    #[serde(default)]
    pub exit: i32,
    /// Files to put into the folder of the run: name there, and name in the folder `inputs`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cwd_files: BTreeMap<String, String>,
    /// Kinds that it must not write: no file's name may hold one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Files that it may leave with any content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<String>,
    /// Pixels whose traces are stored: slow and fast.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<[usize; 2]>,
    /// Pixels in a row of its float image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpixels: Option<usize>,
    /// The piece of its float image that is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<Piece>,
    /// What it has to write, by kind; `float` is the image that tolerances are about.
    #[serde(default)]
    pub files: BTreeMap<String, Wanted>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Raw {
    include: Option<PathBuf>,
    #[serde(default)]
    folders: BTreeMap<String, String>,
    #[serde(default)]
    complete: bool,
    traces: Option<PathBuf>,
    other_libm: Option<OtherLibm>,
    #[serde(default, rename = "case")]
    cases: Vec<Case>,
}

/// All cases, with the places they speak of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// What `{NAME}` stands for; a reason where the folder is not there.
    pub folders: BTreeMap<String, Result<PathBuf, String>>,
    /// Those of the folders that a variable names, with the variable (`$NAME`): what lies there is not ours to copy.
    pub variables: BTreeMap<String, String>,
    /// Whether a file that no case speaks of is a fault.
    pub complete: bool,
    /// The file with the stored traces, absolute.
    pub traces: Option<PathBuf>,
    /// What to do with another mathematical library; its files absolute.
    pub other_libm: Option<OtherLibm>,
    /// The files that were read, absolute.
    pub read: Vec<PathBuf>,
    /// Folder that names of files are seen from.
    pub base: PathBuf,
}

impl Cases {
    /// Reads a list of cases and those it includes.
    ///
    /// # Errors
    /// In words: the file and what was expected of it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let cases = Self::read_at(path, 0)?;
        if cases.cases.is_empty() {
            return Err(format!("`{}`: no case; expected at least one `[[case]]`", path.display()));
        }
        Ok(cases)
    }

    fn read_at(path: &Path, depth: usize) -> Result<Self, String> {
        let wrong = |problem: String| format!("`{}`: {problem}", path.display());
        let full = path
            .canonicalize()
            .map_err(|e| wrong(format!("cannot be found: {e}; expected cases in TOML")))?;
        let text = std::fs::read_to_string(&full)
            .map_err(|e| wrong(format!("cannot be read: {e}; expected cases in TOML")))?;
        let base = full.parent().unwrap_or(Path::new("/")).to_owned();
        let raw = parse(&text).map_err(wrong)?;
        let mut cases = match &raw.include {
            Some(_) if depth >= DEEPEST => return Err(wrong("includes itself".to_owned())),
            Some(other) => Self::read_at(&base.join(other), depth + 1)?,
            None => Self { base: base.clone(), ..Self::default() },
        };
        cases.folders.entry("inputs".to_owned()).or_insert_with(|| folder(&base, "inputs"));
        for (name, place) in raw.folders {
            cases.folders.insert(name.clone(), folder(&base, &place));
            if place.starts_with('$') {
                cases.variables.insert(name, place);
            }
        }
        cases.complete |= raw.complete;
        cases.traces = raw.traces.map(|file| base.join(file)).or(cases.traces);
        let seen_from_here =
            |o: OtherLibm| OtherLibm { probe: base.join(o.probe), pieces: base.join(o.pieces), ..o };
        cases.other_libm = raw.other_libm.map(seen_from_here).or(cases.other_libm);
        cases.cases.extend(raw.cases);
        cases.read.push(full);
        let mut seen = std::collections::BTreeSet::new();
        match cases.cases.iter().find(|c| !seen.insert(&c.id)) {
            Some(twice) => {
                Err(wrong(format!("two cases are called `{}`; expected different names", twice.id)))
            }
            None => Ok(cases),
        }
    }
}

/// Reads text and checks what can be checked without looking at other files.
fn parse(text: &str) -> Result<Raw, String> {
    let raw: Raw =
        toml::from_str(text).map_err(|e| format!("is no list of cases: {}", e.to_string().trim()))?;
    for case in &raw.cases {
        for file in case.files.values() {
            if file.sha256.is_none() && file.path.is_none() {
                return Err(format!("case `{}`: file `{}` needs `sha256` or `path`", case.id, file.name));
            }
            if file.sha256.as_ref().is_some_and(|s| !is_digest(s)) {
                return Err(format!(
                    "case `{}`: `{}` of file `{}` is no SHA-256 digest",
                    case.id,
                    file.sha256.as_deref().unwrap_or_default(),
                    file.name
                ));
            }
        }
        if let Some(piece) = case.crop.as_ref().filter(|p| !p.is_sound(case.fpixels)) {
            return Err(format!(
                "case `{}`: piece fast {:?} slow {:?} lies in no image; expected limits in order, and `fpixels`",
                case.id, piece.fast, piece.slow
            ));
        }
        let names = case.files.values().map(|f| &f.name).chain(case.cwd_files.keys());
        if let Some(name) = names.into_iter().find(|n| !is_plain(n)) {
            return Err(format!("case `{}`: `{name}` is no name of a file without folders", case.id));
        }
    }
    Ok(raw)
}

/// Checks a list of cases without its includes.
///
/// # Errors
/// What was expected.
pub fn check(text: &str) -> Result<(), String> {
    parse(text).map(drop)
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".."
}

/// A folder by path, or by a variable of the environment (`$NAME`).
fn folder(base: &Path, place: &str) -> Result<PathBuf, String> {
    let path = match place.strip_prefix('$') {
        Some(name) => match std::env::var_os(name).filter(|v| !v.is_empty()) {
            Some(value) => PathBuf::from(value),
            None => return Err(format!("{name} is not set")),
        },
        None => base.join(place),
    };
    path.canonicalize()
        .ok()
        .filter(|p| p.is_dir())
        .ok_or_else(|| format!("there is no folder `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_makes_no_sense_is_refused_with_a_reason() {
        let case = "[[case]]\nid = 'a'\nargs = []\n";
        for (text, reason) in [
            (format!("{case}files.float = {{ name = 'x' }}\n"), "needs `sha256` or `path`"),
            (format!("{case}files.float = {{ name = 'x', sha256 = '1' }}\n"), "no SHA-256"),
            (format!("{case}files.float = {{ name = '../x', path = 'x' }}\n"), "without folders"),
            (format!("{case}cwd_files = {{ '/x' = 'y' }}\n"), "without folders"),
            (
                format!(
                    "{case}fpixels = 4\ncrop = {{ fast = [0, 4], slow = [0, 1], offset = 0, length = 9 }}\n"
                ),
                "no image",
            ),
            (
                format!(
                    "{case}fpixels = 4\ncrop = {{ fast = [3, 2], slow = [0, 1], offset = 0, length = 9 }}\n"
                ),
                "no image",
            ),
            (
                format!("{case}crop = {{ fast = [0, 1], slow = [0, 1], offset = 0, length = 9 }}\n"),
                "no image",
            ),
            ("[[case]]\nid = 'a'\n".to_owned(), "args"),
        ] {
            let problem = check(&text).unwrap_err();
            assert!(problem.contains(reason), "{problem}");
        }
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("cases.toml");
        for (text, reason) in [
            (format!("{case}{case}"), "two cases"),
            (String::new(), "no case"),
            (format!("include = 'cases.toml'\n{case}"), "includes itself"),
        ] {
            std::fs::write(&path, text).unwrap();
            let problem = Cases::read(&path).unwrap_err();
            assert!(problem.contains(reason), "{problem}");
        }
    }

    #[test]
    fn a_list_can_include_another_and_say_where_its_folders_are() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("here")).unwrap();
        std::fs::write(root.path().join("inner.toml"), "[[case]]\nid = 'a'\nargs = []\n").unwrap();
        let outer = "include = 'inner.toml'\ncomplete = true\n[folders]\ndata = 'here'\nmore = '$NO_SUCH_VARIABLE_EVER'\n";
        std::fs::write(root.path().join("outer.toml"), outer).unwrap();
        let cases = Cases::read(&root.path().join("outer.toml")).unwrap();
        assert_eq!((cases.cases.len(), cases.complete, cases.read.len()), (1, true, 2));
        assert!(cases.folders["data"].as_ref().unwrap().ends_with("here"));
        assert_eq!(cases.folders["more"].as_ref().unwrap_err(), "NO_SUCH_VARIABLE_EVER is not set");
        assert!(cases.folders["inputs"].is_err());
    }
}
