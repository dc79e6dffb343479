//! What is left on the disk after a file was written, or was not.
//!
//! Not here: the content of any particular file.

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn put(path: &Path, content: &[u8]) -> Result<(), OutputError> {
    write(path, |out| out.write_all(content))
}

#[test]
fn a_file_appears_with_its_whole_content_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("image.bin");
    put(&path, &vec![7; 1 << 20]).unwrap();
    put(&path, b"second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"second");
    assert_eq!(names(folder.path()), ["image.bin"]);
}

#[test]
fn a_failure_leaves_the_old_file_and_no_trace() {
    let folder = folder();
    let path = folder.path().join("image.bin");
    let fail = |out: &mut dyn Write| {
        out.write_all(&vec![1; 1 << 20])?;
        Err(io::Error::other("disk full"))
    };
    let error = write(&path, fail).unwrap_err();
    assert!(error.to_string().contains("image.bin") && error.to_string().contains("disk full"));
    assert_eq!(names(folder.path()), [""; 0]);
    put(&path, b"old").unwrap();
    write(&path, fail).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["image.bin"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_not_complete_has_no_name_that_could_be_left() {
    let folder = folder();
    let path = folder.path().join("image.bin");
    for before in [&[""; 0][..], &["image.bin"]] {
        write(&path, |out| {
            out.write_all(&vec![1; 1 << 20])?;
            assert_eq!(names(folder.path()), before, "of a file system that has files without names");
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), 1 << 20);
        assert_eq!(names(folder.path()), ["image.bin"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_the_system_gives_no_name_is_copied() {
    let folder = folder();
    let target = folder.path().join("image.bin");
    let mut file = unnamed::open(folder.path()).expect("a file system that has files without names");
    file.write_all(b"pixels").unwrap();
    copied(&file, &target).unwrap().persist(&target).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"pixels");
    assert_eq!(names(folder.path()), ["image.bin"]);
}

#[test]
fn folders_cannot_be_written() {
    let folder = folder();
    put(folder.path(), b"x").unwrap_err();
    put(&folder.path().join("no/such/folder.bin"), b"x").unwrap_err();
    put(Path::new(""), b"x").unwrap_err();
    assert_eq!(names(folder.path()), [""; 0]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let folder = folder();
        File::create(folder.path().join("plain")).unwrap();
        put(&folder.path().join("ours"), b"x").unwrap();
        assert_eq!(mode(&folder.path().join("ours")), mode(&folder.path().join("plain")));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = folder();
        let path = folder.path().join("image.bin");
        put(&path, b"x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        put(&path, b"y").unwrap();
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn links_are_followed_even_to_what_does_not_exist_yet() {
        let folder = folder();
        let target = folder.path().join("target.bin");
        let link = folder.path().join("link.bin");
        symlink("target.bin", &link).unwrap();
        for content in [b"new", b"old"] {
            put(&link, content).unwrap();
            assert_eq!(fs::read(&target).unwrap(), content);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
        symlink("loop.bin", folder.path().join("loop.bin")).unwrap();
        put(&folder.path().join("loop.bin"), b"x").unwrap_err();
    }

    #[test]
    fn devices_are_written_and_stay_devices() {
        use std::os::unix::fs::FileTypeExt;
        put(Path::new("/dev/null"), b"x").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        put(Path::new("/dev/full"), &[0; 1 << 20]).unwrap_err();
    }

    #[test]
    fn a_pipe_receives_the_bytes() {
        use std::io::Read;
        let (mut reader, writer) = io::pipe().unwrap();
        let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&writer));
        put(Path::new(&name), b"through the pipe").unwrap();
        drop(writer);
        let mut received = String::new();
        reader.read_to_string(&mut received).unwrap();
        assert_eq!(received, "through the pipe");
    }
}

#[test]
fn a_prepared_file_is_seen_once_it_appears_and_never_if_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    drop(prepare(&path, |out| out.write_all(b"one")).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let ready = prepare(&path, |out| out.write_all(b"two")).unwrap();
    assert!(!path.exists());
    ready.appear().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
}

#[test]
fn files_under_one_name_are_not_apart() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    assert!(are_apart(&one, &other));
    assert!(!are_apart(&one, &one) && !are_apart(&one, &folder.path().join("./ONE")));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&one, &other).unwrap();
        assert!(!are_apart(&one, &other), "a link to the other file");
        assert!(!are_apart(&one, Path::new("/dev/null")), "written directly");
    }
}
