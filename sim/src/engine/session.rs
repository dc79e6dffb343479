//! What renderings one after the other share: started threads, the table of their list, memory of images that are done with.
//!
//! Not here: rendering (`schedule::rows`), derivatives (`derivative::gradients`), which this is handed to.

use super::error::EngineError;
use super::schedule::threads::Threads;
use super::structure_factors_squared::LatestTable;
use crate::image::raster::{Raster, defaults};
use crate::model::experiment::Experiment;

/// Renders one image after the other, the same bytes as [`render`](super::render) and
/// [`derivative`](super::derivative), without doing again what does not change between them: starting threads, and squaring the
/// amplitudes of the list, if experiments share it. Handed images that are done with, it takes their memory for the next,
/// which the system need not clear then.
///
/// ```
/// use nanobragg::prelude::*;
/// use std::sync::Arc;
///
/// let list = Arc::new(ReflectionGrid::from_list(&[([0, 0, 1], 50.0), ([1, 2, 3], 70.0)], 10.0)?);
/// let mut session = Session::default();
/// for turn in 0..3 {
///     let e = ExperimentBuilder::from_flags("-cell 30 40 50 90 90 90 -N 5 -lambda 1 -distance 100 -detpixels 32")?
///         .structure_factors(Arc::clone(&list))
///         .phi_degrees(0.5 * f64::from(turn), 0.5, 5)
///         .build()?;
///     let render = session.render(&e, &RenderOptions::default())?;
///     assert!(render.image.data.iter().any(|photons| *photons > 0.0));
///     session.reuse(render.image);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Session {
    pub(super) threads: Threads,
    pub(super) table: LatestTable,
    /// Memory of an image that is done with.
    image: Vec<f32>,
    /// Memory of derivatives that are done with.
    pub(super) derivatives: Vec<f64>,
}

impl Session {
    /// Takes the memory of an image that is done with.
    pub fn reuse(&mut self, image: Raster<f32>) {
        self.image = image.data;
    }

    /// An image to render into: without photons wherever nothing is rendered.
    ///
    /// # Errors
    /// An image too large for memory.
    pub(super) fn blank(&mut self, e: &Experiment) -> Result<Raster<f32>, EngineError> {
        let [fast, slow] = e.pixels;
        let room = fast.checked_mul(slow).and_then(|count| room(&mut self.image, count));
        let (mut data, dirty) = room.ok_or(EngineError::ImageTooLarge { fast, slow })?;
        let (columns, rows) = e.window();
        let renders_all = e.mask.is_none() && (columns, rows) == (0..fast, 0..slow);
        if dirty && !renders_all {
            data.fill(0.0);
        }
        Ok(Raster { fast, slow, data })
    }
}

/// `count` values, and whether they may be other than 0: `memory` if it has that length; `None` if they cannot be held in memory.
pub(super) fn room<T: Clone + Default>(memory: &mut Vec<T>, count: usize) -> Option<(Vec<T>, bool)> {
    let memory = std::mem::take(memory);
    if memory.len() == count { Some((memory, count > 0)) } else { Some((defaults(count)?, false)) }
}
