//! The page `report.html` in a real Chromium, used as a reader uses it: by mouse and by keyboard, bright and dark, from a file.
//!
//! Not here: what the figures should be (the library's own tests), and the program's other output (`command_line`).
//!
//! `scripts/install-browser` fetches Chromium and its driver; without them this reports itself as not run.

mod chromium;
mod contrast;
mod driver;
mod figures;
mod hand;
mod image;
mod looks;
mod page;
mod safety;
mod scene;
mod views;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use chromium::{Chromium, Outcome, Programs};
use page::Page;
use scene::{Report, Reports};

/// A browser and the pages it shows.
pub struct Stand {
    chromium: Chromium,
    reports: Reports,
}

impl Stand {
    fn start(programs: &Programs) -> Outcome<Self> {
        Ok(Self { reports: Reports::make()?, chromium: Chromium::start(programs)? })
    }

    /// Opens a page afresh.
    fn open(&self, report: &Report) -> Outcome<Page<'_>> {
        let address = self.chromium.open(&report.page)?;
        Ok(Page { chromium: &self.chromium, address })
    }
}

type Specification = (&'static str, fn(&Stand) -> Outcome);

fn main() {
    let mut arguments = Arguments::from_args();
    let programs = match Programs::find() {
        Ok(programs) => programs,
        Err(missing) => not_run(&arguments, &missing),
    };
    // There is one browser, and it shows one page at a time.
    arguments.test_threads = Some(1);
    let stand = Arc::new(Mutex::new(None));
    let programs = Arc::new(programs);
    let lists = [safety::ALL, image::ALL, views::ALL, figures::ALL, looks::ALL];
    let trials = lists.into_iter().flatten().map(|&(name, specification)| {
        let (stand, programs) = (Arc::clone(&stand), Arc::clone(&programs));
        Trial::test(name, move || with_stand(&stand, &programs, specification))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let left = stand.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Err(why)) = left.map(|stand: Stand| stand.chromium.stop()) {
        eprintln!("the browser did not end well: {}", why.message().unwrap_or_default());
    }
    conclusion.exit();
}

/// Reports one trial as not run, with what is missing in its name.
fn not_run(arguments: &Arguments, missing: &str) -> ! {
    let name = format!("report.html in a browser [not run: {missing}; scripts/install-browser fetches it]");
    let trial = Trial::test(name, || Err("run scripts/install-browser".into()));
    libtest_mimic::run(arguments, vec![trial.with_ignored_flag(true)]).exit()
}

/// Runs one trial; the first one starts the browser.
fn with_stand(
    stand: &Mutex<Option<Stand>>,
    programs: &Programs,
    specification: fn(&Stand) -> Outcome,
) -> Result<(), Failed> {
    let mut slot = stand.lock().unwrap_or_else(PoisonError::into_inner);
    let stand = match slot.take() {
        Some(stand) => stand,
        None => Stand::start(programs)?,
    };
    // The browser is put back even if the trial fails, so that it is ended in the end.
    let result = catch_unwind(AssertUnwindSafe(|| specification(&stand)));
    *slot = Some(stand);
    drop(slot);
    result.unwrap_or_else(|panic| resume_unwind(panic))
}
