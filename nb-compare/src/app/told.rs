//! What the sides print about themselves that decides how to go on: which C program the reference is, and which of its defects
//! our simulator corrects.
//!
//! Not here: the numbers that they compute with (`effective`).

use std::ffi::OsString;
use std::path::Path;

use nanobragg::defects::Dialect;
use trace_harness::evidence::bundle::reading::regular;

use crate::effective::printed;
use crate::runner::{OWN_SIMULATOR, Program};

/// Which of the two C programs printed the file `stdout`; `None` where it was neither.
pub(super) fn dialect(stdout: &Path) -> Option<Dialect> {
    printed::dialect(regular::open(stdout).ok()?)
}

/// What a C program is called in messages.
pub(super) fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Fork => "the trace-instrumented fork of nanoBragg",
        Dialect::Upstream => "upstream's nanoBragg",
    }
}

/// `program` as it has to be called to be like the reference: our simulator with --parity is told which C program is meant,
/// unless the user said so.
pub(super) fn as_dialect(program: &Program, args: &[OsString], reference: Option<Dialect>) -> Program {
    let words = || program.leading.iter().chain(args).map(|word| word.to_string_lossy());
    let is_ours = program.leading.first().is_some_and(|word| word == OWN_SIMULATOR)
        || program.path.file_stem().is_some_and(|name| name == "nanobragg");
    let undecided =
        words().any(|word| word == "--parity") && !words().any(|word| word.starts_with("--dialect"));
    match reference.filter(|_| is_ours && undecided) {
        Some(dialect) => program.clone().with(&["--dialect".into(), dialect.name().into()]),
        None => program.clone(),
    }
}

/// What to say where our simulator printed on `stderr` that it corrects defects of the reference.
pub(super) fn corrections(stderr: &Path) -> Option<String> {
    printed::corrections(regular::open(stderr).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_simulator_is_told_the_dialect_by_parity_alone_and_once() {
        let own =
            Program { path: "/bin/nb-compare".into(), leading: vec![OWN_SIMULATOR.into()], sha256: None };
        let words = |program: &Program, args: &[&str]| {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let called = as_dialect(program, &args, Some(Dialect::Upstream));
            called.leading[program.leading.len()..].to_vec()
        };
        assert_eq!(words(&own, &["--parity"]), ["--dialect", "upstream"]);
        assert_eq!(words(&own.clone().with(&["--parity".into()]), &[]), ["--dialect", "upstream"]);
        assert!(words(&own, &["-N", "5"]).is_empty());
        assert!(words(&own, &["--parity", "--dialect=fork"]).is_empty());
        let other = Program { path: "/bin/simulate".into(), leading: Vec::new(), sha256: None };
        assert!(words(&other, &["--parity"]).is_empty());
        assert_eq!(as_dialect(&own.clone().with(&["--parity".into()]), &[], None).leading.len(), 2);
    }
}
