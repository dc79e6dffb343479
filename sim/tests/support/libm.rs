//! Is this machine's mathematical library the one the golden numbers were made with?
//! Not here: what a test does when it is not.

pub use trace_harness::cases::libm::Probe;

/// Compares this machine's library with `tests/golden/libm_probe.txt`.
pub fn probe() -> Probe {
    let path = super::golden::folder().join("libm_probe.txt");
    Probe::read(&path).unwrap_or_else(|error| panic!("{error}"))
}
