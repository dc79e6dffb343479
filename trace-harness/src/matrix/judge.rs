//! Is what a run left in its folder what it should have left?
//!
//! Not here: running anything.

use std::collections::BTreeMap;
use std::path::Path;

use nanobragg::open_file::{self, BULK};

use crate::cases::{Case, Cases, Wanted};
use crate::evidence::bundle::digest;
use crate::matrix::error::LeftError;
use crate::matrix::stored::Stored;
use crate::ulp;

/// What a run left: file names with their digests and sizes.
pub type Left = BTreeMap<String, (String, u64)>;

/// Lists a folder. Only plain files count.
///
/// # Errors
/// It cannot be read.
pub fn left(folder: &Path) -> Result<Left, LeftError> {
    let wrong = |source| LeftError { folder: folder.to_owned(), source };
    let mut left = Left::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if entry.file_type().map_err(wrong)?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            left.insert(name, digest::of_file(&entry.path()).map_err(wrong)?);
        }
    }
    Ok(left)
}

/// What to compare with.
#[derive(Debug, Clone, Copy)]
pub struct GoldenJudge<'a> {
    /// All cases.
    pub cases: &'a Cases,
    /// What is stored beside their digests.
    pub stored: &'a Stored,
    /// Largest distance of two pixels of a float image, in units of the last place; 0 for the same bytes.
    pub max_ulp: u32,
}

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is wrong; nothing if nothing is.
    pub faults: Vec<String>,
    /// Remarks about what is not wrong.
    pub remarks: Vec<String>,
}

impl GoldenJudge<'_> {
    /// Compares with the golden data.
    pub fn golden(&self, case: &Case, folder: &Path, left: &Left) -> Judgement {
        let mut judgement = Judgement::default();
        let mut near = false;
        let mut followed = Vec::new();
        // The float image first: other files are made from it, and follow it where it may differ.
        let mut files: Vec<(&String, &Wanted)> = case.files.iter().collect();
        files.sort_by_key(|(kind, _)| *kind != "float");
        for (kind, wanted) in files {
            let image = kind == "float";
            match self.file(case, (wanted, image), folder, left) {
                FileJudgement::Same => {}
                FileJudgement::Near(text) => {
                    near = true;
                    judgement.remarks.extend(text.map(|t| format!("`{}`: {t}", wanted.name)));
                }
                FileJudgement::Content(_) if !image && (near || self.stored.other_libm()) => {
                    followed.push(format!("`{}`", wanted.name));
                }
                FileJudgement::Content(text) | FileJudgement::Fault(text) => judgement.faults.push(text),
            }
        }
        if !followed.is_empty() {
            judgement.remarks.push(format!("made from the image, and not compared: {}", followed.join(", ")));
        }
        judgement.faults.extend(self.names(case, left));
        judgement
    }

    fn file(
        &self,
        case: &Case,
        (wanted, image): (&Wanted, bool),
        folder: &Path,
        left: &Left,
    ) -> FileJudgement {
        let name = &wanted.name;
        let Some((sha256, bytes)) = left.get(name) else {
            return FileJudgement::Fault(format!("`{name}` was not written"));
        };
        if let Some(expected) = wanted.bytes.filter(|b| b != bytes) {
            return FileJudgement::Fault(format!("`{name}` has {bytes} bytes, expected {expected}"));
        }
        if wanted.sha256.as_ref() == Some(sha256) {
            return FileJudgement::Same;
        }
        let found = folder.join(name);
        let stored = wanted.path.as_ref().map(|p| self.cases.base.join(p));
        match stored {
            Some(stored) if wanted.sha256.is_none() => self.compare(name, image, &stored, &found),
            _ if image && self.stored.other_libm() => match self.stored.check_piece(case, &found) {
                Ok(difference) => FileJudgement::Near(Some(difference.to_string())),
                Err(fault) => FileJudgement::Fault(format!("`{name}` differs from the golden data: {fault}")),
            },
            _ => FileJudgement::Content(format!("`{name}` differs from the golden data")),
        }
    }

    fn compare(&self, name: &str, image: bool, expected: &Path, found: &Path) -> FileJudgement {
        let read = |path: &Path| open_file::read(path, "a file to compare", BULK);
        let (a, b) = match (read(expected), read(found)) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(e), _) | (_, Err(e)) => return FileJudgement::Fault(e.to_string()),
        };
        if a == b {
            return FileJudgement::Same;
        }
        if !image {
            return FileJudgement::Content(format!("`{name}` differs: {} and {} bytes", a.len(), b.len()));
        }
        let (largest, text) = floats(&a, &b);
        // Without a tolerance the bytes count, also where zeros differ in sign.
        match self.max_ulp > 0 && largest <= self.max_ulp {
            true => FileJudgement::Near(None),
            false => FileJudgement::Fault(format!("`{name}` differs: {text}")),
        }
    }

    /// Files that should not be there.
    fn names(&self, case: &Case, left: &Left) -> Vec<String> {
        let known = |name: &String| {
            case.files.values().any(|f| f.name == *name)
                || case.cwd_files.contains_key(name)
                || case.left_behind.contains(name)
        };
        let unknown = left.keys().filter(|name| !known(name));
        let forbidden = |name: &String| case.absent.iter().any(|kind| name.contains(kind.as_str()));
        unknown
            .filter_map(|name| match (forbidden(name), self.cases.complete) {
                (true, _) => Some(format!("`{name}` was written although switched off")),
                (false, true) => Some(format!("`{name}` was written and should not be")),
                (false, false) => None,
            })
            .collect()
    }

    /// Compares with what another program left of the same case: every file of either side.
    pub fn live(&self, case: &Case, theirs: (&Path, &Left), ours: (&Path, &Left)) -> Vec<String> {
        let image = |name: &str| case.files.get("float").is_some_and(|f| f.name == name);
        let mut names: Vec<&String> =
            theirs.1.keys().chain(ours.1.keys()).filter(|n| !case.left_behind.contains(n)).collect();
        names.sort_by_key(|n| (!image(n), (*n).clone()));
        names.dedup();
        let (mut faults, mut near) = (Vec::new(), false);
        for name in names {
            match (theirs.1.get(name), ours.1.get(name)) {
                (Some(a), Some(b)) if a == b => {}
                (Some(_), Some(_)) => {
                    match self.compare(name, image(name), &theirs.0.join(name), &ours.0.join(name)) {
                        FileJudgement::Content(_) if near => {}
                        FileJudgement::Content(text) | FileJudgement::Fault(text) => faults.push(text),
                        FileJudgement::Near(_) => near = true,
                        FileJudgement::Same => {}
                    }
                }
                (Some(_), None) => faults.push(format!("`{name}` was written by the reference only")),
                _ => faults.push(format!("`{name}` was not written by the reference")),
            }
        }
        faults
    }
}

/// How a file came out.
enum FileJudgement {
    Same,
    /// An image within its tolerance.
    Near(Option<String>),
    /// Other content: where an image may differ, files made from it may follow.
    Content(String),
    /// Wrong in any case.
    Fault(String),
}

/// How far two files of 32-bit floats are apart, with words for it; files that are no such thing are as far apart as can be.
fn floats(a: &[u8], b: &[u8]) -> (u32, String) {
    if a.len() != b.len() || !a.len().is_multiple_of(4) {
        return (u32::MAX, format!("{} and {} bytes", a.len(), b.len()));
    }
    let values =
        |bytes: &[u8]| -> Vec<f32> { bytes.as_chunks().0.iter().map(|&c| f32::from_le_bytes(c)).collect() };
    let (a, b) = (values(a), values(b));
    let distance = |(x, y): (&f32, &f32)| match (x.is_nan(), y.is_nan()) {
        (true, true) => 0,
        (false, false) => ulp::distance(*x, *y),
        _ => u32::MAX,
    };
    let (mut differing, mut largest) = (0, 0);
    for pair in a.iter().zip(&b) {
        let d = distance(pair);
        differing += usize::from(d > 0);
        largest = largest.max(d);
    }
    (largest, format!("{differing} of {} pixels, up to {largest} units of the last place", a.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[[case]]\nname = 'a'\nargs = []\nabsent = ['noise']\nleft_behind = ['dump']\n\
                        files.float = { name = 'x.bin', path = 'golden.bin' }\n";

    /// What is wrong with a run that left `files`.
    fn faults(files: &[(&str, &[u8])], max_ulp: u32, complete: bool) -> Vec<String> {
        let (root, run) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(root.path().join("golden.bin"), 1.0_f32.to_le_bytes()).unwrap();
        std::fs::write(root.path().join("cases.toml"), format!("complete = {complete}\n{LIST}")).unwrap();
        files.iter().for_each(|(name, bytes)| std::fs::write(run.path().join(name), bytes).unwrap());
        let cases = Cases::read(&root.path().join("cases.toml")).unwrap();
        let judge = GoldenJudge { cases: &cases, stored: &Stored::default(), max_ulp };
        judge.golden(&cases.cases[0], run.path(), &left(run.path()).unwrap()).faults
    }

    #[test]
    fn bytes_count_unless_a_tolerance_is_given() {
        let (same, next) = (1.0_f32.to_le_bytes(), 1.0_f32.next_up().to_le_bytes());
        assert!(faults(&[("x.bin", &same)], 0, true).is_empty());
        let found = faults(&[("x.bin", &next)], 0, true);
        assert_eq!(found, ["`x.bin` differs: 1 of 1 pixels, up to 1 units of the last place"]);
        assert!(faults(&[("x.bin", &next)], 1, true).is_empty());
        assert_eq!(faults(&[("x.bin", &f32::NAN.to_le_bytes())], 1000, true).len(), 1);
        assert_eq!(faults(&[("x.bin", b"ab")], 1000, true), ["`x.bin` differs: 4 and 2 bytes"]);
    }

    #[test]
    fn files_that_are_missing_or_should_not_be_there_are_named() {
        let same: (&str, &[u8]) = ("x.bin", &1.0_f32.to_le_bytes());
        assert_eq!(faults(&[], 0, false), ["`x.bin` was not written"]);
        let more: [(&str, &[u8]); 4] = [same, ("noise.img", b""), ("dump", b"1"), ("other", b"")];
        let switched_off = "`noise.img` was written although switched off";
        assert_eq!(faults(&more, 0, false), [switched_off]);
        assert_eq!(faults(&more, 0, true), [switched_off, "`other` was written and should not be"]);
    }
}
