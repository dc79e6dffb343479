//! State that the reference carries from one evaluation to the next, and so from pixel to pixel.
//!
//! Three things leak: the rotated cell that is met again at phi = 0, whether interpolation is still on, and the
//! polarisation axis, which is normalised again at every use. Not here: how rows are rendered side by side in spite of it
//! (`rows`).

use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::physics::polarization::IncidentFrame;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;

/// Cell held when no rotation has been computed yet.
const UNROTATED: u32 = u32::MAX;

/// The state itself. Two equal states lead to equal pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carry {
    /// Rotation step whose cell is held, or `UNROTATED`.
    held: u32,
    /// Place in [`AxisStates`].
    pub axis: u32,
    /// Whether interpolation is still on.
    pub interpolate: bool,
}

impl Carry {
    /// The state before the first evaluation.
    pub(crate) fn initial(experiment: &Experiment) -> Self {
        Self { held: UNROTATED, axis: 0, interpolate: experiment.interpolate }
    }

    /// This state, but for whether interpolation is on.
    pub(crate) fn with_interpolation(self, interpolate: bool) -> Self {
        Self { held: self.held, axis: self.axis, interpolate }
    }

    /// The cells of all domains at rotation step `step`; what is held afterwards is that step's.
    #[inline(always)]
    pub(crate) fn cells<'e>(&mut self, experiment: &'e Experiment, step: usize) -> &'e [CellVectors] {
        let o = &experiment.orientations;
        if experiment.phi_carry_over {
            if o.phi[step] != 0.0 {
                self.held = step as u32;
            } else if self.held == UNROTATED {
                return o.unrotated();
            } else {
                return o.at(self.held as usize);
            }
        }
        o.at(step)
    }
}

/// Rotation steps whose cells the terms of a sweep see, once the state carried over has settled.
pub(crate) fn sweep_steps(e: &Experiment) -> Vec<usize> {
    let phi = &e.orientations.phi;
    let mut held = phi.iter().rposition(|angle| *angle != 0.0);
    let step = |(step, angle): (usize, &f64)| {
        if !e.phi_carry_over {
            return step;
        }
        if *angle != 0.0 {
            held = Some(step);
        }
        held.unwrap_or(step)
    };
    phi.iter().enumerate().map(step).collect()
}

/// Where an evaluation left the reflection list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leave {
    /// The pixel.
    pub pixel: Pixel,
    /// Fractional Miller indices.
    pub hkl: [f64; 3],
    /// Nearest Miller indices.
    pub nearest: [i32; 3],
}

/// The polarisation axis after one, two, … normalisations, and what follows from it for each source.
///
/// The sequence reaches a fixed point, as a rule at once; should it ever end in a cycle, `next` follows the cycle.
#[derive(Debug)]
pub(crate) struct AxisStates {
    /// Frames by state, then by source.
    frames: Vec<Vec<IncidentFrame>>,
    next: Vec<u32>,
}

impl AxisStates {
    /// Longest sequence looked at; rounding settles within two or three steps.
    const LONGEST: usize = 64;

    /// Follows the axis until it repeats.
    pub(crate) fn new(experiment: &Experiment) -> Self {
        let bits = |v: Vec3| v.to_array().map(f64::to_bits);
        let mut axes = vec![experiment.polarization_axis.unitized().0];
        let back = loop {
            let following = axes[axes.len() - 1].unitized().0;
            if let Some(place) = axes.iter().position(|a| bits(*a) == bits(following)) {
                break place;
            }
            if axes.len() == Self::LONGEST {
                break axes.len() - 1;
            }
            axes.push(following);
        };
        let mut next: Vec<u32> = (1..=axes.len() as u32).collect();
        next[axes.len() - 1] = back as u32;
        let frame = |axis: &Vec3| {
            let incident = |s: &crate::model::sources::Source| {
                IncidentFrame::new(experiment.kahn_factor, -s.direction, *axis)
            };
            experiment.sources.list.iter().map(incident).collect()
        };
        Self { frames: axes.iter().map(frame).collect(), next }
    }

    /// The state that follows itself; `None` when the sequence ends in a cycle.
    pub(crate) fn fixed_point(&self) -> Option<u32> {
        let last = self.next.len() - 1;
        (self.next[last] == last as u32).then_some(last as u32)
    }

    /// The frame of the next use by `source`, and the state after it.
    #[inline(always)]
    pub(crate) fn frame(&self, state: u32, source: usize) -> (&IncidentFrame, u32) {
        (&self.frames[state as usize][source], self.next[state as usize])
    }
}
