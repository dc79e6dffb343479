//! Defaults of the reference, in SI units.
//!
//! Not here: defaults that depend on other options (`resolve`, `steps`).

/// Wavelength, m.
pub const WAVELENGTH: f64 = 1.0e-10;
/// Fluence, photons/m²: puts r_e² × fluence at 10⁰.
pub const FLUENCE: f64 = 125_932_015_286_227_086_360_700_780_544.0;
/// Exposure, s.
pub const EXPOSURE: f64 = 1.0;
/// Beam width and height, m.
pub const BEAM_SIZE: f64 = 1e-4;
/// Pixel size, m.
pub const PIXEL_SIZE: f64 = 0.1e-3;
/// Sample to detector, m.
pub const DISTANCE: f64 = 100.0e-3;
/// Detector width and height, m.
pub const DETECTOR_SIZE: f64 = 102.4e-3;
/// Offset of the integer images, counts.
pub const ADC_OFFSET: f64 = 40.0;
/// Seed of the mosaic domains, as the generator takes it (negated).
pub const MOSAIC_SEED: i64 = -12_345_678;
/// Full scale of the integer image when its scale is chosen automatically, counts.
pub const FULL_SCALE: f64 = 55_000.0;
/// Reflection cache.
pub const CACHE: &str = "Fdump.bin";
/// Float image.
pub const FLOAT_FILE: &str = "floatimage.bin";
/// Integer image.
pub const INT_FILE: &str = "intimage.img";
/// Grey map.
pub const PGM_FILE: &str = "image.pgm";
/// Noise image.
pub const NOISE_FILE: &str = "noiseimage.img";
