//! How many threads a run is worth, and work side by side before and after rendering.
//!
//! Not here: rows (`rows`), what the work is.

use crate::engine::error::EngineError;
use crate::model::experiment::Experiment;
use rayon::ThreadPool;
use rayon::prelude::*;

/// Terms of the pixels' sums below which starting threads takes longer than rendering: some 0.2 ms against 10 ns each.
const SMALLEST_SHARED: u64 = 1 << 14;

/// Threads for an experiment when `requested` are requested; 0 means all cores, and comes back as 1 where a single one is done
/// before others have started.
pub(crate) fn threads_for(experiment: &Experiment, requested: usize) -> usize {
    let (fast, slow) = experiment.window();
    let pixels = fast.len() as u64 * slow.len() as u64;
    let terms = pixels.saturating_mul(u64::from(experiment.sampling.steps.unsigned_abs()));
    if requested == 0 && terms < SMALLEST_SHARED { 1 } else { requested }
}

/// Threads that were started, and how many were requested.
#[derive(Debug, Default)]
pub(crate) struct Threads(Option<(usize, ThreadPool)>);

impl Threads {
    /// The threads that render an experiment when `requested` are requested; none where the one that is running does it.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub(crate) fn pool(
        &mut self,
        experiment: &Experiment,
        requested: usize,
    ) -> Result<Option<&ThreadPool>, EngineError> {
        let count = threads_for(experiment, requested);
        if count == 1 {
            return Ok(None);
        }
        if self.0.as_ref().is_none_or(|(started, _)| *started != count) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
            let pool = pool.map_err(|e| EngineError::NoThreads { count, reason: e.to_string() })?;
            self.0 = Some((count, pool));
        }
        Ok(self.0.as_ref().map(|(_, pool)| pool))
    }
}

/// `of` each item, in the order of the items, on as many threads as requested; 0 means all cores.
pub(crate) fn each<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    of: impl Fn(&T) -> R + Sync + Send,
) -> Vec<R> {
    let pool = (threads != 1 && items.len() > 1)
        .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
    match pool {
        Some(Ok(pool)) => pool.install(|| items.par_iter().map(of).collect()),
        // One thread, or none to be had: not worth failing for.
        _ => items.iter().map(of).collect(),
    }
}

/// Does `first` and `second`, side by side unless there is one thread only (`threads`; 0 means all cores).
pub(crate) fn both<A: Send, B: Send>(
    threads: usize,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if threads == 1 {
        return (first(), second());
    }
    match rayon::ThreadPoolBuilder::new().num_threads(2).build() {
        Ok(pool) => pool.join(first, second),
        // Not worth failing for.
        Err(_) => (first(), second()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_back_in_order_however_many_threads_there_are() {
        for threads in [0, 1, 2, 7] {
            assert_eq!(each(threads, &[3, 1, 2], |x| 2 * x), [6, 2, 4]);
            assert_eq!(both(threads, || 1, || "two"), (1, "two"));
        }
    }
}
