//! The flat detector as rays from the sample see it: which pixels a narrow cone of rays can reach.
//!
//! Everything is on the safe side: a pixel that a ray of the cone meets is always inside the answer. Not here: which cones
//! matter (`spots::map`).

use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;

/// Cosines of the angle to the normal below this count as grazing: such a cone may reach any pixel.
const GRAZING: f64 = 1e-3;

/// Share of a pixel by which boxes are widened for rounding.
const MARGIN: f64 = 1e-3;

/// Columns and rows, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelBox {
    /// First and last column.
    pub fast: [usize; 2],
    /// First and last row.
    pub slow: [usize; 2],
}

/// The rendered part of a flat detector.
#[derive(Debug)]
pub(crate) struct Panel {
    /// Unit normal of the plane, on the side where the rays arrive.
    normal: Vec3,
    /// Distance of each sensor layer's plane from the sample, m, and its corner.
    layers: Vec<(f64, Vec3)>,
    /// What turns a position in the plane into coordinates along fast and slow, m.
    dual: [Vec3; 2],
    pixel_size: f64,
    all: PixelBox,
    /// Direction of the middle of the rendered part, and the largest angle from it to a rendered pixel, radians.
    pub middle: (Vec3, f64),
}

impl Panel {
    /// The panel of an experiment; `None` for what rays cannot be followed to: a curved detector, a plane through the
    /// sample, nothing to render.
    pub(crate) fn new(e: &Experiment) -> Option<Self> {
        let d = &e.detector;
        let (columns, rows) = e.window();
        let all = PixelBox {
            fast: [columns.start, columns.end.checked_sub(1)?],
            slow: [rows.start, rows.end.checked_sub(1)?],
        };
        if e.curved || columns.is_empty() || rows.is_empty() {
            return None;
        }
        let across = d.fast.cross(d.slow);
        let area = across.norm();
        let towards = if across.dot(d.origin) < 0.0 { -1.0 } else { 1.0 };
        let normal = across.scaled(towards / area);
        let sunk = |layer: i32| {
            let depth = d.normal.scaled(f64::from(layer) * e.layer_step);
            let corner = Vec3::new(d.origin.x + depth.x, d.origin.y + depth.y, d.origin.z + depth.z);
            (normal.dot(corner), corner)
        };
        let layers: Vec<_> = (0..e.layers).map(sunk).collect();
        let dual = [d.slow.cross(across), across.cross(d.fast)].map(|v| v.scaled(1.0 / (area * area)));
        // In this order the first is perpendicular to slow, the second to fast, and each has the product 1 with its axis.
        let usable = area > 1e-6 && e.pixel_size > 0.0 && layers.iter().all(|(distance, _)| *distance > 0.0);
        let panel = Self { normal, layers, dual, pixel_size: e.pixel_size, all, middle: (normal, 0.0) };
        usable.then(|| panel.with_middle(e)).flatten()
    }

    /// Adds the cone around all rendered pixels. Its widest rays end at the corners, because cones narrower than a half
    /// space are convex.
    fn with_middle(self, e: &Experiment) -> Option<Self> {
        let d = &e.detector;
        let at = |corner: Vec3, f: f64, s: f64| {
            let (f, s) = (d.fast.scaled(f * self.pixel_size), d.slow.scaled(s * self.pixel_size));
            Vec3::new(corner.x + f.x + s.x, corner.y + f.y + s.y, corner.z + f.z + s.z).unitized().0
        };
        let ends = |[first, last]: [usize; 2]| [first as f64, last as f64 + 1.0];
        let (fast, slow) = (ends(self.all.fast), ends(self.all.slow));
        let middle = at(self.layers.first()?.1, (fast[0] + fast[1]) / 2.0, (slow[0] + slow[1]) / 2.0);
        let (mut widest, mut flattest) = (0.0_f64, 1.0_f64);
        for (_, corner) in &self.layers {
            for f in fast {
                for s in slow {
                    let ray = at(*corner, f, s);
                    widest = widest.max(middle.dot(ray).clamp(-1.0, 1.0).acos());
                    flattest = flattest.min(self.normal.dot(ray));
                }
            }
        }
        (widest < 1.5 && flattest > 2.0 * GRAZING).then_some(Self { middle: (middle, widest + 1e-9), ..self })
    }

    /// Calls `take` with the pixels of each layer that rays within `chord` of `direction` (a unit vector) can meet.
    #[inline]
    pub(crate) fn reach(&self, direction: Vec3, chord: f64, mut take: impl FnMut(PixelBox)) {
        let cosine = self.normal.dot(direction);
        let least = cosine - chord;
        if cosine + chord < GRAZING {
            // All pixels are seen under steeper rays: `with_middle` made sure of that.
            return;
        }
        if least < GRAZING {
            return take(self.all);
        }
        for (distance, corner) in &self.layers {
            let met = direction.scaled(distance / cosine);
            let from_corner = Vec3::new(met.x - corner.x, met.y - corner.y, met.z - corner.z);
            let radius = distance * chord / least * (1.0 + 1.0 / cosine);
            let range = |dual: Vec3, [first, last]: [usize; 2]| {
                let centre = dual.dot(from_corner) / self.pixel_size;
                let around = radius * dual.norm() / self.pixel_size + MARGIN;
                let (from, to) = (centre - around, centre + around);
                let met = to >= first as f64 && from < last as f64 + 1.0;
                met.then(|| [(from.max(0.0) as usize).max(first), (to as usize).min(last)])
            };
            let fast = range(self.dual[0], self.all.fast);
            let slow = range(self.dual[1], self.all.slow);
            if let (Some(fast), Some(slow)) = (fast, slow) {
                take(PixelBox { fast, slow });
            }
        }
    }

    /// A distance from the sample that no pixel falls short of, m.
    pub(crate) fn nearest(&self) -> f64 {
        0.999 * self.layers.iter().map(|(distance, _)| *distance).fold(f64::INFINITY, f64::min)
    }

    /// The rendered pixels.
    pub(crate) fn all(&self) -> PixelBox {
        self.all
    }
}
