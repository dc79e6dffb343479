//! Commands that only seem to run: a function decides what they write and how they end.
//!
//! Not here: real processes.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::evidence::process::{CommandError, Ending, Invocation, Measured, Runner};

/// A runner for tests. Each command takes a second of wall time and half a second of processor time, on paper.
pub struct FakeRunner<F> {
    behaviour: F,
    seen: RefCell<Vec<Invocation>>,
}

impl<F: Fn(&Invocation) -> Ending> FakeRunner<F> {
    /// A runner that calls `behaviour`, which may write files, for every command.
    pub fn new(behaviour: F) -> Self {
        Self { behaviour, seen: RefCell::default() }
    }

    /// The commands that were run so far.
    pub fn seen(&self) -> Vec<Invocation> {
        self.seen.borrow().clone()
    }
}

impl<F: Fn(&Invocation) -> Ending> Runner for FakeRunner<F> {
    fn run(&self, invocation: &Invocation) -> Result<Measured, CommandError> {
        for path in [&invocation.stdout, &invocation.stderr] {
            std::fs::write(path, "").map_err(|source| CommandError::Log { path: path.clone(), source })?;
        }
        let ending = (self.behaviour)(invocation);
        self.seen.borrow_mut().push(invocation.clone());
        let start = DateTime::<Utc>::UNIX_EPOCH;
        Ok(Measured {
            start,
            end: start + Duration::from_secs(1),
            wall: Duration::from_secs(1),
            cpu: Duration::from_millis(500),
            peak_memory: 1 << 20,
            ending,
        })
    }
}
