//! Runs cases, each in a process and a folder of its own, several at once.
//!
//! Not here: running many cases in one process (`suite`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::cases::{self, CannotRun, Case, Prepared, Workplace};
use crate::evidence::given;
use crate::evidence::process::{Ending, Interrupt, Invocation, Program, Runner, Temporary, one_thread};
use crate::matrix::configuration::Configuration;
use crate::matrix::error::NotRun;
use crate::matrix::judge::{GoldenJudge, Left, left};
use crate::matrix::stored::Stored;
use crate::matrix::traced;
use crate::matrix::{CaseOutcome, MatrixRequest, MatrixRow};

/// Name of the reference program in tables.
pub(super) const REFERENCE: &str = "reference program";

/// Everything that runs of cases have in common.
pub(super) struct CaseRunner<'a> {
    pub request: &'a MatrixRequest,
    pub workplace: &'a Workplace<'a>,
    /// What is stored beside the digests.
    pub stored: &'a Stored,
    /// Configurations that are not there.
    pub absent: &'a BTreeMap<String, String>,
    pub runner: &'a (dyn Runner + Sync),
    pub interrupt: &'a Interrupt,
}

/// Rows of one case: of our configurations, and of the reference program.
pub(super) struct OfCase {
    ours: Vec<MatrixRow>,
    reference: Option<MatrixRow>,
}

/// A run that came to an end.
struct CaseRun {
    ending: Ending,
    seconds: f64,
    folder: Temporary,
    left: Left,
    stderr: String,
}

impl CaseRunner<'_> {
    /// All chosen cases: rows of our configurations, and of the reference program.
    pub(super) fn isolated(&self, progress: &(dyn Fn() + Sync)) -> (Vec<MatrixRow>, Vec<MatrixRow>) {
        let request = self.request;
        let report_progress = |_: &Case, finished: bool| {
            if finished {
                progress();
            }
        };
        let selection = (request.chosen.as_slice(), request.jobs);
        let results = match cases::run(self.workplace, selection, self.interrupt, self, &report_progress) {
            Ok(results) => results,
            Err(never) => match never {},
        };
        let (mut rows, mut reference) = (Vec::new(), Vec::new());
        let chosen = request.chosen.iter().filter_map(|&n| self.workplace.cases().cases.get(n));
        for (case, result) in chosen.zip(results) {
            let of_case = result.unwrap_or_else(|| self.not_run(case, &NotRun::Interrupted));
            rows.extend(of_case.ours);
            reference.extend(of_case.reference);
        }
        (rows, reference)
    }

    /// The rows of a case that is not run.
    fn not_run(&self, case: &Case, reason: &NotRun) -> OfCase {
        let row = |label: &str| match self.absent.get(label) {
            Some(reason) => MatrixRow::not_run(&case.name, label, CaseOutcome::Absent, reason.clone()),
            None => MatrixRow::not_run(&case.name, label, CaseOutcome::NotRun, reason.to_string()),
        };
        OfCase {
            ours: self.request.configurations.iter().map(|c| row(&c.label())).collect(),
            reference: self
                .request
                .reference
                .as_ref()
                .map(|_| MatrixRow::not_run(&case.name, REFERENCE, CaseOutcome::NotRun, reason.to_string())),
        }
    }

    fn case(&self, case: &Case, prepared: &Prepared) -> OfCase {
        let reference = self.request.reference.as_ref();
        let reference = reference.map(|p| self.run(p, &case.reference_args.list(), (case, prepared)));
        let theirs = reference.as_ref().and_then(|ran| ran.as_ref().ok());
        let ours =
            self.request.configurations.iter().map(|c| self.row((case, prepared), c, theirs)).collect();
        let row = reference.as_ref().map(|ran| match ran {
            Ok(ran) => self.judged(case, REFERENCE, ran, None),
            Err(reason) => MatrixRow::not_run(&case.name, REFERENCE, CaseOutcome::NotRun, reason.to_string()),
        });
        OfCase { ours, reference: row }
    }

    fn row(
        &self,
        (case, prepared): (&Case, &Prepared),
        configuration: &Configuration,
        theirs: Option<&CaseRun>,
    ) -> MatrixRow {
        let label = configuration.label();
        if let Some(reason) = self.absent.get(&label) {
            return MatrixRow::not_run(&case.name, &label, CaseOutcome::Absent, reason.clone());
        }
        let simulator = &self.request.simulator;
        let flags = [configuration.flags(), case.candidate_args.list()].concat();
        let row = match self.run(simulator, &flags, (case, prepared)) {
            Ok(ran) => self.judged(case, &label, &ran, theirs),
            Err(reason) => {
                return MatrixRow::not_run(&case.name, &label, CaseOutcome::NotRun, reason.to_string());
            }
        };
        if !self.stored.traces(case) {
            return row;
        }
        traced::with_traces(self.stored, case, row, |more| {
            let flags = [flags.as_slice(), more].concat();
            let ran = self.run(simulator, &flags, (case, prepared))?;
            Ok(self.judged(case, &label, &ran, None))
        })
    }

    fn run(
        &self,
        program: &Program,
        flags: &[String],
        (case, prepared): (&Case, &Prepared),
    ) -> Result<CaseRun, NotRun> {
        if self.interrupt.is_set() {
            return Err(NotRun::Interrupted);
        }
        let folder = prepared.folder()?;
        let logs = Temporary::new().map_err(NotRun::Folder)?;
        let arguments = flags.iter().chain(&prepared.args);
        let invocation = Invocation {
            stdin: None,
            program: program.path.clone(),
            args: program.leading.iter().cloned().chain(arguments.map(Into::into)).collect(),
            folder: folder.path().to_owned(),
            exported: vec![one_thread()],
            stdout: logs.path().join("stdout"),
            stderr: logs.path().join("stderr"),
            time_limit: case.timeout.map(Duration::from_secs_f64).or(self.request.time_limit),
        };
        let measured = self.runner.run(&invocation)?;
        if measured.ending == Ending::Interrupted {
            return Err(NotRun::Interrupted);
        }
        let stderr = given::bytes(&invocation.stderr).unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr[..stderr.len().min(4096)]).trim().replace('\n', " ");
        let left = left(folder.path())?;
        Ok(CaseRun { ending: measured.ending, seconds: measured.wall.as_secs_f64(), folder, left, stderr })
    }

    fn judged(&self, case: &Case, label: &str, ran: &CaseRun, theirs: Option<&CaseRun>) -> MatrixRow {
        let judge =
            GoldenJudge { cases: self.workplace.cases(), stored: self.stored, max_ulp: self.request.max_ulp };
        let row = judged(&judge, case, label, (ran.ending, &ran.stderr), (ran.folder.path(), &ran.left));
        let mut row = MatrixRow { seconds: Some(ran.seconds), ..row };
        if let Some(theirs) = theirs {
            let mut faults =
                judge.live(case, (theirs.folder.path(), &theirs.left), (ran.folder.path(), &ran.left));
            if theirs.ending != ran.ending {
                faults.push(format!("{} instead of {}", ending_text(ran.ending), ending_text(theirs.ending)));
            }
            row.live = Some(faults.is_empty());
            if row.outcome == CaseOutcome::Undecided {
                (row.outcome, row.detail) = (CaseOutcome::Pass, String::new());
            }
            // Golden data come before a program that happens to be here: it may be of another version.
            if !faults.is_empty() && (case.files.is_empty() || row.outcome == CaseOutcome::Fail) {
                row.outcome = CaseOutcome::Fail;
                row.detail = [row.detail.as_str(), "against the reference program:", &faults.join("; ")]
                    .join(" ")
                    .trim()
                    .to_owned();
            } else if !faults.is_empty() {
                row.detail = format!(
                    "as the golden data; the reference program at hand differs: {}",
                    faults.join("; ")
                );
            }
        }
        row
    }
}

impl cases::Judge for CaseRunner<'_> {
    type Row = OfCase;
    type Error = std::convert::Infallible;

    fn judge(&self, case: &Case, prepared: Result<Prepared, CannotRun>) -> Result<OfCase, Self::Error> {
        Ok(match prepared {
            Ok(prepared) => self.case(case, &prepared),
            Err(reason) => self.not_run(case, &reason.into()),
        })
    }
}

/// The row of a case that ran and was not judged.
const NOTHING_TO_COMPARE: &str =
    "nothing to compare with: the list has no files of it, and no reference program was run";

/// The row of a run that came to an end.
pub(super) fn judged(
    judge: &GoldenJudge<'_>,
    case: &Case,
    label: &str,
    (ending, stderr): (Ending, &str),
    (folder, left): (&Path, &Left),
) -> MatrixRow {
    let mut faults = Vec::new();
    if ending != Ending::Exit(case.exit) {
        let stderr = if stderr.is_empty() { String::new() } else { format!(": {stderr}") };
        faults.push(format!("{} instead of exit {}{stderr}", ending_text(ending), case.exit));
    }
    let judgement = judge.golden(case, folder, left);
    let golden = (!case.files.is_empty()).then_some(judgement.faults.is_empty());
    faults.extend(judgement.faults);
    // How it ended is compared where the list has it end otherwise than well.
    let has_more = !case.files.is_empty() || case.exit != 0;
    let outcome = match (faults.is_empty(), has_more) {
        (true, true) => CaseOutcome::Pass,
        (true, false) => CaseOutcome::Undecided,
        (false, _) => CaseOutcome::Fail,
    };
    faults.extend(judgement.remarks);
    if outcome == CaseOutcome::Undecided {
        faults.push(NOTHING_TO_COMPARE.to_owned());
    }
    MatrixRow {
        case: case.name.clone(),
        configuration: label.to_owned(),
        outcome,
        detail: faults.join("; "),
        golden,
        live: None,
        traces: 0,
        seconds: None,
        files: left.iter().map(|(name, (sha256, _))| (name.clone(), sha256.clone())).collect(),
    }
}

fn ending_text(ending: Ending) -> String {
    match ending {
        Ending::Exit(code) => format!("exit {code}"),
        Ending::Signal(number) => format!("signal {number}"),
        Ending::TimedOut => "out of time".to_owned(),
        Ending::TooMuchOutput { limit_bytes } => format!("more than {limit_bytes} bytes of output"),
        Ending::Interrupted => "interrupted".to_owned(),
    }
}
