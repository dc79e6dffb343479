//! Instruction sets, and which of them this machine has.
//!
//! Not here: what is computed with them (`block`, `derivative`, `interpolation`, `spots`).

/// Instruction sets with fused multiply-add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Eight doubles at a time.
    Avx512,
    /// Four.
    Avx2,
    /// Two; every 64-bit ARM processor has it.
    Neon,
}

impl Level {
    /// The best of this machine.
    pub fn detect() -> Option<Self> {
        Self::available().first().copied()
    }

    /// All of this machine, best first.
    pub fn available() -> Vec<Self> {
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
