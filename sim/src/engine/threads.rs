//! Two pieces of work at once, for what follows rendering.
//!
//! Not here: rows (`rows`), what the work is.

/// Does `first` and `second`, side by side unless there is one thread only (`threads`; 0 means all cores).
pub fn both<A: Send, B: Send>(
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
    fn both_results_come_back_however_many_threads_there_are() {
        for threads in [0, 1, 2, 7] {
            assert_eq!(both(threads, || 1, || "two"), (1, "two"));
        }
    }
}
