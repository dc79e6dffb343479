//! Headers that say what cannot be: refused with what is wrong, where, what was expected, and what helps.
//!
//! Not here: files that end early (`formats`), bytes at random (`fuzz/`).

use std::fmt::Write;
use std::path::Path;

use nb_compare::array::{Format, parse};
use trace_harness::evidence::failure::EndsCommand;

use crate::formats::folder;
use crate::npy_header;

/// A header of cards and what stands behind it.
fn fits(cards: &[&str]) -> Vec<u8> {
    let mut text: String = cards.iter().map(|card| format!("{card:<80}")).collect();
    text += &format!("{:<80}", "END");
    let mut bytes = text.into_bytes();
    bytes.resize(2880, b' ');
    bytes.resize(2 * 2880, 0);
    bytes
}

fn edf(entries: &str) -> Vec<u8> {
    let mut bytes = format!("{{\n{entries}").into_bytes();
    bytes.resize(510, b' ');
    bytes.extend(b"}\n");
    bytes.resize(1024, 0);
    bytes
}

fn cbf(headers: &str) -> Vec<u8> {
    let mut bytes = format!("###CBF: VERSION 1.5\n_array_data.data\n;\n{headers}\n\n").into_bytes();
    bytes.extend([0x0c, 0x1a, 0x04, 0xd5]);
    bytes.extend([1; 12]);
    bytes
}

/// An SMV image of two by two pixels, with `length` bytes of them.
fn smv(entries: &str, length: usize) -> Vec<u8> {
    let rest = "BYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=2;\nSIZE2=2;\n}";
    let mut bytes = format!("{{\nHEADER_BYTES=512;\n{entries}{rest}").into_bytes();
    bytes.resize(512, b' ');
    bytes.resize(512 + length, 1);
    bytes
}

fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(folder().join(name)).expect("a fixture");
    let place = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn headers_that_cannot_be_are_refused_with_what_where_and_what_helps() {
    const CBF: &str = "conversions=\"x-CBF_BYTE_OFFSET\"\nX-Binary-Element-Type: \"signed 32-bit integer\"";
    let stored = std::fs::read(folder().join("stored.npz")).expect("a fixture");
    let kinds = std::fs::read(folder().join("kinds.h5")).expect("a fixture");
    let frames = std::fs::read(folder().join("frames.edf")).expect("a fixture");
    let wide = [npy_header("<f8", "(4294967296, 4294967296)"), vec![0; 64]].concat();
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("a.npy", "", [npy_header("<U4", "(3,)"), vec![0; 48]].concat()),
        ("a.npy", "", [npy_header("<f8", "(3,)"), vec![0; 23]].concat()),
        ("a.npy", "", [npy_header("<f8", "(3,)"), vec![0; 25]].concat()),
        ("a.npy", "", wide),
        ("a.npz", "", stored.clone()),
        ("a.npz", "third", stored),
        ("a.npz", "", b"PK\x03\x04 and no directory".to_vec()),
        ("a.h5", "", kinds.clone()),
        ("a.h5", "/nowhere", kinds.clone()),
        ("a.h5", "/plain", kinds),
        ("a.h5", "", b"\x89HDF\r\n\x1a\n and no more".to_vec()),
        ("a.fits", "", fits(&["SIMPLE  =  T", "BITPIX  =  7", "NAXIS   =  1", "NAXIS1  =  3"])),
        ("a.fits", "", fits(&["SIMPLE  =  T", "BITPIX  =  8", "NAXIS   =  2", "NAXIS1  =  3"])),
        ("a.fits", "", fits(&["SIMPLE  =  T", "BITPIX  =  -64", "NAXIS   =  1", "NAXIS1  =  999999999999"])),
        ("a.fits", "", fits(&["SIMPLE  =  T", "BITPIX  =  8", "NAXIS   =  0"])),
        ("a.fits", "SCI", fits(&["SIMPLE  =  T", "BITPIX  =  8", "NAXIS   =  0"])),
        ("a.edf", "", edf("DataType = Words ;\nDim_1 = 4 ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = four ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = 4000 ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = 4 ;\nByteOrder = Middle ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = 4 ;\nDim_1 = 2 ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = 4 ;\nDim_3 = 2 ;\n")),
        ("a.edf", "", edf("DataType = FloatValue ;\nDim_1 = 4 ;\n")),
        ("a.edf", "7", frames),
        ("a.cbf", "", b"###CBF: VERSION 1.5\n and no binary section".to_vec()),
        ("a.cbf", "", cbf("conversions=\"x-CBF_PACKED\"")),
        ("a.cbf", "", cbf(&format!("{CBF}\nX-Binary-Size-Fastest-Dimension: 4000000000"))),
        ("a.cbf", "", cbf(&format!("{CBF}\nX-Binary-Size-Fastest-Dimension: few"))),
        ("a.cbf", "", cbf(&format!("{CBF}\nX-Binary-Size-Fastest-Dimension: 11"))),
        (
            "a.cbf",
            "",
            cbf(&format!("{CBF}\nX-Binary-Number-of-Elements: 11\nX-Binary-Size-Fastest-Dimension: 12")),
        ),
        ("a.cbf", "", changed("image.cbf", "Content-MD5: D", "Content-MD5: E")),
        ("a.tif", "", b"II*\0\x08\0\0\0\xff\xff".to_vec()),
        ("a.tif", "9", std::fs::read(folder().join("stack.tif")).expect("a fixture")),
        ("a.csv", "", b"1,2,3\n4,5\n".to_vec()),
        ("a.csv", "", b"a,b\n1,2\nc,3\n".to_vec()),
        ("a.csv", "", changed("matrix.csv", ",", ";")),
        ("a.csv", "", b"1,2\n3,****\n".to_vec()),
        ("a.csv", "", b"1,2\n0.5,9007199254740993\n".to_vec()),
        ("a.img", "", smv("DIM=3;\nSIZE3=2;\n", 8)),
        ("a.img", "", smv("DIM=2;\nSIZE3=2;\n", 8)),
        ("a.img", "", smv("DIM=2;\n", 16)),
        ("a.img", "", b"{\nHEADER_BYTES=512;\nSIZE1=2;\n}".to_vec()),
        ("a.bin", "", vec![7; 100]),
    ];
    let mut told = String::new();
    for (name, part, bytes) in cases {
        let error = parse(Path::new(name), &bytes, Some(part).filter(|part| !part.is_empty()), &Format::Auto);
        let error = error.expect_err(name);
        writeln!(told, "{error}").expect("room");
        if !error.hint().is_empty() {
            writeln!(told, "  hint: {}", error.hint()).expect("room");
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_the_format_allows_and_is_not_read_is_refused_with_what_converts_it() {
    for (file, part, words, hint) in [
        ("refused.h5", "grows_twice", "may grow along several axes", "h5py"),
        ("refused.h5", "packed", "layout is of version `5`", "h5py"),
        ("refused.fits", "", "has no image", "funpack"),
        ("refused.fits", "1", "an image that is packed into a table", "funpack"),
        ("refused.edf", "", "has Compression `GzipCompression`", "fabio"),
    ] {
        let bytes = std::fs::read(folder().join(file)).expect("a fixture");
        let part = Some(part).filter(|part| !part.is_empty());
        let error = parse(Path::new(file), &bytes, part, &Format::Auto).expect_err(file);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().contains(hint), "{file}: {}", error.hint());
    }
}
