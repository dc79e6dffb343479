//! Physical constants, with the digits the reference uses.
//!
//! Not here: numbers that are a user's default (`config::defaults`).

/// Square of the classical electron radius, m² (CODATA value as of the reference's writing).
pub(crate) const R_E_SQR: f64 = 7.940_792_480_189_65e-30;

/// Avogadro's number, 1/mol (CODATA 2006).
pub(crate) const AVOGADRO: f64 = 6.022_141_79e23;

/// Forward-scattering structure factor of water, electrons.
pub(crate) const WATER_F: f64 = 2.57;

/// Density of water, g/m³.
pub(crate) const WATER_DENSITY: f64 = 1e6;

/// Molecular weight of water, g/mol.
pub(crate) const WATER_MW: f64 = 18.0;

/// Density assumed for a crystal when its molecular weight is estimated, g/m³.
pub(crate) const CRYSTAL_DENSITY: f64 = 1.2e6;

/// Distance of generated sources from the sample, m.
pub(crate) const SOURCE_DISTANCE: f64 = 10.0;

/// Side of a cube over that of the sphere of equal volume and width: brings the round crystal's peak to the cube's height.
pub(crate) const SPHERE_TO_CUBE: f64 = 0.723601254558268;
