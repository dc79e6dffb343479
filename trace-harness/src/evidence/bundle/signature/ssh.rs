//! Signatures of files with keys of SSH, by way of `ssh-keygen`.
//!
//! Not here: what is signed (`statement`). Keys are never read here, and no cryptography is done here.

use std::ffi::OsStr;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nanobragg::error::InputError;
use nanobragg::open_file;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::signature::beside::Signed;
use crate::evidence::process::Temporary;

/// What a signature is for, as `ssh-keygen` knows it: one for another purpose is no signature of a bundle.
const NAMESPACE: &str = "nanobragg-bundle";
const PROGRAM: &str = "ssh-keygen";

/// Signs the statement; the signature appears beside it.
///
/// # Errors
/// `ssh-keygen` is not there, or does not sign.
pub(super) fn sign(signed: &Signed, key: &Path) -> Result<(), BundleError> {
    // `ssh-keygen` opens it again by its name, and would wait for ever for what a pipe does not give.
    regular::open(key).map_err(BundleError::io(key, "cannot be read; expected a key of SSH"))?;
    let key = std::path::absolute(key).map_err(BundleError::io(key, "cannot be found"))?;
    let args =
        ["-Y".as_ref(), "sign".as_ref(), "-n".as_ref(), NAMESPACE.as_ref(), "-f".as_ref(), key.as_os_str()];
    // Its standard input stays the user's: a key may ask for its passphrase.
    let output = Command::new(PROGRAM).args(args).arg(&signed.statement).stdin(Stdio::inherit()).output();
    let output = output.map_err(not_there)?;
    match output.status.success() && signed.signature.is_file() {
        true => Ok(()),
        false => Err(BundleError::Unfit {
            path: key,
            problem: format!("does not sign: {}", printed_text(&output)),
        }),
    }
}

/// Why nobody has signed a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSigned {
    /// The key of the signature is nobody's who is allowed.
    #[error("is signed by nobody who is allowed")]
    Nobody,
    /// The key is allowed, but the signature is not of this statement or not for this purpose.
    #[error("has a signature that does not hold: {0}")]
    Broken(String),
}

/// Who of the `allowed` signers, a text in the format of `ssh-keygen`, has signed `statement`; the inner error says why nobody has.
///
/// # Errors
/// `ssh-keygen` is not there, or a temporary file cannot be written.
pub(super) fn signer(
    statement: &[u8],
    signature: &[u8],
    allowed: &str,
) -> Result<Result<String, NotSigned>, BundleError> {
    // A copy of what was read: what is verified is what is compared with the bundle.
    let signature = copy(signature)?;
    let mut problem = NotSigned::Nobody;
    let lines = allowed.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    // Line by line: of two lines with the same key `ssh-keygen` finds the first, and that one may be for another purpose.
    for line in lines {
        let allowed = copy(line.as_bytes())?;
        let call = |what: &str, more: &[&OsStr]| {
            let mut words: Vec<&OsStr> = ["-Y", what, "-n", NAMESPACE, "-f"].map(OsStr::new).to_vec();
            words.extend([allowed.path.as_os_str(), "-s".as_ref(), signature.path.as_os_str()]);
            words.extend(more);
            with_input(&words, statement)
        };
        let found = call("find-principals", &[])?;
        let principals = String::from_utf8_lossy(&found.stdout).into_owned();
        let Some(principal) = principals.lines().next().filter(|_| found.status.success()) else { continue };
        let verified = call("verify", &["-I".as_ref(), principal.as_ref()])?;
        if verified.status.success() {
            return Ok(Ok(principal.to_owned()));
        }
        problem = NotSigned::Broken(printed_text(&verified));
    }
    Ok(Err(problem))
}

/// A temporary file with `content`.
struct TemporaryCopy {
    _removed_when_dropped: Temporary,
    path: PathBuf,
}

fn copy(content: &[u8]) -> Result<TemporaryCopy, BundleError> {
    let copy = Temporary::new().and_then(|folder| {
        let path = folder.path().join("copy");
        std::fs::write(&path, content)?;
        Ok(TemporaryCopy { _removed_when_dropped: folder, path })
    });
    copy.map_err(BundleError::io(&std::env::temp_dir(), "no file can be made in it"))
}

/// Statement and signature, as they lie beside the bundle, each of at most `limit` bytes.
///
/// # Errors
/// One of them is not there, or cannot be read.
pub(super) fn content(signed: &Signed, limit: u64) -> Result<(Vec<u8>, Vec<u8>), InputError> {
    let statement = open_file::read(&signed.statement, "a statement beside the bundle", limit)?;
    Ok((statement, open_file::read(&signed.signature, "a signature beside the bundle", limit)?))
}

fn with_input(words: &[&OsStr], input: &[u8]) -> Result<Output, BundleError> {
    let piped = Command::new(PROGRAM)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = piped.map_err(not_there)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may not want to read all of it; how it ends says the rest.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output().map_err(not_there)
}

fn not_there(e: std::io::Error) -> BundleError {
    let problem = match e.kind() {
        ErrorKind::NotFound => "is not there; expected OpenSSH 8.2 or later on the PATH".to_owned(),
        _ => format!("cannot be run: {e}"),
    };
    BundleError::Unfit { path: PROGRAM.into(), problem }
}

fn printed_text(output: &Output) -> String {
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { format!("it ended with {}", output.status) } else { text }
}
