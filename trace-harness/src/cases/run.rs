//! Runs the cases of a list, several at a time, and hands each to a judge.
//!
//! Not here: what a judge makes of a case.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::fault::CannotRun;
use super::list::Case;
use super::workplace::{Prepared, Workplace};
use crate::evidence::process::Interrupt;

/// Decides what a case came to.
pub trait Judge: Sync {
    /// The result of a case.
    type Row: Send;
    /// What stops the whole matrix, such as evidence that cannot be written.
    type Error: Send;

    /// Runs a case that is ready to run, or says of one that is not what that means.
    ///
    /// # Errors
    /// The whole matrix cannot go on.
    fn judge(&self, case: &Case, prepared: Result<Prepared, CannotRun>) -> Result<Self::Row, Self::Error>;
}

/// Room for the result of one case.
type Slot<J> = Mutex<Option<Result<<J as Judge>::Row, <J as Judge>::Error>>>;

/// Has the cases with the numbers `chosen` judged, `jobs` at a time; `progress` is called before each and after it. Gives a
/// result for each in the order of `chosen`, `None` for those that were not begun because the user stopped.
///
/// # Errors
/// The first error of the judge; cases that run at that moment are finished, no other is begun.
pub fn run<J: Judge>(
    workplace: &Workplace<'_>,
    (chosen, jobs): (&[usize], usize),
    interrupt: &Interrupt,
    judge: &J,
    progress: &(dyn Fn(&Case, bool) + Sync),
) -> Result<Vec<Option<J::Row>>, J::Error> {
    let next = AtomicUsize::new(0);
    let results: Vec<Slot<J>> = chosen.iter().map(|_| Mutex::default()).collect();
    let cases = &workplace.cases().cases;
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::SeqCst);
            let Some(case) = chosen.get(at).and_then(|&number| cases.get(number)) else { break };
            if interrupt.is_set() {
                break;
            }
            progress(case, false);
            let result = judge.judge(case, workplace.prepare(case));
            progress(case, true);
            if result.is_err() {
                next.store(chosen.len(), Ordering::SeqCst);
            }
            *results[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, chosen.len().max(1)) {
            scope.spawn(work);
        }
    });
    let results =
        results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    results.map(Option::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Cases;

    struct ByName<'a>(&'a Interrupt, &'a str);

    impl Judge for ByName<'_> {
        type Row = String;
        type Error = String;

        fn judge(&self, case: &Case, _: Result<Prepared, CannotRun>) -> Result<String, String> {
            if case.name == self.1 {
                self.0.set();
            }
            if case.name == "broken" { Err("no disk".to_owned()) } else { Ok(case.name.clone()) }
        }
    }

    fn results(names: &[&str], jobs: usize, stop_at: &str) -> Result<Vec<Option<String>>, String> {
        let folder = tempfile::tempdir().unwrap();
        let text: String = names.iter().map(|name| format!("[[case]]\nname = '{name}'\n")).collect();
        std::fs::write(folder.path().join("cases.toml"), text).unwrap();
        let cases = Cases::read(&folder.path().join("cases.toml")).unwrap();
        let workplace = Workplace::new(&cases).unwrap();
        let interrupt = Interrupt::default();
        let chosen: Vec<usize> = (0..names.len()).collect();
        run(&workplace, (&chosen, jobs), &interrupt, &ByName(&interrupt, stop_at), &|_, _| ())
    }

    #[test]
    fn results_come_in_the_order_of_the_list_whatever_the_number_of_jobs() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        for jobs in [0, 1, 3, 20] {
            let found = results(&names, jobs, "").unwrap();
            assert_eq!(found, names.map(|name| Some(name.to_owned())));
        }
    }

    #[test]
    fn what_is_not_begun_when_the_user_stops_has_no_result() {
        let found = results(&["a", "b", "c"], 1, "b").unwrap();
        assert_eq!(found, [Some("a".to_owned()), Some("b".to_owned()), None]);
    }

    #[test]
    fn an_error_of_the_judge_ends_the_matrix() {
        assert_eq!(results(&["a", "broken", "c"], 1, ""), Err("no disk".to_owned()));
    }
}
