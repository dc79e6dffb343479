//! Copies to memory that nothing is about to read: the processor need not fetch what is overwritten.
//!
//! Derivatives by eight parameters are eighteen times as many bytes as the image: their way to memory is half of the time of a
//! still. Not here: what is copied (`derivative::rows`).

/// Copies `from` to `to`, which is as long, past the cache where the processor can.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub(crate) fn copy_past_cache(from: &[f64], to: &mut [f64]) {
    assert_eq!(from.len(), to.len(), "copies have the length of what they are copies of");
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_mm_loadu_pd, _mm_stream_pd};
        if to.as_ptr().addr().is_multiple_of(16) {
            let (pairs, rest) = from.as_chunks::<2>();
            let (pairs_to, rest_to) = to.as_chunks_mut::<2>();
            for (pair, to) in pairs.iter().zip(pairs_to) {
                // SAFETY: every x86-64 processor has these; both are two doubles, and the second is at a multiple of 16.
                unsafe { _mm_stream_pd(to.as_mut_ptr(), _mm_loadu_pd(pair.as_ptr())) };
            }
            rest_to.copy_from_slice(rest);
            return;
        }
    }
    to.copy_from_slice(from);
}

/// Waits for copies to arrive, as threads that read them must be able to expect.
#[inline]
pub(crate) fn end_of_copies() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has it.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_complete_wherever_they_begin_and_however_long_they_are() {
        let from: Vec<f64> = (0..70).map(f64::from).collect();
        for start in 0..3 {
            for length in [0, 1, 2, 63, 64] {
                let mut to = vec![-1.0; 70];
                copy_past_cache(&from[1..=length], &mut to[start..start + length]);
                end_of_copies();
                assert_eq!(to[start..start + length], from[1..=length]);
                assert!(to[..start].iter().chain(&to[start + length..]).all(|x| *x == -1.0));
            }
        }
    }
}
