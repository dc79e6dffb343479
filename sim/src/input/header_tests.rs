//! How headers and masks are read, strictly and as nanoBragg does.
//!
//! Not here: which value wins over which.

use super::*;

const BOTH: [Leniency; 2] = [Leniency::Strict, Leniency::Reference];

/// A file of 512 header bytes with these entries, and `pixels`.
fn smv(entries: &str, pixels: &[u16]) -> Vec<u8> {
    let mut bytes = format!("{:<512}", format!("{{\nHEADER_BYTES=512;\n{entries}}}\u{c}")).into_bytes();
    bytes.extend(pixels.iter().flat_map(|p| p.to_le_bytes()));
    bytes
}

fn header(entries: &str) -> SmvFile {
    let bytes = smv(&format!("SIZE1=2;\nSIZE2=1;\n{entries}"), &[1, 2]);
    parse_header(Path::new("m.img"), &bytes, Leniency::Strict).expect("a header")
}

fn refused(bytes: &[u8], leniency: Leniency) -> InputError {
    parse_mask(Path::new("m.img"), bytes, leniency).expect_err("refused")
}

#[test]
fn keys_are_found_exactly_or_anywhere() {
    use HeaderLookup::{Exact, Substring};
    let file =
        header("DISTANCE=80;\nCLOSE_DISTANCE=64;\nXDS_ORGX=30.5;\nBEAMLINE=fake;\nPHI=3deg\nPHI = 4;\n");
    assert_eq!(file.value("DISTANCE", Exact), Some(80.0));
    assert_eq!(file.value("DISTANCE", Substring), Some(64.0));
    assert_eq!(file.value("ORGX", Exact), Some(30.5));
    assert_eq!(file.value("ORGX", Substring), Some(30.5));
    assert_eq!(file.value("PHI", Exact), Some(4.0));
    assert_eq!(file.value("BEAMLINE", Exact), Some(0.0));
    assert_eq!(file.value("HEADER_BYTES", Exact), Some(512.0));
    for lookup in [Exact, Substring] {
        assert_eq!(file.value("WAVELENGTH", lookup), None);
        assert_eq!(file.value("", lookup), None);
    }
    assert!(file.is_ambiguous("DISTANCE") && !file.is_ambiguous("ORGX") && !file.is_ambiguous("WAVELENGTH"));
}

#[test]
fn an_exact_origin_wins_over_the_other_spelling() {
    let file = header("ORGX=1;\nXDS_ORGX=2;\n");
    assert_eq!(file.value("ORGX", HeaderLookup::Exact), Some(1.0));
    assert_eq!(file.value("ORGX", HeaderLookup::Substring), Some(2.0));
}

#[test]
fn a_key_without_an_equals_sign_is_zero_as_a_substring() {
    let file = header("NOTE DISTANCE;\n");
    assert_eq!(file.value("DISTANCE", HeaderLookup::Substring), Some(0.0));
    assert_eq!(file.value("DISTANCE", HeaderLookup::Exact), None);
    // The value is taken behind the next equals sign, however far away.
    let file = header("DISTANCE;\nPHI=7;\n");
    assert_eq!(file.value("DISTANCE", HeaderLookup::Substring), Some(7.0));
}

#[test]
fn mask_pixels_are_never_swapped() {
    for leniency in BOTH {
        let bytes = smv("SIZE1=2;\nSIZE2=2;\nBYTE_ORDER=big_endian;\n", &[0, 1, 258, 65_535, 9]);
        let (file, pixels) = parse_mask(Path::new("m.img"), &bytes, leniency).unwrap();
        assert_eq!((file.width, file.height, file.header_bytes), (2, 2, 512));
        assert_eq!(pixels, [0, 1, 258, 65_535]);
    }
}

#[test]
fn longer_and_odd_headers_are_followed() {
    let mut bytes = format!("{:<601}", "{\nHEADER_BYTES=601;\nSIZE1=1;\nSIZE2=2;\n}").into_bytes();
    bytes.truncate(600);
    bytes.extend([7, 1, 2, 3]);
    bytes.push(0);
    let (file, pixels) = parse_mask(Path::new("m.img"), &bytes, Leniency::Strict).unwrap();
    assert_eq!((file.header_bytes, pixels), (601, vec![0x0107, 0x0302]));
}

#[test]
fn detector_dimensions_stand_in_for_a_width_of_zero() {
    for leniency in BOTH {
        let bytes = smv("SIZE1=0;\nDETECTOR_DIMENSIONS=2;\n", &[1, 2, 3, 4]);
        let file = parse_header(Path::new("m.img"), &bytes, leniency).unwrap();
        assert_eq!((file.width, file.height), (2, 2));
    }
}

#[test]
fn missing_pixels_are_zero_for_nanobragg_only() {
    let bytes = smv("SIZE1=2;\nSIZE2=2;\n", &[5]);
    let (file, pixels) = parse_mask(Path::new("m.img"), &bytes, Leniency::Reference).unwrap();
    assert_eq!(pixels, [5, 0, 0, 0]);
    assert_eq!(file.warnings.len(), 1);
    assert!(refused(&bytes, Leniency::Strict).problem.contains("holds `1`"));
}

#[test]
fn claims_that_the_file_cannot_back_are_refused() {
    for leniency in BOTH {
        for (entries, problem) in [
            ("SIZE1=31623;\nSIZE2=31623;\n", "claims"),
            ("SIZE1=100000;\nSIZE2=100000;\n", "claims"),
            ("SIZE1=nan;\nSIZE2=2;\n", "SIZE1"),
            ("SIZE1=1e300;\nSIZE2=2;\n", "SIZE1"),
            ("SIZE1=-2;\nSIZE2=2;\n", "SIZE1"),
            ("SIZE1=2;\n", "SIZE2"),
            ("", "SIZE1"),
        ] {
            let error = refused(&smv(entries, &[]), leniency);
            assert!(error.problem.contains(problem), "{error}");
        }
    }
}

#[test]
fn what_is_no_header_is_refused() {
    for leniency in BOTH {
        assert!(refused(b"", leniency).problem.contains("`0` bytes"));
        assert!(refused(b"{\nHEADER_BYTES=512;\nSIZE1=1;\n", leniency).problem.contains("only"));
        assert!(refused(&[0x9c; 4096], leniency).problem.contains("SMV header"));
        for stated in ["0", "-512", "nan", "99999999"] {
            let text = format!("{:<600}", format!("{{\nHEADER_BYTES={stated};\nSIZE1=1;\nSIZE2=1;\n}}"));
            assert_eq!(refused(text.as_bytes(), leniency).place, "key HEADER_BYTES", "{stated}");
        }
    }
    assert!(read_mask(Path::new("no/such.img"), Leniency::Strict).unwrap_err().is_cannot_open());
}

proptest::proptest! {
    #[test]
    fn no_header_makes_it_panic(entries in "([A-Z_]{0,6}(SIZE1|SIZE2|DISTANCE)?=?[-0-9.e]{0,5};?\n?){0,12}", data: Vec<u16>) {
        for leniency in BOTH {
            if let Ok((file, pixels)) = parse_mask(Path::new("m"), &smv(&entries, &data), leniency) {
                proptest::prop_assert_eq!(pixels.len(), file.width * file.height);
                let _ = file.is_ambiguous("DISTANCE");
            }
        }
    }
}
