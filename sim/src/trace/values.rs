//! The keys and values of one event, shared by all forms of the trace.
//!
//! Not here: prefixes and layout.

use super::observer::{Lattice, Outcome, Ray, Step};
use crate::c_number::g;
use crate::constants::R_E_SQR;
use crate::defects::{Defect, Defects};
use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;
use crate::units::{ANGSTROM, in_angstroms};

/// One key with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Name as in the schema.
    pub key: &'static str,
    /// Numbers.
    pub values: Vec<f64>,
    /// Whether they are integers.
    pub integer: bool,
}

impl Entry {
    fn scalar(key: &'static str, value: f64) -> Self {
        Self { key, values: vec![value], integer: false }
    }
    fn vector(key: &'static str, v: Vec3) -> Self {
        Self { key, values: v.to_array().to_vec(), integer: false }
    }
    fn integers(key: &'static str, values: &[i32]) -> Self {
        Self { key, values: values.iter().map(|v| f64::from(*v)).collect(), integer: true }
    }

    /// The numbers as text, separated by blanks.
    pub(crate) fn numbers(&self) -> String {
        let one = |v: &f64| if self.integer { format!("{v:.0}") } else { g(*v, 15) };
        self.values.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

/// A ray's entries.
pub(crate) fn ray(e: &Experiment, defects: &Defects, r: &Ray) -> Vec<Entry> {
    let d = &e.detector;
    // The label says 1/A; without the defect the numbers follow the label.
    let per_metre = if defects.emulates(Defect::TraceLabels) { 1.0 } else { ANGSTROM };
    vec![
        Entry::vector("pix0_vector_meters", d.origin),
        Entry::vector("fdet_vec", d.fast),
        Entry::vector("sdet_vec", d.slow),
        Entry::vector("pixel_pos_meters", r.position),
        Entry::scalar("R_distance_meters", r.distance),
        Entry::scalar("omega_pixel_sr", r.solid_angle),
        Entry::scalar("close_distance_meters", d.close_distance),
        Entry::scalar("obliquity_factor", d.close_distance / r.distance),
        Entry::vector("diffracted_vec", r.diffracted),
        Entry::vector("incident_vec", r.incident),
        Entry::scalar("lambda_meters", r.wavelength),
        Entry::scalar("lambda_angstroms", in_angstroms(r.wavelength)),
        Entry::vector("scattering_vec_A_inv", r.scattering.scaled(per_metre)),
    ]
}

/// A step's entries.
pub(crate) fn step(e: &Experiment, s: &Step) -> Vec<Entry> {
    let metres = |v: Vec3| Vec3::new(in_angstroms(v.x), in_angstroms(v.y), in_angstroms(v.z));
    let [a, b, c] = s.cell.map(metres);
    let [a_star, b_star, c_star] = e.cell.reciprocal;
    vec![
        Entry::vector("rot_a_angstroms", a),
        Entry::vector("rot_b_angstroms", b),
        Entry::vector("rot_c_angstroms", c),
        Entry::vector("rot_a_star_A_inv", a_star),
        Entry::vector("rot_b_star_A_inv", b_star),
        Entry::vector("rot_c_star_A_inv", c_star),
        Entry::vector("hkl_frac", Vec3::from(s.hkl)),
        Entry::integers("hkl_rounded", &s.nearest),
    ]
}

/// A lattice factor's entries: none for shapes without factors along the axes.
pub(crate) fn lattice(l: &Lattice) -> Vec<Entry> {
    let Some([a, b, c]) = l.factors else { return Vec::new() };
    vec![
        Entry::scalar("F_latt_a", a),
        Entry::scalar("F_latt_b", b),
        Entry::scalar("F_latt_c", c),
        Entry::scalar("F_latt", l.total),
    ]
}

/// A structure factor's entry.
pub(crate) fn amplitude(f_cell: f64) -> Entry {
    Entry::scalar("F_cell", f_cell)
}

/// The finished pixel's entries.
pub(crate) fn outcome(e: &Experiment, o: &Outcome) -> Vec<Entry> {
    let s = &e.sampling;
    let switch = |key, on: bool| Entry::integers(key, &[i32::from(on)]);
    vec![
        Entry::scalar("I_before_scaling", o.sum),
        Entry::scalar("r_e_meters", R_E_SQR.sqrt()),
        Entry::scalar("r_e_sqr", R_E_SQR),
        Entry::scalar("fluence_photons_per_m2", e.fluence),
        Entry::integers("steps", &[s.steps]),
        switch("oversample_thick", s.oversample_thick),
        switch("oversample_polar", s.oversample_polar),
        switch("oversample_omega", s.oversample_omega),
        Entry::scalar("capture_fraction", o.capture_fraction),
        Entry::scalar("polar", o.polarization),
        Entry::scalar("omega_pixel", o.solid_angle),
        Entry::scalar("cos_2theta", o.cos_2theta),
        Entry::scalar("I_pixel_final", o.photons),
        Entry::scalar("floatimage_accumulated", f64::from(o.stored)),
    ]
}
