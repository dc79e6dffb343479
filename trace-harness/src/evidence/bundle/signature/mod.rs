//! Whose a bundle is: a statement about it beside it, signed with a key of SSH.
//!
//! A bundle that verifies is whole; who made it only a signature says. The statement is an in-toto statement, so that other tools can
//! read it, and the signature is a file that `ssh-keygen -Y verify` checks.
//!
//! Not here: whether the bundle is sound (`verify`).

mod beside;
mod ssh;
mod statement;

use std::fs;
use std::path::Path;

use nanobragg::open_file;
use serde::Serialize;

use crate::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use crate::evidence::bundle::verify::{BundleFault, BundleFinding, Report, report_of, with_examined};
use crate::evidence::bundle::{BundleError, digest};

pub use beside::Signed;

/// Limit in bytes of a file of allowed signers.
const ALLOWED: u64 = 1 << 20;

/// States what the bundle at `path` is and signs that with `key`, a private key of SSH or the public half of one that an agent has.
///
/// # Errors
/// The bundle is not sound, or of the older layout; the files are there already; `ssh-keygen` is not there or does not sign.
pub fn sign(path: &Path, key: &Path) -> Result<Signed, BundleError> {
    let unfit = |problem: String| BundleError::Unfit { path: path.to_owned(), problem };
    let signed = Signed::of(path)?;
    for file in [&signed.statement, &signed.signature] {
        if file.symlink_metadata().is_ok() {
            return Err(BundleError::Unfit {
                path: file.clone(),
                problem: "is there already; expected a bundle that is not signed yet".to_owned(),
            });
        }
    }
    let text = with_examined(path, |examined| {
        if let Some(finding) = examined.report.findings.first() {
            return Err(unfit(format!("is not sound: {finding}; expected a bundle that verifies")));
        }
        let statement = statement::of(examined);
        statement.ok_or_else(|| unfit("is in the older layout, which has no verdict to state".to_owned()))
    })?
    .map_err(|finding| unfit(format!("is not sound: {finding}; expected a bundle that verifies")))??;
    nanobragg::output::write_whole(&signed.statement, text.as_bytes())
        .map_err(BundleError::io(&signed.statement, "cannot be written"))?;
    ssh::sign(&signed, key).inspect_err(|_| {
        // A statement that nobody signed is not to look like one that somebody did.
        let _ = fs::remove_file(&signed.statement);
    })?;
    Ok(signed)
}

/// A verification of who made a bundle, beside that of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attributed {
    /// What is wrong with bundle, statement or signature.
    #[serde(flatten)]
    pub report: Report,
    /// Who signed it, as the file of allowed signers calls them.
    pub signer: Option<String>,
}

/// Verifies the bundle at `path`, and that one of the `allowed` signers (a file as of `ssh-keygen`) has signed what it is.
///
/// # Errors
/// The bundle or the file of signers cannot be read, or `ssh-keygen` is not there.
pub fn verify(path: &Path, allowed: &Path) -> Result<Attributed, BundleError> {
    // Read once: what says who is allowed stays the same while this is verified.
    let allowed = open_file::text(allowed, "allowed signers, as `ssh-keygen` has them", ALLOWED)?;
    let mut stated = None;
    let mut report = report_of(
        path,
        with_examined(path, |examined| {
            stated = statement::of(examined);
            examined.report.clone()
        })?,
    );
    let signed = Signed::of(path)?;
    let name = signed.statement.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut signer = None;
    let mut wrong =
        |fault, detail: String| report.findings.push(BundleFinding { fault, path: name.clone(), detail });
    match ssh::content(&signed, DOCUMENT_LIMIT) {
        Err(problem) => wrong(BundleFault::Unsigned, problem.to_string()),
        Ok((statement, signature)) => {
            match ssh::signer(&statement, &signature, &allowed)? {
                Ok(who) => signer = Some(who),
                Err(problem) => wrong(BundleFault::Unsigned, problem.to_string()),
            }
            if stated.is_none_or(|stated| digest::of_bytes(stated.as_bytes()) != digest::of_bytes(&statement))
            {
                wrong(BundleFault::Disagrees, "states something else than the bundle is".to_owned());
            }
        }
    }
    report.findings.sort();
    Ok(Attributed { report, signer })
}
