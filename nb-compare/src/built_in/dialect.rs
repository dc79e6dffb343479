//! Which of two C programs the reference is, and how a candidate that imitates it is called then.
//!
//! Not here: how the C programs are distinguished (`printed`).

use std::ffi::{OsStr, OsString};
use std::path::Path;

use nanobragg::defects::Dialect;
use trace_harness::simulator::OWN_SIMULATOR;

/// What a C program is called in messages.
fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Fork => "the trace-instrumented fork of nanoBragg",
        Dialect::Upstream => "upstream's nanoBragg",
    }
}

/// What is said of the reference, and of the candidate where it is given it.
pub(crate) fn said(dialect: Dialect, is_told: bool) -> String {
    let told = if is_told { "; the candidate is told so by --dialect" } else { "" };
    format!("{}{told}", name(dialect))
}

/// The same of many runs.
pub(crate) fn said_of_all(dialect: Dialect) -> String {
    format!("the reference is {}, which candidates with --parity are told", name(dialect))
}

/// The words that the program `path` with its `leading` words needs before `args` to be like the reference: our simulator with
/// --parity names the C program that is meant, unless the user said so.
pub(crate) fn words(
    path: &Path,
    leading: &[OsString],
    args: &[OsString],
    reference: Option<Dialect>,
) -> Vec<OsString> {
    let words = || leading.iter().chain(args).map(|word| word.to_string_lossy());
    let is_ours = leading.first().is_some_and(|word| word == OWN_SIMULATOR)
        || path.file_stem() == Some(OsStr::new("nanobragg"));
    let is_undecided =
        words().any(|word| word == "--parity") && !words().any(|word| word.starts_with("--dialect"));
    match reference.filter(|_| is_ours && is_undecided) {
        Some(dialect) => vec!["--dialect".into(), dialect.name().into()],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_simulator_is_told_the_dialect_by_parity_alone_and_once() {
        let of = |path: &str, leading: &[&str], args: &[&str]| {
            let [leading, args] =
                [leading, args].map(|list| list.iter().map(OsString::from).collect::<Vec<_>>());
            words(Path::new(path), &leading, &args, Some(Dialect::Upstream))
        };
        let own = |leading: &[&str], args: &[&str]| {
            of("/bin/nb-compare", &[&[OWN_SIMULATOR], leading].concat(), args)
        };
        assert_eq!(own(&[], &["--parity"]), ["--dialect", "upstream"]);
        assert_eq!(own(&["--parity"], &[]), ["--dialect", "upstream"]);
        assert_eq!(of("/bin/nanobragg", &[], &["--parity"]), ["--dialect", "upstream"]);
        assert!(own(&[], &["-N", "5"]).is_empty());
        assert!(own(&[], &["--parity", "--dialect=fork"]).is_empty());
        assert!(of("/bin/simulate", &[], &["--parity"]).is_empty());
        let parity = [OWN_SIMULATOR, "--parity"].map(OsString::from);
        assert!(words(Path::new("/bin/nb-compare"), &parity, &[], None).is_empty());
    }
}
