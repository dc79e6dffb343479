//! How many pixels are computed side by side, which instruction sets this machine has, and one copy of a function for each.
//!
//! All copies give the same numbers: the same operations on doubles, each rounded once. Not here: what is computed with them
//! (`block`, `derivative`, `interpolation`, `spots`).

/// Pixels in a block. A multiple of every vector length; small enough for all arrays of a block to stay in the first cache.
pub(super) const LANES: usize = 64;

/// One number per pixel of a block. What holds several of them begins at a cache line: vectors that straddle two of those
/// take twice the time to load, and more to store.
pub(super) type Lanes = [f64; LANES];

/// Pixels of a block that are computed together where a spot lights some of them.
pub(super) const GROUP: usize = LANES / 8;

/// Adding this to a whole number below 2^32 leaves the number in the low 32 bits, where it is an index without a conversion.
pub(crate) const TO_BITS: f64 = (1_u64 << 52) as f64;

/// Instruction sets with fused multiply-add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "each architecture has its own"))]
pub(super) enum Level {
    /// Eight doubles at a time.
    Avx512,
    /// Four.
    Avx2,
    /// Two; every 64-bit ARM processor has it.
    Neon,
}

impl Level {
    /// The best of this machine.
    pub(super) fn detect() -> Option<Self> {
        Self::available().first().copied()
    }

    /// All of this machine, best first.
    pub(super) fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                levels.push(Self::Avx512);
            }
            if avx2 {
                levels.push(Self::Avx2);
            }
        }
        if cfg!(target_arch = "aarch64") {
            levels.push(Self::Neon);
        }
        levels
    }
}

/// Defines a function whose first argument is a [`Level`] and which calls `kernel` compiled for that instruction set. The
/// kernel must be `#[inline(always)]`, and so must all that it calls and that is to run on vectors. Generic parameters stand
/// in brackets: first with their bounds, then as they are handed on.
macro_rules! on_every_level {
    (
        $(#[$doc:meta])*
        $visible:vis fn $name:ident[$($generics:tt)*][$($handed_on:tt)*]($($argument:ident: $type:ty),* $(,)?) => $kernel:ident
    ) => {
        $(#[$doc])*
        $visible fn $name<$($generics)*>(level: $crate::engine::simd::Level, $($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2<$($generics)*>($($argument: $type),*) {
                    $kernel::<$($handed_on)*>($($argument),*);
                }
                #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
                fn avx512<$($generics)*>($($argument: $type),*) {
                    $kernel::<$($handed_on)*>($($argument),*);
                }
                use $crate::engine::simd::Level;
                // SAFETY: levels are found by `Level::available`, on this machine.
                unsafe {
                    match level {
                        Level::Avx512 => avx512::<$($handed_on)*>($($argument),*),
                        Level::Avx2 | Level::Neon => avx2::<$($handed_on)*>($($argument),*),
                    }
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                // Every processor of such an architecture has the instructions that the compiler takes by itself.
                let _ = level;
                $kernel::<$($handed_on)*>($($argument),*);
            }
        }
    };
}
pub(crate) use on_every_level;
