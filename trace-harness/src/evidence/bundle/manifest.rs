//! `sha256.txt`: every file of a bundle with its digest, in the format of the system's `sha256sum`.
//!
//! Not here: comparing the list with the files (`verify`).

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::evidence::bundle::{BundleError, MANIFEST, digest};

/// One line: a digest and a path relative to the bundle, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Relative path.
    pub path: String,
}

/// The list of all files under `folder` but the manifest itself, sorted by path.
///
/// # Errors
/// A file cannot be read, is no regular file, or has a name that is not UTF-8.
pub fn collect(folder: &Path) -> Result<Vec<ManifestEntry>, BundleError> {
    let mut entries = Vec::new();
    for item in WalkDir::new(folder).min_depth(1) {
        let item = item.map_err(|e| walk_error(folder, e))?;
        let (kind, path) = (item.file_type(), item.path());
        if kind.is_dir() {
            continue;
        }
        let unfit = |problem: &str| BundleError::Unfit { path: path.to_owned(), problem: problem.to_owned() };
        if !kind.is_file() {
            return Err(unfit("is a link or a special file; expected a regular file"));
        }
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
        let name = name.ok_or_else(|| unfit("has a name that is not UTF-8; expected one that is"))?;
        if name != MANIFEST {
            let (sha256, _) = digest::of_file(path).map_err(BundleError::io(path, "cannot be read"))?;
            entries.push(ManifestEntry { sha256, path: name.to_owned() });
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

pub(super) fn walk_error(folder: &Path, error: walkdir::Error) -> BundleError {
    let path = error.path().unwrap_or(folder).to_owned();
    BundleError::Io { path, doing: "cannot be listed", source: error.into() }
}

/// The text of the manifest.
pub fn render(entries: &[ManifestEntry]) -> String {
    entries.iter().map(line).collect()
}

/// One line as `sha256sum` writes it: a name with a backslash or a line break is escaped, and the line begins with a
/// backslash to say so.
fn line(entry: &ManifestEntry) -> String {
    if entry.path.contains(['\\', '\n', '\r']) {
        let escaped = entry.path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        format!("\\{}  {escaped}\n", entry.sha256)
    } else {
        format!("{}  {}\n", entry.sha256, entry.path)
    }
}

/// What is wrong with a line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It ends as lines of another system do.
    #[error("ends in CR LF; expected LF, as `sha256sum` writes and reads it")]
    ForeignEnd,
    /// Nothing parts a digest from a path.
    #[error("no space; expected `DIGEST  PATH`")]
    NoSpace,
    /// It does not begin with a digest.
    #[error("`{0}` is no SHA-256 digest; expected `DIGEST  PATH`")]
    Digest(String),
    /// The mark of text or binary is missing.
    #[error("one space only; expected `DIGEST  PATH`")]
    OneSpace,
    /// There is no path.
    #[error("no path; expected `DIGEST  PATH`")]
    NoPath,
    /// A backslash in the path is followed by what is no escape.
    #[error("`{0}` holds an unknown escape")]
    Escape(String),
}

/// Reads a manifest; each line that is not in the format gives its number and what is wrong with it.
pub fn parse(text: &str) -> Vec<Result<ManifestEntry, (usize, LineFault)>> {
    let mut lines = Vec::new();
    // `sha256sum` takes a carriage return for a part of the name; the names are read all the same, to say more about the files.
    let foreign_ends = text.split_terminator('\n').position(|line| line.ends_with('\r'));
    if let Some(at) = foreign_ends {
        lines.push(Err((at + 1, LineFault::ForeignEnd)));
    }
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        lines.push(parse_line(line).map_err(|e| (n + 1, e)));
    }
    lines
}

fn parse_line(line: &str) -> Result<ManifestEntry, LineFault> {
    let (escaped, line) = match line.strip_prefix('\\') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (sha256, rest) = line.split_once(' ').ok_or(LineFault::NoSpace)?;
    if !digest::is_digest(sha256) {
        return Err(LineFault::Digest(sha256.to_owned()));
    }
    // A second space says text, a star says binary: the same thing here.
    let path = rest.strip_prefix([' ', '*']).ok_or(LineFault::OneSpace)?;
    let path = if escaped { unescape(path)? } else { path.to_owned() };
    let path = path.strip_prefix("./").map(str::to_owned).unwrap_or(path);
    if path.is_empty() {
        Err(LineFault::NoPath)
    } else {
        Ok(ManifestEntry { sha256: sha256.to_owned(), path })
    }
}

fn unescape(path: &str) -> Result<String, LineFault> {
    let mut out = String::new();
    let mut rest = path.chars();
    while let Some(c) = rest.next() {
        out.push(match (c, c == '\\') {
            (c, false) => c,
            _ => match rest.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('r') => '\r',
                _ => return Err(LineFault::Escape(path.to_owned())),
            },
        });
    }
    Ok(out)
}

/// Writes the manifest of `folder` into it.
///
/// # Errors
/// As [`collect`], and those of writing.
pub fn write(folder: &Path) -> Result<Vec<ManifestEntry>, BundleError> {
    let entries = collect(folder)?;
    let path = folder.join(MANIFEST);
    fs::write(&path, render(&entries)).map_err(BundleError::io(&path, "cannot be written"))?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> ManifestEntry {
        ManifestEntry { sha256: digest::of_bytes(path.as_bytes()), path: path.to_owned() }
    }

    #[test]
    fn odd_names_survive() {
        let entries = [entry("a b.txt"), entry("sub/line\nbreak"), entry("back\\slash"), entry("é")];
        let read: Vec<ManifestEntry> = parse(&render(&entries)).into_iter().map(Result::unwrap).collect();
        assert_eq!(read, entries);
    }

    #[test]
    fn the_binary_mark_and_a_leading_dot_are_accepted() {
        let sha = digest::of_bytes(b"x");
        let read = parse(&format!("{sha} *./x.bin\n"));
        assert_eq!(read, [Ok(ManifestEntry { sha256: sha, path: "x.bin".to_owned() })]);
    }

    #[test]
    fn line_ends_of_another_system_are_named_and_the_names_are_read_all_the_same() {
        let text = render(&[entry("a"), entry("b")]).replace('\n', "\r\n");
        let lines = parse(&text);
        assert!(lines[0].as_ref().unwrap_err().1.to_string().contains("CR LF"));
        assert_eq!(lines[1..], [Ok(entry("a")), Ok(entry("b"))]);
    }

    #[test]
    fn what_is_no_line_of_a_manifest_is_named_by_number() {
        let sha = digest::of_bytes(b"x");
        let text = format!("{sha}  fine\nnonsense\nabc  short\n{sha} \n\\{sha}  bad\\q\n");
        let wrong: Vec<usize> = parse(&text).into_iter().filter_map(Result::err).map(|(n, _)| n).collect();
        assert_eq!(wrong, [2, 3, 4, 5]);
    }
}
