//! Files of derivative images: per parameter a raw float image and a NumPy array, and an index of them.
//!
//! Not here: the derivatives (`engine::derivative`).

use crate::engine::derivative::Gradients;
use crate::error::{Error, OutputError, UsageError};
use crate::image::raster::Raster;
use crate::image::{float_raw, npy};
use crate::model::differentiability;
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::output::atomic;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Name of the index.
pub(crate) const INDEX: &str = "gradients.json";

/// Writes everything into `folder`, which is made if it is not there, and returns the files' paths, the index last.
///
/// # Errors
/// A file that cannot be written; no memory for an image.
pub(crate) fn write(folder: &Path, e: &Experiment, gradients: &Gradients) -> Result<Vec<PathBuf>, Error> {
    std::fs::create_dir_all(folder).map_err(|source| OutputError { path: folder.to_owned(), source })?;
    let mut paths = Vec::new();
    let mut entries = Vec::new();
    for (i, parameter) in gradients.parameters.iter().enumerate() {
        let image = image(e, gradients, i)?;
        let name = file_name(&parameter.to_string());
        let [float, numpy] = images_of(folder, *parameter);
        atomic::write(&float, |out| float_raw::write(out, &image))?;
        atomic::write(&numpy, |out| npy::write(out, &image))?;
        entries.push(json!({
            "name": parameter.to_string(),
            "unit": parameter.unit(),
            "derivative_unit": format!("photon/{}", parameter.unit()),
            "value": e.value(*parameter),
            "float": format!("{name}.bin"),
            "npy": format!("{name}.npy"),
            "note": differentiability::of(e, *parameter).reason(),
        }));
        paths.extend([float, numpy]);
    }
    let index = folder.join(INDEX);
    let text = format!("{:#}\n", document(e, gradients, &entries));
    atomic::write(&index, |out| out.write_all(text.as_bytes()))?;
    paths.push(index);
    Ok(paths)
}

/// All files that [`write`] writes, in its order.
pub(crate) fn paths(folder: &Path, parameters: &[Parameter]) -> Vec<PathBuf> {
    let images = parameters.iter().flat_map(|parameter| images_of(folder, *parameter));
    images.chain([folder.join(INDEX)]).collect()
}

/// Raw floats and NumPy array.
fn images_of(folder: &Path, parameter: Parameter) -> [PathBuf; 2] {
    let name = file_name(&parameter.to_string());
    ["bin", "npy"].map(|kind| folder.join(format!("{name}.{kind}")))
}

fn document(e: &Experiment, gradients: &Gradients, entries: &[Value]) -> Value {
    json!({
        "schema": "nanobragg-gradients-1",
        "shape": { "slow": e.pixels[1], "fast": e.pixels[0] },
        "rendered": {
            "slow": [gradients.rows.start, gradients.rows.end],
            "fast": [gradients.columns.start, gradients.columns.end],
        },
        "parameters": entries,
        "kinks": differentiability::kinks(e),
    })
}

/// A name without brackets and commas: `F(1,-2,3)` becomes `F_1_-2_3`.
fn file_name(parameter: &str) -> String {
    parameter.trim_end_matches(')').replace(['(', ','], "_")
}

/// The derivative by parameter `i` on the whole detector, 0 where nothing is rendered.
fn image(e: &Experiment, gradients: &Gradients, i: usize) -> Result<Raster<f32>, UsageError> {
    let [fast, slow] = e.pixels;
    let mut image = Raster::zeros(fast, slow).ok_or_else(|| {
        UsageError::new(
            format!("an image of `{fast} x {slow}` pixels does not fit into memory"),
            "a smaller detector",
        )
    })?;
    for (row, values) in gradients.rows.clone().zip(gradients.by(i).rows()) {
        for (column, value) in gradients.columns.clone().zip(values) {
            image.data[row * fast + column] = *value as f32;
        }
    }
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_reflections_become_names_of_files() {
        assert_eq!(file_name("F(1,-2,3)"), "F_1_-2_3");
        assert_eq!(file_name("misset_x"), "misset_x");
    }
}
