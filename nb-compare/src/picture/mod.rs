//! Pictures of both images on one grey scale, and of their difference in diverging colours with a colour bar.
//!
//! Not here: the PNG format (`nanobragg::image::png`) and the interactive page (`report`).

mod diverging;
mod glyphs;
mod overview;

use std::io;

use nanobragg::image::png;
use nanobragg::image::raster::Raster;
use nanobragg::image::scaling::{Levels, Scaling};

use crate::compare::metrics::quantile::{from_order_key, nearest_rank, order_key};
use crate::compare::region::Region;

pub(crate) use overview::overview;

/// Which percentile of |difference| has the strongest colour.
const DIFFERENCE_PERCENTILE: f64 = 0.995;

/// Both images as grey PNG files on one scale, taken over the counted pixels of both.
///
/// # Errors
/// More pixels than a PNG can hold.
pub(crate) fn pair(region: &Region<'_>, scaling: Scaling) -> io::Result<[Vec<u8>; 2]> {
    let (a, b) = region.pixels();
    let levels = Levels::new(a.iter().chain(b.iter()).copied(), scaling);
    let picture = |side: &[f32]| {
        let grey = Raster {
            fast: region.fast,
            slow: region.slow,
            data: side.iter().map(|&v| levels.level(v)).collect(),
        };
        let mut file = Vec::new();
        png::write_grey(&mut file, &grey).map(|()| file)
    };
    Ok([picture(&region.a)?, picture(&region.b)?])
}

/// The value at `percentile` (0 to 100) of the counted pixels of both sides, or the largest where that is not above 0.
pub(crate) fn white(region: &Region<'_>, percentile: f64) -> f32 {
    let (a, b) = region.pixels();
    let keys = || a.iter().chain(b.iter()).map(|&v| order_key(v));
    let at = |q| nearest_rank(keys, q).map_or(0.0, from_order_key);
    let white = at(percentile / 100.0);
    if white > 0.0 { white } else { at(1.0) }
}

/// The difference that gets the strongest colour: a high percentile of |difference|, or the largest where that is 0.
pub(crate) fn difference_limit(difference: &Raster<f32>) -> f32 {
    let keys = || difference.data.iter().map(|v| order_key(v.abs()));
    let at = |q| nearest_rank(keys, q).map_or(0.0, from_order_key);
    let high = at(DIFFERENCE_PERCENTILE);
    if high > 0.0 { high } else { at(1.0) }
}

/// The difference as a colour PNG: blue where B is lower, red where it is higher, with a labelled bar on the right.
///
/// # Errors
/// More pixels than a PNG can hold.
pub(crate) fn difference_picture(difference: &Raster<f32>) -> io::Result<Vec<u8>> {
    let limit = difference_limit(difference);
    let bar = diverging::bar(difference.slow, limit);
    let fast = difference.fast + bar.fast;
    let mut data = Vec::with_capacity(fast * difference.slow);
    for (pixels, bar) in difference.rows().zip(bar.rows()) {
        data.extend(pixels.iter().map(|&v| diverging::colour(v, limit)));
        data.extend_from_slice(bar);
    }
    let mut file = Vec::new();
    png::write_rgb(&mut file, &Raster { fast, slow: difference.slow, data })?;
    Ok(file)
}

/// The difference in the same colours, without a bar: for pictures too small to read one.
///
/// # Errors
/// As [`difference_picture`].
pub(crate) fn plain_difference_picture(difference: &Raster<f32>) -> io::Result<Vec<u8>> {
    let limit = difference_limit(difference);
    let mut file = Vec::new();
    png::write_rgb(&mut file, &difference.map(|&v| diverging::colour(v, limit)))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::region::Roi;

    fn images() -> (Raster<f32>, Raster<f32>) {
        let a =
            Raster { fast: 40, slow: 30, data: (0..1200_u16).map(|i| f32::from(i % 50)).collect::<Vec<_>>() };
        let mut b = a.clone();
        b.data[0] += 4.0;
        b.data[1] -= 8.0;
        (a, b)
    }

    #[test]
    fn the_strongest_colour_belongs_to_the_largest_difference_when_few_pixels_differ() {
        let (a, b) = images();
        let region = Region::new(&a, &b, Roi::whole(40, 30), None);
        let difference = region.difference();
        assert_eq!((difference.data[0], difference.data[1], difference.data[2]), (4.0, -8.0, 0.0));
        assert_eq!(difference_limit(&difference), 8.0);
        let png = difference_picture(&difference).unwrap();
        assert_eq!(&png[1..4], b"PNG");
    }

    #[test]
    fn both_pictures_are_on_one_scale() {
        let (a, _) = images();
        let b = a.map(|v| v * 0.5);
        let region = Region::new(&a, &b, Roi::whole(40, 30), None);
        let [first, second] = pair(&region, Scaling::Percentile(100.0)).unwrap();
        let brightest = |png: &[u8]| {
            let mut reader = ::png::Decoder::new(io::Cursor::new(png)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            pixels.into_iter().max().unwrap()
        };
        assert_eq!((brightest(&first), brightest(&second)), (255, 128));
    }
}
