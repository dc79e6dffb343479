//! Why a file may have changed though nobody changed it: other line ends, or a pointer in its place.
//!
//! Not here: whether it changed (`verify`); a file with a remark has changed all the same.

use crate::evidence::bundle::digest;
use crate::evidence::bundle::reading::files::Folder;

/// Files above this size in bytes get no remark.
const LIMIT: u64 = 64 << 20;

/// A remark about `path`, whose digest is not the `listed` one.
pub(super) fn of(folder: &Folder, path: &str, listed: &str) -> Option<String> {
    let content = folder.read(path, LIMIT).ok()?;
    if content.starts_with(b"version https://git-lfs.github.com/spec/v1\n") {
        let text = String::from_utf8_lossy(&content);
        let its_own = text.lines().any(|line| line.strip_prefix("oid sha256:") == Some(listed));
        let whose = if its_own { "the listed content" } else { "other content" };
        return Some(format!("a Git LFS pointer to {whose}; `git lfs pull` brings it"));
    }
    let unix = without_carriage_returns(&content);
    let dos =
        unix.split_inclusive(|&b| b == b'\n').fold(Vec::with_capacity(content.len()), |mut out, line| {
            match line.strip_suffix(b"\n") {
                Some(line) => out.extend([line, b"\r\n"].concat()),
                None => out.extend(line),
            }
            out
        });
    let same = [unix, dos].iter().any(|text| digest::of_bytes(text) == listed);
    same.then(|| "the same but for line ends".to_owned())
}

fn without_carriage_returns(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    for (at, &byte) in content.iter().enumerate() {
        if byte != b'\r' || content.get(at + 1) != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(content: &[u8], listed: &[u8]) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("f"), content).unwrap();
        of(&Folder::open(root.path()).unwrap(), "f", &digest::of_bytes(listed))
    }

    #[test]
    fn line_ends_and_pointers_are_recognised_and_nothing_else_is() {
        assert_eq!(remark(b"a\r\nb\r\n", b"a\nb\n").unwrap(), "the same but for line ends");
        assert_eq!(remark(b"a\nb", b"a\r\nb").unwrap(), "the same but for line ends");
        assert_eq!(remark(b"a\nc\n", b"a\nb\n"), None);
        let pointer = format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 1\n",
            digest::of_bytes(b"x")
        );
        assert!(remark(pointer.as_bytes(), b"x").unwrap().contains("pointer to the listed content"));
        assert!(remark(pointer.as_bytes(), b"y").unwrap().contains("pointer to other content"));
    }
}
