//! Images of the European Synchrotron's data format (EDF): a header in braces, numbers behind it; several images one after the other.
//!
//! By hand: the header is text of `key = value ;`. Not here: images that are compressed.

use nanobragg::error::InputError;

use crate::array::data::{Array, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};

const EXPECTED: &str = "an EDF image: a header `{ key = value ; ... }` and numbers";

/// No header is longer, bytes.
const LONGEST_HEADER: u64 = 1 << 20;

/// More images than these are not looked through.
const MOST_IMAGES: usize = 100_000;

/// Names of types; the format's writers use several for one.
const TYPES: [(&str, ElementType); 15] = [
    ("signedbyte", ElementType::I8),
    ("unsignedbyte", ElementType::U8),
    ("signedshort", ElementType::I16),
    ("unsignedshort", ElementType::U16),
    ("signedinteger", ElementType::I32),
    ("unsignedinteger", ElementType::U32),
    ("signedlong", ElementType::I32),
    ("unsignedlong", ElementType::U32),
    ("signed64", ElementType::I64),
    ("unsigned64", ElementType::U64),
    ("float", ElementType::F32),
    ("floatvalue", ElementType::F32),
    ("double", ElementType::F64),
    ("doublevalue", ElementType::F64),
    ("float32", ElementType::F32),
];

/// Whether the file, which begins with a brace, begins as this format does.
pub(super) fn is_edf(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    text.contains("datatype") && text.contains("dim_1")
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    let wanted = match given.part {
        None => 0,
        Some(part) => part.parse::<usize>().map_err(|_| {
            given.wrong(format!("has no image `{part}`"), "the number of an image, the first being 0")
        })?,
    };
    let (length, mut place) = (given.length()?, 0);
    for number in 0..MOST_IMAGES {
        if place >= length {
            let problem = format!("has {number} images, and number {wanted} is asked for");
            return Err(given.wrong(problem, "the number of an image, the first being 0").into());
        }
        let (entries, data) = header(given, place)?;
        let stored = stored(given, &entries, data)?;
        refuse_what_is_no_header(given, &stored)?;
        if number == wanted {
            return Array::of(given.path, given.source.clone(), stored);
        }
        let Some(end) = stored.length().and_then(|length| length.checked_add(data)) else { break };
        place = end;
    }
    Err(given.wrong("has more images than can be looked through", EXPECTED).into())
}

/// Refuses what stands behind an image and is no header of another one.
fn refuse_what_is_no_header(given: &ArrayInput<'_>, stored: &Stored) -> Result<(), ArrayError> {
    let end = stored.length().and_then(|length| length.checked_add(stored.start));
    let Some(end) = end.filter(|end| given.length().is_ok_and(|length| *end < length)) else { return Ok(()) };
    let mut next = [0];
    given.source.read_at(end, &mut next).map_err(|e| InputError::io(given.path, WHAT, &e))?;
    if next == *b"{" || next[0].is_ascii_whitespace() && header(given, end).is_ok() {
        return Ok(());
    }
    let problem = "has bytes behind an image that are no header of another one";
    Err(given.wrong(problem, EXPECTED).at(format!("byte {end}")).into())
}

/// Entries of the header that begins at `place`, their keys in lower case, and where its numbers begin.
fn header(given: &ArrayInput<'_>, place: u64) -> Result<(Vec<(String, String)>, u64), ArrayError> {
    let length = (given.length()? - place).min(LONGEST_HEADER);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    given.source.read_at(place, &mut bytes).map_err(|e| InputError::io(given.path, WHAT, &e))?;
    let end = bytes.windows(2).position(|pair| pair == b"}\n");
    let Some(end) = end.filter(|_| bytes.trim_ascii_start().starts_with(b"{")) else {
        return Err(given.wrong("has no header in braces", EXPECTED).at(format!("byte {place}")).into());
    };
    let text = String::from_utf8_lossy(&bytes[..end]);
    let entry = |entry: &str| {
        let (key, value) = entry.split_once('=')?;
        let key = key.trim().trim_start_matches('{').trim().to_ascii_lowercase();
        Some((key, value.trim().to_owned()))
    };
    Ok((text.split(';').filter_map(entry).collect(), place + end as u64 + 2))
}

fn stored(given: &ArrayInput<'_>, entries: &[(String, String)], start: u64) -> Result<Stored, ArrayError> {
    let get = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let wrong = |key: &str, expected: &str| {
        let problem = format!("has {key} `{}`", get(&key.to_ascii_lowercase()).unwrap_or("nowhere"));
        given.wrong(problem, expected.to_owned()).at(format!("key {key}"))
    };
    for (at, (key, _)) in entries.iter().enumerate() {
        let decides =
            matches!(key.as_str(), "datatype" | "byteorder" | "compression") || key.starts_with("dim_");
        if decides && entries[..at].iter().any(|(name, _)| name == key) {
            let problem = format!("has the key `{key}` twice");
            return Err(given.wrong(problem, "each key once: readers differ in which one counts").into());
        }
    }
    let name = get("datatype").unwrap_or_default().to_ascii_lowercase();
    let Some((_, element)) = TYPES.iter().find(|(known, _)| *known == name) else {
        return Err(wrong("DataType", "a type of numbers, as in FloatValue").into());
    };
    let bytes = match get("byteorder").unwrap_or("LowByteFirst").to_ascii_lowercase().as_str() {
        "lowbytefirst" => ByteOrder::Little,
        "highbytefirst" => ByteOrder::Big,
        _ => return Err(wrong("ByteOrder", "LowByteFirst or HighByteFirst").into()),
    };
    if !matches!(
        get("compression").unwrap_or("none").to_ascii_lowercase().as_str(),
        "none" | "no" | "nocompression"
    ) {
        let hint = "unpack it with fabio: `numpy.save('a.npy', fabio.open('a.edf').data)`";
        return Err(wrong("Compression", "none").hint(hint).into());
    }
    let mut shape = Vec::new();
    for axis in 1..=entries.len() {
        let key = format!("Dim_{axis}");
        match get(&key.to_ascii_lowercase()) {
            Some(text) => shape.push(text.parse().map_err(|_| wrong(&key, "a number of pixels"))?),
            None => break,
        }
    }
    if shape.is_empty() {
        return Err(wrong("Dim_1", "a number of pixels").into());
    }
    let axes = entries.iter().filter(|(key, _)| key.starts_with("dim_")).count();
    if axes > shape.len() {
        return Err(wrong(&format!("Dim_{}", shape.len() + 1), "an axis for each that is behind it").into());
    }
    // The first axis varies fastest.
    shape.reverse();
    Ok(Stored { shape, element: *element, bytes, order: Order::C, start })
}
