//! Work that this very program does: measured, and entered in a bundle as the command that does it again.
//!
//! Not here: other programs' runs (`recorder`).

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::evidence::bundle::recorder::{Recorder, logs_of};
use crate::evidence::bundle::summary::{Status, Step};
use crate::evidence::bundle::{BundleError, utc};
use crate::evidence::clock;
use crate::evidence::exit::Exit;

/// Work that this program is doing.
#[derive(Debug)]
pub struct Clock(DateTime<Utc>, Instant);

/// Work that this program did.
#[derive(Debug, Clone, Copy)]
pub struct OwnWork {
    /// When it was begun.
    pub start: DateTime<Utc>,
    /// How long it took.
    pub wall: Duration,
    /// The exit status that it leads to.
    pub code: Exit,
}

impl Clock {
    /// Begins.
    pub fn start() -> Self {
        Self(clock::now(), Instant::now())
    }

    /// Ends.
    pub fn stop(&self, code: Exit) -> OwnWork {
        OwnWork { start: self.0, wall: self.1.elapsed(), code }
    }
}

impl Recorder {
    /// Enters work that this very program did, as the command that does it again: `words` are the arguments after its own
    /// name. The step has written the results that are in the bundle by now.
    ///
    /// # Errors
    /// A word is not allowed in a bundle, or a log cannot be written.
    pub fn own_step(
        &mut self,
        name: &str,
        arguments: &[String],
        work: &OwnWork,
        printed: &str,
    ) -> Result<(), BundleError> {
        let own = std::env::current_exe()
            .map_err(BundleError::io(Path::new("this executable"), "cannot be found"))?;
        let binary = self.program(&own)?;
        self.program_says(&binary, env!("CARGO_PKG_VERSION"));
        let mut command = vec![binary.token()];
        for word in arguments {
            command.push(self.paths.record(word)?);
        }
        let mut step = Step::planned(name, command, "{work}", "");
        (step.start, step.end) = (Some(utc(work.start)), Some(utc(work.start + work.wall)));
        step.wall_s = Some(work.wall.as_secs_f64());
        step.status = Status::Exit { code: work.code.into() };
        step.exported = std::mem::take(&mut self.exported);
        step.outputs = std::mem::take(&mut self.results);
        step.logs = logs_of(name).to_vec();
        self.staging.write(&step.logs[0], format!("{}\n", self.paths.record(printed)?.trim_end()))?;
        self.staging.write(&step.logs[1], "")?;
        self.steps.push(step);
        Ok(())
    }
}
