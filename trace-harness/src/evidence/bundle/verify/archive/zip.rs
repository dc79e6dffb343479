//! Members of a zip archive, as its directory lists them and no other way.
//!
//! Not here: where they go (`unpacked`).

use std::fs::File;
use std::io::Read;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive};

use crate::evidence::bundle::verify::archive::unpacked::{Refused, Unpacked, content};
use crate::evidence::bundle::verify::finding::BundleFault;

/// Extra fields of zip entries that change nothing of what is unpacked: sizes beyond 32 bits, times, owners.
const HARMLESS_FIELDS: [u16; 5] = [0x0001, 0x000a, 0x5455, 0x5855, 0x7875];

/// Unpacks the archive `file`.
pub(super) fn unpack(file: File, unpacked: &mut Unpacked<'_>) -> Result<(), Refused> {
    let broken = |e: rawzip::Error| {
        content(BundleFault::Format, b"", format!("is no zip archive that can be read: {e}"))
    };
    let length =
        file.metadata().map_err(|e| content(BundleFault::Format, b"", format!("cannot be read: {e}")))?.len();
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    // A name and what else stands between it and the content, each as long as the format has them.
    let mut head = vec![0; 2 * usize::from(u16::MAX)];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0;
    let mut pieces = Vec::new();
    let mut directory = 0;
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        count += 1;
        let texts = [
            entry.file_path().as_bytes(),
            entry.extra_fields().remaining_bytes(),
            entry.comment().as_bytes(),
        ];
        directory += DIRECTORY_RECORD + texts.iter().map(|text| text.len() as u64).sum::<u64>();
        let name = entry.file_path().as_bytes().to_vec();
        if name.contains(&b'\\') || !(name.is_ascii() || entry.flags().is_utf8()) {
            let detail =
                "has a name that programs read differently; expected UTF-8 that says so, without `\\`";
            return Err(content(BundleFault::Unsafe, &name, detail));
        }
        let local = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        pieces.push(ZipMember {
            begin: entry.local_header_offset(),
            end: local.compressed_data_range().1,
            is_described_behind: entry.flags().has_data_descriptor(),
        });
        if !entry.is_dir() && entry.mode().value() & 0o170_000 != 0o100_000 {
            return Err(content(
                BundleFault::Unsafe,
                &name,
                "is a link or a special file; expected files and folders",
            ));
        }
        let head = local.local_header(&mut head).map_err(broken)?;
        let fields = entry.extra_fields().chain(head.extra_fields());
        if let Some((id, _)) = fields.into_iter().find(|(id, _)| !HARMLESS_FIELDS.contains(&id.as_u16())) {
            let detail =
                format!("has the extra field {:#06x}, by which programs unpack it differently", id.as_u16());
            return Err(content(BundleFault::Unsafe, &name, detail));
        }
        if head.file_path().as_bytes() != name {
            // One program would unpack it under this name, and another under that.
            return Err(content(BundleFault::Unsafe, &name, "has another name in front of its content"));
        }
        let is_described = entry.flags().has_data_descriptor();
        let of_directory =
            [u64::from(entry.crc32()), entry.compressed_size_hint(), entry.uncompressed_size_hint()];
        let of_member = [u64::from(head.crc32()), head.compressed_size_hint(), head.uncompressed_size_hint()];
        // Who reads from the front goes by what stands there. Sizes of 64 bits stand in an extra field.
        let is_wide = of_member[1..].contains(&u64::from(u32::MAX));
        if head.compression_method() != entry.compression_method()
            || head.flags().has_data_descriptor() != is_described
            || !(is_described || is_wide || of_member == of_directory)
        {
            return Err(content(
                BundleFault::Unsafe,
                &name,
                "is described in two ways, in front of it and in the directory",
            ));
        }
        if [entry.flags(), head.flags()].iter().any(|f| f.is_encrypted() || f.has_strong_encryption()) {
            return Err(content(
                BundleFault::Format,
                &name,
                "is encrypted; expected a file that anybody can read",
            ));
        }
        if entry.is_dir() {
            let (begin, end) = local.compressed_data_range();
            // Python and Java deflate folders as well.
            let mut packed = Vec::new();
            let is_nothing = begin == end
                || entry.compression_method() == CompressionMethod::DEFLATE
                    && local.reader().take(MOST_OF_NOTHING + 1).read_to_end(&mut packed).is_ok()
                    && is_nothing(&packed);
            if !is_nothing || entry.uncompressed_size_hint() != 0 {
                return Err(content(BundleFault::Unsafe, &name, "is a folder with content"));
            }
            unpacked.folder(&name)?;
            continue;
        }
        let packed = local.reader();
        match entry.compression_method() {
            CompressionMethod::STORE => unpacked.file(&name, &mut local.verifying_reader(packed))?,
            CompressionMethod::DEFLATE => {
                unpacked.file(&name, &mut local.verifying_reader(DeflateDecoder::new(packed)))?;
            }
            other => {
                let detail = format!("is packed by {other:?}; expected stored or deflated");
                return Err(content(BundleFault::Format, &name, detail));
            }
        }
    }
    nothing_between(pieces, archive.directory_offset())?;
    ends_with_its_directory(&archive, (directory, count), length)?;
    match archive.entries_hint() {
        declared if declared == count => Ok(()),
        declared => Err(content(
            BundleFault::Format,
            b"",
            format!("has {count} members and says that it has {declared}"),
        )),
    }
}

/// Bytes that no bytes at all become at most when they are deflated.
const MOST_OF_NOTHING: u64 = 64;

/// Whether `packed` is no bytes at all, deflated, and nothing else.
fn is_nothing(packed: &[u8]) -> bool {
    let length = packed.len() as u64;
    let mut decoder = flate2::bufread::DeflateDecoder::new(packed);
    let is_empty = matches!(decoder.read(&mut [0]), Ok(0));
    is_empty && length <= MOST_OF_NOTHING && decoder.total_in() == length
}

/// Bytes of a member's record in the directory, without its name, extra fields and comment (APPNOTE.TXT 4.3.12).
const DIRECTORY_RECORD: u64 = 46;

/// Bytes of the record and the locator that only archives of more than 65,534 members or 4 GiB need (4.3.14, 4.3.15).
const WIDE_END: u64 = 56 + 20;

/// Holds the archive to end behind its directory of `length` bytes: programs look for the directory in front of the record at
/// the end, by the length or the place that stands there, and one may find another than we read.
fn ends_with_its_directory(
    archive: &ZipArchive<FileReader>,
    (length, count): (u64, u64),
    length_of_file: u64,
) -> Result<(), Refused> {
    let wrong = |detail: &str| Err(content(BundleFault::Unsafe, b"", detail));
    let (begin, end) = (archive.directory_offset(), archive.eocd_offset());
    let is_wide = count >= u64::from(u16::MAX) || begin.saturating_add(length) >= u64::from(u32::MAX);
    if begin + length + if is_wide { WIDE_END } else { 0 } != end {
        return wrong("has something between its directory and its end");
    }
    let mut record = [0; 22];
    let broken =
        |e: std::io::Error| content(BundleFault::Format, b"", format!("cannot be read to its end: {e}"));
    archive.get_ref().read_exact_at(&mut record, end).map_err(broken)?;
    let word = |at: usize| {
        u64::from(u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]))
    };
    if !is_wide && (word(12), word(16)) != (length, begin) {
        return wrong("says at its end that its directory is longer, shorter or elsewhere");
    }
    let mut comment = Vec::new();
    archive.comment().take(u64::from(u16::MAX)).read_to_end(&mut comment).map_err(broken)?;
    // `git archive` writes the commit there.
    if comment.windows(2).any(|pair| pair == b"PK") {
        return wrong("has records of an archive in its comment");
    }
    if archive.end_offset() != length_of_file {
        return wrong("has something behind its end");
    }
    Ok(())
}

/// Where a member of a zip archive stands, and whether its checksum stands behind it.
struct ZipMember {
    begin: u64,
    end: u64,
    is_described_behind: bool,
}

/// Holds members to stand one behind the other from the first byte to the directory: programs that read an archive from its
/// front unpack what the directory does not list.
fn nothing_between(mut pieces: Vec<ZipMember>, directory: u64) -> Result<(), Refused> {
    pieces.sort_by_key(|piece| piece.begin);
    let (mut end, mut may_be_described) = (0, false);
    for (begin, next) in pieces.iter().map(|p| (p.begin, Some(p))).chain([(directory, None)]) {
        // With or without a signature, with sizes of 32 or 64 bits.
        let descriptor = [12, 16, 20, 24].map(|length| begin.checked_sub(length));
        if begin != end && !(may_be_described && descriptor.contains(&Some(end))) {
            let detail = format!(
                "has something between bytes {end} and {begin} that its directory does not list, or members that overlap"
            );
            return Err(content(BundleFault::Unsafe, b"", detail));
        }
        (end, may_be_described) = next.map_or((begin, false), |p| (p.end, p.is_described_behind));
    }
    Ok(())
}
