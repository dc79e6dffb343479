//! The trace as text lines: `TRACE_RS: key value…`, identical after the prefix to the reference's pixel lines.
//!
//! Not here: the values (`values`), the set-up lines (`setup`).

use super::last_state::LastState;
use super::observer::{Lattice, Step};
use super::pixel_log::{Event, PixelLog};
use super::values::{self, Entry};
use crate::c_number::{fixed, g, g6};
use crate::choices::TraceDepth;
use crate::defects::Defects;
use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;
use crate::units::{DEGREES_PER_RADIAN, in_angstroms};
use std::fmt::Write;

/// The lines of one pixel, headed by `TRACE_RS_PIXEL slow fast`.
pub fn pixel(experiment: &Experiment, defects: &Defects, log: &PixelLog) -> String {
    let mut writer = Writer { experiment, depth: log.depth, text: String::new(), step: None, lattice: None };
    let _ = writeln!(writer.text, "TRACE_RS_PIXEL {} {}", log.pixel.slow, log.pixel.fast);
    for event in &log.events {
        writer.event(defects, event);
    }
    writer.text
}

struct Writer<'a> {
    experiment: &'a Experiment,
    depth: TraceDepth,
    text: String,
    step: Option<Step>,
    lattice: Option<Lattice>,
}

impl Writer<'_> {
    fn lines(&mut self, prefix: &str, entries: &[Entry]) {
        for entry in entries {
            let _ = writeln!(self.text, "{prefix}: {} {}", entry.key, entry.numbers());
        }
    }

    fn event(&mut self, defects: &Defects, event: &Event) {
        let e = self.experiment;
        match event {
            Event::Ray(ray) => {
                let entries = values::ray(e, defects, ray);
                if ray.source == 0 {
                    self.lines("TRACE_RS", &entries);
                } else {
                    self.lines(&format!("TRACE_RS_SOURCE {}", ray.source), &entries);
                }
            }
            Event::Step(step) => {
                self.step = Some(*step);
                if self.on_first_level() {
                    self.lines("TRACE_RS", &values::step(e, step));
                }
            }
            Event::Lattice(lattice) => {
                self.lattice = Some(*lattice);
                if self.on_first_level() {
                    self.lines("TRACE_RS", &values::lattice(lattice));
                }
                self.phi_lines();
            }
            Event::Amplitude(f_cell, grid) => {
                if self.on_first_level() {
                    self.lines("TRACE_RS", &[values::amplitude(*f_cell)]);
                }
                self.step_line(*f_cell);
                if let Some(grid) = grid {
                    self.grid_lines(grid);
                }
            }
            Event::SourceDone(source, sum, polarization) => {
                let prefix = format!("TRACE_RS_SOURCE {source}");
                let _ = writeln!(self.text, "{prefix}: polar {}", g(*polarization, 15));
                let _ = writeln!(self.text, "{prefix}: I_running {}", g(*sum, 15));
            }
            Event::Outcome(outcome) => self.lines("TRACE_RS", &values::outcome(e, outcome)),
        }
    }

    fn on_first_level(&self) -> bool {
        self.step.is_some_and(|s| s.source == 0 && s.phi_step == 0 && s.domain == 0)
    }

    /// One line per rotation step of the first source and domain, and its cell before the mosaic rotation.
    fn phi_lines(&mut self) {
        let (Some(step), Some(lattice)) = (self.step, self.lattice) else { return };
        if self.depth < TraceDepth::Phi || step.source != 0 || step.domain != 0 {
            return;
        }
        let b = lattice.factors.map_or_else(|| "-".to_owned(), |f| g(f[1], 15));
        let _ = writeln!(
            self.text,
            "TRACE_RS_PHI phi_tic={} phi_deg={} k_frac={} F_latt_b={b} F_latt={}",
            step.phi_step,
            g(step.phi * DEGREES_PER_RADIAN, 15),
            g(step.hkl[1], 15),
            g(lattice.total, 15)
        );
        let [a, b, c] = self.experiment.orientations.without_mosaic(self.cell_of(&step));
        let angstroms = |v: Vec3| v.to_array().map(|x| g(in_angstroms(x), 15)).join(",");
        let _ = writeln!(
            self.text,
            "TRACE_RS_ROTSTAR phi_tic={} ap={} bp={} cp={}",
            step.phi_step,
            angstroms(a),
            angstroms(b),
            angstroms(c)
        );
    }

    /// The rotation step whose cell this one was computed with: its own, but for the reference's carry-over (C-PARITY-001).
    fn cell_of(&self, step: &Step) -> usize {
        let cells = &self.experiment.orientations;
        let is_it = |n: &usize| cells.at(*n)[step.domain] == step.cell;
        Some(step.phi_step)
            .filter(is_it)
            .or_else(|| (0..cells.phi.len()).find(is_it))
            .unwrap_or(step.phi_step)
    }

    fn step_line(&mut self, f_cell: f64) {
        let (Some(s), Some(lattice)) = (self.step, self.lattice) else { return };
        if self.depth < TraceDepth::Step {
            return;
        }
        let term = f_cell * f_cell * lattice.total * lattice.total;
        let _ = writeln!(
            self.text,
            "TRACE_RS_STEP source={} phi_tic={} mos_tic={} hkl={} hkl0={} F_cell={} F_latt={} term={}",
            s.source,
            s.phi_step,
            s.domain,
            s.hkl.map(|x| g(x, 15)).join(","),
            s.nearest.map(|i| i.to_string()).join(","),
            g(f_cell, 15),
            g(lattice.total, 15),
            g(term, 15)
        );
    }

    fn grid_lines(&mut self, grid: &crate::physics::interpolation::Neighbourhood) {
        for (i, plane) in grid.iter().enumerate() {
            for (j, row) in plane.iter().enumerate() {
                for (k, value) in row.iter().enumerate() {
                    let _ = writeln!(self.text, "TRACE_RS_TRICUBIC: [{i},{j},{k}]={}", g(*value, 15));
                }
            }
        }
    }
}

/// What `-printout` says about a pixel. `wavelength` is the run's, m.
pub fn printout(experiment: &Experiment, wavelength: f64, state: &LastState) -> String {
    let (Some(ray), Some(outcome)) = (state.ray, state.outcome) else { return String::new() };
    let position = ray.position;
    let twotheta = (position.y * position.y + position.z * position.z).sqrt().atan2(position.x);
    let mut t = format!(
        "{:>4} {:>4} : stol = {} or {}\nat {} {} {}\n",
        state.pixel.fast,
        state.pixel.slow,
        g6(0.5 * ray.scattering.norm()),
        g6((twotheta / 2.0).sin() / in_angstroms(wavelength)),
        g6(position.x),
        g6(position.y),
        g6(position.z)
    );
    if let Some(step) = state.step {
        let hkl = step.hkl.map(|x| fixed(x, 0, 6)).join(" ");
        let [h, k, l] = step.nearest;
        let _ = writeln!(t, "hkl= {hkl}  hkl0= {h} {k} {l}");
    }
    let sum = outcome.sum;
    let _ = writeln!(t, " F_cell={}  F_latt={}   I = {}", g6(state.f_cell), g6(state.f_latt), g6(sum));
    for (name, value) in [
        ("I/steps", sum / f64::from(experiment.sampling.steps)),
        ("polar  ", outcome.polarization),
        ("omega  ", outcome.solid_angle),
        ("capfrac", outcome.capture_fraction),
        ("pixel  ", f64::from(outcome.stored)),
    ] {
        let _ = writeln!(t, "{name} {:>15}", g(value, 10));
    }
    if let Some(step) = state.step {
        let _ =
            writeln!(t, "real-space cell vectors (Angstrom):\n     {:<10}  {:<10}  {:<10}", "a", "b", "c");
        for (i, axis) in ["X", "Y", "Z"].iter().enumerate() {
            let [a, b, c] = step.cell.map(|v| fixed(in_angstroms(v[i]), 11, 8));
            let _ = writeln!(t, "{axis}: {a} {b} {c}");
        }
    }
    t
}
