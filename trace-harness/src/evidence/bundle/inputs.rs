//! The files that commands read: copied into the bundle, or recorded by size and digest when above a limit.
//!
//! Not here: finding out which files a command reads.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::reading::{files, regular};
use crate::evidence::bundle::staging::Staging;
use crate::evidence::bundle::{BundleError, digest};

/// Files above this size in bytes are recorded but not copied, unless the caller says otherwise.
pub const COPY_LIMIT: u64 = 16 << 20;

/// An input file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// How recorded commands name it: `{input:DIGEST-PREFIX/NAME}`.
    pub token: String,
    /// Its name without folders.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
    /// Where the copy lies in the bundle; `null` when it was above the limit.
    pub stored: Option<String>,
}

/// How recorded commands name the file `name` with the digest `sha256`.
pub fn token(sha256: &str, name: &str) -> String {
    format!("{{input:{}/{name}}}", &sha256[..12])
}

/// Where the copy of a file lies in a bundle.
fn place(sha256: &str, name: &str) -> String {
    format!("inputs/{}/{name}", &sha256[..12])
}

/// An input that was read from a bundle and that [`take`] cannot have made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputFault {
    /// Its digest is none.
    #[error("`{0}` is no SHA-256 digest")]
    Digest(String),
    /// Its name leads to a folder.
    #[error("expected the name of a file, without folders")]
    Name,
    /// Its token is not made of its digest and name.
    #[error("has the token `{found}`; expected `{expected}`")]
    Token {
        /// The token that it has.
        found: String,
        /// The token that it should have.
        expected: String,
    },
    /// Its copy does not lie where its digest and name say.
    #[error("is stored as `{found}`; expected `{expected}`")]
    Place {
        /// Where its copy lies, as stated.
        found: String,
        /// Where it should lie.
        expected: String,
    },
}

/// Whether an input that was read from a bundle is what [`take`] makes: named by its own digest and name, and by nothing else.
///
/// # Errors
/// What is wrong and what was expected.
pub fn check(input: &InputFile) -> Result<(), InputFault> {
    if !digest::is_digest(&input.sha256) {
        return Err(InputFault::Digest(input.sha256.clone()));
    }
    if !files::is_inside(&input.name) || input.name.contains('/') {
        return Err(InputFault::Name);
    }
    let expected = token(&input.sha256, &input.name);
    if input.token != expected {
        return Err(InputFault::Token { found: input.token.clone(), expected });
    }
    let expected = place(&input.sha256, &input.name);
    match &input.stored {
        Some(found) if *found != expected => Err(InputFault::Place { found: found.clone(), expected }),
        _ => Ok(()),
    }
}

/// Takes `path` (absolute) into the bundle, and its token into `paths`; gives the token. The same content under the same name is
/// kept once. `judged` is the digest of what was read of it before, where somebody judged it.
///
/// # Errors
/// The file cannot be read or copied, or has changed since it was judged.
pub fn take(
    staging: &Staging,
    paths: &mut Paths,
    path: &Path,
    copy_limit: u64,
    judged: Option<&str>,
    list: &mut Vec<InputFile>,
) -> Result<String, BundleError> {
    let refused = |doing| BundleError::io(path, doing);
    let (sha256, bytes) = digest::of_file(path).map_err(refused("cannot be read"))?;
    if judged.is_some_and(|judged| judged != sha256) {
        let problem = "changed after it was read; expected it to stay as it is".to_owned();
        return Err(BundleError::Unfit { path: path.to_owned(), problem });
    }
    let name = path.file_name().map_or_else(|| "input".to_owned(), |n| n.to_string_lossy().into_owned());
    let token = token(&sha256, &name);
    paths.add(path, token.clone());
    if let Ok(full) = path.canonicalize() {
        paths.add(&full, token.clone());
    }
    if list.iter().any(|known| known.token == token) {
        return Ok(token);
    }
    let stored = (bytes <= copy_limit).then(|| place(&sha256, &name));
    if let Some(place) = &stored {
        let (mut to, place) = staging.create(place)?;
        // Copied by content, so that permissions and ownership of the original do not travel.
        let mut from = regular::open(path).map_err(refused("cannot be read"))?;
        std::io::copy(&mut from, &mut to).map_err(BundleError::io(&place, "cannot be written"))?;
        let copied = digest::of_file(&place).map_err(BundleError::io(&place, "cannot be read"))?;
        if copied.0 != sha256 {
            let _ = fs::remove_file(&place);
            let problem = "changed while it was copied; expected it to stay as it is".to_owned();
            return Err(BundleError::Unfit { path: path.to_owned(), problem });
        }
    }
    list.push(InputFile { token: token.clone(), name, sha256, bytes, stored });
    Ok(token)
}

/// Whether the copies are still those that [`take`] made: they lie in the unfinished bundle while commands run.
///
/// # Errors
/// One is another one by now, or cannot be read.
pub(super) fn check_copies(staging: &Staging, list: &[InputFile]) -> Result<(), BundleError> {
    for input in list {
        let Some(stored) = &input.stored else { continue };
        let path = staging.folder().join(stored);
        let (sha256, _) = digest::of_file(&path).map_err(BundleError::io(&path, "cannot be read"))?;
        if sha256 != input.sha256 {
            let problem =
                "was changed by a program that ran meanwhile; expected the copy of an input".to_owned();
            return Err(BundleError::Unfit { path, problem });
        }
    }
    Ok(())
}

/// Which inputs are no longer what was taken: a command that read them late, or changed them itself, had other content than the
/// bundle has. One sentence each.
pub fn changed(paths: &Paths, list: &[InputFile]) -> Vec<String> {
    let one = |input: &InputFile| {
        let path = paths.path_of(&input.token)?;
        let now = match digest::of_file(path) {
            Ok((sha256, _)) if sha256 == input.sha256 => return None,
            Ok((sha256, _)) => format!("{sha256} afterwards"),
            Err(_) => "not to be read afterwards".to_owned(),
        };
        Some(format!("input `{}` changed meanwhile: SHA-256 {} before, {now}", input.name, input.sha256))
    };
    list.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::staging::Target;
    use super::*;

    #[test]
    fn small_files_are_copied_and_large_ones_recorded() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.hkl");
        fs::write(&file, "0 0 1 5\n").unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("bundle"))).unwrap();
        let (mut paths, mut list) = (Paths::new(true), Vec::new());
        take(&staging, &mut paths, &file, 100, None, &mut list).unwrap();
        take(&staging, &mut paths, &file, 100, None, &mut list).unwrap();
        let large = root.path().join("b.hkl");
        fs::write(&large, "0 0 1 5\n0 0 2 6\n").unwrap();
        take(&staging, &mut paths, &large, 10, None, &mut list).unwrap();
        assert_eq!(list.len(), 2);
        let other = Some(&*list[0].sha256);
        let changed_since = take(&staging, &mut paths, &large, 10, other, &mut Vec::new()).unwrap_err();
        assert!(changed_since.to_string().contains("changed after it was read"), "{changed_since}");
        let stored = staging.folder().join(list[0].stored.as_ref().unwrap());
        assert_eq!(fs::read_to_string(stored).unwrap(), "0 0 1 5\n");
        assert_eq!(changed(&paths, &list), Vec::<String>::new());
        fs::write(&large, "0 0 1 6\n").unwrap();
        let changes = changed(&paths, &list);
        assert!(changes.len() == 1 && changes[0].contains(&digest::of_bytes(b"0 0 1 6\n")), "{changes:?}");
        assert!(changes[0].contains("`b.hkl`") && changes[0].contains(&list[1].sha256), "{changes:?}");
        assert_eq!((list[1].stored.as_ref(), list[1].bytes), (None, 16));
        let text = format!("-hkl {}", file.display());
        assert_eq!(paths.record(&text).unwrap(), format!("-hkl {}", list[0].token));
    }
}
