//! Flags that contradict each other, or that have no effect beside or without others or with the value 0: named, as the
//! reference does not.
//!
//! A flag that is repeated is no contradiction: the last one counts, by which scripts override what they were given. Not
//! here: values that describe no experiment (`sense`), flags for the beam centre (`centre_flags`).

use super::notice::Notice;
use super::raw::RawConfig;
use super::steps::RequestedSweep;
use crate::c_number::g6;
use crate::cli::flags::Id;
use crate::cli::parse::Setting;

/// Groups of alternatives, of which the last on the command line counts.
const ALTERNATIVES: &[&[&[Id]]] = &[
    &[&[Id::Wavelength], &[Id::Energy]],
    &[&[Id::SquareXtal], &[Id::RoundXtal], &[Id::GaussXtal], &[Id::TophatSpots]],
    &[&[Id::Mosflm], &[Id::Xds], &[Id::Adxv], &[Id::Denzo], &[Id::Dials]],
    &[&[Id::Polarization], &[Id::NoPolarization]],
    &[&[Id::RoundDivergence], &[Id::SquareDivergence]],
    &[&[Id::Interpolate], &[Id::NoInterpolate]],
    &[&[Id::Stol], &[Id::FourStol], &[Id::Q]],
    &[&[Id::NoiseFile], &[Id::NoNoise]],
    &[&[Id::PgmFile, Id::PgmScale], &[Id::NoPgm]],
];

/// Flags of which the value 0 counts as none at all, and what is taken instead.
const ZERO_IS_NONE: &[(Id, &str)] = &[
    (Id::Flux, "the fluence is not made from it"),
    (Id::IntScale, "the scale is made from the largest pixel"),
    (Id::PgmScale, "the scale is made from the spread of the pixels"),
    (Id::PhiStep, "the step is made from range and count"),
];

/// Every contradiction of `settings`, which made `raw`, in words.
pub(super) fn named(raw: &RawConfig, settings: &[Setting]) -> Vec<Notice> {
    let mut warnings = overridden(settings);
    warnings.extend(sizes_beside_counts(raw, settings));
    warnings.extend(sweeps(raw));
    warnings.extend(without_what_they_need(raw, settings));
    warnings.extend(beside_files(raw, settings));
    warnings.extend(zeros(settings));
    warnings.into_iter().map(Notice::Other).collect()
}

fn last(settings: &[Setting], ids: &[Id]) -> Option<String> {
    settings.iter().rev().find(|s| ids.contains(&s.id)).map(|s| s.word.to_string())
}

/// Flags whose alternative comes later.
fn overridden(settings: &[Setting]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (i, setting) in settings.iter().enumerate() {
        let Some(group) = ALTERNATIVES.iter().find(|group| group.iter().any(|ids| ids.contains(&setting.id)))
        else {
            continue;
        };
        let is_other = |id: Id| group.iter().any(|ids| ids.contains(&id) && !ids.contains(&setting.id));
        if let Some(later) = settings[i + 1..].iter().rev().find(|s| is_other(s.id)) {
            let text = format!("`{}` has no effect: `{}` comes after it", setting.word, later.word);
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
    }
    warnings
}

/// Sizes of the detector and of the crystal that are given both as lengths and as counts.
fn sizes_beside_counts(raw: &RawConfig, settings: &[Setting]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (axis, size) in [Id::DetSizeFast, Id::DetSizeSlow].into_iter().enumerate() {
        let Some(word) = last(settings, &[Id::DetSize, size]).filter(|_| raw.pixels[axis] != 0) else {
            continue;
        };
        let length = raw.pixel_size * f64::from(raw.pixels[axis]);
        if (length - raw.detector_size[axis]).abs() > raw.pixel_size / 2.0 {
            warnings.push(format!(
                "`{word}` has no effect along the {} axis: {} pixels of {} mm measure {} mm",
                ["fast", "slow"][axis],
                raw.pixels[axis],
                g6(raw.pixel_size * 1e3),
                g6(length * 1e3)
            ));
        }
    }
    for (axis, (count, size)) in
        [(Id::Na, Id::SampleX), (Id::Nb, Id::SampleY), (Id::Nc, Id::SampleZ)].into_iter().enumerate()
    {
        let given = (last(settings, &[Id::N, count]), last(settings, &[Id::SampleSize, size]));
        if let ((Some(count), Some(size)), true) = (given, raw.size[axis] > 0.0) {
            warnings.push(format!(
                "`{count}` has no effect along {}: `{size}` makes the number of cells",
                ["a", "b", "c"][axis]
            ));
        }
    }
    warnings
}

/// Sweeps whose steps do not cover their range, and those that span what nobody means.
fn sweeps(raw: &RawConfig) -> Vec<String> {
    // Steps of the spindle divide its range; those of the divergence have one at either end.
    let all = [
        ("-osc", "-phistep", "-phisteps", raw.phi, 0, "degrees", 1.0_f64.to_degrees()),
        ("-hdivrange", "-hdivstep", "-hdivsteps", raw.h_div, 1, "mrad", 1e3),
        ("-vdivrange", "-vdivstep", "-vdivsteps", raw.v_div, 1, "mrad", 1e3),
    ];
    let mut warnings = Vec::new();
    for (range, step, steps, requested, ends, unit, per) in all {
        let covered = requested.step * f64::from(requested.steps - ends);
        let differs = (covered - requested.range).abs() > 1e-6 * requested.range.abs().max(covered.abs());
        if requested.range >= 0.0 && requested.step > 0.0 && requested.steps > 0 && differs {
            warnings.push(format!(
                "`{steps} {}` of `{step} {}` cover {} {unit}, not the `{range} {}`: number and step count",
                requested.steps,
                g6(requested.step * per),
                g6(covered * per),
                g6(requested.range * per)
            ));
        }
    }
    let alone =
        |requested: RequestedSweep| requested.range < 0.0 && requested.step <= 0.0 && requested.steps > 1;
    for (steps, range, requested) in
        [("-hdivsteps", "-hdivrange", raw.h_div), ("-vdivsteps", "-vdivrange", raw.v_div)]
    {
        if alone(requested) {
            warnings
                .push(format!("`{steps}` without {range} spans a radian (57 degrees), as in the reference"));
        }
    }
    warnings
}

/// Flags that need another one to mean anything.
fn without_what_they_need(raw: &RawConfig, settings: &[Setting]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut needs = |flag: Id, needed: &str, is_missing: bool| {
        if let Some(word) = last(settings, &[flag]).filter(|_| is_missing) {
            warnings.push(format!("`{word}` has no effect without {needed}"));
        }
    };
    let thin = raw.thickness.range <= 0.0;
    needs(Id::DetectorAbs, "-detector_thick", thin && raw.attenuation > 0.0);
    needs(Id::ThickSteps, "-detector_thick", thin && raw.thickness.steps > 1);
    needs(Id::Exposure, "-flux", raw.flux == 0.0);
    needs(Id::DispersionSteps, "-dispersion", raw.dispersion.range <= 0.0 && raw.dispersion.steps > 1);
    warnings
}

/// Values of 0 that mean something else than they say. Of a flag that is repeated the last one counts.
fn zeros(settings: &[Setting]) -> Vec<String> {
    let warnings = ZERO_IS_NONE.iter().filter_map(|(id, instead)| {
        let last = settings.iter().rev().find(|s| s.id == *id).filter(|s| s.number(0) == 0.0)?;
        Some(format!("`{} 0` counts as not given: {instead}", last.word))
    });
    warnings.collect()
}

/// Flags whose quantity a file brings.
fn beside_files(raw: &RawConfig, settings: &[Setting]) -> Vec<String> {
    const SWEEPS: &[Id] = &[
        Id::Divergence,
        Id::HDivRange,
        Id::VDivRange,
        Id::HDivStep,
        Id::VDivStep,
        Id::HDivSteps,
        Id::VDivSteps,
        Id::DivSteps,
        Id::Dispersion,
        Id::DispersionSteps,
    ];
    let mut warnings = Vec::new();
    let mut brings = |file: &str, ids: &[Id]| {
        let mut given_flags: Vec<&str> =
            settings.iter().filter(|s| ids.contains(&s.id)).map(|s| s.word.as_ref()).collect();
        given_flags.dedup();
        warnings.extend(given_flags.iter().map(|word| format!("`{word}` has no effect beside {file}")));
    };
    if raw.files.sources.is_some() {
        brings("-sourcefile", SWEEPS);
    }
    if raw.files.matrix.is_some() {
        brings("-mat", &[Id::Cell]);
    }
    warnings
}
