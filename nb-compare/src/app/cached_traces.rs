//! Traces of the reference from the cache, and into it: a runner that knows the reference's runs of earlier times.
//!
//! Not here: the cache itself (`cache`), the untraced run that is compared (`cached`), what becomes of traces (`explain`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use trace_harness::evidence::clock;
use trace_harness::evidence::process::{CommandError, Ending, Invocation, Measured, Program, Runner};

use crate::cache::{Cache, KeptRun, Key, Lookup, Question};

/// What a traced run leaves in its folder. The image is not kept: it is that of the untraced run, and nobody is to find it.
const FLOAT_IMAGE: &str = "float.bin";
const TRACE: &str = "trace.log";

/// Runs commands, but for those of the reference that the cache has.
pub(super) struct TraceCache<'a> {
    /// Runs everything else.
    pub runner: &'a dyn Runner,
    /// Where runs are kept.
    pub cache: &'a Cache,
    /// The reference, and the SHA-256 of its executable.
    pub reference: (&'a Program, &'a str),
    /// Files that its runs read.
    pub inputs: &'a [PathBuf],
    /// What came from the cache: by folder of the run, when it ran and how long it took.
    pub taken: RefCell<BTreeMap<PathBuf, KeptRun>>,
}

impl TraceCache<'_> {
    fn key(&self, invocation: &Invocation) -> Option<Key> {
        let (program, binary) = self.reference;
        if invocation.program != program.path {
            return None;
        }
        let question = Question {
            program,
            binary,
            args: &invocation.args,
            float_image: Path::new(FLOAT_IMAGE),
            exported: &invocation.exported,
            inputs: self.inputs,
        };
        // A run that cannot be distinguished from others is simply run.
        Key::of(&question).ok()
    }

    /// Runs the reference and keeps what it left, if it did well. A cache that cannot be written to does no harm.
    fn kept(
        &self,
        invocation: &Invocation,
        key: &Key,
        files: &[(&str, &Path)],
    ) -> Result<Measured, CommandError> {
        let measured = self.runner.run(invocation)?;
        let trace = invocation.folder.join(TRACE);
        // Who prints its trace writes no such file.
        let there = trace.is_file() || std::fs::write(&trace, "").is_ok();
        if there && measured.ending.is_success() && invocation.folder.join(FLOAT_IMAGE).is_file() {
            let facts = KeptRun {
                recorded: trace_harness::evidence::bundle::utc(measured.start),
                wall_s: measured.wall.as_secs_f64(),
            };
            let _ = self.cache.store(key, &facts, files);
        }
        Ok(measured)
    }
}

impl Runner for TraceCache<'_> {
    fn run(&self, invocation: &Invocation) -> Result<Measured, CommandError> {
        let Some(key) = self.key(invocation) else { return self.runner.run(invocation) };
        let trace = invocation.folder.join(TRACE);
        let files: [(&str, &Path); 3] =
            [("stdout.txt", &invocation.stdout), ("stderr.txt", &invocation.stderr), (TRACE, &trace)];
        let Lookup::Run(facts) = self.cache.fetch(&key, &files) else {
            // Files that were copied before damage showed must not be taken for this run's.
            for (_, path) in files {
                let _ = std::fs::remove_file(path);
            }
            return self.kept(invocation, &key, &files);
        };
        // A run without an image counts as one that failed.
        let _ = std::fs::write(invocation.folder.join(FLOAT_IMAGE), "not kept");
        let now = clock::now();
        let wall = Duration::try_from_secs_f64(facts.wall_s).unwrap_or_default();
        self.taken.borrow_mut().insert(invocation.folder.clone(), facts);
        Ok(Measured {
            start: now,
            end: now,
            wall,
            cpu: Duration::ZERO,
            peak_memory: 0,
            ending: Ending::Exit(0),
        })
    }
}
