//! SHA-256 digests as lower-case hexadecimal.
//!
//! Not here: lists of digests (`manifest`).

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::evidence::bundle::reading::regular;

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Digest of `bytes`.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Digest and size in bytes of what `source` still holds, in constant memory.
///
/// # Errors
/// Those of reading.
pub fn of_reader(mut source: impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok((hex(&hasher.finalize()), size)),
            Ok(n) => {
                hasher.update(&buffer[..n]);
                size += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Digest and size in bytes of a regular file.
///
/// # Errors
/// As [`regular::open`], and those of reading.
pub fn of_file(path: &Path) -> io::Result<(String, u64)> {
    of_reader(regular::open(path)?)
}

/// Whether `text` looks like a digest.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_the_one_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc"), abc);
        assert_eq!(of_reader(&b"abc"[..]).unwrap(), (abc.to_owned(), 3));
        assert!(is_digest(abc) && !is_digest("abc") && !is_digest(&abc.to_uppercase()));
    }
}
