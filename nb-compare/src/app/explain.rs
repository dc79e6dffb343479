//! `--explain`: traces of the worst and the brightest pixel on both sides, and the search for a known defect that is the
//! whole difference.
//!
//! Not here: tracing, comparing traces, trying defects (`trace_harness::explain`), and how it is shown (`report`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::Pixel;
use nanobragg::error::InputError;
use nanobragg::open_file::BULK;
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::summary::Step;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::Runner;
use trace_harness::explain::defects::{DefectFinding, DefectSearch, search};
use trace_harness::explain::{ExplainError, TraceFinding, TraceRequest, traces};
use trace_harness::simulator::{OneRun, Simulator};

use crate::app::cached_traces::TraceCache;
use crate::app::console;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{ImageJob, Reference};
use crate::built_in::{self, Prepared};
use crate::cache::KeptRun;
use crate::compare::Comparison;
use crate::explanation::{Explanation, NotExplained, TracedPixel};
use crate::runner::{self, Program, Side, SideFolder};

/// What to explain with.
struct Explainer<'a> {
    job: &'a ImageJob,
    runner: &'a dyn Runner,
    prepared: Prepared,
    /// The float images as they were written.
    images: [Vec<u8>; 2],
    /// What both sides say their versions are.
    versions: [String; 2],
    beside: Vec<PathBuf>,
    /// Traced runs of the reference that came from the cache.
    taken: RefCell<BTreeMap<PathBuf, KeptRun>>,
}

/// Explains the difference of `comparison`; traces and runs become part of the evidence. What cannot be explained says why.
///
/// # Errors
/// The evidence cannot be written.
pub(super) fn explain(
    record: &mut ComparisonRecorder<'_>,
    job: &ImageJob,
    runner: &dyn Runner,
    comparison: &Comparison<'_>,
) -> Result<Explanation, Failure> {
    let prepared = built_in::prepare(&job.args, &job.folder, Path::new("float.bin"));
    let beside: Vec<PathBuf> = prepared.beside.iter().cloned().collect();
    // Read before the candidate runs again.
    let [a, b] = [Side::Reference, Side::Candidate].map(|side| {
        let path = side.float_image();
        let mut bytes = Vec::new();
        let read = record.reader(&path).map(|file| file.take(BULK).read_to_end(&mut bytes)).transpose();
        read.map(|_| bytes).map_err(|e| InputError::io(Path::new(&path), "a float image", &e))
    });
    let versions = [Side::Reference, Side::Candidate].map(|side| {
        let [console, _] = side.logs();
        record.reader(&console).and_then(runner::version_line).unwrap_or_default()
    });
    let images = [a?, b?];
    let bench = Explainer { job, runner, prepared, images, versions, beside, taken: RefCell::default() };
    let folder = || SideFolder::make().map_err(SystemError::TemporaryFolder);
    let folders = [folder()?, folder()?, folder()?];
    for folder in &folders {
        record.bundle.name_path(&folder.work(), format!("{{tmp}}/{}explain", record.case));
    }
    let [folder_a, folder_b, folder_defects] = folders;
    let pixels = remarkable(comparison);
    let nothing = NotExplained(NoExplanation::SameBits.to_string());
    if comparison.metrics.byte_identical {
        return Ok(Explanation { pixels: Vec::new(), traces: Err(nothing.clone()), defects: Err(nothing) });
    }
    let options = record.options;
    let traced = console::while_running(options, "tracing", || {
        bench.traces(record, &pixels, [&folder_a.work(), &folder_b.work()])
    });
    let mut runs: Vec<OneRun> = Vec::new();
    let traces = match traced {
        Ok(finding) => {
            for (side, trace) in [Side::Reference, Side::Candidate].into_iter().zip(&finding.traces) {
                record.unseen.put(&format!("{}_trace.txt", side.prefix()), trace.as_slice())?;
            }
            runs.extend(finding.runs);
            Ok(finding.comparison)
        }
        Err(why) => Err(NotExplained(record.bundle.record(&why.to_string())?)),
    };
    let searched = console::while_running(options, "trying known defects", || {
        bench.defects(record, &folder_defects.work())
    });
    let defects = match searched {
        Ok((finding, more)) => {
            runs.extend(more);
            Ok(finding)
        }
        Err(why) => Err(NotExplained(record.bundle.record(&why.to_string())?)),
    };
    for run in &runs {
        add(record, run, bench.taken.borrow().get(&run.folder))?;
    }
    Ok(Explanation { pixels, traces, defects })
}

/// The pixel that differs most, and the brightest one of A.
fn remarkable(comparison: &Comparison<'_>) -> Vec<TracedPixel> {
    let region = &comparison.region;
    let counted = (0..region.a.len()).filter(|i| region.counts_at(*i) && region.a[*i].is_finite());
    let brightest = counted.max_by(|i, j| region.a[*i].total_cmp(&region.a[*j]));
    let brightest = brightest.map(|index| region.pixel_at(index));
    let worst = comparison.metrics.max_abs_pixel;
    let mut pixels: Vec<TracedPixel> = Vec::new();
    for (role, place) in [("largest difference", worst), ("brightest", brightest)] {
        let Some(pixel) = place else { continue };
        match pixels.iter_mut().find(|traced| traced.pixel == pixel) {
            Some(same) => same.role += " and brightest",
            None => pixels.push(TracedPixel { role: role.to_owned(), pixel }),
        }
    }
    pixels
}

/// A run becomes a step of the evidence, with what it printed; one that was taken from the cache did not run now.
fn add(record: &mut ComparisonRecorder<'_>, run: &OneRun, taken: Option<&KeptRun>) -> Result<(), Failure> {
    let mut step = run.step(&record.bundle)?;
    if let Some(facts) = taken {
        let told = format!("from cache: run at {} in {:.3} s", facts.recorded, facts.wall_s);
        step = Step { logs: step.logs, ..Step::planned(&step.name, step.command, &step.folder, &told) };
    }
    record.bundle.step(step);
    Ok(())
}

/// Why there is no comparison of traces, or no search for defects.
#[derive(Debug, thiserror::Error)]
enum NoExplanation {
    #[error("nothing to explain: the images are the same bits")]
    SameBits,
    #[error("the reference is a stored image, which cannot be traced")]
    StoredReference,
    #[error(
        "the reference is an image of another size than the candidate's, and known defects are tried on whole images"
    )]
    OtherSize,
    #[error("{error}{}", after(error))]
    Explain {
        #[from]
        error: ExplainError,
    },
    #[error(transparent)]
    Own(io::Error),
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

fn after(error: &ExplainError) -> String {
    match error.hint() {
        "" => String::new(),
        hint => format!("; {hint}"),
    }
}

impl Explainer<'_> {
    /// A program as a simulator that can be traced.
    fn simulator(&self, side: Side, program: &Program) -> Simulator {
        built_in::own::simulator(program, &self.versions[usize::from(side == Side::Candidate)])
    }

    /// The candidate as it was called.
    fn candidate(&self, record: &ComparisonRecorder<'_>) -> Simulator {
        self.simulator(Side::Candidate, &self.job.candidate_as(record.dialect))
    }

    fn time_limit(&self) -> Option<Duration> {
        self.job.time_limit.map(Duration::from_secs_f64)
    }

    fn traces(
        &self,
        record: &ComparisonRecorder<'_>,
        pixels: &[TracedPixel],
        folders: [&Path; 2],
    ) -> Result<TraceFinding, NoExplanation> {
        let Reference::Program(reference) = &self.job.reference else {
            return Err(NoExplanation::StoredReference);
        };
        let a = self.simulator(Side::Reference, reference);
        let b = self.candidate(record);
        let pixels: Vec<Pixel> = pixels.iter().map(|p| p.pixel).collect();
        let request = TraceRequest {
            simulators: [&a, &b],
            args: [&self.prepared.args, &self.prepared.args],
            pixels: &pixels,
            beside: &self.beside,
            folders,
            time_limit: self.time_limit(),
        };
        let binary = record.extra.get("binary_reference").and_then(|facts| facts["sha256"].as_str());
        let (Some(cache), Some(binary)) = (&record.cache, binary) else {
            return Ok(traces(&request, self.runner)?);
        };
        let inputs: Vec<PathBuf> = self.prepared.inputs.iter().chain(&self.beside).cloned().collect();
        let runner = TraceCache {
            runner: self.runner,
            cache,
            reference: (reference, binary),
            inputs: &inputs,
            taken: RefCell::default(),
        };
        let found = traces(&request, &runner);
        self.taken.replace(runner.taken.into_inner());
        Ok(found?)
    }

    fn defects(
        &self,
        record: &mut ComparisonRecorder<'_>,
        folder: &Path,
    ) -> Result<(DefectFinding, Vec<OneRun>), NoExplanation> {
        let candidate = self.candidate(record);
        let is_own = built_in::own::is_own(&candidate);
        let own = if is_own { candidate } else { Simulator::own().map_err(NoExplanation::Own)? };
        record.bundle.program(&own.program.path)?;
        let [reference, image] = &self.images;
        if reference.len() != image.len() {
            return Err(NoExplanation::OtherSize);
        }
        let request = DefectSearch {
            simulator: &own,
            args: &self.prepared.args,
            reference,
            candidate: (!is_own).then_some(image),
            beside: &self.beside,
            folder,
            time_limit: self.time_limit(),
        };
        Ok(search(&request, self.runner, &|_| ())?)
    }
}
