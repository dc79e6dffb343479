//! What the sides print about themselves that decides how to go on: which C program the reference is, and which of its defects
//! our simulator corrects.
//!
//! Not here: the numbers that they compute with (`effective`).

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use nanobragg::defects::{Defect, Dialect};
use trace_harness::evidence::bundle::reading::regular;

use crate::runner::{OWN_SIMULATOR, Program};

/// As much as is read of what a side prints: the place of the detector comes before the first pixel.
const LONGEST: u64 = 4 << 20;

fn lines(path: &Path) -> impl Iterator<Item = String> {
    let file = regular::open(path).ok().map(|file| BufReader::new(file.take(LONGEST)));
    let lines = file.into_iter().flat_map(|reader| reader.split(b'\n').map_while(Result::ok));
    lines.map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Which of the two C programs printed `stdout`; `None` where it was neither. Only the fork prints where its detector stands.
pub fn dialect(stdout: &Path) -> Option<Dialect> {
    let mut is_c = false;
    for line in lines(stdout) {
        is_c |= line.starts_with("nanoBragg nanocrystal diffraction simulator");
        if is_c && line.starts_with("DETECTOR_FAST_AXIS") {
            return Some(Dialect::Fork);
        }
    }
    is_c.then_some(Dialect::Upstream)
}

/// What a C program is called in messages.
pub fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Fork => "the trace-instrumented fork of nanoBragg",
        Dialect::Upstream => "upstream's nanoBragg",
    }
}

/// `program` as it has to be called to be like the reference: our simulator with --parity is told which C program is meant,
/// unless the user said so.
pub fn as_dialect(program: &Program, args: &[OsString], reference: Option<Dialect>) -> Program {
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
pub fn corrections(stderr: &Path) -> Option<String> {
    let named: Vec<&str> = lines(stderr)
        .filter_map(|line| {
            let (id, rest) = line.strip_prefix("warning: ")?.split_once(' ')?;
            rest.starts_with("is corrected").then(|| Defect::from_id(id))?
        })
        .map(Defect::id)
        .collect();
    let sentence =
        || format!("the candidate corrects {}; try --candidate-arg --parity or --explain", named.join(", "));
    (!named.is_empty()).then(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_fork_is_known_by_where_its_detector_stands() {
        let banner = "nanoBragg nanocrystal diffraction simulator - the authors\n";
        let of = |text: &str| dialect(file(text).path());
        assert_eq!(of(&format!("{banner}mosflm\nDETECTOR_FAST_AXIS 0 0 1\n")), Some(Dialect::Fork));
        assert_eq!(of(&format!("reading a.mat\n{banner}mosflm\n")), Some(Dialect::Upstream));
        assert_eq!(of("nanobragg 0.1.0 nanocrystal diffraction simulator\nDETECTOR_FAST_AXIS 0 0 1\n"), None);
        assert_eq!(dialect(Path::new("nowhere")), None);
    }

    #[test]
    fn our_simulator_is_told_the_dialect_by_parity_alone_and_once() {
        let own = Program { path: "/bin/nb-compare".into(), leading: vec![OWN_SIMULATOR.into()] };
        let words = |program: &Program, args: &[&str]| {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let called = as_dialect(program, &args, Some(Dialect::Upstream));
            called.leading[program.leading.len()..].to_vec()
        };
        assert_eq!(words(&own, &["--parity"]), ["--dialect", "upstream"]);
        assert_eq!(words(&own.clone().with(&["--parity".into()]), &[]), ["--dialect", "upstream"]);
        assert!(words(&own, &["-N", "5"]).is_empty());
        assert!(words(&own, &["--parity", "--dialect=fork"]).is_empty());
        let other = Program { path: "/bin/simulate".into(), leading: Vec::new() };
        assert!(words(&other, &["--parity"]).is_empty());
        assert_eq!(as_dialect(&own.clone().with(&["--parity".into()]), &[], None).leading.len(), 2);
    }

    #[test]
    fn corrected_defects_are_read_from_our_simulators_own_warnings() {
        let of = |text: &str| corrections(file(text).path());
        let warnings = [Defect::PhiCarryOver, Defect::SkewedCell]
            .map(|d| format!("warning: {}\n", nanobragg::config::notice::Notice::Corrected(d).warning()));
        let said = of(&format!("warning: something else\n{}", warnings.concat())).unwrap();
        assert_eq!(
            said,
            "the candidate corrects C-PARITY-001, C-CELL-001; try --candidate-arg --parity or --explain"
        );
        assert_eq!(of("warning: C-NOTHING is corrected\nwarning: C-PARITY-001 is odd\n"), None);
    }
}
