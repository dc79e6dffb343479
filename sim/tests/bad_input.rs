//! What every reader does with files that are empty, cut short, of another kind or absurd: an error that names the file
//! and says what was expected, at once and without the memory such a file asks for. Not here: well-formed files (beside
//! the readers), and the exit status of the program.

use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::image::{float_raw, npy, smv};
use nanobragg::input::{Leniency, ReadError, header, hkl, matrix, source_file};

const BOTH: [Leniency; 2] = [Leniency::Strict, Leniency::Reference];

/// A reader whose result is of no interest, only whether it refuses.
type Reader = fn(&Path, Leniency) -> Result<(), InputError>;

const READERS: &[(&str, Reader)] = &[
    ("reflections", |p, l| drop_value(hkl::read_text(p, 0.0, l))),
    ("cache", |p, l| drop_value(hkl::read_cache(p, l))),
    ("matrix", |p, l| drop_value(matrix::read(p, l))),
    ("header", |p, l| drop_value(header::read_header(p, l))),
    ("mask", |p, l| drop_value(header::read_mask(p, l))),
    ("floats", |p, _| float_raw::read(p, Some((31, 31))).map(drop)),
    ("square floats", |p, _| float_raw::read(p, None).map(drop)),
    ("smv", |p, _| smv::read_u16(p).map(drop)),
    ("npy", |p, _| npy::read(p).map(drop)),
    // nanoBragg takes any line of text for a row of zeros; so there is only one way to refuse.
    ("sources", |p, _| drop_value(source_file::read(p, Leniency::Strict))),
];

fn drop_value<T>(result: Result<T, ReadError>) -> Result<(), InputError> {
    result.map(drop).map_err(InputError::from)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn file(&self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join("input.dat");
        std::fs::write(&path, content).expect("written");
        path
    }
}

/// Each of `readers` refuses `content` in both ways, naming the file and what was expected.
fn all_refuse(readers: &[&str], content: &[u8]) {
    let folder = Folder::new();
    let path = folder.file(content);
    for name in readers {
        let (_, reader) = READERS.iter().find(|(n, _)| n == name).expect("a reader of this name");
        for leniency in BOTH {
            let start: String =
                content.iter().take(60).flat_map(|b| b.escape_ascii()).map(char::from).collect();
            let Err(error) = reader(&path, leniency) else { panic!("{name} accepts {start} ({leniency:?})") };
            assert_eq!(error.path, path, "{name}");
            assert!(!error.problem.is_empty() && !error.expected.is_empty(), "{name}: {error:?}");
            assert!(!error.to_string().ends_with('.'), "{name}: {error}");
        }
    }
}

fn names() -> Vec<&'static str> {
    READERS.iter().map(|(name, _)| *name).collect()
}

/// A header of 512 bytes with these sizes, and `pixels` bytes behind it.
fn smv_file(sizes: &str, pixels: usize) -> Vec<u8> {
    let text = format!("{{\nHEADER_BYTES=512;\nDIM=2;\nTYPE=unsigned_short;\n{sizes}}}\u{c}");
    let mut bytes = format!("{text:<512}").into_bytes();
    bytes.resize(512 + pixels, 1);
    bytes
}

#[test]
fn nobody_reads_a_file_that_is_missing_or_a_folder() {
    let folder = Folder::new();
    for (name, reader) in READERS {
        for leniency in BOTH {
            for path in [folder.0.path().join("missing"), folder.0.path().to_owned()] {
                let error = reader(&path, leniency).expect_err(name);
                assert_eq!(error.path, path, "{name}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn nobody_reads_a_device() {
    for (name, reader) in READERS {
        for leniency in BOTH {
            for device in ["/dev/zero", "/dev/urandom"] {
                let error = reader(Path::new(device), leniency).expect_err(name);
                assert!(error.problem.contains("device") && !error.expected.is_empty(), "{name}: {error}");
            }
        }
    }
}

#[test]
fn nobody_reads_a_file_beyond_its_limit() {
    let folder = Folder::new();
    let path = folder.file("");
    // Without content such a file takes no place on the disk.
    let sparse = std::fs::File::options().write(true).open(&path).expect("there");
    sparse.set_len((4 << 30) + 4).expect("a file with a hole");
    for (name, reader) in READERS {
        for leniency in BOTH {
            let error = reader(&path, leniency).expect_err(name);
            // Bare floats have a length of their own to compare with.
            assert!(error.to_string().contains("at most") || name.contains("floats"), "{name}: {error}");
        }
    }
    sparse.set_len((64 << 20) + 1).expect("a file with a hole");
    for name in ["matrix", "sources"] {
        let (_, reader) = READERS.iter().find(|(n, _)| *n == name).expect("a reader of this name");
        let error = reader(&path, Leniency::Strict).expect_err(name);
        assert!(error.to_string().contains("at most 67108864 bytes"), "{name}: {error}");
    }
}

#[test]
fn nobody_reads_an_empty_file() {
    all_refuse(&names(), b"");
}

#[test]
fn nobody_reads_binary_garbage() {
    let garbage: Vec<u8> =
        (0..4001_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    all_refuse(&names(), &garbage);
}

#[test]
fn nobody_but_the_readers_of_plain_numbers_reads_plain_numbers() {
    all_refuse(
        &["header", "mask", "smv", "npy", "floats", "square floats"],
        b"1 2 3 4 5 6\n7 8 9 10 11 12\n",
    );
}

#[test]
fn nan_is_no_index_no_size_and_no_range() {
    all_refuse(&["reflections"], b"nan 0 0 1\n");
    all_refuse(&["cache"], b"nan 1 0 1 0 1\n\x0c");
    all_refuse(&["header", "mask", "smv"], &smv_file("SIZE1=nan;\nSIZE2=4;\n", 4096));
    all_refuse(
        &["npy"],
        b"\x93NUMPY\x01\x00\x40\x00{'descr': '<f4', 'fortran_order': False, 'shape': (nan, 2), }\n",
    );
    let folder = Folder::new();
    let path = folder.file("1 2 3\n4 nan 6\n7 8 9\n");
    assert!(matrix::read(&path, Leniency::Strict).is_err());
    assert!(source_file::read(&path, Leniency::Strict).is_err());
}

#[test]
fn dimensions_beyond_the_file_are_refused_before_they_are_allocated() {
    for sizes in
        ["SIZE1=31623;\nSIZE2=31623;\n", "SIZE1=2147483647;\nSIZE2=2147483647;\n", "SIZE1=1e99;\nSIZE2=2;\n"]
    {
        all_refuse(&["header", "mask", "smv"], &smv_file(sizes, 64));
    }
    for shape in ["(31623, 31623)", "(9223372036854775807, 9223372036854775807)", "(18446744073709551616, 1)"]
    {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        all_refuse(&["npy"], &bytes);
    }
    let folder = Folder::new();
    for shape in [(31_623, 31_623), (usize::MAX, usize::MAX), (0, 0)] {
        assert!(float_raw::read(&folder.file([0; 64]), Some(shape)).is_err(), "{shape:?}");
    }
}

#[test]
fn caches_with_absurd_ranges_are_refused() {
    for ranges in [
        "-2147483648 2147483647 -2147483648 2147483647 -2147483648 2147483647",
        "-1000 1000 -1000 1000 -1000 1000",
        "0 99999999999 0 1 0 1",
        "5 -5 0 1 0 1",
        "1 2 3 4 5",
    ] {
        all_refuse(&["cache"], format!("{ranges}\n\x0c").as_bytes());
    }
}

#[test]
fn a_cache_cut_short_is_refused_unless_nanobraggs_zeros_are_wanted() {
    let folder = Folder::new();
    let path = folder.file(b"0 0 0 0 0 0\n\x0c12345678abc");
    let error = hkl::read_cache(&path, Leniency::Strict).unwrap_err();
    assert!(error.error().problem.contains("missing"), "{error}");
    let read = hkl::read_cache(&path, Leniency::Reference).unwrap();
    assert_eq!(read.grid.padded_values()[0], f64::from_ne_bytes(*b"12345678"));
    assert_eq!(read.grid.padded_values()[2..], [0.0; 6]);
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn indices_beyond_32_bits_are_refused() {
    for text in ["0 0 0 1\n2147483648 0 0 1\n", "0 0 -99999999999999999999 1\n", "1e10 0 0 1\n"] {
        all_refuse(&["reflections"], text.as_bytes());
    }
    all_refuse(&["reflections"], b"0 0 0 1\n70000 70000 70000 1\n");
}

#[test]
fn one_reflection_is_enough_and_line_ends_do_not_matter() {
    let folder = Folder::new();
    for text in ["1 2 3 45.5", "1 2 3 45.5\n", "1 2 3 45.5\r\n", "\r\n1 2 3 45.5\r\n\r\n"] {
        for leniency in BOTH {
            let read = hkl::read_text(&folder.file(text), 0.0, leniency).expect(text);
            assert_eq!((read.grid.count(), read.grid.amplitude([1, 2, 3])), (1, Some(45.5)));
        }
    }
}

#[test]
fn eight_numbers_are_no_matrix_and_nine_are_whatever_the_line_ends() {
    all_refuse(&["matrix"], b"1 2 3\n4 5 6\n7 8\n");
    let folder = Folder::new();
    for end in ["\n", "\r\n", ""] {
        let path = folder.file(format!("1 2 3\r\n4 5 6\r\n7 8 1{end}"));
        for leniency in BOTH {
            assert_eq!(matrix::read(&path, leniency).unwrap()[2], [7.0, 8.0, 1.0]);
        }
    }
}

#[test]
fn line_ends_of_a_source_file_matter_to_nanobragg_only() {
    let folder = Folder::new();
    for text in ["-10 0.5", "-10 0.5\r\n"] {
        let path = folder.file(text);
        let third = |leniency| source_file::read(&path, leniency).unwrap().rows[0][2];
        assert_eq!((third(Leniency::Strict), third(Leniency::Reference)), (None, Some(0.0)));
    }
}

#[test]
fn a_missing_file_is_told_apart_from_a_bad_one() {
    let folder = Folder::new();
    let (missing, bad) = (folder.0.path().join("missing"), folder.file("?"));
    for leniency in BOTH {
        assert!(header::read_mask(&missing, leniency).unwrap_err().is_cannot_open());
        assert!(!header::read_mask(&bad, leniency).unwrap_err().is_cannot_open());
        assert!(matrix::read(&missing, leniency).unwrap_err().is_cannot_open());
        assert!(!matrix::read(&bad, leniency).unwrap_err().is_cannot_open());
    }
}
