//! How many pixels a run's images have, from its arguments or from the header of an image that they name.
//!
//! Not here: what image files say of themselves (`image::shape`).

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use nanobragg::c_number::{atof, atoi};
use nanobragg::cli::flags::{Id, matching};
use nanobragg::image::smv;
use trace_harness::evidence::bundle::reading::regular;

use crate::built_in::arguments::single_dash;
use crate::image::shape::Candidate;

/// No header of an SMV image is longer, bytes.
const LONGEST_HEADER: u64 = 1 << 20;

/// What `args`, and files that they name seen from `folder`, say of the shape; the likeliest first.
pub(crate) fn shapes(args: &[OsString], folder: &Path) -> Vec<Candidate> {
    from_arguments(args).into_iter().chain(from_header(args, folder)).collect()
}

/// The detector that `args` (without the program's name) ask for, if they say so at all.
fn from_arguments(args: &[OsString]) -> Option<Candidate> {
    let texts: Vec<&str> = args.iter().map(|a| a.to_str().unwrap_or_default()).collect();
    let (mut pixels, mut size, mut pixel_size) = ([0_i32; 2], [0.0_f64; 2], 0.1);
    let mut is_stated = false;
    for (at, word) in texts.iter().enumerate().filter(|(_, w)| w.starts_with('-')) {
        let Some(value) = texts.get(at + 1).map(|w| w.as_bytes()) else { continue };
        for flag in matching(single_dash(word)) {
            match flag.id {
                Id::DetPixels => pixels = [atoi(value); 2],
                Id::DetPixelsFast => pixels[0] = atoi(value),
                Id::DetPixelsSlow => pixels[1] = atoi(value),
                Id::DetSize => size = [atof(value); 2],
                Id::DetSizeFast => size[0] = atof(value),
                Id::DetSizeSlow => size[1] = atof(value),
                Id::PixelSize => pixel_size = atof(value),
                _ => continue,
            }
            is_stated |= flag.id != Id::PixelSize;
        }
    }
    // A detector of 102.4 mm is the simulator's default; a given pixel size alone changes its number of pixels.
    let count = |i: usize| match (pixels[i], size[i]) {
        (n, _) if n > 0 => n as usize,
        (_, s) => ((if s > 0.0 { s } else { 102.4 }) / pixel_size - 0.5).ceil() as usize,
    };
    let shape = (count(0), count(1));
    (is_stated && shape.0 > 0 && shape.1 > 0).then_some(Candidate { shape, source: "the arguments" })
}

/// The shape in the header of the image that `args` take their geometry from (`-img`, or else `-mask`).
fn from_header(args: &[OsString], folder: &Path) -> Option<Candidate> {
    let file_of = |wanted: Id| {
        args.windows(2).find_map(|pair| {
            let word = pair[0].to_str().filter(|w| w.starts_with('-'))?;
            matching(single_dash(word)).iter().any(|f| f.id == wanted).then(|| folder.join(&pair[1]))
        })
    };
    let path = file_of(Id::Image).or_else(|| file_of(Id::Mask))?;
    let mut bytes = Vec::new();
    regular::open(&path).ok()?.take(LONGEST_HEADER).read_to_end(&mut bytes).ok()?;
    let header = smv::parse_header(&path, &bytes).ok()?;
    Some(Candidate { shape: (header.fast, header.slow), source: "the header of the given image" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(usize, usize)> {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        from_arguments(&args).map(|c| c.shape)
    }

    #[test]
    fn pixels_are_counted_as_the_simulator_counts_them() {
        assert_eq!(of("-detpixels 256"), Some((256, 256)));
        assert_eq!(of("--detpixels_f 100 -detpixels_y 50"), Some((100, 50)));
        assert_eq!(of("-detsize 51.2"), Some((512, 512)));
        assert_eq!(of("-detsize_f 10 -detsize_s 20 -pixel 0.05"), Some((200, 400)));
        assert_eq!(of("-detpixels 64 -detsize 900"), Some((64, 64)));
        assert_eq!(of("-detpixels_f 64"), Some((64, 1024)));
    }

    #[test]
    fn arguments_that_do_not_speak_of_the_detector_say_nothing() {
        assert_eq!(of("-cell 10 -pixel 0.1"), None);
        assert_eq!(of("-detpixels"), None);
        assert_eq!(of("-detsize -3"), Some((1024, 1024)));
    }
}
