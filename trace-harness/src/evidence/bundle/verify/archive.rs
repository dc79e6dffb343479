//! Bundles in one file, as they are sent: unpacked into a temporary folder as far as they are nothing but files below it.
//!
//! Not here: whether the bundle is sound (`verify`); other kinds of archives, which people can unpack themselves.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use crate::evidence::bundle::reading::files::is_inside;
use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::verify::finding::{Fault, Finding};
use crate::evidence::bundle::{BundleError, MANIFEST};

/// How much is unpacked, whatever an archive says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Files and folders.
    pub members: u64,
}

/// What is unpacked of an archive by somebody else.
pub const LIMITS: Limits = Limits { bytes: 8 << 30, members: 100_000 };

/// Names in a path of a member.
const DEEPEST: usize = 32;

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

/// Extra fields of zip entries that change nothing of what is unpacked: sizes beyond 32 bits, times, owners.
const HARMLESS_FIELDS: [u16; 5] = [0x0001, 0x000a, 0x5455, 0x5855, 0x7875];

/// What a file at `path` is, by how its name ends; `None` where that is no archive that can be verified.
pub fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match name.as_str() {
        _ if !path.is_file() => None,
        _ if ends(&[".zip"]) => Some(Kind::Zip),
        _ if ends(&[".tar"]) => Some(Kind::Tar),
        _ if ends(&[".tar.gz", ".tgz"]) => Some(Kind::PackedTar),
        _ => None,
    }
}

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Members stored or deflated.
    Zip,
    /// POSIX or GNU tar.
    Tar,
    /// The same through gzip.
    PackedTar,
}

/// Why an archive was not unpacked to its end.
#[derive(Debug)]
pub enum Refused {
    /// What is in it; a bundle it is not.
    Content(Finding),
    /// This machine.
    Machine(BundleError),
}

/// Unpacks the archive at `path` below the empty folder `into`; gives the folder of the bundle in it.
///
/// # Errors
/// A member is neither file nor folder, leads out of the folder, or stands twice; the archive is broken or above a limit; a file cannot
/// be read or written.
pub fn unpack(path: &Path, kind: Kind, into: &Path, limits: Limits) -> Result<PathBuf, Refused> {
    let file =
        regular::open(path).map_err(BundleError::io(path, "cannot be read")).map_err(Refused::Machine)?;
    let mut unpacked = Unpacked { into, left: limits, files: HashSet::new() };
    match kind {
        Kind::Zip => zip(file, &mut unpacked)?,
        Kind::Tar => tar(file, &mut unpacked)?,
        Kind::PackedTar => tar(MultiGzDecoder::new(file), &mut unpacked)?,
    }
    Ok(root(into))
}

/// The folder of the bundle: most archives hold one folder with everything in it.
fn root(folder: &Path) -> PathBuf {
    let entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    match entries.as_slice() {
        [only] if only.is_dir() && !folder.join(MANIFEST).exists() => only.clone(),
        _ => folder.to_owned(),
    }
}

fn content(fault: Fault, name: &[u8], detail: impl Into<String>) -> Refused {
    let path = String::from_utf8_lossy(name).into_owned();
    Refused::Content(Finding { fault, path, detail: detail.into() })
}

struct Unpacked<'a> {
    into: &'a Path,
    left: Limits,
    /// Names of files in lower case: where systems take no notice of it, one of two would replace the other.
    files: HashSet<String>,
}

impl Unpacked<'_> {
    /// Where the member goes, whose name is counted; `None` for the folder of the archive itself.
    fn place(&mut self, name: &[u8]) -> Result<Option<PathBuf>, Refused> {
        // Every folder in its name may have to be made.
        let parts = name.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).count().max(1);
        if parts > DEEPEST {
            let detail = format!("lies {parts} folders deep; expected at most {DEEPEST}");
            return Err(content(Fault::Unsafe, &name[..name.len().min(200)], detail));
        }
        self.left.members = self.left.members.checked_sub(parts as u64).ok_or_else(|| {
            content(
                Fault::Unsafe,
                name,
                format!("is one member too many; expected at most {} files and folders", LIMITS.members),
            )
        })?;
        let text = std::str::from_utf8(name).map_err(|_| {
            content(Fault::Unlisted, name, "has a name that is not UTF-8, which no manifest can list")
        })?;
        // `tar` writes `./` in front of what it finds in the folder it stands in.
        let inside = text.strip_prefix("./").unwrap_or(text);
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        match inside {
            "" | "." if text.starts_with('.') => Ok(None),
            _ if is_inside(inside) => Ok(Some(self.into.join(inside))),
            _ => Err(content(
                Fault::Unsafe,
                name,
                "leads out of the archive; expected a relative path without `..`",
            )),
        }
    }

    fn folder(&mut self, name: &[u8]) -> Result<(), Refused> {
        let Some(place) = self.place(name)? else { return Ok(()) };
        fs::create_dir_all(&place).map_err(|e| clash(name, &place, e))
    }

    fn file(&mut self, name: &[u8], from: &mut dyn Read) -> Result<(), Refused> {
        let place = self.place(name)?;
        let place = place.ok_or_else(|| content(Fault::Unsafe, name, "is a file without a name"))?;
        if !place.exists() && !self.files.insert(place.to_string_lossy().to_lowercase()) {
            return Err(content(
                Fault::Unsafe,
                name,
                "differs from another name in the case of letters only",
            ));
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|e| clash(name, parent, e))?;
        }
        let mut to = File::create_new(&place).map_err(|e| clash(name, &place, e))?;
        let mut piece = vec![0; 1 << 16];
        loop {
            let length = match from.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(content(Fault::Format, name, format!("cannot be unpacked: {e}"))),
            };
            self.left.bytes = self.left.bytes.checked_sub(length as u64).ok_or_else(|| {
                content(
                    Fault::Unsafe,
                    name,
                    format!("makes more than {} bytes; expected fewer", LIMITS.bytes),
                )
            })?;
            let written = to.write_all(&piece[..length]);
            written.map_err(BundleError::io(&place, "cannot be written")).map_err(Refused::Machine)?;
        }
    }
}

/// Two members of one name, or one that is a file and a folder, are the archive's fault; the rest is this machine's.
fn clash(name: &[u8], place: &Path, e: io::Error) -> Refused {
    match e.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
            content(Fault::Unsafe, name, format!("stands twice, or is a file and a folder: {e}"))
        }
        _ => Refused::Machine(BundleError::io(place, "cannot be made")(e)),
    }
}

fn zip(file: File, unpacked: &mut Unpacked<'_>) -> Result<(), Refused> {
    let broken =
        |e: rawzip::Error| content(Fault::Format, b"", format!("is no zip archive that can be read: {e}"));
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    // A name and what else stands between it and the content, each as long as the format has them.
    let mut head = vec![0; 2 * usize::from(u16::MAX)];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0;
    let mut pieces = Vec::new();
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        count += 1;
        let name = entry.file_path().as_bytes().to_vec();
        if name.contains(&b'\\') || !(name.is_ascii() || entry.flags().is_utf8()) {
            let detail =
                "has a name that programs read differently; expected UTF-8 that says so, without `\\`";
            return Err(content(Fault::Unsafe, &name, detail));
        }
        let local = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        pieces.push(Piece {
            begin: entry.local_header_offset(),
            end: local.compressed_data_range().1,
            is_described_behind: entry.flags().has_data_descriptor(),
        });
        if entry.is_dir() {
            let (begin, end) = local.compressed_data_range();
            if begin != end {
                return Err(content(Fault::Unsafe, &name, "is a folder with content"));
            }
            unpacked.folder(&name)?;
            continue;
        }
        if entry.mode().value() & 0o170_000 != 0o100_000 {
            return Err(content(
                Fault::Unsafe,
                &name,
                "is a link or a special file; expected files and folders",
            ));
        }
        let head = local.local_header(&mut head).map_err(broken)?;
        let fields = entry.extra_fields().chain(head.extra_fields());
        if let Some((id, _)) = fields.into_iter().find(|(id, _)| !HARMLESS_FIELDS.contains(&id.as_u16())) {
            let detail =
                format!("has the extra field {:#06x}, by which programs unpack it differently", id.as_u16());
            return Err(content(Fault::Unsafe, &name, detail));
        }
        if head.file_path().as_bytes() != name {
            // One program would unpack it under this name, and another under that.
            return Err(content(Fault::Unsafe, &name, "has another name in front of its content"));
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
                Fault::Unsafe,
                &name,
                "is described in two ways, in front of it and in the directory",
            ));
        }
        if [entry.flags(), head.flags()].iter().any(|f| f.is_encrypted() || f.has_strong_encryption()) {
            return Err(content(Fault::Format, &name, "is encrypted; expected a file that anybody can read"));
        }
        let packed = local.reader();
        match entry.compression_method() {
            CompressionMethod::STORE => unpacked.file(&name, &mut local.verifying_reader(packed))?,
            CompressionMethod::DEFLATE => {
                unpacked.file(&name, &mut local.verifying_reader(DeflateDecoder::new(packed)))?;
            }
            other => {
                let detail = format!("is packed by {other:?}; expected stored or deflated");
                return Err(content(Fault::Format, &name, detail));
            }
        }
    }
    nothing_between(pieces, archive.directory_offset())?;
    match archive.entries_hint() {
        told if told == count => Ok(()),
        told => Err(content(Fault::Format, b"", format!("has {count} members and says that it has {told}"))),
    }
}

/// Where a member of a zip archive stands, and whether its checksum stands behind it.
struct Piece {
    begin: u64,
    end: u64,
    is_described_behind: bool,
}

/// Holds members to stand one behind the other from the first byte to the directory: programs that read an archive from its
/// front unpack what the directory does not list.
fn nothing_between(mut pieces: Vec<Piece>, directory: u64) -> Result<(), Refused> {
    pieces.sort_by_key(|piece| piece.begin);
    let (mut end, mut may_be_described) = (0, false);
    for (begin, next) in pieces.iter().map(|p| (p.begin, Some(p))).chain([(directory, None)]) {
        // With or without a signature, with sizes of 32 or 64 bits.
        let descriptor = [12, 16, 20, 24].map(|length| begin.checked_sub(length));
        if begin != end && !(may_be_described && descriptor.contains(&Some(end))) {
            let detail = format!(
                "has something between bytes {end} and {begin} that its directory does not list, or members that overlap"
            );
            return Err(content(Fault::Unsafe, b"", detail));
        }
        (end, may_be_described) = next.map_or((begin, false), |p| (p.end, p.is_described_behind));
    }
    Ok(())
}

fn tar(from: impl Read, unpacked: &mut Unpacked<'_>) -> Result<(), Refused> {
    let broken =
        |e: io::Error| content(Fault::Format, b"", format!("is no tar archive that can be read: {e}"));
    let allowance = Rc::new(Cell::new(HEAD));
    let mut archive = tar::Archive::new(Allowed { from, left: Rc::clone(&allowance) });
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let (name, kind) = (entry.path_bytes().into_owned(), entry.header().entry_type());
        if kind.is_pax_global_extensions() {
            // `git archive` writes the commit there.
            let mut records = Vec::new();
            entry.read_to_end(&mut records).map_err(broken)?;
            records_are_harmless(tar::PaxExtensions::new(&records), &name, &["comment"])?;
            continue;
        }
        if let Some(records) = entry.pax_extensions().map_err(broken)? {
            let path = records_are_harmless(records, &name, &HARMLESS_RECORDS)?;
            if path.is_some_and(|path| path != name) {
                return Err(content(
                    Fault::Unsafe,
                    &name,
                    "has two names, of which programs take one or the other",
                ));
            }
        }
        if !kind.is_dir() && name.ends_with(b"/") || kind.is_dir() && entry.size() > 0 {
            let detail = "is a file with the name of a folder, or a folder with a content of its own";
            return Err(content(Fault::Unsafe, &name, detail));
        }
        if kind.is_dir() {
            unpacked.folder(&name)?;
        } else if kind.is_file() || kind.is_contiguous() {
            allowance.set(unpacked.left.bytes.saturating_add(HEAD));
            unpacked.file(&name, &mut entry)?;
        } else {
            return Err(content(
                Fault::Unsafe,
                &name,
                "is a link or a special file; expected files and folders",
            ));
        }
        allowance.set(HEAD);
    }
    // Programs can be told to read on behind the end.
    let mut rest = archive.into_inner();
    allowance.set(unpacked.left.bytes.saturating_add(HEAD));
    let mut piece = vec![0; 1 << 16];
    loop {
        match rest.read(&mut piece).map_err(broken)? {
            0 => return Ok(()),
            length if piece[..length].iter().all(|byte| *byte == 0) => {}
            _ => return Err(content(Fault::Unsafe, b"", "has something behind the end of its members")),
        }
    }
}

/// Holds the records of a tar header against those by which no program unpacks anything else; gives the path among them.
fn records_are_harmless(
    records: tar::PaxExtensions<'_>,
    name: &[u8],
    harmless: &[&str],
) -> Result<Option<Vec<u8>>, Refused> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut path = None;
    for record in records {
        let record = record.map_err(|e| content(Fault::Format, name, format!("has a broken header: {e}")))?;
        let key = record.key_bytes();
        let fits = |known: &str| {
            known.strip_suffix('*').map_or(known.as_bytes() == key, |start| key.starts_with(start.as_bytes()))
        };
        if !harmless.iter().any(|known| fits(known)) || seen.iter().any(|other| other == key) {
            let key = String::from_utf8_lossy(key);
            let detail = format!("has the record `{key}`, by which programs unpack it differently");
            return Err(content(Fault::Unsafe, name, detail));
        }
        if key == b"path" {
            path = Some(record.value_bytes().to_vec());
        }
        seen.push(key.to_vec());
    }
    Ok(path)
}

/// A reader with an allowance: the head of a member may not fill the memory, whatever length it claims.
struct Allowed<R> {
    from: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Allowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.ok_or_else(|| io::Error::other("the head of a member is too long"))?);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of an archive whose members `build` makes.
    fn of_tar(build: impl FnOnce(&mut tar::Builder<Vec<u8>>), limits: Limits) -> Result<PathBuf, Refused> {
        let mut builder = tar::Builder::new(Vec::new());
        build(&mut builder);
        of(&builder.into_inner().unwrap(), Kind::Tar, limits)
    }

    fn of(bytes: &[u8], kind: Kind, limits: Limits) -> Result<PathBuf, Refused> {
        let root = tempfile::tempdir().unwrap();
        let (path, into) = (root.path().join("a"), root.path().join("into"));
        fs::write(&path, bytes).unwrap();
        fs::create_dir(&into).unwrap();
        let done = unpack(&path, kind, &into, limits);
        let mut beside: Vec<_> = fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        beside.sort();
        assert_eq!(beside, ["a", "into"], "something was written beside the folder");
        done
    }

    fn header(name: &str, size: u64, kind: tar::EntryType) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        // Not by `set_path`, which refuses what is tried here.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(size);
        header.set_entry_type(kind);
        header.set_cksum();
        header
    }

    fn detail(done: Result<PathBuf, Refused>) -> String {
        match done.unwrap_err() {
            Refused::Content(finding) => format!("{finding}"),
            Refused::Machine(e) => format!("machine: {e}"),
        }
    }

    #[test]
    fn nothing_but_files_and_folders_inside_comes_out_of_an_archive() {
        use tar::EntryType as T;
        for (name, kind, said) in [
            ("../out", T::Regular, "leads out of the archive"),
            ("/etc/x", T::Regular, "leads out of the archive"),
            ("a/../../b", T::Regular, "leads out of the archive"),
            ("link", T::Symlink, "is a link or a special file"),
            ("hard", T::Link, "is a link or a special file"),
            ("pipe", T::Fifo, "is a link or a special file"),
            ("device", T::Block, "is a link or a special file"),
        ] {
            let told = detail(of_tar(|tar| tar.append(&header(name, 0, kind), &b""[..]).unwrap(), LIMITS));
            assert!(told.contains(said) && told.contains(name), "{told}");
        }
        let twice = |tar: &mut tar::Builder<Vec<u8>>| {
            for _ in 0..2 {
                tar.append(&header("x", 1, T::Regular), &b"1"[..]).unwrap();
            }
        };
        assert!(detail(of_tar(twice, LIMITS)).contains("stands twice"));
    }

    /// What `tar` or `unzip` would unpack under another name than the one that is verified.
    #[test]
    fn what_programs_unpack_differently_is_refused() {
        use tar::EntryType as T;
        let with = |kind: T, records: &[(&str, &str)]| {
            let mut body = Vec::new();
            for (key, value) in records {
                let least = key.len() + value.len() + 3;
                let length = (least + 1..).find(|n| least + n.to_string().len() == *n).unwrap();
                body.extend(format!("{length} {key}={value}\n").bytes());
            }
            of_tar(
                |tar| {
                    tar.append(&header("h", body.len() as u64, kind), &body[..]).unwrap();
                    tar.append(&header("x", 1, T::Regular), &b"1"[..]).unwrap();
                },
                LIMITS,
            )
        };
        assert!(with(T::XHeader, &[("mtime", "1.5"), ("path", "y")]).is_ok());
        assert!(with(T::XGlobalHeader, &[("comment", "0123abcd")]).is_ok());
        for (kind, records) in [
            (T::XHeader, &[("GNU.sparse.name", "y")][..]),
            (T::XHeader, &[("path", "y"), ("path", "z")]),
            (T::XHeader, &[("hdrcharset", "BINARY")]),
            (T::XGlobalHeader, &[("path", "y")]),
            (T::XGlobalHeader, &[("size", "0")]),
        ] {
            let told = detail(with(kind, records));
            assert!(told.contains("programs unpack it differently"), "{records:?}: {told}");
        }
        let two_names = |tar: &mut tar::Builder<Vec<u8>>| {
            tar.append(&header("h", 10, T::XHeader), &b"10 path=y\n"[..]).unwrap();
            tar.append(&header("././@LongLink", 2, T::GNULongName), &b"z\0"[..]).unwrap();
            tar.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
        };
        assert!(detail(of_tar(two_names, LIMITS)).contains("two names"));
        let mut behind = tar::Builder::new(Vec::new());
        behind.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
        let mut behind = behind.into_inner().unwrap();
        assert!(of(&behind, Kind::Tar, LIMITS).is_ok());
        behind.extend([0; 4096]);
        assert!(of(&behind, Kind::Tar, LIMITS).is_ok());
        behind.extend(b"more");
        assert!(detail(of(&behind, Kind::Tar, LIMITS)).contains("behind the end"));
        let alike = |tar: &mut tar::Builder<Vec<u8>>| {
            for name in ["a/x", "A/X"] {
                tar.append(&header(name, 0, T::Regular), &b""[..]).unwrap();
            }
        };
        assert!(detail(of_tar(alike, LIMITS)).contains("case of letters only"));
        for (name, kind, size) in [("x/", T::Regular, 0), ("x/", T::Directory, 1)] {
            let told = detail(of_tar(
                |tar| tar.append(&header(name, size, kind), &b"1"[..size as usize]).unwrap(),
                LIMITS,
            ));
            assert!(told.contains("folder"), "{kind:?}: {told}");
        }
        for (id, harmless) in [(0x5455, true), (0x7075, false), (0x000d, false), (0x9901, false)] {
            let mut bytes = Vec::new();
            let mut zip = rawzip::ZipArchiveWriter::new(&mut bytes);
            let file = zip.new_file("x").unix_permissions(0o100_644);
            let file = file.extra_field(
                rawzip::extra_fields::ExtraFieldId::new(id),
                &[1, 0, 0, 0, 0, b'y'],
                rawzip::Header::CENTRAL,
            );
            let (mut entry, config) = file.unwrap().start().unwrap();
            let mut data = config.wrap(&mut entry);
            data.write_all(b"1").unwrap();
            let (_, descriptor) = data.finish().unwrap();
            entry.finish(descriptor).unwrap();
            zip.finish().unwrap();
            let done = of(&bytes, Kind::Zip, LIMITS);
            if harmless {
                assert!(done.is_ok(), "{id:#x}");
            } else {
                assert!(detail(done).contains("extra field"), "{id:#x}");
            }
        }
    }

    fn zip_of(names: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut zip = rawzip::ZipArchiveWriter::new(&mut bytes);
        for name in names {
            let (mut entry, config) = zip.new_file(name).unix_permissions(0o100_644).start().unwrap();
            let mut data = config.wrap(&mut entry);
            data.write_all(b"1").unwrap();
            let (_, descriptor) = data.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        zip.finish().unwrap();
        bytes
    }

    /// What programs unpack that read an archive from its front.
    #[test]
    fn a_member_that_the_directory_of_a_zip_does_not_list_is_refused() {
        let whole = zip_of(&["hidden", "x"]);
        assert!(of(&whole, Kind::Zip, LIMITS).is_ok());
        let places: Vec<usize> =
            (0..whole.len() - 4).filter(|i| whole[*i..].starts_with(b"PK\x01\x02")).collect();
        let [first, second] = places[..] else { panic!("a directory of two: {places:?}") };
        let mut without = [&whole[..first], &whole[second..]].concat();
        let end = without.len() - 22;
        let size = u32::try_from(end - first).unwrap();
        for place in [8, 10] {
            without[end + place..end + place + 2].copy_from_slice(&1_u16.to_le_bytes());
        }
        without[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
        assert!(detail(of(&without, Kind::Zip, LIMITS)).contains("its directory does not list"));

        let mut other = whole.clone();
        // The method in front of the first member's content.
        other[8] = 8;
        assert!(detail(of(&other, Kind::Zip, LIMITS)).contains("described in two ways"));
    }

    #[test]
    fn no_more_is_unpacked_than_the_limits_allow() {
        use tar::EntryType as T;
        let two = |tar: &mut tar::Builder<Vec<u8>>| {
            for name in ["x", "y"] {
                tar.append(&header(name, 3, T::Regular), &b"123"[..]).unwrap();
            }
        };
        assert!(of_tar(two, Limits { bytes: 6, members: 2 }).is_ok());
        assert!(detail(of_tar(two, Limits { bytes: 5, members: 2 })).contains("bytes"));
        assert!(detail(of_tar(two, Limits { bytes: 6, members: 1 })).contains("one member too many"));
        // Folders that have to be made for a member count as well, and do not lie too deep.
        let below = |tar: &mut tar::Builder<Vec<u8>>| {
            tar.append(&header("a/b/c", 0, tar::EntryType::Regular), &b""[..]).unwrap();
        };
        assert!(of_tar(below, Limits { bytes: 6, members: 3 }).is_ok());
        assert!(detail(of_tar(below, Limits { bytes: 6, members: 2 })).contains("one member too many"));
        let deep = "a/".repeat(DEEPEST) + "a";
        let deep = |tar: &mut tar::Builder<Vec<u8>>| {
            tar.append(&header(&deep, 0, tar::EntryType::Regular), &b""[..]).unwrap();
        };
        assert!(detail(of_tar(deep, LIMITS)).contains("folders deep"));
        // A name of 4 MiB is not read into memory.
        let long = |tar: &mut tar::Builder<Vec<u8>>| {
            let name = vec![b'n'; 4 << 20];
            tar.append(&header("././@LongLink", name.len() as u64, T::GNULongName), &name[..]).unwrap();
            tar.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
        };
        assert!(detail(of_tar(long, LIMITS)).contains("too long"));
    }

    #[test]
    fn what_is_no_archive_or_cut_off_is_refused_with_a_reason() {
        let whole = {
            let mut tar = tar::Builder::new(Vec::new());
            tar.append(&header("x", 2000, tar::EntryType::Regular), &[7; 2000][..]).unwrap();
            tar.into_inner().unwrap()
        };
        assert!(detail(of(&whole[..1000], Kind::Tar, LIMITS)).starts_with("format: "));
        assert!(detail(of(b"no archive", Kind::Zip, LIMITS)).contains("is no zip archive"));
        assert!(detail(of(b"no archive", Kind::PackedTar, LIMITS)).contains("is no tar archive"));
    }
}
