//! Members of a tar archive, where every program reads the same ones.
//!
//! Not here: where they go (`unpacked`).

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::evidence::bundle::verify::archive::unpacked::{Refused, Unpacked, content};
use crate::evidence::bundle::verify::finding::BundleFault;

/// Bytes of a tar archive that may be read for the head of one member: its name stands in memory.
const HEAD: u64 = 1 << 20;

/// Records of tar headers that change nothing of what is unpacked, or the same for every program; `*` is the end of a name.
const HARMLESS_RECORDS: [&str; 18] = [
    "LIBARCHIVE.*",
    "RHT.security.selinux",
    "SCHILY.acl.*",
    "SCHILY.dev",
    "SCHILY.fflags",
    "SCHILY.ino",
    "SCHILY.nlink",
    "SCHILY.xattr.*",
    "atime",
    "comment",
    "ctime",
    "gid",
    "gname",
    "mtime",
    "path",
    "size",
    "uid",
    "uname",
];

/// Unpacks the archive that `from` reads.
pub(super) fn unpack(from: impl Read, unpacked: &mut Unpacked<'_>) -> Result<(), Refused> {
    let broken =
        |e: io::Error| content(BundleFault::Format, b"", format!("is no tar archive that can be read: {e}"));
    let allowance = Rc::new(Cell::new(HEAD));
    let mut archive = ::tar::Archive::new(BoundedReader { from, left: Rc::clone(&allowance) });
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let (name, kind) = (entry.path_bytes().into_owned(), entry.header().entry_type());
        if kind.is_pax_global_extensions() {
            // `git archive` writes the commit there.
            let mut records = Vec::new();
            entry.read_to_end(&mut records).map_err(broken)?;
            records_are_harmless(::tar::PaxExtensions::new(&records), &name, &["comment"])?;
            continue;
        }
        if !has_one_name(entry.header().as_bytes()) {
            let detail = "has a header of which programs take the name from different fields";
            return Err(content(BundleFault::Unsafe, &name, detail));
        }
        if let Some(records) = entry.pax_extensions().map_err(broken)? {
            let path = records_are_harmless(records, &name, &HARMLESS_RECORDS)?;
            if path.is_some_and(|path| path != name) {
                return Err(content(
                    BundleFault::Unsafe,
                    &name,
                    "has two names, of which programs take one or the other",
                ));
            }
        }
        if !kind.is_dir() && name.ends_with(b"/") || kind.is_dir() && entry.size() > 0 {
            let detail = "is a file with the name of a folder, or a folder with a content of its own";
            return Err(content(BundleFault::Unsafe, &name, detail));
        }
        if kind.is_dir() {
            unpacked.folder(&name)?;
        } else if kind.is_file() || kind.is_contiguous() {
            allowance.set(unpacked.left.bytes.saturating_add(HEAD));
            unpacked.file(&name, &mut entry)?;
        } else {
            return Err(content(
                BundleFault::Unsafe,
                &name,
                "is a link or a special file; expected files and folders",
            ));
        }
        allowance.set(HEAD);
    }
    // Options make programs read on behind the end.
    let mut rest = archive.into_inner();
    allowance.set(unpacked.left.bytes.saturating_add(HEAD));
    let mut piece = vec![0; 1 << 16];
    loop {
        match rest.read(&mut piece).map_err(broken)? {
            0 => return Ok(()),
            length if piece[..length].iter().all(|byte| *byte == 0) => {}
            _ => {
                return Err(content(BundleFault::Unsafe, b"", "has something behind the end of its members"));
            }
        }
    }
}

/// Whether every program takes the name of a member from the same fields: the first part of a name stands in a field of its own
/// in POSIX headers alone, and what other marks distinguish, or has something there, is read in two ways.
fn has_one_name(header: &[u8; 512]) -> bool {
    let (mark, prefix) = (&header[257..265], &header[345..500]);
    let is_empty = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    match mark {
        b"ustar\x0000" => true,
        b"ustar  \0" => is_empty(prefix),
        _ => is_empty(mark) && is_empty(prefix),
    }
}

/// Holds the records of a tar header against those by which no program unpacks anything else; gives the path among them.
fn records_are_harmless(
    records: ::tar::PaxExtensions<'_>,
    name: &[u8],
    harmless: &[&str],
) -> Result<Option<Vec<u8>>, Refused> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut path = None;
    for record in records {
        let record =
            record.map_err(|e| content(BundleFault::Format, name, format!("has a broken header: {e}")))?;
        let key = record.key_bytes();
        let fits = |known: &str| {
            known.strip_suffix('*').map_or(known.as_bytes() == key, |start| key.starts_with(start.as_bytes()))
        };
        if !harmless.iter().any(|known| fits(known)) || seen.iter().any(|other| other == key) {
            let key = String::from_utf8_lossy(key);
            let detail = format!("has the record `{key}`, by which programs unpack it differently");
            return Err(content(BundleFault::Unsafe, name, detail));
        }
        if key == b"path" {
            path = Some(record.value_bytes().to_vec());
        }
        seen.push(key.to_vec());
    }
    Ok(path)
}

/// A reader with an allowance: the head of a member may not fill the memory, whatever length it claims.
struct BoundedReader<R> {
    from: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for BoundedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.ok_or_else(|| io::Error::other("the head of a member is too long"))?);
        Ok(length)
    }
}
