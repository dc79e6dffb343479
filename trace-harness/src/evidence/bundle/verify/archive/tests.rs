//! What comes out of archives by somebody else, and what does not.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::unpacked::DEEPEST;
use super::*;

/// What comes of an archive whose members `build` makes.
fn of_tar(build: impl FnOnce(&mut ::tar::Builder<Vec<u8>>), limits: Limits) -> Result<PathBuf, Refused> {
    let mut builder = ::tar::Builder::new(Vec::new());
    build(&mut builder);
    of(&builder.into_inner().unwrap(), ArchiveKind::Tar, limits)
}

fn of(bytes: &[u8], kind: ArchiveKind, limits: Limits) -> Result<PathBuf, Refused> {
    let root = tempfile::tempdir().unwrap();
    let (path, into) = (root.path().join("a"), root.path().join("into"));
    fs::write(&path, bytes).unwrap();
    fs::create_dir(&into).unwrap();
    let result = unpack(&path, kind, &into, limits);
    let mut beside: Vec<_> = fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, ["a", "into"], "something was written beside the folder");
    result
}

fn header(name: &str, size: u64, kind: ::tar::EntryType) -> ::tar::Header {
    let mut header = ::tar::Header::new_gnu();
    // Not by `set_path`, which refuses what is tried here.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(size);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn detail(result: Result<PathBuf, Refused>) -> String {
    match result.unwrap_err() {
        Refused::Content(finding) => format!("{finding}"),
        Refused::Machine(e) => format!("machine: {e}"),
    }
}

#[test]
fn nothing_but_files_and_folders_inside_comes_out_of_an_archive() {
    use ::tar::EntryType as T;
    for (name, kind, expected) in [
        ("../out", T::Regular, "leads out of the archive"),
        ("/etc/x", T::Regular, "leads out of the archive"),
        ("a/../../b", T::Regular, "leads out of the archive"),
        ("link", T::Symlink, "is a link or a special file"),
        ("hard", T::Link, "is a link or a special file"),
        ("pipe", T::Fifo, "is a link or a special file"),
        ("device", T::Block, "is a link or a special file"),
    ] {
        let detail_text = detail(of_tar(|tar| tar.append(&header(name, 0, kind), &b""[..]).unwrap(), LIMITS));
        assert!(detail_text.contains(expected) && detail_text.contains(name), "{detail_text}");
    }
    let twice = |tar: &mut ::tar::Builder<Vec<u8>>| {
        for _ in 0..2 {
            tar.append(&header("x", 1, T::Regular), &b"1"[..]).unwrap();
        }
    };
    assert!(detail(of_tar(twice, LIMITS)).contains("stands twice"));
}

/// What `tar` or `unzip` would unpack under another name than the one that is verified.
#[test]
fn what_programs_unpack_differently_is_refused() {
    use ::tar::EntryType as T;
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
        let detail_text = detail(with(kind, records));
        assert!(detail_text.contains("programs unpack it differently"), "{records:?}: {detail_text}");
    }
    let marked = |mark: &[u8; 8], prefix: &[u8]| {
        let mut head = header("x", 0, T::Regular);
        let bytes = head.as_mut_bytes();
        bytes[257..265].copy_from_slice(mark);
        bytes[345..345 + prefix.len()].copy_from_slice(prefix);
        head.set_cksum();
        of_tar(|tar| tar.append(&head, &b""[..]).unwrap(), LIMITS)
    };
    for (mark, prefix) in [(b"ustar\x0000", &b"a"[..]), (b"ustar  \0", b""), (b"\0\0\0\0\0\0\0\0", b"")] {
        assert!(marked(mark, prefix).is_ok(), "{mark:?}");
    }
    for (mark, prefix) in [(b"ustar  \0", &b"a"[..]), (b"ustar\x0001", b"a"), (b"\0\0\0\0\0\0\0\0", b"a")] {
        assert!(detail(marked(mark, prefix)).contains("name from different fields"), "{mark:?}");
    }
    let two_names = |tar: &mut ::tar::Builder<Vec<u8>>| {
        tar.append(&header("h", 10, T::XHeader), &b"10 path=y\n"[..]).unwrap();
        tar.append(&header("././@LongLink", 2, T::GNULongName), &b"z\0"[..]).unwrap();
        tar.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
    };
    assert!(detail(of_tar(two_names, LIMITS)).contains("two names"));
    let mut behind = ::tar::Builder::new(Vec::new());
    behind.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
    let mut behind = behind.into_inner().unwrap();
    assert!(of(&behind, ArchiveKind::Tar, LIMITS).is_ok());
    behind.extend([0; 4096]);
    assert!(of(&behind, ArchiveKind::Tar, LIMITS).is_ok());
    behind.extend(b"more");
    assert!(detail(of(&behind, ArchiveKind::Tar, LIMITS)).contains("behind the end"));
    let alike = |tar: &mut ::tar::Builder<Vec<u8>>| {
        for name in ["a/x", "A/X"] {
            tar.append(&header(name, 0, T::Regular), &b""[..]).unwrap();
        }
    };
    assert!(detail(of_tar(alike, LIMITS)).contains("case of letters only"));
    for (name, kind, size) in [("x/", T::Regular, 0), ("x/", T::Directory, 1)] {
        let detail_text = detail(of_tar(
            |tar| tar.append(&header(name, size, kind), &b"1"[..size as usize]).unwrap(),
            LIMITS,
        ));
        assert!(detail_text.contains("folder"), "{kind:?}: {detail_text}");
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
        let result = of(&bytes, ArchiveKind::Zip, LIMITS);
        if harmless {
            assert!(result.is_ok(), "{id:#x}");
        } else {
            assert!(detail(result).contains("extra field"), "{id:#x}");
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

/// What Python and Java write of folders.
#[test]
fn a_folder_of_a_zip_may_be_nothing_that_is_deflated_and_no_more() {
    let with_folder = |content: &[u8]| {
        let mut bytes = Vec::new();
        let mut zip = rawzip::ZipArchiveWriter::new(&mut bytes);
        for (name, mode, content) in [("d_", 0o040_755, content), ("d_x", 0o100_644, b"1")] {
            let method = rawzip::CompressionMethod::DEFLATE;
            let file = zip.new_file(name).compression_method(method).unix_permissions(mode);
            let (mut entry, config) = file.start().unwrap();
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut data = config.wrap(encoder);
            data.write_all(content).unwrap();
            let (encoder, descriptor) = data.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        zip.finish().unwrap();
        // The writer has no content for a folder.
        let places: Vec<usize> = (0..bytes.len() - 2).filter(|i| bytes[*i..].starts_with(b"d_")).collect();
        places.into_iter().for_each(|place| bytes[place + 1] = b'/');
        bytes
    };
    let done = of(&with_folder(b""), ArchiveKind::Zip, LIMITS);
    assert!(done.is_ok(), "{}", detail(done));
    assert!(
        detail(of(&with_folder(b"x"), ArchiveKind::Zip, LIMITS)).contains("`d/`: is a folder with content")
    );
}

/// What programs unpack that read an archive from its front.
#[test]
fn a_member_that_the_directory_of_a_zip_does_not_list_is_refused() {
    let whole = zip_of(&["hidden", "x"]);
    assert!(of(&whole, ArchiveKind::Zip, LIMITS).is_ok());
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
    assert!(detail(of(&without, ArchiveKind::Zip, LIMITS)).contains("its directory does not list"));

    // A second directory behind the first one, in a record that some programs pass over.
    let end = whole.len() - 22;
    let signature = [b"PK\x05\x05", &[4, 0][..], b"more"].concat();
    let signed = [&whole[..end], &signature, &whole[end..]].concat();
    assert!(detail(of(&signed, ArchiveKind::Zip, LIMITS)).contains("between its directory and its end"));
    let mut longer = whole.clone();
    longer[end + 12] -= 1;
    assert!(detail(of(&longer, ArchiveKind::Zip, LIMITS)).contains("longer, shorter or elsewhere"));
    let in_front = [b"more", &whole[..]].concat();
    assert!(detail(of(&in_front, ArchiveKind::Zip, LIMITS)).contains("between bytes 0 and 4"));
    let behind = [&whole[..], b"more"].concat();
    assert!(detail(of(&behind, ArchiveKind::Zip, LIMITS)).contains("behind its end"));
    let mut commented = [&whole[..], b"0123abcd"].concat();
    commented[end + 20] = 8;
    assert!(of(&commented, ArchiveKind::Zip, LIMITS).is_ok(), "a comment is only that");

    let mut other = whole.clone();
    // The method in front of the first member's content.
    other[8] = 8;
    assert!(detail(of(&other, ArchiveKind::Zip, LIMITS)).contains("described in two ways"));
}

#[test]
fn no_more_is_unpacked_than_the_limits_allow() {
    use ::tar::EntryType as T;
    let two = |tar: &mut ::tar::Builder<Vec<u8>>| {
        for name in ["x", "y"] {
            tar.append(&header(name, 3, T::Regular), &b"123"[..]).unwrap();
        }
    };
    assert!(of_tar(two, Limits { bytes: 6, members: 2 }).is_ok());
    assert!(detail(of_tar(two, Limits { bytes: 5, members: 2 })).contains("bytes"));
    assert!(detail(of_tar(two, Limits { bytes: 6, members: 1 })).contains("one member too many"));
    // Folders that have to be made for a member count as well, and do not lie too deep.
    let below = |tar: &mut ::tar::Builder<Vec<u8>>| {
        tar.append(&header("a/b/c", 0, ::tar::EntryType::Regular), &b""[..]).unwrap();
    };
    assert!(of_tar(below, Limits { bytes: 6, members: 3 }).is_ok());
    assert!(detail(of_tar(below, Limits { bytes: 6, members: 2 })).contains("one member too many"));
    let deep = "a/".repeat(DEEPEST) + "a";
    let deep = |tar: &mut ::tar::Builder<Vec<u8>>| {
        tar.append(&header(&deep, 0, ::tar::EntryType::Regular), &b""[..]).unwrap();
    };
    assert!(detail(of_tar(deep, LIMITS)).contains("folders deep"));
    // A name of 4 MiB is not read into memory.
    let long = |tar: &mut ::tar::Builder<Vec<u8>>| {
        let name = vec![b'n'; 4 << 20];
        tar.append(&header("././@LongLink", name.len() as u64, T::GNULongName), &name[..]).unwrap();
        tar.append(&header("x", 0, T::Regular), &b""[..]).unwrap();
    };
    assert!(detail(of_tar(long, LIMITS)).contains("too long"));
}

#[test]
fn what_is_no_archive_or_cut_off_is_refused_with_a_reason() {
    let whole = {
        let mut tar = ::tar::Builder::new(Vec::new());
        tar.append(&header("x", 2000, ::tar::EntryType::Regular), &[7; 2000][..]).unwrap();
        tar.into_inner().unwrap()
    };
    assert!(detail(of(&whole[..1000], ArchiveKind::Tar, LIMITS)).starts_with("format: "));
    assert!(detail(of(b"no archive", ArchiveKind::Zip, LIMITS)).contains("is no zip archive"));
    assert!(detail(of(b"no archive", ArchiveKind::PackedTar, LIMITS)).contains("is no tar archive"));
}
