//! Flags written as calls of a builder. Not here: running either.

use std::path::PathBuf;

use nanobragg::cli::flags::Id;
use nanobragg::cli::parse::Setting;
use nanobragg::input::{Leniency, hkl, matrix, source_file};
use nanobragg::physics::vec3::Vec3;
use nanobragg::prelude::*;

/// The settings of one command line.
struct LastSettings<'s>(&'s [Setting]);

impl LastSettings<'_> {
    /// The last setting of a flag.
    fn last(&self, id: Id) -> Option<&Setting> {
        self.0.iter().rev().find(|s| s.id == id)
    }
    fn number(&self, id: Id) -> Option<f64> {
        self.last(id).map(|s| s.number(0))
    }
    fn count(&self, id: Id) -> Option<u32> {
        self.last(id).and_then(|s| u32::try_from(s.integer(0)).ok())
    }
    fn file(&self, id: Id) -> Option<PathBuf> {
        self.last(id).and_then(|s| s.values.first()).map(PathBuf::from)
    }

    /// A value for two axes: the last word for either, or for both at once.
    fn of_two<T>(&self, both: Id, ids: [Id; 2], value: impl Fn(&Setting) -> T) -> Option<[T; 2]> {
        let last = |id: Id| self.0.iter().rev().find(|s| s.id == id || s.id == both).map(&value);
        Some([last(ids[0])?, last(ids[1])?])
    }
}

/// Flags that one call stands for together: it is made where the last of them stands.
const GROUPS: &[&[Id]] = &[
    &[Id::N, Id::Na, Id::Nb, Id::Nc],
    &[Id::SampleSize, Id::SampleX, Id::SampleY, Id::SampleZ],
    &[Id::Phi, Id::Osc, Id::PhiSteps],
    &[Id::MosaicSpread, Id::MosaicDomains],
    &[Id::Xbeam, Id::Ybeam],
    &[Id::Xclose, Id::Yclose],
    &[Id::OrgX, Id::OrgY],
    &[
        Id::FdetVector,
        Id::SdetVector,
        Id::OdetVector,
        Id::BeamVector,
        Id::PolarVector,
        Id::SpindleAxis,
        Id::TwothetaAxis,
    ],
    &[Id::DetectorThick, Id::DetectorAbs, Id::ThickSteps],
    &[Id::RotX, Id::RotY, Id::RotZ],
    &[Id::DetSize, Id::DetSizeFast, Id::DetSizeSlow],
    &[Id::DetPixels, Id::DetPixelsFast, Id::DetPixelsSlow],
    &[Id::Flux, Id::Exposure],
    &[Id::Dispersion, Id::DispersionSteps],
    &[Id::Divergence, Id::HDivRange, Id::HDivSteps, Id::VDivRange, Id::VDivSteps, Id::DivSteps],
];

/// The calls that say what the flags say; `None` where there is none for one of them, as for the header of an image, or for a
/// count that is left to the program.
pub fn builder_of(settings: &[Setting]) -> Option<ExperimentBuilder> {
    let given = LastSettings(settings);
    let mut builder = ExperimentBuilder::new();
    for (i, setting) in settings.iter().enumerate() {
        let group = GROUPS.iter().find(|group| group.contains(&setting.id));
        let comes_again = |group: &&[Id]| settings[i + 1..].iter().any(|s| group.contains(&s.id));
        if !group.is_some_and(comes_again) {
            builder = call(builder, setting, &given)?;
        }
    }
    Some(builder)
}

fn call(b: ExperimentBuilder, s: &Setting, given: &LastSettings<'_>) -> Option<ExperimentBuilder> {
    let x = s.number(0);
    let n = u32::try_from(s.integer(0));
    Some(match s.id {
        Id::N | Id::Na | Id::Nb | Id::Nc => {
            let along = |id| {
                let last = given.0.iter().rev().find(|s| s.id == id || s.id == Id::N);
                last.map_or(Some(1), |s| u32::try_from(s.integer(0)).ok())
            };
            b.cells(along(Id::Na)?, along(Id::Nb)?, along(Id::Nc)?)
        }
        Id::Cell => {
            (s.values.len() == 6).then_some(())?;
            let [a, b_, c, alpha, beta, gamma] = [0, 1, 2, 3, 4, 5].map(|i| s.number(i));
            b.cell(UnitCell::new(a, b_, c, alpha, beta, gamma))
        }
        Id::Misset if s.values.len() == 1 => b.misset_random(given.last(Id::MissetSeed)?.integer(0)),
        Id::Misset => b.misset_degrees(x, s.number(1), s.number(2)),
        Id::SampleSize | Id::SampleX | Id::SampleY | Id::SampleZ => {
            let along = |id| given.0.iter().rev().find(|s| s.id == id || s.id == Id::SampleSize);
            let [x, y, z] = [Id::SampleX, Id::SampleY, Id::SampleZ].map(|id| along(id).map(|s| s.number(0)));
            b.crystal_size_mm(x?, y?, z?)
        }
        Id::RoundXtal => b.shape(Shape::Round),
        Id::SquareXtal => b.shape(Shape::Square),
        Id::GaussXtal => b.shape(Shape::Gauss),
        Id::TophatSpots => b.shape(Shape::Tophat),
        Id::Fudge => b.fudge(x),
        Id::MosaicSpread | Id::MosaicDomains => {
            b.mosaic_degrees(given.number(Id::MosaicSpread)?, given.count(Id::MosaicDomains)?)
        }
        Id::MosaicSeed => b.mosaic_seed(s.integer(0)),
        Id::Phi | Id::Osc | Id::PhiSteps => match (given.number(Id::Osc), given.count(Id::PhiSteps)) {
            (None, None) => b.phi_degrees(given.number(Id::Phi)?, 0.0, 1),
            (range, steps) => b.phi_degrees(given.number(Id::Phi).unwrap_or(0.0), range?, steps?),
        },
        Id::DefaultF => b.default_f(x),
        Id::Interpolate => b.interpolate(true),
        Id::NoInterpolate => b.interpolate(false),
        Id::Xbeam | Id::Ybeam => b.beam_centre_mm(given.number(Id::Xbeam)?, given.number(Id::Ybeam)?),
        Id::Xclose | Id::Yclose => b.nearest_point_mm(given.number(Id::Xclose)?, given.number(Id::Yclose)?),
        Id::OrgX | Id::OrgY => b.xds_origin_pixels(given.number(Id::OrgX)?, given.number(Id::OrgY)?),
        Id::Pivot => b.pivot(if s.text(0).contains("beam") { Pivot::Beam } else { Pivot::Sample }),
        Id::Mosflm => b.convention(Convention::Mosflm),
        Id::Xds => b.convention(Convention::Xds),
        Id::Adxv => b.convention(Convention::Adxv),
        Id::Denzo => b.convention(Convention::Denzo),
        Id::Dials => b.convention(Convention::Dials),
        Id::FdetVector
        | Id::SdetVector
        | Id::OdetVector
        | Id::BeamVector
        | Id::PolarVector
        | Id::SpindleAxis
        | Id::TwothetaAxis => b.custom_axes(axes(given)),
        Id::Pix0Vector if s.word.contains("_mm") => {
            b.origin_metres(x * 1e-3, s.number(1) * 1e-3, s.number(2) * 1e-3)
        }
        Id::Pix0Vector => b.origin_metres(x, s.number(1), s.number(2)),
        Id::Distance => b.distance_mm(x),
        Id::CloseDistance => b.close_distance_mm(x),
        // The word -twotheta_axis is both flags for the C program (C-TWOTHETA-001), which is corrected.
        Id::Twotheta if s.word.contains("_axis") => b,
        Id::Twotheta => b.twotheta_degrees(x),
        Id::RotX | Id::RotY | Id::RotZ => {
            let [x, y, z] = [Id::RotX, Id::RotY, Id::RotZ].map(|id| given.number(id).unwrap_or(0.0));
            b.detector_rotation_degrees(x, y, z)
        }
        Id::DetectorThick | Id::DetectorAbs | Id::ThickSteps => {
            let depth = given.last(Id::DetectorAbs).filter(|s| !s.text(0).contains("inf"))?.number(0);
            b.sensor_micrometres(given.number(Id::DetectorThick)?, depth, given.count(Id::ThickSteps)?)
        }
        Id::DetSize | Id::DetSizeFast | Id::DetSizeSlow => {
            let sizes = [Id::DetSizeFast, Id::DetSizeSlow];
            let [fast, slow] = given.of_two(Id::DetSize, sizes, |s| s.number(0))?;
            b.detector_size_mm(fast, slow)
        }
        Id::DetPixels | Id::DetPixelsFast | Id::DetPixelsSlow => {
            let counts = [Id::DetPixelsFast, Id::DetPixelsSlow];
            let [fast, slow] = given.of_two(Id::DetPixels, counts, |s| s.integer(0))?;
            b.pixels(u32::try_from(fast).ok()?, u32::try_from(slow).ok()?)
        }
        Id::CurvedDetector => b.curved(),
        Id::PixelSize => b.pixel_size_mm(x),
        Id::PointPixel => b.point_pixels(),
        Id::Roi => {
            let end = |i| u32::try_from(s.integer(i)).ok();
            b.region(end(0)?..=end(1)?, end(2)?..=end(3)?)
        }
        Id::Wavelength => b.wavelength_angstroms(x),
        Id::Energy => b.energy_electronvolts(x),
        Id::Fluence => b.fluence(x),
        Id::Flux | Id::Exposure => {
            b.flux(given.number(Id::Flux).unwrap_or(0.0), given.number(Id::Exposure).unwrap_or(1.0))
        }
        Id::BeamSize => b.beam_size_mm(x),
        Id::Polarization => b.polarization(Some(x)),
        Id::NoPolarization => b.polarization(None),
        Id::Dispersion | Id::DispersionSteps => {
            b.dispersion_percent(given.number(Id::Dispersion)?, given.count(Id::DispersionSteps)?)
        }
        Id::Divergence | Id::HDivRange | Id::VDivRange | Id::HDivSteps | Id::VDivSteps | Id::DivSteps => {
            divergence(b, given)?
        }
        Id::RoundDivergence => b.round_divergence(true),
        Id::SquareDivergence => b.round_divergence(false),
        Id::SourceFile => b.sources(&sources(given)?),
        Id::Oversample => b.oversample(n.ok()?),
        Id::OversampleThick => b.oversample_thick(),
        Id::OversamplePolar => b.oversample_polar(),
        Id::OversampleOmega => b.oversample_omega(),
        Id::Dmin => b.resolution_limit_angstroms(x),
        Id::Water => b.water_micrometres(x),
        Id::Matrix => b.mosflm_matrix(matrix::read(&given.file(Id::Matrix)?, Leniency::Strict).ok()?),
        Id::Hkl => {
            let default_f = given.number(Id::DefaultF).unwrap_or(0.0);
            b.structure_factors(hkl::read_text(&given.file(Id::Hkl)?, default_f, Leniency::Strict).ok()?.grid)
        }
        // No calls for the geometry of a header, for steps instead of counts, and for a cache.
        Id::Mask | Id::Image | Id::PhiStep | Id::HDivStep | Id::VDivStep | Id::Dump => return None,
        // No experiment depends on these.
        Id::MissetSeed
        | Id::Density
        | Id::MolecularWeight
        | Id::Coherent
        | Id::StolOut
        | Id::Stol
        | Id::FourStol
        | Id::Q
        | Id::FloatFile
        | Id::IntFile
        | Id::PgmFile
        | Id::NoiseFile
        | Id::NoNoise
        | Id::NoPgm
        | Id::AdcOffset
        | Id::IntScale
        | Id::PgmScale
        | Id::Seed
        | Id::Printout
        | Id::PrintoutPixel
        | Id::TracePixel
        | Id::NoProgress
        | Id::Progress => b,
    })
}

fn axes(given: &LastSettings<'_>) -> Axes {
    let vector_of = |id, default: Vec3| {
        let vector = |s: &Setting| Vec3::new(s.number(0), s.number(1), s.number(2));
        given.last(id).map_or(default, vector)
    };
    let all = Axes::CUSTOM;
    Axes {
        fast: vector_of(Id::FdetVector, all.fast),
        slow: vector_of(Id::SdetVector, all.slow),
        normal: vector_of(Id::OdetVector, all.normal),
        beam: vector_of(Id::BeamVector, all.beam),
        polarization: vector_of(Id::PolarVector, all.polarization),
        spindle: vector_of(Id::SpindleAxis, all.spindle),
        twotheta: vector_of(Id::TwothetaAxis, all.twotheta),
    }
}

fn divergence(mut b: ExperimentBuilder, given: &LastSettings<'_>) -> Option<ExperimentBuilder> {
    let last = |one: Id, both: Id| given.0.iter().rev().find(|s| s.id == one || s.id == both);
    let of = |range, steps| {
        let range = last(range, Id::Divergence).map(|s| s.number(0));
        let steps = last(steps, Id::DivSteps).map(|s| u32::try_from(s.integer(0)).ok());
        (range, steps.flatten())
    };
    for (horizontal, (range, steps)) in
        [(true, of(Id::HDivRange, Id::HDivSteps)), (false, of(Id::VDivRange, Id::VDivSteps))]
    {
        b = match (range, steps) {
            (None, None) => b,
            (range, steps) if horizontal => b.horizontal_divergence_mrad(range?, steps?),
            (range, steps) => b.vertical_divergence_mrad(range?, steps?),
        };
    }
    Some(b)
}

fn sources(given: &LastSettings<'_>) -> Option<Vec<RaySource>> {
    let rows = source_file::read(&given.file(Id::SourceFile)?, Leniency::Strict).ok()?.rows;
    let source = |[x, y, z, _, wavelength_metres]: &[Option<f64>; 5]| {
        Some(RaySource { position: [(*x)?, (*y)?, (*z)?], wavelength_metres: *wavelength_metres })
    };
    rows.iter().map(source).collect()
}
