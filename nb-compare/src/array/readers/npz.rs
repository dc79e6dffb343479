//! Members of NumPy's archives (`.npz`), stored or deflated.
//!
//! Not here: what a member holds (`npy`), archives as bundles of evidence (`trace_harness`).

use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use nanobragg::error::InputError;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipLocator};

use crate::array::data::{Array, DecodedNumbers};
use crate::array::error::ArrayError;
use crate::array::readers::given::ArrayInput;
use crate::array::readers::npy;
use crate::array::source::ByteSource;

pub(super) const MAGIC: &[u8] = b"PK\x03\x04";

const WHAT: &str = "a NumPy archive (.npz)";

/// More members than these are not listed.
const MOST_MEMBERS: usize = 100_000;

/// No deflated byte becomes more bytes than these.
const DEFLATE_RATIO: u64 = 1032;

impl ReaderAt for ByteSource {
    fn read_at(&self, into: &mut [u8], place: u64) -> io::Result<usize> {
        let left = usize::try_from(self.length()?.saturating_sub(place)).unwrap_or(usize::MAX);
        let length = into.len().min(left);
        Self::read_at(self, place, &mut into[..length])?;
        Ok(length)
    }
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    let broken = |e: rawzip::Error| given.wrong(format!("is no zip archive that can be read: {e}"), WHAT);
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipLocator::new().locate_in_reader(&given.source, &mut buffer, given.length()?);
    let archive = archive.map_err(|(_, e)| broken(e))?;
    let mut entries = archive.entries(&mut buffer);
    let (mut names, mut chosen) = (Vec::new(), Vec::new());
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        let Some(short) = name.strip_suffix(".npy") else { continue };
        if names.len() == MOST_MEMBERS {
            return Err(given.wrong(format!("has more than {MOST_MEMBERS} members"), WHAT).into());
        }
        if given.part.is_none_or(|part| part == short || part == name) {
            chosen.push((entry.wayfinder(), entry.compression_method()));
        }
        names.push(short.to_owned());
    }
    let [(wayfinder, method)] = chosen.as_slice() else {
        return Err(not_one(given, &names, chosen.len()).into());
    };
    let entry = archive.get_entry(*wayfinder).map_err(broken)?;
    let (begin, end) = entry.compressed_data_range();
    let packed = entry.reader();
    match *method {
        CompressionMethod::STORE => member(given, end - begin, &mut entry.verifying_reader(packed)),
        CompressionMethod::DEFLATE => {
            let most = (end - begin).saturating_mul(DEFLATE_RATIO);
            member(given, most, &mut entry.verifying_reader(DeflateDecoder::new(packed)))
        }
        other => {
            Err(given.wrong(format!("has a member packed by {other:?}"), "stored or deflated members").into())
        }
    }
}

/// The array in a member that has at most `most` bytes.
fn member(given: &ArrayInput<'_>, most: u64, content: &mut dyn Read) -> Result<Array, ArrayError> {
    let refused = |e: io::Error| InputError::io(given.path, WHAT, &e);
    let mut start = Vec::new();
    content.take(npy::LONGEST_HEADER as u64).read_to_end(&mut start).map_err(refused)?;
    let mut stored = npy::header(given, &start)?;
    let elements = start.get(usize::try_from(stored.start).unwrap_or(usize::MAX)..).unwrap_or_default();
    let length = stored.length().filter(|length| *length <= most);
    let Some(length) = length else {
        let problem = format!("has a member of at most `{most}` bytes, fewer than its header says");
        return Err(given.wrong(problem, WHAT).into());
    };
    let mut decoded = DecodedNumbers::of(length);
    io::copy(&mut elements.chain(content), &mut decoded).map_err(refused)?;
    if !decoded.is_whole() {
        let problem = "has a member that ends before its last element";
        return Err(given.wrong(problem, format!("`{length}` bytes of elements")).into());
    }
    stored.start = 0;
    decoded.finish(given.path, stored)
}

fn not_one(given: &ArrayInput<'_>, names: &[String], found: usize) -> InputError {
    const SHOWN: usize = 10;
    let list: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    let expected = match list.is_empty() {
        true => "an archive with members that end in .npy".to_owned(),
        false => format!("one of {}{more}", list.join(", ")),
    };
    let problem = match given.part {
        None => format!("holds {} arrays, and none of them is named", names.len()),
        Some(part) => format!("holds {found} members `{part}`"),
    };
    given.wrong(problem, expected).hint("name the array behind a colon: FILE.npz:NAME")
}
