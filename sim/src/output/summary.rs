//! The summary as one JSON object: resolved configuration, placed detector, statistics, files.
//!
//! Not here: the text form (`report`).

use crate::cli::help;
use crate::cli::options::Options;
use crate::config::Config;
use crate::engine::Paths;
use crate::engine::statistics::Statistics;
use crate::model::experiment::Experiment;
use serde::Serialize;
use std::path::PathBuf;

/// A file the run wrote.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WrittenFile {
    /// `float`, `int`, `pgm`, `noise`, `png` or `npy`.
    pub kind: &'static str,
    /// Its name as given.
    pub path: PathBuf,
}

/// What a run leaves beside its image.
#[derive(Debug, Clone)]
pub(crate) struct FilesAndWarnings {
    /// Files written.
    pub files: Vec<WrittenFile>,
    /// Warnings about the image; those about the configuration are the configuration's own.
    pub warnings: Vec<String>,
}

/// The object, on one line. Lengths in m, angles in radians, cell lengths in Å, unless the key says otherwise.
pub(crate) fn json(
    config: &Config,
    experiment: &Experiment,
    statistics: &Statistics,
    options: &Options,
    paths: Paths,
    files_and_warnings: &FilesAndWarnings,
) -> String {
    let e = experiment;
    let configured = config.notices.iter().map(crate::config::notice::Notice::warning);
    let warnings: Vec<String> = configured.chain(files_and_warnings.warnings.iter().cloned()).collect();
    let object = serde_json::json!({
        "schema": "nanobragg-summary-1",
        "version": help::version().trim_end(),
        "engine": options.engine,
        "dialect": options.parity.then(|| options.dialect.unwrap_or_default()),
        "dtype": options.precision,
        "pixels_rendered": paths,
        "configuration": config,
        "experiment": {
            "detector": e.detector,
            "cell": e.cell,
            "crystal": e.size,
            "misset_drawn_radians": e.drawn_misset,
            "sources": e.sources.list.len(),
            "mosaic_domains": e.orientations.domains,
            "phi_steps": e.orientations.phi.len(),
            "oversample": e.sampling.oversample,
            "steps": e.sampling.steps,
            "reflections": e.structure_factors.count(),
            "interpolation": e.interpolate,
        },
        "statistics": statistics,
        "files": files_and_warnings.files,
        "warnings": warnings,
    });
    format!("{object}\n")
}
