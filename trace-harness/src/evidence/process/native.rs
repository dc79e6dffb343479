//! Whether the bytes of a program decide what it runs: machine code, and the libraries that the loader gives it.
//!
//! Not here: what a program loads by itself later on, which nobody knows before it runs.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of which it is not known what it runs.
#[derive(Debug, thiserror::Error)]
pub enum NotNative {
    /// It cannot be read.
    #[error("`{}`: cannot be read: {source}", program.display())]
    Io {
        /// The executable.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A script, or another file that something else runs.
    #[error("`{}` is no machine code (ELF) but a script or the like, which can start anything", .0.display())]
    Script(PathBuf),
    /// The loader does not say which libraries it gives it.
    #[error("`{}`: its libraries are not known: `ldd` is not there, fails, or does not find one", .0.display())]
    Libraries(PathBuf),
}

/// The files that the loader gives a native program, sorted: none where it is linked statically.
///
/// # Errors
/// It is no native program, or its libraries are not known.
pub fn libraries(program: &Path) -> Result<Vec<PathBuf>, NotNative> {
    let unreadable = |source| NotNative::Io { program: program.to_owned(), source };
    // Opening a pipe would wait for somebody who writes to it.
    if !program.metadata().map_err(unreadable)?.is_file() {
        return Err(NotNative::Script(program.to_owned()));
    }
    let mut file = File::open(program).map_err(unreadable)?;
    let mut head = [0; HEAD];
    let read = file.read_exact(&mut head);
    if read.is_err() || !head.starts_with(b"\x7fELF") {
        return Err(NotNative::Script(program.to_owned()));
    }
    match asks_for_a_loader(&mut file, &head) {
        Some(false) => Ok(Vec::new()),
        // What is not understood is left to the loader.
        Some(true) | None => of_loader(program).ok_or_else(|| NotNative::Libraries(program.to_owned())),
    }
}

/// Bytes of the head of an executable for 64 bits.
const HEAD: usize = 64;

/// Whether an executable names a loader; none where it is of a kind that is not read here.
fn asks_for_a_loader(file: &mut File, head: &[u8; HEAD]) -> Option<bool> {
    const LOADER: [u8; 4] = 3_u32.to_le_bytes();
    let is_read_here = head[4] == 2 && head[5] == 1;
    if !is_read_here {
        return None;
    }
    let half = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let start = u64::from_le_bytes(head[32..40].try_into().ok()?);
    let (size, count) = (u64::from(half(54)), u64::from(half(56)));
    for segment in 0..count {
        let mut kind = [0; 4];
        file.seek(SeekFrom::Start(start.checked_add(segment * size)?)).ok()?;
        file.read_exact(&mut kind).ok()?;
        if kind == LOADER {
            return Some(true);
        }
    }
    Some(false)
}

/// What the loader says; none where one is missing, too.
fn of_loader(program: &Path) -> Option<Vec<PathBuf>> {
    let said = Command::new("ldd").arg(program).env("LC_ALL", "C").output().ok()?;
    if !said.status.success() {
        return None;
    }
    named(&String::from_utf8_lossy(&said.stdout))
}

/// The paths in lines as `libm.so.6 => /lib/libm.so.6 (0x00007f)` and `/lib64/ld.so (0x00007f)`; none where a library is not found.
fn named(text: &str) -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        let place = line.split_once("=> ").map_or(line, |(_, place)| place);
        if place.starts_with("not found") {
            return None;
        }
        if place.starts_with('/') {
            found.push(PathBuf::from(place.rsplit_once(" (").map_or(place, |(path, _)| path)));
        }
    }
    found.sort();
    found.dedup();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_not_native_and_this_test_is() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("script");
        for text in ["#!/bin/sh\nexec other\n", "", "\x7fEL"] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(libraries(&path), Err(NotNative::Script(_))), "{text}");
        }
        assert!(matches!(libraries(&root.path().join("none")), Err(NotNative::Io { .. })));
        let own = std::env::current_exe().unwrap();
        // Where there is no `ldd`, it is not known.
        match libraries(&own) {
            Ok(found) => assert!(found.iter().all(|path| path.is_file()), "{found:?}"),
            Err(e) => assert!(matches!(e, NotNative::Libraries(_)), "{e}"),
        }
    }

    #[test]
    fn a_statically_linked_program_has_no_libraries() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("program");
        let mut bytes = vec![0; HEAD + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[32] = HEAD as u8;
        bytes[54] = 56;
        bytes[56] = 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(libraries(&path).unwrap(), Vec::<PathBuf>::new());
        // With a loader that is not there.
        bytes[HEAD] = 3;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(libraries(&path), Err(NotNative::Libraries(_))));
    }

    #[test]
    fn libraries_are_read_from_what_the_loader_says() {
        let text = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibm.so.6 => /lib/a b/libm.so.6 (0x00007f)\n\t/lib64/ld.so.2 (0x00007f)\n";
        assert_eq!(named(text).unwrap(), ["/lib/a b/libm.so.6", "/lib64/ld.so.2"].map(PathBuf::from));
        assert_eq!(named("\tlibx.so => not found\n"), None);
        assert_eq!(named("\tstatically linked\n"), Some(Vec::new()));
    }
}
