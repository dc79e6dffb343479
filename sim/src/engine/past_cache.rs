//! Copies to memory that nothing is about to read: the processor need not fetch what is overwritten.
//!
//! Derivatives by eight parameters are eighteen times as many bytes as the image: their way to memory is half of the time of a
//! still. Not here: what is copied (`derivative::rows`).

use super::simd::Level;

/// Doubles of a cache line.
pub(crate) const DOUBLES_PER_LINE: usize = 8;

/// A cache line.
#[cfg(target_arch = "x86_64")]
#[repr(C, align(64))]
struct CacheLine([f64; DOUBLES_PER_LINE]);

/// The place of the first number that begins a cache line, of at least [`DOUBLES_PER_LINE`] numbers less one.
pub(crate) fn start_of_line(numbers: &[f64]) -> usize {
    let line = DOUBLES_PER_LINE * size_of::<f64>();
    (numbers.as_ptr().addr().wrapping_neg() % line) / size_of::<f64>()
}

/// Copies `from` to `to`, which is as long, past the cache where the processor can: whole lines of it, of which nothing but all
/// bytes reaches memory; parts of lines take the usual way. For callers that are compiled for an instruction set, which is known
/// to be this machine's.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub(crate) fn copy_past_cache(_: Level, from: &[f64], to: &mut [f64]) {
    assert_eq!(from.len(), to.len(), "copies have the length of what they are copies of");
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_mm256_loadu_pd, _mm256_stream_pd};
        // SAFETY: a line is eight doubles and nothing else.
        let (before, lines, after) = unsafe { to.align_to_mut::<CacheLine>() };
        let (from_before, from) = from.split_at(before.len());
        before.copy_from_slice(from_before);
        let (from_lines, from_after) = from.as_chunks::<DOUBLES_PER_LINE>();
        for (from, to) in from_lines.iter().zip(lines) {
            let (from, to) = (from.as_ptr(), to.0.as_mut_ptr());
            // SAFETY: every level of these processors has the instructions; both are eight doubles, the second at a multiple of 64.
            unsafe {
                _mm256_stream_pd(to, _mm256_loadu_pd(from));
                _mm256_stream_pd(to.add(4), _mm256_loadu_pd(from.add(4)));
            }
        }
        after.copy_from_slice(from_after);
    }
    #[cfg(not(target_arch = "x86_64"))]
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
    fn a_line_begins_within_the_first_numbers_of_it() {
        let numbers = [0.0; 2 * DOUBLES_PER_LINE];
        for first in 0..=DOUBLES_PER_LINE {
            let start = start_of_line(&numbers[first..]);
            assert!(start < DOUBLES_PER_LINE);
            assert_eq!(numbers[first + start..].as_ptr().addr() % 64, 0);
        }
    }

    #[test]
    fn copies_are_complete_wherever_they_begin_and_however_long_they_are() {
        let Some(level) = Level::detect() else { return };
        let from: Vec<f64> = (0..70).map(f64::from).collect();
        for start in 0..=DOUBLES_PER_LINE {
            for length in [0, 1, 2, 7, 8, 9, 63, 64] {
                let mut to = vec![-1.0; 80];
                copy_past_cache(level, &from[1..=length], &mut to[start..start + length]);
                end_of_copies();
                assert_eq!(to[start..start + length], from[1..=length]);
                assert!(to[..start].iter().chain(&to[start + length..]).all(|x| *x == -1.0));
            }
        }
    }
}
