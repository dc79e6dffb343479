//! Reads the image that is fitted.
//!
//! Not here: the formats (`image`).

use crate::config::Config;
use crate::error::{Error, InputError};
use crate::image::{float_raw, npy, smv};
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use std::path::Path;

/// Largest value of an integer image; what reaches it was more.
const OVERLOAD: u16 = u16::MAX;

/// Photons of an integer image's pixel; NaN where it is overloaded.
fn counts(value: u16, offset: f64) -> f64 {
    if value == OVERLOAD { f64::NAN } else { f64::from(value) - offset }
}

/// Photons per pixel of the rendered region, row after row; NaN where nothing is compared.
///
/// # Errors
/// A file that cannot be read or is of another size than the detector.
pub(super) fn read(path: &Path, config: &Config, e: &Experiment) -> Result<Vec<f64>, Error> {
    let [fast, slow] = e.pixels;
    let kind = path.extension().and_then(|x| x.to_str()).unwrap_or_default().to_ascii_lowercase();
    let (width, height, photons): (usize, usize, Vec<f64>) = match kind.as_str() {
        "npy" => {
            let image = npy::read(path)?.into_f32();
            (image.fast, image.slow, image.data.iter().map(|x| f64::from(*x)).collect())
        }
        "bin" => {
            let image = float_raw::read(path, Some((fast, slow)))?;
            (image.fast, image.slow, image.data.iter().map(|x| f64::from(*x)).collect())
        }
        _ => {
            let (_, image) = smv::read_u16(path)?;
            let offset = config.scaling.adc_offset;
            (image.fast, image.slow, image.data.iter().map(|x| counts(*x, offset)).collect())
        }
    };
    if [width, height] != [fast, slow] {
        return Err(Error::OtherShape(Box::new(InputError::new(
            path,
            format!("an image of `{width} x {height}` pixels"),
            format!("{fast} x {slow}, the size of the detector"),
        ))));
    }
    let (columns, rows) = e.window();
    let pixels = rows.flat_map(|slow| columns.clone().map(move |fast| Pixel { slow, fast }));
    let value = |p: Pixel| if e.is_masked(p) { f64::NAN } else { photons[p.slow * fast + p.fast] };
    Ok(pixels.map(value).collect())
}
