//! Traces with bytes changed, cut out and repeated, each time in another way: read or refused, and what is read agrees with
//! itself, and with the whole trace only where it has as many keys and numbers.
//!
//! Not here: damaged test results (`hostile_results`), undamaged traces (`attribution`).

use std::collections::BTreeMap;
use std::path::Path;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::audit::audit;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::diff::{page, report};
use trace_harness::trace::log::{TraceLog, read_bytes};
use trace_harness::trace::schema::Schema;

/// Knuth's generator; its upper bits are good enough to choose places.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

const PIECES: [&[u8]; 10] = [
    b"nan",
    b"*****",
    b"1e999",
    b"0x1p3",
    b"\nTRACE_C: ",
    b"TRACE_RS_PIXEL ",
    b"\xff",
    b"=",
    b"phi_tic=2147483648",
    b"\n",
];

fn damaged(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=random.below(3) {
        let (from, to) = (random.below(bytes.len()), random.below(bytes.len()));
        match random.below(5) {
            0 => bytes[from] = random.below(256) as u8,
            1 => bytes.truncate(from.max(1)),
            2 => drop(bytes.drain(from.min(to)..from.max(to).min(from.min(to) + 40))),
            3 => drop(bytes.splice(from..from, PIECES[random.below(PIECES.len())].iter().copied())),
            _ => {
                let piece = bytes[from..bytes.len().min(from + 60)].to_vec();
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

/// How many keys and numbers a trace has.
fn size(trace: &TraceLog) -> (usize, usize) {
    let items = (0..trace.lines.len()).flat_map(|line| trace.items(line));
    (items.count(), trace.values.len())
}

#[test]
fn damaged_traces_are_read_or_refused_and_what_is_read_can_be_compared() {
    let schema = Schema::built_in().expect("the built-in schema");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attribution");
    let exact = Settings { min_compared: 1, ..Settings::default() };
    let (mut read, mut refused, mut passed) = (0, 0, 0);
    let mut random = Random(1);
    for name in ["cubic_c.trace", "protein_c.trace", "protein_py.trace"] {
        let bytes = std::fs::read(folder.join(name)).expect("a stored trace");
        let of = |bytes: &[u8]| read_bytes(bytes, Path::new("t"));
        let whole = of(&bytes).expect("a trace");
        for _ in 0..150 {
            let Ok(trace) = of(&damaged(&bytes, &mut random)) else {
                refused += 1;
                continue;
            };
            read += 1;
            let same = compare(&schema, [&trace, &trace], &exact);
            assert_ne!(same.verdict, Verdict::Fail, "{name}: {}", same.reason);
            let c = compare(&schema, [&whole, &trace], &exact);
            // A value may move within its tolerance; none may be lost.
            if c.verdict == Verdict::Pass {
                passed += 1;
                assert_eq!(size(&whole), size(&trace), "{name}: {}", c.reason);
            }
            let _ = (page::render(&c, ""), report::markdown(&c), audit(&schema, &trace, &BTreeMap::new()));
        }
    }
    assert!(read > 150 && refused > 30 && passed > 0, "{read} read, {refused} refused, {passed} passed");
}
