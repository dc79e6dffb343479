//! The flat detector as rays from the sample see it: which pixels a narrow cone of rays can reach.
//!
//! Everything is on the safe side: a pixel that a ray of the cone meets is always inside the answer. Not here: which cones
//! matter (`spots::list`).

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

/// The pixels of one layer that a narrow cone of rays can meet: an ellipse.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Footprint {
    /// Its middle along fast and slow, in pixels; whole numbers are the lower edges of pixels.
    middle: [f64; 2],
    /// Half of the columns of the row through its middle.
    half_width: f32,
    /// How far it is shifted from one row to the next, columns.
    slant: f32,
    /// Half of its height, rows.
    half_height: f32,
}

impl Footprint {
    /// Every pixel.
    const ALL: Self =
        Self { middle: [0.0; 2], half_width: f32::INFINITY, slant: 0.0, half_height: f32::INFINITY };

    /// From where to where it reaches in a row, columns and parts of them, perhaps beyond those of the detector.
    #[inline(always)]
    pub(crate) fn columns(&self, row: usize) -> Option<[f64; 2]> {
        let from = row as f64 - self.middle[1];
        let (from, to) = (from - MARGIN, from + 1.0 + MARGIN);
        let nearest = 0.0_f64.clamp(from, to) / f64::from(self.half_height);
        let inside = 1.0 - nearest * nearest;
        if inside < 0.0 {
            return None;
        }
        let slant = f64::from(self.slant);
        let around = f64::from(self.half_width) * inside.sqrt() + 0.5 * slant.abs() + MARGIN;
        let middle = self.middle[0] + slant * 0.5 * (from + to);
        Some([middle - around, middle + around])
    }

    /// From where to where it reaches, rows and parts of them, perhaps beyond those of the detector.
    pub(crate) fn rows(&self) -> [f64; 2] {
        let half = f64::from(self.half_height);
        [self.middle[1] - half - MARGIN, self.middle[1] + half + MARGIN]
    }
}

/// Directions of some pixels from the sample, and others around them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// Axis of a cone that holds them, a unit vector, and its half angle, radians.
    pub cone: (Vec3, f64),
    /// Normals of planes through the sample that none of them lies behind, of length 1; 0 where no such plane is known.
    pub sides: [Vec3; 2],
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
    /// Directions of the corners of the rendered part, of all layers.
    corners: Vec<Vec3>,
    /// Where the rendered part is.
    pub view: View,
}

/// The cone around an axis that holds some rays, and so what lies between them: cones narrower than a half space are convex.
fn around(middle: Vec3, rays: &[Vec3]) -> (Vec3, f64) {
    let angle = |ray: &Vec3| middle.dot(*ray).clamp(-1.0, 1.0).acos();
    (middle, rays.iter().map(angle).fold(0.0, f64::max) + 1e-9)
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
        let panel = Self {
            normal,
            layers,
            dual,
            pixel_size: e.pixel_size,
            all,
            corners: Vec::new(),
            view: View { cone: (normal, 0.0), sides: [Vec3::ZERO; 2] },
        };
        usable.then(|| panel.with_middle(e)).flatten()
    }

    /// Adds the cone around all rendered pixels.
    fn with_middle(self, e: &Experiment) -> Option<Self> {
        let (middle, corners) = self.corners(e, self.all)?;
        let flattest = corners.iter().map(|ray| self.normal.dot(*ray)).fold(1.0, f64::min);
        let cone = around(middle, &corners);
        (cone.1 < 1.5 && flattest > 2.0 * GRAZING).then_some(Self {
            corners,
            view: View { cone, ..self.view },
            ..self
        })
    }

    /// Where some pixels are.
    pub(super) fn view(&self, e: &Experiment, pixels: PixelBox) -> Option<View> {
        let (middle, corners) = self.corners(e, pixels)?;
        let [first, last] = pixels.slow;
        let sides = match *self.layers.as_slice() {
            [layer] => [self.side(layer, first as f64, 1.0), self.side(layer, last as f64 + 1.0, -1.0)],
            // Each layer has its own.
            _ => [Vec3::ZERO; 2],
        };
        Some(View { cone: around(middle, &corners), sides })
    }

    /// Normal of the plane through the sample and the line between two rows of a layer; with `sign` 1 what is in the row that begins
    /// there is on its side, with -1 what is in the one before.
    fn side(&self, (distance, corner): (f64, Vec3), row: f64, sign: f64) -> Vec3 {
        // A ray along d meets the layer at the coordinate slow·(d distance / (n·d) - corner), which is to be beyond the row's:
        // multiplied by n·d, which is positive for all pixels, a product of d with this.
        let [_, slow] = self.dual;
        let line = slow.dot(corner) + row * self.pixel_size;
        let (slow, normal) = (slow.scaled(distance), self.normal.scaled(-line));
        let side = Vec3::new(slow.x + normal.x, slow.y + normal.y, slow.z + normal.z);
        let length = side.norm();
        if length > 0.0 { side.scaled(sign / length) } else { Vec3::ZERO }
    }

    /// Directions of the middle of some pixels and, of every layer, of their corners.
    fn corners(&self, e: &Experiment, pixels: PixelBox) -> Option<(Vec3, Vec<Vec3>)> {
        let d = &e.detector;
        let at = |corner: Vec3, f: f64, s: f64| {
            let (f, s) = (d.fast.scaled(f * self.pixel_size), d.slow.scaled(s * self.pixel_size));
            Vec3::new(corner.x + f.x + s.x, corner.y + f.y + s.y, corner.z + f.z + s.z).unitized().0
        };
        let ends = |[first, last]: [usize; 2]| [first as f64, last as f64 + 1.0];
        let (fast, slow) = (ends(pixels.fast), ends(pixels.slow));
        let middle = at(self.layers.first()?.1, (fast[0] + fast[1]) / 2.0, (slow[0] + slow[1]) / 2.0);
        let of = |corner: Vec3| fast.into_iter().flat_map(move |f| slow.map(|s| at(corner, f, s)));
        Some((middle, self.layers.iter().flat_map(|(_, corner)| of(*corner)).collect()))
    }

    /// Calls `take` with the number of each layer and the pixels of it that rays within `chord` of `direction` (a unit
    /// vector) can meet.
    #[inline]
    pub(crate) fn reach(&self, direction: Vec3, chord: f64, mut take: impl FnMut(usize, Footprint)) {
        let cosine = self.normal.dot(direction);
        let least = cosine - chord;
        if cosine + chord < GRAZING {
            // All pixels are seen under steeper rays: `with_middle` made sure of that.
            return;
        }
        if least < GRAZING {
            return (0..self.layers.len()).for_each(|layer| take(layer, Footprint::ALL));
        }
        let [fast, slow] = self.dual.map(|v| v.scaled(1.0 / self.pixel_size));
        let (along_fast, along_slow) = (fast.dot(direction) / cosine, slow.dot(direction) / cosine);
        // A ray off the direction u by e, |e| <= chord, meets the plane with normal n at the distance d off u's by
        // d (c e - u (n·e)) / (c (c + n·e)) with c = n·u: at most d chord / (c - chord) across u's projection, and 1/c of
        // that along it. In coordinates the ellipse is then given by these sums of squares.
        let fast_sqr = fast.dot(fast) + along_fast * along_fast;
        let slow_sqr = slow.dot(slow) + along_slow * along_slow;
        let mixed = fast.dot(slow) + along_fast * along_slow;
        let slant = mixed / slow_sqr;
        for (layer, (distance, corner)) in self.layers.iter().enumerate() {
            let met = direction.scaled(distance / cosine);
            let from_corner = Vec3::new(met.x - corner.x, met.y - corner.y, met.z - corner.z);
            let radius = distance * chord / least * (1.0 + MARGIN);
            take(
                layer,
                Footprint {
                    middle: [fast.dot(from_corner), slow.dot(from_corner)],
                    half_width: (radius * (fast_sqr - mixed * slant).max(0.0).sqrt()) as f32,
                    slant: slant as f32,
                    half_height: (radius * slow_sqr.sqrt()) as f32,
                },
            );
        }
    }

    /// Whether no sensor layer captures more than all photons, or fewer than none.
    pub(crate) fn captures_at_most_all(&self, e: &Experiment) -> bool {
        let absorbs = e.layer_step * e.attenuation >= 0.0;
        // What all corners see from the front, all pixels do.
        let faces = || self.corners.iter().all(|ray| ray.dot(e.detector.normal) > 0.0);
        let bare = e.thickness == 0.0 && !e.capture_zero;
        bare || absorbs && faces()
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
