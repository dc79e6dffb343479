//! Stored traces, and images judged by pieces: what passes, what does not, and the messages. Not here: running cases.

use super::*;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Four pixels in a row of four, packed as the golden pieces are; pixel 1 to 2 of row 0 are stored.
const IMAGE: [f32; 4] = [1.0, 2.0, 3.0, 4.0];

fn packed(pixels: &[f32]) -> Vec<u8> {
    let planes: Vec<u8> =
        (0..4).flat_map(|plane| pixels.iter().map(move |p| p.to_le_bytes()[plane])).collect();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&planes).unwrap();
    encoder.finish().unwrap()
}

/// A list in `folder` with a probe of these lines.
fn cases(folder: &Path, probe: &str) -> Cases {
    let pack = packed(&IMAGE[1..3]);
    std::fs::write(folder.join("pieces"), &pack).unwrap();
    std::fs::write(folder.join("probe"), probe).unwrap();
    let text = format!(
        "traces = 'traces'\nother_libm = {{ probe = 'probe', pieces = 'pieces', max_ulp = 1, share = 0.5 }}\n\
         [[case]]\nname = 'a'\nargs = []\ntraces = [[3, 4], [5, 6]]\nfpixels = 4\n\
         crop = {{ fast = [1, 2], slow = [0, 0], offset = 0, length = {} }}\n",
        pack.len()
    );
    std::fs::write(folder.join("traces"), "== a 3 4 2\nTRACE_C:set=1\nTRACE_C: k 1 2\n== a 5 6 0\n").unwrap();
    std::fs::write(folder.join("cases.toml"), text).unwrap();
    Cases::read(&folder.join("cases.toml")).unwrap()
}

/// The sine of one half, as it is here and as it is nowhere.
fn probe(here: bool) -> String {
    let value = if here { 0.5_f64.sin() } else { 2.0 };
    format!("# a probe\nsin {:016x} {:016x}\n", 0.5_f64.to_bits(), value.to_bits())
}

#[test]
fn the_same_library_allows_nothing_and_says_nothing() {
    let root = tempfile::tempdir().unwrap();
    let stored = Stored::read(&cases(root.path(), &probe(true))).unwrap();
    assert_eq!((stored.other_libm(), stored.remark()), (false, None));
}

#[test]
fn another_library_lets_the_stored_piece_decide() {
    let root = tempfile::tempdir().unwrap();
    let cases = cases(root.path(), &probe(false));
    let stored = Stored::read(&cases).unwrap();
    assert!(stored.remark().unwrap().contains("1 of 1 probed values differ"));
    let check = |pixels: &[f32]| {
        let path = root.path().join("image");
        std::fs::write(&path, pixels.iter().flat_map(|p| p.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
        stored.check_piece(&cases.cases[0], &path)
    };
    // What is not stored cannot be judged.
    assert!(check(&IMAGE).is_ok() && check(&[9.0, 2.0, 3.0, 9.0]).is_ok());
    let next = 2.0_f32.next_up();
    assert_eq!(
        check(&[1.0, next, 3.0, 4.0]).unwrap().to_string(),
        "in its stored piece 1 of 2 pixels differ, by up to 1 units of the last place"
    );
    for wrong in
        [[1.0, next.next_up(), 3.0, 4.0], [1.0, next, 3.0_f32.next_up(), 4.0], [1.0, f32::NAN, 3.0, 4.0]]
    {
        assert!(matches!(check(&wrong), Err(PieceFault::Differs(_))), "{wrong:?}");
    }
    assert!(check(&IMAGE[..2]).unwrap_err().to_string().contains("ends before pixel 1"));
}

#[test]
fn pieces_that_are_missing_or_damaged_are_a_reason_and_no_pass() {
    let root = tempfile::tempdir().unwrap();
    let list = cases(root.path(), &probe(false));
    let judged = || {
        let image = root.path().join("image");
        std::fs::write(&image, [0; 16]).unwrap();
        Stored::read(&list).unwrap().check_piece(&list.cases[0], &image).unwrap_err().to_string()
    };
    std::fs::write(root.path().join("pieces"), b"short").unwrap();
    assert!(judged().contains("beyond the end"));
    std::fs::write(root.path().join("pieces"), [7; 100]).unwrap();
    assert!(judged().contains("does not hold 2 pixels"));
    std::fs::remove_file(root.path().join("pieces")).unwrap();
    assert!(judged().contains("cannot be read"));
    for nonsense in ["", "sin 0\n", "sinus 0 0\n", "sin x 0\n"] {
        let problem = Stored::read(&cases(root.path(), nonsense)).unwrap_err();
        assert!(problem.to_string().contains("expected FUNCTION BITS BITS"), "{problem}");
    }
}

#[test]
fn traces_are_compared_line_by_line() {
    let root = tempfile::tempdir().unwrap();
    let list = cases(root.path(), &probe(true));
    let stored = Stored::read(&list).unwrap();
    let check = |text: &str| stored.check_traces(&list.cases[0], text);
    let (first, second) = ("TRACE_RS_PIXEL 3 4\nTRACE_RS: k 1 2\n", "TRACE_RS_PIXEL 5 6\n");
    // A pixel without lines is one that is not rendered, and need not be named.
    assert_eq!((check(&format!("{first}{second}")), check(first)), (Ok(2), Ok(2)));
    for (text, reason) in [
        ("", "trace of slow 3 fast 4: 0 lines instead of 1"),
        (&first.replace("1 2", "1 3"), "trace of slow 3 fast 4: line 1: `k 1 3` instead of `k 1 2`"),
        (&format!("{first}{second}TRACE_RS: k 1\n"), "trace of slow 5 fast 6: 1 lines instead of 0"),
        (&format!("{first}TRACE_RS_PIXEL 7 7\n"), "a trace of slow 7 fast 7 that nobody asked for"),
    ] {
        assert_eq!(check(text).unwrap_err().to_string(), reason);
    }
    // With another library, the last digits are not required.
    let elsewhere = cases(root.path(), &probe(false));
    let elsewhere = Stored::read(&elsewhere).unwrap();
    assert_eq!(elsewhere.check_traces(&list.cases[0], &first.replace("1 2", "1 3")), Ok(2));
    assert!(elsewhere.check_traces(&list.cases[0], &first.replace('k', "j")).is_err());
}
