//! The list of cases: command lines, what they have to write, and what a comparison of them asks.
//!
//! Not here: running them (`run`), judging them (`matrix` by bytes, `nb_compare` by metrics).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use nanobragg::Pixel;
use nanobragg::error::InputError;
use nanobragg::open_file::{self, TABLE};
use serde::{Deserialize, Serialize};

use super::fault::{CaseFault, FolderFault, LONGEST, ListError, ListFault, NoPartition};
use super::former;
use crate::evidence::bundle::digest::is_digest;

/// What a list is expected to be.
const WHAT: &str = "cases in TOML";
/// Files included in each other deeper than this go round in a circle.
const DEEPEST: usize = 8;
/// Bytes of a name, which is that of a folder, with more in front of it and behind it.
const LONGEST_NAME: usize = 200;
/// No detector has more pixels in a row.
const LARGEST_SIDE: usize = 1 << 20;

/// A file that a case has to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct ImagePiece {
    /// First and last column.
    pub fast: [usize; 2],
    /// First and last row.
    pub slow: [usize; 2],
    /// Where it begins.
    pub offset: usize,
    /// Its length, packed.
    pub length: usize,
}

impl ImagePiece {
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
#[serde(deny_unknown_fields)]
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

/// Arguments: a list of words, or one text that is split at blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "arguments are neither a text nor a list of texts")]
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

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::List(words) => words.is_empty(),
        }
    }
}

/// A command line, what it has to come to, and how two programs given it are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: letters, digits, `-`, `_`, `.`, and `/` between parts; unique, also where `/` is written `-` and
    /// capitals are small, as some systems have folders.
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Words to choose cases by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Which surprising behaviour of the reference it pins down.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quirk: String,
    /// Arguments of every program. `{NAME}/FILE` stands for a file in a folder of the list.
    #[serde(default)]
    pub args: Words,
    /// Arguments of the reference alone, before the others.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub reference_args: Words,
    /// Arguments of the candidate alone, before the others.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub candidate_args: Words,
    /// Files that have to be there, seen from the list. Those that no argument names lie in the folder of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<PathBuf>,
    /// Files to put into the folder of the run: name there, and name in the folder `inputs`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cwd_files: BTreeMap<String, String>,
    /// Exit status.
    #[serde(default)]
    pub exit: i32,
    /// Seconds after which a run is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// An image that stands in for the reference, seen from the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_image: Option<PathBuf>,
    /// Region to compare: first and last column, first and last row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<Vec<usize>>,
    /// Least correlation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Least and largest ratio of the sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum_ratio: Option<[f64; 2]>,
    /// Largest difference of pixels that agree, as a part of the larger one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtol: Option<f64>,
    /// Least share of pixels that agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// Largest distance of a pixel, in units of the last place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ulp: Option<u32>,
    /// Kinds of file that it must not write: no file's name may hold one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Files that it may leave with any content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<String>,
    /// Pixels whose traces are stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::pixel_pair")]
    pub traces: Vec<Pixel>,
    /// Whether its console text is stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub console: bool,
    /// Pixels in a row of its float image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fpixels: Option<usize>,
    /// Rows of its float image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spixels: Option<usize>,
    /// Figures of the reference's whole image, for people who look something up.
    #[serde(default, skip_serializing)]
    pub stats: toml::Table,
    /// The piece of its float image that is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<ImagePiece>,
    /// What it has to write, by kind; `float` is the image that tolerances are about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Wanted>,
}

/// A list as it stands in its file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    include: Option<PathBuf>,
    /// Arguments of every case, before its own.
    #[serde(default)]
    args: Words,
    #[serde(default)]
    folders: BTreeMap<String, String>,
    #[serde(default)]
    complete: bool,
    traces: Option<PathBuf>,
    other_libm: Option<OtherLibm>,
    #[serde(default)]
    totals: BTreeMap<String, usize>,
    #[serde(default)]
    case: Vec<Case>,
}

/// All cases, with the places they speak of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// What `{NAME}` stands for; a reason where the folder is not there.
    pub folders: BTreeMap<String, Result<PathBuf, FolderFault>>,
    /// Those of the folders that a variable names, with the variable (`$NAME`): what lies there is not ours to copy.
    pub variables: BTreeMap<String, String>,
    /// Whether a file that no case speaks of is a fault.
    pub complete: bool,
    /// The file with the stored traces, absolute.
    pub traces: Option<PathBuf>,
    /// What to do with another mathematical library; its files absolute.
    pub other_libm: Option<OtherLibm>,
    /// How many of each the list says that there are, by name; what is stored and what is compared can be held against it.
    pub totals: BTreeMap<String, usize>,
    /// The files that were read, absolute.
    pub read: Vec<PathBuf>,
    /// Folder that names of files are seen from.
    pub base: PathBuf,
    /// What to write instead of fields with the names of an earlier version; nothing if there are none.
    pub notices: Vec<String>,
}

impl Cases {
    /// Reads a list of cases and those it includes.
    ///
    /// # Errors
    /// The file cannot be read, is no such list, names no case, the same case twice, or a case by a name that cannot be that of
    /// a folder.
    pub fn read(path: &Path) -> Result<Self, ListError> {
        let cases = Self::read_at(path, 0)?;
        if cases.cases.is_empty() {
            return Err(ListError::Fault { path: path.to_owned(), fault: ListFault::NoCase });
        }
        Ok(cases)
    }

    fn read_at(path: &Path, depth: usize) -> Result<Self, ListError> {
        let wrong = |fault: ListFault| ListError::Fault { path: path.to_owned(), fault };
        let unreadable = |e: std::io::Error| InputError::io(path, WHAT, &e);
        if path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
            let error = InputError::new(path, "is a pipe or a device", WHAT);
            return Err(error
                .hint("write it to a file: paths in a list are seen from the list's folder")
                .into());
        }
        let full = path.canonicalize().map_err(unreadable)?;
        let text = open_file::text(path, WHAT, TABLE)?;
        let base = full.parent().unwrap_or(Path::new("/")).to_owned();
        let (file, notices) = parse(&text).map_err(wrong)?;
        let mut cases = match &file.include {
            Some(_) if depth >= DEEPEST => return Err(wrong(ListFault::IncludesItself)),
            Some(other) => Self::read_at(&base.join(other), depth + 1)?,
            None => Self { base: base.clone(), ..Self::default() },
        };
        cases.folders.entry("inputs".to_owned()).or_insert_with(|| folder(&base, "inputs"));
        for (name, place) in file.folders {
            cases.folders.insert(name.clone(), folder(&base, &place));
            if place.starts_with('$') {
                cases.variables.insert(name, place);
            }
        }
        cases.complete |= file.complete;
        cases.traces = file.traces.map(|file| base.join(file)).or(cases.traces);
        let seen_from_here =
            |o: OtherLibm| OtherLibm { probe: base.join(o.probe), pieces: base.join(o.pieces), ..o };
        cases.other_libm = file.other_libm.map(seen_from_here).or(cases.other_libm);
        cases.totals.extend(file.totals);
        cases.cases.extend(with_shared(&file.args, file.case));
        cases.notices.extend(notices.iter().map(|notice| format!("`{}`: {notice}", path.display())));
        cases.read.push(full);
        // Names become folders, and `a/b` and `a-b` the same one.
        let mut seen = BTreeSet::new();
        match cases.cases.iter().find(|c| !seen.insert(c.name.replace('/', "-").to_lowercase())) {
            Some(twice) => Err(wrong(ListFault::Twice(twice.name.clone()))),
            None => Ok(cases),
        }
    }

    /// Numbers of the cases whose name holds one of the texts (all for no text), and of them the i-th of n parts.
    pub fn choose(&self, only: &[String], partition: Option<(usize, usize)>) -> Vec<usize> {
        let wanted = |case: &Case| only.is_empty() || only.iter().any(|text| case.name.contains(text));
        let chosen = self.cases.iter().enumerate().filter(|(_, case)| wanted(case)).map(|(n, _)| n);
        match partition {
            Some((i, n)) => chosen.enumerate().filter(|(k, _)| k % n == i - 1).map(|(_, c)| c).collect(),
            None => chosen.collect(),
        }
    }
}

/// The cases in the text of a list, and whether they are all: not where it includes another list.
///
/// # Errors
/// It is no such list.
pub fn in_text(text: &str) -> Result<(Vec<Case>, bool), ListFault> {
    let (file, _) = parse(text)?;
    Ok((with_shared(&file.args, file.case).collect(), file.include.is_none()))
}

/// Cases with the arguments that their list gives all of them.
fn with_shared(shared: &Words, cases: Vec<Case>) -> impl Iterator<Item = Case> {
    let shared = shared.list();
    cases.into_iter().map(move |case| {
        let args = shared.iter().cloned().chain(case.args.list()).collect();
        Case { args: Words::List(args), ..case }
    })
}

/// Reads text and checks what can be checked without looking at other files.
fn parse(text: &str) -> Result<(CaseFile, Vec<String>), ListFault> {
    let form = |e: toml::de::Error| ListFault::Form(Box::new(e));
    let (file, notices) = match toml::from_str::<CaseFile>(text) {
        Ok(file) => (file, Vec::new()),
        // Only a text that the present form refuses is read again, so that errors keep their line numbers.
        Err(error) => match former::renamed(text) {
            Some((table, notices)) => (table.try_into().map_err(form)?, notices),
            None => return Err(form(error)),
        },
    };
    file.case.iter().try_for_each(check_case).map(|()| (file, notices))
}

fn check_case(case: &Case) -> Result<(), ListFault> {
    if !is_name(&case.name) {
        return Err(ListFault::Name(case.name.clone()));
    }
    match fault_of(case) {
        Some(fault) => Err(ListFault::Case { name: case.name.clone(), fault }),
        None => Ok(()),
    }
}

/// The first thing that is wrong with a case.
fn fault_of(case: &Case) -> Option<CaseFault> {
    for file in case.files.values() {
        let name = || file.name.clone();
        if file.sha256.is_none() && file.path.is_none() {
            return Some(CaseFault::NothingWanted(name()));
        }
        if let Some(wrong) = file.sha256.as_ref().filter(|s| !is_digest(s)) {
            return Some(CaseFault::Digest { file: name(), digest: wrong.clone() });
        }
    }
    if let Some(piece) = case.crop.as_ref().filter(|p| !p.is_sound(case.fpixels)) {
        return Some(CaseFault::Piece { fast: piece.fast, slow: piece.slow });
    }
    let names = case.files.values().map(|f| &f.name).chain(case.cwd_files.keys());
    if let Some(file) = names.into_iter().find(|n| !is_plain(n)) {
        return Some(CaseFault::FileName(file.clone()));
    }
    let within = |value: f64, low: f64, high: f64| value >= low && value <= high;
    if let Some(seconds) = case.timeout.filter(|s| !within(*s, f64::MIN_POSITIVE, LONGEST)) {
        return Some(CaseFault::Timeout(seconds));
    }
    for (field, part) in [("rtol", case.rtol), ("within", case.within)] {
        if let Some(value) = part.filter(|part| !within(*part, 0.0, 1.0)) {
            return Some(CaseFault::Part { field, value });
        }
    }
    if let Some(least) = case.threshold.filter(|t| !within(*t, 0.0, 1.0)) {
        return Some(CaseFault::Threshold(least));
    }
    let [low, high] =
        case.sum_ratio.filter(|[low, high]| !(within(*low, f64::MIN_POSITIVE, *high) && high.is_finite()))?;
    Some(CaseFault::SumRatio(low, high))
}

/// Reads `I/N`, the i-th of n parts.
///
/// # Errors
/// What was expected.
pub fn partition(text: &str) -> Result<(usize, usize), NoPartition> {
    let pair = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    pair.filter(|(i, n)| *i >= 1 && i <= n).ok_or(NoPartition)
}

/// Checks a list of cases without its includes.
///
/// # Errors
/// What was expected.
pub fn check(text: &str) -> Result<(), ListFault> {
    parse(text).map(drop)
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(plain)
        && !name.starts_with('/')
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && Path::new(name).components().all(inside)
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".."
}

/// A folder by path, or by a variable of the environment (`$NAME`).
fn folder(base: &Path, place: &str) -> Result<PathBuf, FolderFault> {
    let path = match place.strip_prefix('$') {
        Some(name) => match std::env::var_os(name).filter(|v| !v.is_empty()) {
            Some(value) => PathBuf::from(value),
            None => return Err(FolderFault::NotSet(name.to_owned())),
        },
        None => base.join(place),
    };
    let found = path.canonicalize().ok().filter(|p| p.is_dir());
    found.ok_or(FolderFault::Missing(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "[[case]]\nname = 'a'\n";

    fn read(text: &str) -> Result<Cases, ListError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.toml");
        std::fs::write(&path, text).unwrap();
        Cases::read(&path)
    }

    #[test]
    fn a_list_that_makes_no_sense_is_refused_with_a_reason() {
        let piece = |fpixels: &str, fast: &str| {
            format!("{CASE}{fpixels}crop = {{ fast = {fast}, slow = [0, 1], offset = 0, length = 9 }}\n")
        };
        for (text, reason) in [
            (format!("{CASE}files.float = {{ name = 'x' }}\n"), "needs `sha256` or `path`"),
            (format!("{CASE}files.float = {{ name = 'x', sha256 = '1' }}\n"), "no SHA-256"),
            (format!("{CASE}files.float = {{ name = '../x', path = 'x' }}\n"), "without folders"),
            (format!("{CASE}cwd_files = {{ '/x' = 'y' }}\n"), "without folders"),
            (piece("fpixels = 4\n", "[0, 4]"), "no image"),
            (piece("fpixels = 4\n", "[3, 2]"), "no image"),
            (piece("", "[0, 1]"), "no image"),
            (format!("{CASE}timeout = -1.0\n"), "expected seconds"),
            (format!("{CASE}timeout = nan\n"), "expected seconds"),
            (format!("{CASE}timeout = 1e300\n"), "expected seconds"),
            (format!("{CASE}threshold = 2.0\n"), "expected a correlation"),
            (format!("{CASE}within = nan\n"), "expected a number from 0 to 1"),
            (format!("{CASE}sum_ratio = [1.1, 0.9]\n"), "expected the least and the largest"),
            (format!("{CASE}sum_ratio = [0.9, inf]\n"), "expected the least and the largest"),
            (format!("{CASE}sum_ratio = [0.0, 1.1]\n"), "expected the least and the largest"),
            (format!("{CASE}treshold = 1.0\n"), "unknown field `treshold`"),
            (format!("{CASE}files.float = {{ name = 'x', path = 'x', sha255 = '' }}\n"), "unknown field"),
            ("[[case]]\nargs = 'x'\n".to_owned(), "missing field `name`"),
            ("[[case]]\nname = '../a'\n".to_owned(), "`../a` cannot be a case's name"),
            ("[[case]]\nname = 'a//b'\n".to_owned(), "cannot be a case's name"),
            ("[[case]]\nname = '.a'\n".to_owned(), "cannot be a case's name"),
            ("[[case]\n".to_owned(), "case"),
        ] {
            let problem = check(&text).unwrap_err().to_string();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
        for (text, reason) in [
            (format!("{CASE}{CASE}"), "two cases"),
            ("[[case]]\nname = 'a/b'\n[[case]]\nname = 'a-b'\n".to_owned(), "two cases are called `a-b`"),
            (String::new(), "no case"),
            (format!("include = 'cases.toml'\n{CASE}"), "includes itself"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("cases.toml"), "{error}");
        }
    }

    #[test]
    fn a_list_can_include_another_and_say_where_its_folders_are() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("here")).unwrap();
        std::fs::write(root.path().join("inner.toml"), CASE).unwrap();
        let outer = "include = 'inner.toml'\ncomplete = true\n[folders]\ndata = 'here'\nmore = '$NO_SUCH_VARIABLE_EVER'\n";
        std::fs::write(root.path().join("outer.toml"), outer).unwrap();
        let cases = Cases::read(&root.path().join("outer.toml")).unwrap();
        assert_eq!((cases.cases.len(), cases.complete, cases.read.len()), (1, true, 2));
        assert!(cases.folders["data"].as_ref().unwrap().ends_with("here"));
        assert_eq!(
            cases.folders["more"].as_ref().unwrap_err().to_string(),
            "NO_SUCH_VARIABLE_EVER is not set"
        );
        assert!(cases.folders["inputs"].is_err());
    }

    #[test]
    fn arguments_are_text_or_words_and_the_shared_ones_come_first() {
        let cases = read(
            "args = '-N 5'\n[[case]]\nname = 'a'\nargs = '-x 1  2'\n[[case]]\nname = 'b/c'\nargs = ['-y', 'a b']\n",
        );
        let cases = cases.unwrap().cases;
        assert_eq!(cases[0].args.list(), ["-N", "5", "-x", "1", "2"]);
        assert_eq!(cases[1].args.list(), ["-N", "5", "-y", "a b"]);
    }

    #[test]
    fn a_list_is_read_back_as_it_was_written() {
        let text = "[[case]]\nname = 'a'\nargs = ['-N', '5']\nreference_args = '-x'\nexit = 1\ntimeout = 2.5\nroi = [0, 1, 2, 3]\n\
                    threshold = 0.5\nsum_ratio = [0.9, 1.1]\nrtol = 0.01\nwithin = 0.5\nmax_ulp = 3\ntraces = [[1, 2]]\ncwd_files = { x = 'y' }\n";
        let cases = read(text).unwrap();
        let mut written = toml::Table::new();
        written.insert("case".to_owned(), toml::Value::try_from(&cases.cases).unwrap());
        assert_eq!(read(&toml::to_string(&written).unwrap()).unwrap().cases, cases.cases);
    }

    #[test]
    fn cases_are_chosen_by_text_and_in_parts_that_together_are_all() {
        let text: String =
            ["a/1", "b/1", "a/2", "a/3"].map(|name| format!("[[case]]\nname = '{name}'\n")).concat();
        let cases = read(&text).unwrap();
        assert_eq!(cases.choose(&["a/".to_owned()], None), [0, 2, 3]);
        let parts = [1, 2].map(|i| cases.choose(&[], Some((i, 2))));
        assert_eq!(parts, [vec![0, 2], vec![1, 3]]);
    }
}
