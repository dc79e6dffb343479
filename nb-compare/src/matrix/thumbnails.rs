//! Small pictures of a case: A, B and B − A, as the page of a matrix shows them and a second computation makes them again.
//!
//! Not here: the page (`page`), large pictures (`report`).

use nanobragg::image::scaling::Scaling;

use crate::compare::region::{Region, Roi};
use crate::{picture, report};

/// Pixels along the longer side.
const LARGEST: usize = 96;

/// PNG files of A, B and B − A on the scales that the large ones would have; `None` where no picture can be made.
pub(crate) fn thumbnails(region: &Region<'_>) -> Option<[Vec<u8>; 3]> {
    let (_, a, b) = report::reduced(region, LARGEST);
    let small = Region::new(&a, &b, Roi::whole(a.fast, a.slow), None);
    let [pa, pb] = picture::pair(&small, Scaling::Percentile(report::PERCENTILE)).ok()?;
    let pd = picture::plain_difference_picture(&small.difference()).ok()?;
    Some([pa, pb, pd])
}
