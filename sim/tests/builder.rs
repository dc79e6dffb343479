//! What calls of a builder say is what flags say: golden command lines, written both ways, give the same bytes.
//!
//! Not here: that flags give the reference's bytes (`golden_parity`), single calls (`builder`'s own tests).

mod support;

#[path = "support/in_calls.rs"]
mod in_calls;

use std::collections::BTreeMap;
use std::ffi::OsString;

use nanobragg::cli::parse::{Reading, parse};
use nanobragg::loading;
use nanobragg::prelude::*;

use in_calls::builder_of;
use support::golden::{Case, Golden};
use support::workplace::arguments_of;

/// Larger detectors take long in a test, and have nothing of their own.
const MOST_PIXELS: usize = 512 * 512;

fn bits(e: &Experiment) -> Vec<u32> {
    let render = render(e, &RenderOptions::default()).expect("an image");
    render.image.data.iter().map(|photons| photons.to_bits()).collect()
}

/// The image by flags and by calls; why not, for a case that has no calls.
fn both(case: &Case) -> Result<[Vec<u32>; 2], &'static str> {
    let (fast, slow) = case.size;
    if case.exit != 0 {
        return Err("the reference fails");
    }
    if !(1..=MOST_PIXELS).contains(&(fast * slow)) {
        return Err("is large");
    }
    if !case.cwd_files.is_empty() {
        return Err("begins with a cache in its folder");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let args: Vec<OsString> = arguments_of(case).into_iter().map(OsString::from).collect();
    let settings = parse(&args, Reading::Strict).map_err(|_| "is refused without --parity")?;
    let cache = folder.path().join("cache");
    let by_flags = loading::experiment_of(&args, cache, Defects::default(), &|_| {});
    let by_flags = by_flags.map_err(|_| "is refused without --parity")?;
    let by_calls = builder_of(&settings).ok_or("has flags without a call")?;
    let by_calls = by_calls.build().unwrap_or_else(|e| panic!("{}: {e}", case.id));
    Ok([bits(&by_flags), bits(&by_calls)])
}

#[test]
fn calls_and_flags_give_the_same_bytes_for_golden_cases() {
    let golden = Golden::load();
    let mut compared = 0;
    let mut different = vec![];
    let mut left_out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &golden.cases {
        match both(case) {
            Ok([by_flags, by_calls]) => {
                compared += 1;
                if by_flags != by_calls {
                    different.push(&case.id);
                }
            }
            Err(why) => left_out.entry(why).or_default().push(&case.id),
        }
    }
    assert!(different.is_empty(), "{different:?}");
    println!("{compared} compared, left out: {left_out:#?}");
    assert!(compared > golden.cases.len() / 2, "only {compared}, left out: {left_out:#?}");
}
