//! Crystallographic binary files (CBF): the first binary section, packed by byte offsets, as detectors of the Pilatus kind write it.
//!
//! By hand: the packing is a dozen rows, and the crate for it is a C library. Not here: other packings of the format, its text.

use std::io::{BufReader, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use nanobragg::error::InputError;

use crate::array::data::{Array, DecodedNumbers, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::Cursor;

pub(super) const MAGIC: &[u8] = b"###CBF";

/// What stands before the bytes of a binary section.
const START: [u8; 4] = [0x0c, 0x1a, 0x04, 0xd5];

/// No text before the binary section is longer, bytes.
const LONGEST_HEADER: usize = 4 << 20;

const EXPECTED: &str = "a CBF image packed by byte offsets";

/// Names of types, and whether a number of that type may be negative.
const TYPES: [(&str, ElementType); 6] = [
    ("signed 8-bit integer", ElementType::I8),
    ("unsigned 8-bit integer", ElementType::U8),
    ("signed 16-bit integer", ElementType::I16),
    ("unsigned 16-bit integer", ElementType::U16),
    ("signed 32-bit integer", ElementType::I32),
    ("unsigned 32-bit integer", ElementType::U32),
];

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    given.whole()?;
    let bytes = given.start(LONGEST_HEADER)?;
    let Some(at) = bytes.windows(START.len()).position(|window| window == START) else {
        return Err(given.wrong("has no binary section", EXPECTED).into());
    };
    let text = String::from_utf8_lossy(&bytes[..at]);
    let get = |key: &str| {
        let mut lines = text.lines().rev().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.trim().trim_matches('"'))
    };
    let wrong = |key: &str, expected: &str| {
        let problem = format!("has {key} `{}`", get(key).unwrap_or("nowhere"));
        given.wrong(problem, expected.to_owned()).at(format!("key {key}"))
    };
    let count = |key: &str| get(key).and_then(|text| text.parse::<usize>().ok());
    if !text.to_ascii_lowercase().contains("x-cbf_byte_offset") {
        let hint = "pack it by byte offsets with CBFlib: `cif2cbf -c byte_offset -i OLD.cbf -o NEW.cbf`";
        return Err(given.wrong("is packed in another way", EXPECTED).hint(hint).into());
    }
    let name = get("X-Binary-Element-Type").unwrap_or("signed 32-bit integer").to_ascii_lowercase();
    let Some((_, element)) = TYPES.iter().find(|(known, _)| *known == name) else {
        return Err(wrong("X-Binary-Element-Type", "integers of 8, 16 or 32 bits").into());
    };
    let axes = [
        "X-Binary-Size-Fastest-Dimension",
        "X-Binary-Size-Second-Dimension",
        "X-Binary-Size-Third-Dimension",
    ];
    let mut shape = Vec::new();
    for key in axes.iter().take_while(|key| get(key).is_some()) {
        shape.push(count(key).ok_or_else(|| wrong(key, "a number of pixels"))?);
    }
    shape.reverse();
    // Cameras write a third axis of one.
    if shape.len() == 3 && shape[0] == 1 {
        shape.remove(0);
    }
    let packed = given.length()? - (at + START.len()) as u64;
    let size = count("X-Binary-Size").map_or(packed, |size| packed.min(size as u64));
    let elements = shape.iter().try_fold(1_usize, |n, length| n.checked_mul(*length));
    // No element takes less than a byte.
    let elements = elements.filter(|n| !shape.is_empty() && *n as u64 <= size).ok_or_else(|| {
        given.wrong(
            format!("has `{size}` packed bytes, too few for its pixels"),
            "a byte for each pixel, or more",
        )
    })?;
    if get("X-Binary-Number-of-Elements").is_some() && count("X-Binary-Number-of-Elements") != Some(elements)
    {
        let expected = format!("`{elements}`, as its axes say");
        return Err(wrong("X-Binary-Number-of-Elements", &expected).into());
    }
    let refused = |e: std::io::Error| InputError::io(given.path, WHAT, &e);
    let content = Cursor::at(&given.source, (at + START.len()) as u64).map_err(refused)?;
    let mut decoded = DecodedNumbers::of((elements * element.size()) as u64);
    let mut packed = BufReader::new(content.take(size));
    unpack(given, &mut packed, elements, *element, &mut decoded)?;
    let mut behind = Vec::new();
    packed.take(BEHIND).read_to_end(&mut behind).map_err(refused)?;
    let is_text = get("X-Binary-Size").is_none() && is_end_of_section(&behind);
    if !behind.is_empty() && !is_text {
        let expected = format!("`{elements}`, as its axes say");
        return Err(given.wrong("has more pixels than its axes say", expected).into());
    }
    // Without their number it is not known which bytes the digest is of.
    if let (Some(stated), Some(_)) = (get("Content-MD5"), get("X-Binary-Size")) {
        let content = Cursor::at(&given.source, (at + START.len()) as u64).map_err(refused)?;
        let found = digest(&mut content.take(size)).map_err(refused)?;
        if found != stated {
            let problem = format!("has packed pixels of the digest `{found}`");
            let expected = format!("`{stated}`, as its header says");
            let hint = "the file was damaged, or its pixels are not those that the header was written for";
            return Err(given.wrong(problem, expected).at("key Content-MD5").hint(hint).into());
        }
    }
    let (bytes, order) = (ByteOrder::Little, Order::C);
    decoded.finish(given.path, Stored { shape, element: *element, bytes, order, start: 0 })
}

/// Bytes behind the pixels that are looked at.
const BEHIND: u64 = 1 << 13;

/// Whether bytes behind the pixels, of which the header does not say how many they are, are padding and the end of the section.
fn is_end_of_section(behind: &[u8]) -> bool {
    let text = behind.iter().position(|byte| !matches!(byte, 0 | b'\r' | b'\n')).unwrap_or(behind.len());
    behind[text..].is_empty() || behind[text..].starts_with(b"--CIF-BINARY-FORMAT-SECTION--")
}

/// The digest of `packed` bytes as a header states it.
fn digest(packed: &mut impl Read) -> std::io::Result<String> {
    let (mut md5, mut bytes) = (Md5::new(), vec![0; 1 << 16]);
    loop {
        match packed.read(&mut bytes)? {
            0 => return Ok(STANDARD.encode(md5.finalize())),
            length => md5.update(&bytes[..length]),
        }
    }
}

/// Unpacks `elements` numbers: each is the one before it plus a difference of one byte, or, where that is its least number, of two, four or
/// eight.
fn unpack(
    given: &ArrayInput<'_>,
    packed: &mut impl Read,
    elements: usize,
    element: ElementType,
    decoded: &mut DecodedNumbers,
) -> Result<(), ArrayError> {
    let mut value = 0_i64;
    let size = element.size();
    for number in 0..elements {
        let difference = difference(packed)
            .map_err(|_| given.wrong("ends inside its pixels", EXPECTED).at(format!("pixel {number}")))?;
        value = value.wrapping_add(difference);
        let written = decoded.write_all(&value.to_le_bytes()[..size]);
        written.map_err(|e| InputError::io(given.path, WHAT, &e))?;
    }
    Ok(())
}

fn difference(packed: &mut impl Read) -> std::io::Result<i64> {
    fn bytes<const N: usize>(packed: &mut impl Read) -> std::io::Result<[u8; N]> {
        let mut bytes = [0; N];
        packed.read_exact(&mut bytes).map(|()| bytes)
    }
    let one = i8::from_le_bytes(bytes(packed)?);
    if one != i8::MIN {
        return Ok(one.into());
    }
    let two = i16::from_le_bytes(bytes(packed)?);
    if two != i16::MIN {
        return Ok(two.into());
    }
    let four = i32::from_le_bytes(bytes(packed)?);
    if four != i32::MIN { Ok(four.into()) } else { Ok(i64::from_le_bytes(bytes(packed)?)) }
}
