//! Single calls of a builder, and what it refuses.
//!
//! Not here: whole experiments (`tests/builder.rs` of the crate).

use super::*;
use crate::c_number::atof;
use crate::cli::flags::{FLAGS, Values};
use crate::engine::{RenderOptions, render};
use crate::input::grid::LARGEST_AMPLITUDE;
use proptest::prelude::*;

fn small() -> ExperimentBuilder {
    let cell = UnitCell::new(50.0, 60.0, 70.0, 90.0, 90.0, 90.0);
    ExperimentBuilder::new().cell(cell).cells(3, 3, 3).default_f(1.0).pixels(8, 8)
}

proptest! {
    #[test]
    fn a_number_is_read_back_as_it_was(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        prop_assert_eq!(atof(text(value).as_encoded_bytes()).to_bits(), bits);
    }
}

#[test]
fn flags_that_name_a_file_are_refused_not_ignored() {
    for flag in FLAGS.iter().filter(|flag| flag.values == Values::Word && flag.id != Id::Pivot) {
        let flags = format!("-default_F 1 -cell 50 60 70 -N 3 -detpixels 8 {} some.file", flag.name());
        assert!(
            matches!(experiment(&flags, None), Err(BuildError::NamesFile(word)) if word == flag.name()),
            "{}",
            flag.name()
        );
    }
    assert!(experiment("-default_F 1 -cell 50 60 70 -N 3 -detpixels 8 -pivot beam", None).is_ok());
}

#[test]
fn a_value_that_a_flag_does_not_take_is_refused_and_the_first_is_named() {
    let built = small().wavelength_angstroms(-1.0).distance_mm(f64::NAN).build();
    match built {
        Err(BuildError::OutOfRange { flag, value, unit, .. }) => {
            assert_eq!((flag, value, unit), ("-lambda", -1.0, "Å"));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(small().cells(0, 1, 1).build(), Err(BuildError::OutOfRange { flag: "-Na", .. })));
    assert!(matches!(small().region(8..=9, 0..=7).build(), Err(BuildError::Usage(_))));
    assert!(matches!(small().mask(vec![1; 63]).build(), Err(BuildError::Usage(_))));
}

#[test]
fn an_angle_out_of_range_is_named_in_degrees() {
    let flat = UnitCell::new(50.0, 60.0, 70.0, 90.0, 90.0, 180.0);
    let error = small().cell(flat).build().expect_err("no cell has it").to_string();
    assert_eq!(
        error,
        "`-cell`: value `180` is out of range; expected more than 0, less than 180; usually 20 to 160 degrees"
    );
}

#[test]
fn sources_have_a_direction_and_a_wavelength_that_could_be_the_beams() {
    let source = |position, wavelength_metres| RaySource { position, wavelength_metres };
    let good = source([-1.0, 0.0, 0.0], Some(1.1e-10));
    assert!(small().sources(&[good]).build().is_ok());
    let error = small().sources(&[good, source([0.0; 3], None)]).build().err();
    assert_eq!(error, Some(BuildError::NoDirection(1)));
    let in_angstroms = source([-1.0, 0.0, 0.0], Some(1.1));
    let error = small().sources(&[in_angstroms]).build();
    assert!(matches!(error, Err(BuildError::OutOfRange { flag: "-lambda", .. })), "{error:?}");
}

#[test]
fn without_a_cell_or_amplitudes_there_is_nothing_to_build() {
    assert_eq!(ExperimentBuilder::new().default_f(1.0).build().err(), Some(BuildError::NoCell));
    let cell = UnitCell::new(50.0, 60.0, 70.0, 90.0, 90.0, 90.0);
    let error = ExperimentBuilder::new().cell(cell).build().err();
    assert_eq!(error, Some(BuildError::NoStructureFactors));
    let empty = ExperimentBuilder::new().cell(cell).structure_factors(ReflectionGrid::default());
    assert_eq!(empty.build().err(), Some(BuildError::NoStructureFactors));
}

#[test]
fn a_call_takes_effect_as_its_flag_does_and_the_last_one_counts() {
    let image = |e: Experiment| render(&e, &RenderOptions::default()).expect("an image").image.data;
    let flags = "-cell 50 60 70 -N 3 -default_F 1 -detpixels 8 -distance 55.5 -lambda 1.3";
    let built = small().distance_mm(80.0).distance_mm(55.5).wavelength_angstroms(1.3).build();
    assert_eq!(image(built.expect("small")), image(experiment(flags, None).expect("small")));
}

#[test]
fn a_list_has_the_range_of_the_flag_that_sets_an_amplitude() {
    let range = Id::DefaultF.flag().range(0).expect("a range");
    for edge in [LARGEST_AMPLITUDE, -LARGEST_AMPLITUDE] {
        assert!(range.allows(edge) && !range.allows(edge * (1.0 + f64::EPSILON)), "{edge}");
    }
}

#[test]
fn warnings_of_the_program_are_handed_out() {
    let (_, warnings) = small().mosaic_degrees(0.0, 3).build_with_warnings().expect("an experiment");
    assert_eq!(warnings, [Notice::ZeroSpread.warning()]);
    let (_, warnings) = small().build_with_warnings().expect("an experiment");
    assert!(warnings.is_empty(), "{warnings:?}");
}
