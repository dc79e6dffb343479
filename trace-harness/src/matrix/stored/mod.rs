//! What digests cannot stand for: traces, and pieces of images for machines with another mathematical library.
//!
//! Not here: running cases, whole files (`judge`).

mod fault;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use nanobragg::Pixel;

use crate::cases::libm::Probe;
use crate::cases::pack::{PackError, entries};
use crate::cases::{Case, Cases, ImagePiece, OtherLibm};
use crate::evidence::given;
use crate::ulp;

pub use fault::{ImageDifference, PieceFault, PiecesError, PixelFault, TraceFault};

/// What is stored beside the digests of a list of cases.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Lines by `CASE SLOW FAST`; none where the list names no file of traces.
    traces: Option<BTreeMap<String, Vec<String>>>,
    /// Where this machine's mathematical library is not the one of the digests.
    libm: Option<Libm>,
}

/// Another mathematical library, and what may come of it.
#[derive(Debug, Clone)]
struct Libm {
    allowed: OtherLibm,
    probe: Probe,
    /// The pieces, or why they are not there.
    pieces: Result<Vec<u8>, PiecesError>,
}

impl Stored {
    /// Reads what the list speaks of, and asks this machine's mathematical library.
    ///
    /// # Errors
    /// A file that cannot be read or makes no sense.
    pub fn read(cases: &Cases) -> Result<Self, PackError> {
        let traces = match &cases.traces {
            Some(path) => Some(entries(path)?),
            None => None,
        };
        let libm = cases.other_libm.as_ref().map(Libm::ask).transpose()?.flatten();
        Ok(Self { traces, libm })
    }

    /// Whether traces of that case are stored.
    pub fn traces(&self, case: &Case) -> bool {
        self.traces.is_some() && !case.traces.is_empty()
    }

    /// Whether bytes may differ here, because they hang on the mathematical library.
    pub fn other_libm(&self) -> bool {
        self.libm.is_some()
    }

    /// What is different about this machine, in words; none if nothing is.
    pub fn remark(&self) -> Option<String> {
        let libm = self.libm.as_ref()?;
        Some(format!(
            "another mathematical library: {} of {} probed values differ; float images are judged by their stored pieces, \
             {} units of the last place on {} % of the pixels allowed, of traces the keys",
            libm.probe.different,
            libm.probe.values,
            libm.allowed.max_ulp,
            libm.allowed.share * 100.0
        ))
    }

    /// Compares the traces that a run of ours wrote; gives how many are as stored.
    ///
    /// # Errors
    /// The first line that is not.
    pub fn check_traces(&self, case: &Case, written: &str) -> Result<usize, TraceFault> {
        let Some(stored) = &self.traces else { return Ok(0) };
        let mut blocks = blocks(written).into_iter().peekable();
        for &pixel in &case.traces {
            let wrong = |fault| TraceFault::Pixel { pixel, fault };
            let expected = stored.get(&format!("{} {} {}", case.name, pixel.slow, pixel.fast));
            let expected = expected.ok_or(wrong(PixelFault::NotStored))?;
            // A pixel that is never rendered has no block.
            let found = blocks.next_if(|(other, _)| *other == pixel).map(|(_, lines)| lines);
            self.check_trace(expected, &found.unwrap_or_default()).map_err(wrong)?;
        }
        match blocks.next() {
            Some((pixel, _)) => Err(TraceFault::Stranger(pixel)),
            None => Ok(case.traces.len()),
        }
    }

    fn check_trace(&self, expected: &[String], found: &[&str]) -> Result<(), PixelFault> {
        let expected: Vec<&str> = expected.iter().filter_map(|l| l.strip_prefix("TRACE_C: ")).collect();
        // The digits show the last bits of another library.
        let shown = |line: &&str| match self.other_libm() {
            true => line.split(' ').next().unwrap_or_default().to_owned(),
            false => (*line).to_owned(),
        };
        let first = expected.iter().zip(found).position(|(a, b)| shown(a) != shown(b));
        if let Some(n) = first {
            let [found, expected] = [found[n], expected[n]].map(str::to_owned);
            return Err(PixelFault::Line { number: n + 1, found, expected });
        }
        match expected.len() == found.len() {
            true => Ok(()),
            false => Err(PixelFault::Lines { found: found.len(), expected: expected.len() }),
        }
    }

    /// Judges a float image by its stored piece, on a machine with another mathematical library; gives how far it is off.
    ///
    /// # Errors
    /// It is further off than is allowed, or there is no piece to judge it by.
    pub fn check_piece(&self, case: &Case, image: &Path) -> Result<ImageDifference, PieceFault> {
        let (Some(libm), Some(piece), Some(row)) = (&self.libm, &case.crop, case.fpixels) else {
            return Err(PieceFault::NotStored);
        };
        let expected = libm.piece(piece)?;
        let image = given::bytes(image).map_err(|e| PieceFault::Image(Arc::new(e)))?;
        let (mut differing, mut largest) = (0_usize, 0);
        for (n, expected) in expected.iter().enumerate() {
            let at = 4 * ((piece.slow[0] + n / piece.width()) * row + piece.fast[0] + n % piece.width());
            let found = image.get(at..at + 4).and_then(|b| Some(f32::from_le_bytes(b.try_into().ok()?)));
            let found = found.ok_or(PieceFault::Short(n))?;
            if found.to_bits() != expected.to_bits() {
                differing += 1;
                let distance = if found.is_nan() { u32::MAX } else { ulp::distance(*expected, found) };
                largest = largest.max(distance);
            }
        }
        let difference = ImageDifference { differing, pixels: expected.len(), largest };
        let allowed = libm.allowed.share * expected.len() as f64;
        match differing as f64 <= allowed && largest <= libm.allowed.max_ulp {
            true => Ok(difference),
            false => Err(difference.into()),
        }
    }
}

impl Libm {
    /// Compares this machine's functions with the probe; none if they are the same.
    fn ask(allowed: &OtherLibm) -> Result<Option<Self>, PackError> {
        let probe = Probe::read(&allowed.probe)?;
        if probe.same() {
            return Ok(None);
        }
        let pieces = given::bytes(&allowed.pieces)
            .map_err(|e| PiecesError { path: allowed.pieces.clone(), source: Arc::new(e) });
        Ok(Some(Self { allowed: allowed.clone(), probe, pieces }))
    }

    fn piece(&self, piece: &ImagePiece) -> Result<Vec<f32>, PieceFault> {
        let pieces = self.pieces.as_ref().map_err(PiecesError::clone)?;
        Ok(piece.unpack(pieces)?)
    }
}

/// The traced pixels of a file of ours in its order, each with its lines less their prefix.
fn blocks(text: &str) -> Vec<(Pixel, Vec<&str>)> {
    let mut blocks: Vec<(Pixel, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("TRACE_RS_PIXEL ") {
            let mut numbers = head.split(' ').filter_map(|word| word.parse().ok());
            let [slow, fast] = [(); 2].map(|()| numbers.next().unwrap_or(usize::MAX));
            blocks.push((Pixel { slow, fast }, Vec::new()));
        } else if let (Some(rest), Some((_, lines))) = (line.strip_prefix("TRACE_RS: "), blocks.last_mut()) {
            lines.push(rest);
        }
    }
    blocks
}

#[cfg(test)]
mod tests;
