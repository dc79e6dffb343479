//! Keeps what the engine reports about one pixel, as deep as requested.
//!
//! A log lives and dies with its run. Not here: its text forms (`text`, `jsonl`).

use super::observer::{Amplitude, Lattice, Observer, Outcome, Ray, Step};
use crate::choices::TraceDepth;
use crate::physics::interpolation::Neighbourhood;
use crate::pixel::Pixel;

/// One event, in the order in which the engine reports it.
#[derive(Debug, Clone)]
pub enum Event {
    /// A ray.
    Ray(Ray),
    /// The crystal of a step.
    Step(Step),
    /// The lattice factor of the step before.
    Lattice(Lattice),
    /// The structure factor of the step before.
    Amplitude(f64, Option<Box<Neighbourhood>>),
    /// A source is done: number, running sum, polarisation.
    SourceDone(usize, f64, f64),
    /// The end.
    Outcome(Outcome),
}

/// The events of one pixel.
#[derive(Debug, Clone)]
pub struct PixelLog {
    /// The pixel.
    pub pixel: Pixel,
    /// How deep.
    pub depth: TraceDepth,
    /// The events.
    pub events: Vec<Event>,
    keep_step: bool,
}

impl PixelLog {
    /// An empty log.
    pub fn new(pixel: Pixel, depth: TraceDepth) -> Self {
        Self { pixel, depth, events: Vec::new(), keep_step: false }
    }

    /// Whether a step is on the reference's own level: first source, first rotation step, first domain.
    fn is_first(step: &Step) -> bool {
        step.source == 0 && step.phi_step == 0 && step.domain == 0
    }
}

impl Observer for PixelLog {
    const ENABLED: bool = true;

    fn ray(&mut self, event: &Ray) {
        if event.source == 0 || self.depth >= TraceDepth::Source {
            self.events.push(Event::Ray(*event));
        }
    }

    fn step(&mut self, event: &Step) {
        self.keep_step = Self::is_first(event)
            || (self.depth >= TraceDepth::Phi && event.source == 0 && event.domain == 0)
            || self.depth >= TraceDepth::Step;
        if self.keep_step {
            self.events.push(Event::Step(*event));
        }
    }

    fn lattice(&mut self, event: &Lattice) {
        if self.keep_step {
            self.events.push(Event::Lattice(*event));
        }
    }

    fn amplitude(&mut self, event: &Amplitude<'_>) {
        if self.keep_step {
            let grid = event.neighbourhood.filter(|_| self.depth >= TraceDepth::Step);
            self.events.push(Event::Amplitude(event.f_cell, grid.map(|g| Box::new(*g))));
        }
    }

    fn source_done(&mut self, source: usize, sum: f64, polarization: f64) {
        if self.depth >= TraceDepth::Source {
            self.events.push(Event::SourceDone(source, sum, polarization));
        }
    }

    fn outcome(&mut self, event: &Outcome) {
        self.events.push(Event::Outcome(*event));
    }
}
