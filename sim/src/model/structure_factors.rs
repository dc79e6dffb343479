//! Structure factors at Miller indices: nearest reflection, or the neighbourhood for tricubic interpolation.
//!
//! Not here: reading the list (`input::hkl`), the interpolation itself (`physics::interpolation`).

use crate::input::grid::ReflectionGrid;
use crate::physics::interpolation::Neighbourhood;
use crate::physics::lattice::floor_index;
use std::sync::Arc;

/// Amplitudes of the reflection list, and the one for everything outside it.
#[derive(Debug, Clone)]
pub(crate) struct StructureFactors {
    /// Whether there is a list.
    loaded: bool,
    /// Shared between experiments of one crystal.
    grid: Arc<ReflectionGrid>,
    along_h: usize,
    along_k: usize,
    /// Amplitude outside the list, electrons.
    pub default_f: f64,
}

impl StructureFactors {
    /// Amplitudes from a list, or `default_f` everywhere.
    pub(crate) fn new(grid: Option<Arc<ReflectionGrid>>, default_f: f64) -> Self {
        let loaded = grid.as_ref().is_some_and(|g| g.count > 0);
        let grid = grid.unwrap_or_default();
        let (along_h, along_k) = grid.strides();
        Self { loaded, grid, along_h, along_k, default_f }
    }

    /// The same amplitudes but for the reflections given; those outside the list are passed over.
    pub(crate) fn with(&self, reflections: &[([i32; 3], f64)]) -> Self {
        let mut changed = self.clone();
        for ([h, k, l], f) in reflections {
            if let Some(place) = self.grid.index(*h, *k, *l).filter(|_| self.loaded) {
                Arc::make_mut(&mut changed.grid).values[place] = *f;
            }
        }
        changed
    }

    /// Whether these are the same amplitudes of the same list in memory.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let default = self.default_f.to_bits() == other.default_f.to_bits();
        default && self.loaded == other.loaded && Arc::ptr_eq(&self.grid, &other.grid)
    }

    /// Whether a reflection is in the list.
    pub(crate) fn lists(&self, [h, k, l]: [i32; 3]) -> bool {
        self.loaded && self.grid.index(h, k, l).is_some()
    }

    /// Whether there is a list to look into.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Reflections counted in the list.
    pub(crate) fn count(&self) -> usize {
        self.grid.count
    }

    /// The values behind the list, as they lie in memory.
    pub(crate) fn grid(&self) -> &ReflectionGrid {
        &self.grid
    }

    /// Smallest and largest h, k and l of the list; `None` when every reflection has the default.
    pub(crate) fn limits(&self) -> Option<[(i32, i32); 3]> {
        let g = &*self.grid;
        self.loaded.then_some([(g.h_min, g.h_max), (g.k_min, g.k_max), (g.l_min, g.l_max)])
    }

    /// Amplitude of one reflection, electrons.
    #[inline(always)]
    pub(crate) fn nearest(&self, [h, k, l]: [i32; 3]) -> f64 {
        let g = &*self.grid;
        let inside =
            h <= g.h_max && h >= g.h_min && k <= g.k_max && k >= g.k_min && l <= g.l_max && l >= g.l_min;
        if self.loaded && inside { self.at(h, k, l) } else { self.default_f }
    }

    /// Amplitudes of the reflections (h, k, l) of one h and k, from the smallest l of the list to the largest; `None` outside.
    pub(crate) fn line(&self, h: i32, k: i32) -> Option<&[f64]> {
        let g = &*self.grid;
        let first = g.index(h, k, g.l_min).filter(|_| self.loaded)?;
        let last = g.index(h, k, g.l_max)?;
        g.values.get(first..=last)
    }

    #[inline(always)]
    fn at(&self, h: i32, k: i32, l: i32) -> f64 {
        let g = &*self.grid;
        let offset = |index: i32, min: i32| index.wrapping_sub(min) as u32 as usize;
        g.values[offset(h, g.h_min) * self.along_h + offset(k, g.k_min) * self.along_k + offset(l, g.l_min)]
    }

    /// The 4×4×4 neighbourhood of fractional indices with its nodes along each axis; `None` when it would leave the list.
    pub(crate) fn neighbourhood(&self, hkl: [f64; 3]) -> Option<([[f64; 4]; 3], Neighbourhood)> {
        let g = &*self.grid;
        let limits = [(g.h_min, g.h_max), (g.k_min, g.k_max), (g.l_min, g.l_max)];
        for (x, (min, max)) in hkl.iter().zip(limits) {
            let (min, range) = (f64::from(min), f64::from(max) - f64::from(min) + 1.0);
            // Written so that NaN is outside too.
            let inside = x - min + 3.0 <= range && x - 2.0 >= min;
            if !inside {
                return None;
            }
        }
        let first = hkl.map(|x| floor_index(x) - 1);
        let nodes = first.map(|i| std::array::from_fn(|n| f64::from(i + n as i32)));
        let values = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                std::array::from_fn(|m| {
                    self.at(first[0] + i as i32, first[1] + j as i32, first[2] + m as i32)
                })
            })
        });
        Some((nodes, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors() -> StructureFactors {
        let mut grid = ReflectionGrid::zeros([(-3, 3), (-3, 3), (-3, 3)]).expect("small");
        grid.count = 1;
        let at = grid.index(1, -2, 3).expect("inside");
        grid.values[at] = 7.0;
        StructureFactors::new(Some(grid.into()), 5.0)
    }

    #[test]
    fn a_reflection_is_found_and_the_rest_of_space_has_the_default() {
        let f = factors();
        assert_eq!(f.nearest([1, -2, 3]), 7.0);
        assert_eq!(f.nearest([0, 0, 0]), 0.0);
        assert_eq!(f.nearest([4, 0, 0]), 5.0);
        assert_eq!(f.nearest([i32::MIN, i32::MAX, 0]), 5.0);
        assert_eq!(StructureFactors::new(None, 5.0).nearest([0, 0, 0]), 5.0);
    }

    #[test]
    fn a_neighbourhood_must_lie_inside_the_list() {
        let f = factors();
        let (nodes, _) = f.neighbourhood([0.5, -0.5, 0.0]).expect("inside");
        assert_eq!(nodes, [[-1., 0., 1., 2.], [-2., -1., 0., 1.], [-1., 0., 1., 2.]]);
        for outside in [[1.1, 0.0, 0.0], [0.0, -1.1, 0.0], [0.0, 0.0, f64::NAN]] {
            assert!(f.neighbourhood(outside).is_none(), "{outside:?}");
        }
    }
}
