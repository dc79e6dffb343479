//! The noise of a bundle as a comparison uses it: read, held against the bundle's own list of digests, and refused where it is that of
//! another adapter, other arguments or another program.
//!
//! What comes from a bundle is not trusted: who made it could have written any number, so that `recompute` finds the noise again before
//! a comparison takes it. Not here: that, and holding an output against the noise (`adapter::inside`).

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::manifest;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::{BundleError, MANIFEST};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

use crate::adapter::inside::inside;
use crate::adapter::{Adapter, Output};
use crate::array::{ArrayError, Spread};
use crate::noise::KIND;
use crate::noise::draws::BASELINE;
use crate::noise::spread::OutputNoise;

/// Where a bundle of noise has how far the elements of an output move.
pub(crate) fn spread_file(output: &str) -> String {
    format!("spread/{output}.npy")
}

/// Where a bundle has what the run of this name left as `output`.
pub(crate) fn output_file(run: &str, output: &Output) -> String {
    format!("outputs/{run}/{}{}", output.name, output.kind.suffix())
}

/// Where a comparison keeps a file of the bundle whose noise it uses.
pub(crate) fn kept(file: &str) -> String {
    format!(
        "noise/{}",
        file.replace(MANIFEST, "bundle-sha256.txt").replace("summary.json", "bundle-summary.json")
    )
}

/// The files of a bundle of noise that a comparison needs.
#[derive(Debug)]
pub(crate) struct NoiseFiles {
    /// Their contents by their names in that bundle.
    pub(crate) contents: BTreeMap<String, Vec<u8>>,
}

/// What a comparison says of the noise that it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoiseUsed {
    /// SHA-256 of the list of digests of the bundle.
    pub bundle: String,
    /// How many runs it is the noise of.
    pub runs: usize,
}

/// The noise of every output.
#[derive(Debug)]
pub(crate) struct KnownNoise {
    /// What is said of it.
    pub(crate) used: NoiseUsed,
    /// By the names of outputs.
    pub(crate) spreads: BTreeMap<String, Spread>,
    /// What the unchanged run left, by the names of outputs.
    baselines: BTreeMap<String, Vec<u8>>,
}

/// What the noise has to be that of.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The adapter, and its digest.
    pub(crate) adapter: (&'a Adapter, &'a str),
    /// The arguments, as bundles record them.
    pub(crate) args: &'a [String],
    /// The variants that are switched on.
    pub(crate) variants: &'a [String],
    /// The digests of the reference's and of the candidate's program.
    pub(crate) programs: [&'a str; 2],
}

/// Noise that a comparison cannot use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoiseError {
    /// The bundle cannot be read.
    #[error("has no noise: {0}")]
    Unreadable(BundleError),
    /// A file of it is not there.
    #[error("has no `{0}`")]
    Lacks(String),
    /// A file is not what the bundle's list says.
    #[error("its `{0}` is not what its list of digests says")]
    Changed(String),
    /// It is a bundle of another kind.
    #[error("is a bundle of kind `{0}`; expected `{KIND}`, as `nb-compare noise` makes it")]
    Kind(String),
    /// It is not sound, or does not follow from its files.
    #[error("cannot be believed: {0}")]
    Unsound(String),
    /// A document of it is none.
    #[error("its `{document}`: {source}")]
    Form {
        /// Which.
        document: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file of noise is none.
    #[error(transparent)]
    Spread(#[from] ArrayError),
    /// It has no noise of an output.
    #[error("has no noise of output `{0}`")]
    Output(String),
    /// It is the noise of something else.
    #[error("is the noise of {0}; expected that of what is compared")]
    Other(&'static str),
    /// The reference leaves something else than when its noise was found.
    #[error(
        "is not the noise of what the reference leaves now: output `{output}` against that of the unchanged run: {why}"
    )]
    Baseline {
        /// Which output.
        output: String,
        /// What differs.
        why: String,
    },
    /// A run of it is one of the candidate.
    #[error("has runs of the candidate's own program; expected builds of the reference")]
    Candidate,
}

impl EndsCommand for NoiseError {
    fn exit(&self) -> Exit {
        match self {
            Self::Other(_) | Self::Output(_) | Self::Baseline { .. } | Self::Candidate => Exit::Mismatch,
            Self::Spread(e) => e.exit(),
            Self::Unreadable(e) => e.exit(),
            _ => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Other(_) => "call nb-compare noise with the same adapter, variants and arguments",
            Self::Baseline { .. } => {
                "call nb-compare noise again: an input file, a variable or a script is another one, or its runs are too few"
            }
            Self::Candidate => "what the candidate computes is no noise of the reference",
            Self::Unsound(_) => "nb-compare recompute says all that is wrong with it",
            _ => "",
        }
    }
}

impl NoiseFiles {
    /// The files of a bundle that `read` gives by their names; the names depend on the outputs of `adapter`.
    ///
    /// # Errors
    /// One is not there.
    pub(crate) fn read(
        adapter: &Adapter,
        read: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, NoiseError> {
        let of_outputs = adapter
            .outputs
            .iter()
            .flat_map(|output| [spread_file(&output.name), output_file(BASELINE, output)]);
        let names = [MANIFEST.to_owned(), "summary.json".to_owned()].into_iter().chain(of_outputs);
        let contents = names.map(|name| match read(&name) {
            Some(bytes) => Ok((name, bytes)),
            None => Err(NoiseError::Lacks(name)),
        });
        Ok(Self { contents: contents.collect::<Result<_, _>>()? })
    }

    fn content(&self, name: &str) -> Result<&[u8], NoiseError> {
        let content = self.contents.get(name).map(Vec::as_slice);
        content.ok_or_else(|| NoiseError::Lacks(name.to_owned()))
    }

    /// The noise, if it is what is `wanted`.
    ///
    /// # Errors
    /// A file was changed or is not what it should be, or the noise is that of something else.
    pub(crate) fn known(&self, wanted: &Wanted<'_>) -> Result<KnownNoise, NoiseError> {
        let list = self.content(MANIFEST)?;
        let entries = manifest::parse(&String::from_utf8_lossy(list));
        let listed: BTreeMap<&str, &str> =
            entries.iter().flatten().map(|entry| (entry.path.as_str(), entry.sha256.as_str())).collect();
        for (name, content) in self.contents.iter().filter(|(name, _)| *name != MANIFEST) {
            if listed.get(name.as_str()) != Some(&digest::of_bytes(content).as_str()) {
                return Err(NoiseError::Changed(name.clone()));
            }
        }
        let form = |source| NoiseError::Form { document: "summary.json", source };
        let document: Map<String, Value> =
            serde_json::from_slice(self.content("summary.json")?).map_err(form)?;
        let summary: Summary = serde_json::from_value(Value::Object(document.clone())).map_err(form)?;
        if summary.kind != KIND {
            return Err(NoiseError::Kind(summary.kind));
        }
        let outputs = document.get("noise").cloned().unwrap_or_default();
        let outputs: Vec<OutputNoise> = serde_json::from_value(outputs).map_err(form)?;
        is_wanted(&document, &summary, wanted)?;
        let (mut spreads, mut baselines) = (BTreeMap::new(), BTreeMap::new());
        for output in &wanted.adapter.0.outputs {
            let known = outputs.iter().find(|known| known.name == output.name);
            let known = known.ok_or_else(|| NoiseError::Output(output.name.clone()))?;
            let name = spread_file(&output.name);
            let spread = Spread::of_npy(Path::new(&name), self.content(&name)?)?;
            if spread.shape != known.shape {
                return Err(NoiseError::Changed(name));
            }
            spreads.insert(output.name.clone(), Spread { keys: known.keys.clone(), ..spread });
            baselines.insert(output.name.clone(), self.content(&output_file(BASELINE, output))?.to_vec());
        }
        let used = NoiseUsed { bundle: digest::of_bytes(list), runs: summary.steps.len() };
        Ok(KnownNoise { used, spreads, baselines })
    }
}

impl KnownNoise {
    /// Holds what the reference leaves now, `now` of `output`, against what its unchanged run left: within the noise it has to be the same.
    ///
    /// Adapter, arguments and program do not say all that a run depends on; what comes out does.
    ///
    /// # Errors
    /// It is another output, or a file is not what the format asks for.
    pub(crate) fn is_of(&self, output: &Output, now: (&Path, &[u8])) -> Result<(), NoiseError> {
        let (Some(spread), Some(then)) = (self.spreads.get(&output.name), self.baselines.get(&output.name))
        else {
            return Ok(());
        };
        let why = match inside(output, [(Path::new("the unchanged run"), then), now], spread) {
            Ok(inside) if inside.outside == 0 => return Ok(()),
            Ok(inside) => inside.sentence(),
            Err(error) => error.to_string(),
        };
        Err(NoiseError::Baseline { output: output.name.clone(), why })
    }
}

/// Whether the noise is that of what is compared.
fn is_wanted(
    document: &Map<String, Value>,
    summary: &Summary,
    wanted: &Wanted<'_>,
) -> Result<(), NoiseError> {
    let (adapter, sha256) = wanted.adapter;
    let texts = |name: &str| -> Vec<String> {
        serde_json::from_value(document.get(name).cloned().unwrap_or_default()).unwrap_or_default()
    };
    if summary.inputs.first().is_none_or(|input| {
        input.sha256 != sha256 || document.get("adapter").and_then(Value::as_str) != Some(&input.token)
    }) {
        return Err(NoiseError::Other("another adapter"));
    }
    if texts("args") != wanted.args {
        return Err(NoiseError::Other("other arguments"));
    }
    // What variants change of the candidate alone is no matter of the reference.
    let reference = |variants: &[String]| -> Option<Vec<String>> {
        let args = variants.iter().map(|id| adapter.variant(id).ok().map(|variant| variant.args[0].clone()));
        args.collect::<Option<Vec<_>>>().map(|args| args.concat())
    };
    let variants = reference(&texts("variants"));
    if variants.is_none() || variants != reference(wanted.variants) {
        return Err(NoiseError::Other("other variants"));
    }
    let [reference, candidate] = wanted.programs;
    let runs = document.get("runs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut programs = runs.iter().map(|run| run["program"]["sha256"].as_str());
    if programs.next().flatten() != Some(reference) {
        return Err(NoiseError::Other("another build of the reference"));
    }
    // Both sides may be scripts of one interpreter.
    if candidate != reference && programs.any(|program| program == Some(candidate)) {
        return Err(NoiseError::Candidate);
    }
    Ok(())
}
