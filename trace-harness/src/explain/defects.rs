//! Which known defect of the reference, if any, is the whole difference between its image and ours.
//!
//! Each is switched on alone, and our simulator renders again: a defect is named only where nothing is left, not one byte.
//! Not here: what the defects are (`nanobragg::defects`).

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::cli::raw_args;
use nanobragg::defects::{Defect, Defects, Treatment};
use nanobragg::engine::TraceDepth;
use serde::Serialize;

use crate::evidence::given;
use crate::evidence::process::Runner;
use crate::explain::ExplainError;
use crate::explain::residual::{Residual, residual};
use crate::simulator::{self, Call, OneRun, Simulator, SimulatorError};

/// What to search in.
#[derive(Debug, Clone)]
pub struct DefectSearch<'a> {
    /// This project's simulator (dialect [`simulator::Dialect::Own`]).
    pub simulator: &'a Simulator,
    /// Its arguments, files that are read absolute.
    pub args: &'a [OsString],
    /// The float image that it should have made.
    pub reference: &'a [u8],
    /// The float image that is to be explained, where another program made it. A defect counts as its explanation only where
    /// our simulator gives these bytes without it.
    pub candidate: Option<&'a [u8]>,
    /// Files that have to lie in the working folders.
    pub beside: &'a [PathBuf],
    /// An absolute folder for the runs.
    pub folder: &'a Path,
    /// A run is ended after this time.
    pub time_limit: Option<Duration>,
}

/// One defect, tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// Its identifier.
    pub defect: &'static str,
    /// What the reference does.
    pub description: &'static str,
    /// What is left with all others correct.
    pub alone: Residual,
    /// What is left with the arguments as given and this one emulated.
    pub added: Residual,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DefectFinding {
    /// What is left with the arguments as given.
    pub as_given: Residual,
    /// What is left with every defect corrected.
    pub all_correct: Residual,
    /// What is left with every defect emulated.
    pub all_emulated: Residual,
    /// Each defect that concerns images.
    pub tried: Vec<Tried>,
    /// Whether our simulator, with the arguments as given, makes the candidate's very image; absent where it is the candidate.
    pub reproduces_candidate: Option<bool>,
    /// The defect that is the whole difference: something is left without it, and not one byte with it.
    pub whole: Option<&'static str>,
    /// Where only several together leave nothing: those that cannot be left out.
    pub needed: Vec<&'static str>,
    /// All this in one sentence.
    pub conclusion: String,
}

/// Tries the defects. `progress` hears of each run before it starts.
///
/// # Errors
/// The simulator cannot be run or refuses the arguments, or the images do not fit together.
pub fn search(
    request: &DefectSearch<'_>,
    runner: &dyn Runner,
    progress: &dyn Fn(&str),
) -> Result<(DefectFinding, Vec<OneRun>), ExplainError> {
    let (options, _) = raw_args::split(request.args).map_err(ExplainError::Arguments)?;
    let given = Defects::with(&options.defects);
    let mut bench =
        DefectSearcher { request, runner, progress, known: HashMap::new(), same: None, runs: Vec::new() };
    let as_given = bench.left("as given", &given, &[])?;
    let reproduces_candidate = bench.same;
    // One by one, because `all=correct` contradicts a --parity among the arguments.
    let correct: Vec<String> = Defect::ALL.iter().map(|defect| format!("{}=correct", defect.id())).collect();
    let correct: Vec<&str> = correct.iter().map(String::as_str).collect();
    let all_correct = bench.left("all correct", &treated(&[(None, Treatment::Correct)]), &correct)?;
    let all_emulated =
        bench.left("all emulated", &treated(&[(None, Treatment::Emulate)]), &["all=emulate"])?;
    let mut tried = Vec::new();
    for defect in concerned() {
        let on = (Some(*defect), Treatment::Emulate);
        let switch = format!("{}=emulate", defect.id());
        let alone = treated(&[(None, Treatment::Correct), on]);
        let switches_alone = [correct.as_slice(), &[switch.as_str()]].concat();
        let alone = bench.left(&format!("only {}", defect.id()), &alone, &switches_alone)?;
        let mut switches = options.defects.clone();
        switches.push(on);
        let added = bench.left(&format!("and {}", defect.id()), &treated(&switches), &[&switch])?;
        tried.push(Tried { defect: defect.id(), description: defect.description(), alone, added });
    }
    let mut finding = DefectFinding {
        as_given,
        all_correct,
        all_emulated,
        tried,
        reproduces_candidate,
        whole: None,
        needed: Vec::new(),
        conclusion: String::new(),
    };
    finding.whole = whole(&finding);
    if finding.whole.is_none() && all_emulated.is_zero() && !as_given.is_zero() {
        finding.needed = bench.needed()?;
    }
    finding.conclusion = conclusion(&finding);
    Ok((finding, bench.runs))
}

/// The defects that an image can show; labels of traces are not among them.
fn concerned() -> impl Iterator<Item = &'static Defect> {
    Defect::ALL.iter().filter(|d| **d != Defect::TraceLabels)
}

fn treated(switches: &[(Option<Defect>, Treatment)]) -> Defects {
    Defects::with(switches)
}

fn whole(finding: &DefectFinding) -> Option<&'static str> {
    let something_else = finding.as_given.is_zero() || finding.reproduces_candidate == Some(false);
    finding.tried.iter().find(|t| t.added.is_zero()).filter(|_| !something_else).map(|t| t.defect)
}

fn conclusion(finding: &DefectFinding) -> String {
    let left = |r: &Residual| format!("{} of {} pixels differ", r.differing_pixels, r.pixels);
    if finding.reproduces_candidate == Some(false) {
        return "the candidate's image is not what this project's simulator makes of the arguments: its defects say \
                nothing about it"
            .to_owned();
    }
    if finding.as_given.is_zero() {
        return "nothing to explain: the images are the same bytes".to_owned();
    }
    let before = left(&finding.as_given);
    if let Some(tried) = finding.whole.and_then(|id| finding.tried.iter().find(|t| t.defect == id)) {
        return format!(
            "{} is the whole difference: {before} without it, not one byte with it ({})",
            tried.defect, tried.description
        );
    }
    if let Some(tried) = finding.tried.iter().find(|t| t.alone.is_zero()) {
        return format!(
            "{} emulated leaves not one byte where all other defects are corrected; as given, {before}",
            tried.defect
        );
    }
    if finding.all_emulated.is_zero() {
        let names = match finding.needed.len() {
            0 => "not one of them alone".to_owned(),
            _ => finding.needed.join(", "),
        };
        return format!(
            "several known defects together are the whole difference: {names} ({before} without)"
        );
    }
    format!(
        "no known defect explains the difference: {before} as given, and with all defects emulated {}",
        left(&finding.all_emulated)
    )
}

/// Renders with treatments and remembers what was left: the same treatments are rendered once.
struct DefectSearcher<'a, 'r> {
    request: &'r DefectSearch<'a>,
    runner: &'r dyn Runner,
    progress: &'r dyn Fn(&str),
    known: HashMap<Vec<bool>, Residual>,
    /// Whether the first run made the candidate's image.
    same: Option<bool>,
    runs: Vec<OneRun>,
}

impl DefectSearcher<'_, '_> {
    /// What is left with these treatments, which `switches` bring about on top of the arguments.
    fn left(&mut self, name: &str, treated: &Defects, switches: &[&str]) -> Result<Residual, ExplainError> {
        let key: Vec<bool> = concerned().map(|d| treated.emulates(*d)).collect();
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        (self.progress)(name);
        let mut args = self.request.args.to_vec();
        for switch in switches {
            args.extend(["--defect".into(), OsString::from(switch)]);
        }
        let folder_name = format!("defects-{}", name.replace(' ', "-"));
        let call = Call {
            name: &folder_name,
            simulator: self.request.simulator,
            args: &args,
            pixels: &[],
            depth: TraceDepth::Pixel,
            trace_file: None,
            beside: self.request.beside,
            folder: self.request.folder,
            time_limit: self.request.time_limit,
        };
        let ran = simulator::run(&call, self.runner)?;
        let refused = |doing| SimulatorError::io(&ran.float_image, doing);
        let image = given::bytes(&ran.float_image).map_err(refused("cannot be read"))?;
        // A search leaves a score of images of one detector: what they say is kept, they are not.
        std::fs::remove_file(&ran.float_image).map_err(refused("cannot be removed"))?;
        let left = residual(self.request.reference, &image)?;
        if self.known.is_empty() {
            self.same = self.request.candidate.map(|candidate| candidate == image);
        }
        self.known.insert(key, left);
        self.runs.extend(ran.runs);
        Ok(left)
    }

    /// The defects without which something is left although all others are emulated.
    fn needed(&mut self) -> Result<Vec<&'static str>, ExplainError> {
        let mut needed = Vec::new();
        for defect in concerned() {
            let treated = treated(&[(None, Treatment::Emulate), (Some(*defect), Treatment::Correct)]);
            let switch = format!("{}=correct", defect.id());
            if !self.left(&format!("without {}", defect.id()), &treated, &["all=emulate", &switch])?.is_zero()
            {
                needed.push(defect.id());
            }
        }
        Ok(needed)
    }
}
