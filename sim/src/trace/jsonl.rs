//! The trace as JSON lines: one object per value.
//!
//! Not here: the values (`values`).

use super::pixel_log::{Event, PixelLog};
use super::schema;
use super::values::{self, Entry};
use crate::defects::{Defect, Defects};
use crate::model::experiment::Experiment;
use serde::Serialize;

#[derive(Serialize)]
struct JsonLine<'a> {
    level: &'a str,
    /// Slow, fast.
    pixel: [usize; 2],
    /// Layer, slow and fast sub-pixel.
    block: [i32; 3],
    source: Option<usize>,
    phi: Option<usize>,
    mosaic: Option<usize>,
    key: &'a str,
    values: &'a [f64],
    unit: &'a str,
}

/// The lines of one pixel.
pub fn pixel(experiment: &Experiment, defects: &Defects, log: &PixelLog) -> String {
    let mut text = String::new();
    let mut place = TracePosition {
        pixel: [log.pixel.slow, log.pixel.fast],
        block: [0; 3],
        source: None,
        phi: None,
        mosaic: None,
    };
    let mut f_latt = 0.0;
    for event in &log.events {
        let entries = match event {
            Event::Ray(r) => {
                (place.block, place.source, place.phi, place.mosaic) = (r.block, Some(r.source), None, None);
                values::ray(experiment, defects, r)
            }
            Event::Step(s) => {
                (place.phi, place.mosaic) = (Some(s.phi_step), Some(s.domain));
                values::step(experiment, s)
            }
            Event::Lattice(l) => {
                f_latt = l.total;
                let entries = values::lattice(l);
                if entries.is_empty() { vec![number("F_latt", l.total)] } else { entries }
            }
            Event::Amplitude(f_cell, grid) => {
                let mut entries = vec![values::amplitude(*f_cell)];
                if let Some(grid) = grid {
                    let values = grid.iter().flatten().flatten().copied().collect();
                    entries.push(Entry { key: "tricubic_grid", values, integer: false });
                }
                entries.push(number("term", f_cell * f_cell * f_latt * f_latt));
                entries
            }
            Event::SourceDone(_, sum, polarization) => {
                (place.phi, place.mosaic) = (None, None);
                vec![number("polar", *polarization), number("I_running", *sum)]
            }
            Event::Outcome(o) => {
                (place.source, place.phi, place.mosaic) = (None, None, None);
                values::outcome(experiment, o)
            }
        };
        for entry in &entries {
            text += &place.line(entry, defects);
        }
    }
    text
}

fn number(key: &'static str, value: f64) -> Entry {
    Entry { key, values: vec![value], integer: false }
}

struct TracePosition {
    pixel: [usize; 2],
    block: [i32; 3],
    source: Option<usize>,
    phi: Option<usize>,
    mosaic: Option<usize>,
}

impl TracePosition {
    fn line(&self, entry: &Entry, defects: &Defects) -> String {
        let level = match (self.source, self.phi) {
            (None, _) => "pixel",
            (Some(_), None) => "source",
            (Some(_), Some(_)) => "step",
        };
        let corrected = entry.key == "scattering_vec_A_inv" && !defects.emulates(Defect::TraceLabels);
        let unit = if corrected { "1/A" } else { schema::find(entry.key).map_or("", |k| k.unit) };
        let line = JsonLine {
            level,
            pixel: self.pixel,
            block: self.block,
            source: self.source,
            phi: self.phi,
            mosaic: self.mosaic,
            key: entry.key,
            values: &entry.values,
            unit,
        };
        // A structure of numbers and strings always has a JSON form.
        serde_json::to_string(&line).map(|s| s + "\n").unwrap_or_default()
    }
}
