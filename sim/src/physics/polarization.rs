//! Polarisation of the scattered beam after Kahn et al., J. Appl. Cryst. 15 (1982) 330.
//!
//! Not here: caching of the factor per pixel (see `engine`).

use super::vec3::Vec3;

/// What the polarisation factor needs to know of an incident ray; the same for every pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct IncidentFrame {
    /// The incident unit vector, normalised once more as the reference does.
    pub incident: Vec3,
    /// Direction of the electric vector.
    pub electric: Vec3,
    /// Direction of the magnetic vector.
    pub magnetic: Vec3,
}

impl IncidentFrame {
    /// The frame of `incident`, whose electric vector is the one closest to `axis`.
    ///
    /// Without a degree of polarisation (`kahn` = 0) the axis cannot matter and is not looked at.
    pub(crate) fn new(kahn: f64, incident: Vec3, axis: Vec3) -> Self {
        let incident = incident.unitized().0;
        if kahn == 0.0 {
            return Self { incident, electric: Vec3::ZERO, magnetic: Vec3::ZERO };
        }
        let magnetic = axis.cross(incident).unitized().0;
        let electric = incident.cross(magnetic).unitized().0;
        Self { incident, electric, magnetic }
    }

    /// Kahn's factor for a ray scattered along the unit vector `diffracted`.
    #[inline(always)]
    pub(crate) fn factor(&self, kahn: f64, diffracted: Vec3) -> f64 {
        let cos_2theta = self.incident.dot(diffracted);
        let cos_sqr = cos_2theta * cos_2theta;
        let sin_sqr = 1.0 - cos_sqr;
        if kahn == 0.0 {
            // cos 2ψ is 1 here; the product is kept for the sake of NaN.
            return 0.5 * (1.0 + cos_sqr - kahn * sin_sqr);
        }
        let psi = -diffracted.dot(self.magnetic).atan2(diffracted.dot(self.electric));
        0.5 * (1.0 + cos_sqr - kahn * (2.0 * psi).cos() * sin_sqr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(kahn: f64, diffracted: Vec3) -> f64 {
        IncidentFrame::new(kahn, Vec3::new(1., 0., 0.), Vec3::new(0., 0., 1.)).factor(kahn, diffracted)
    }

    #[test]
    fn forward_scattering_is_not_reduced() {
        assert_eq!(factor(0.0, Vec3::new(1., 0., 0.)), 1.0);
        assert_eq!(factor(1.0, Vec3::new(1., 0., 0.)), 1.0);
    }

    #[test]
    fn an_unpolarised_beam_is_halved_at_right_angles() {
        assert_eq!(factor(0.0, Vec3::new(0., 1., 0.)), 0.5);
    }

    #[test]
    fn a_fully_polarised_beam_does_not_scatter_along_its_electric_vector() {
        assert!(factor(1.0, Vec3::new(0., 0., 1.)).abs() < 1e-15);
        assert!((factor(1.0, Vec3::new(0., 1., 0.)) - 1.0).abs() < 1e-15);
    }
}
