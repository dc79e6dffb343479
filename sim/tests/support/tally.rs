//! Counts what was really compared, so that a test run that compared less than it claims fails.
//! Not here: comparing.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counters shared by the trials of one test binary.
#[derive(Default)]
pub struct Tally {
    cases: AtomicUsize,
    files: AtomicUsize,
    traces: AtomicUsize,
    trace_lines: AtomicUsize,
    threaded: AtomicUsize,
}

/// A reading of the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub cases: usize,
    pub files: usize,
    pub traces: usize,
    /// Cases run again with other numbers of threads.
    pub threaded: usize,
}

impl Tally {
    /// One case passed, so many files of it compared.
    pub fn case(&self, files: usize) {
        self.cases.fetch_add(1, Ordering::Relaxed);
        self.files.fetch_add(files, Ordering::Relaxed);
    }

    /// One trace of so many lines agreed.
    pub fn trace(&self, lines: usize) {
        self.traces.fetch_add(1, Ordering::Relaxed);
        self.trace_lines.fetch_add(lines, Ordering::Relaxed);
    }

    /// One case agreed for every number of threads.
    pub fn threaded(&self) {
        self.threaded.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn counts(&self) -> Counts {
        Counts {
            cases: self.cases.load(Ordering::Relaxed),
            files: self.files.load(Ordering::Relaxed),
            traces: self.traces.load(Ordering::Relaxed),
            threaded: self.threaded.load(Ordering::Relaxed),
        }
    }

    /// All lines of all traces.
    pub fn trace_lines(&self) -> usize {
        self.trace_lines.load(Ordering::Relaxed)
    }
}
