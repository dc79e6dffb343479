//! The examples of the library run, and show what they say.

#[path = "../../examples/compare_arrays.rs"]
mod compare_arrays;

use nb_compare::prelude::{Gates, Outcome};

#[test]
fn two_arrays_are_compared_as_the_example_says() {
    compare_arrays::main().expect("the example runs");
    let exact = Gates { max_ulp: Some(0), ..Gates::default() };
    let verdict = compare_arrays::verdict(compare_arrays::reference(), exact).expect("a verdict");
    assert_eq!(verdict.reason, "all 3072 pixels are the same bits");
    let bright = compare_arrays::reference().map(|v| v * 126_451.0);
    let verdict = compare_arrays::verdict(bright, Gates::default()).expect("a verdict");
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert!(verdict.reason.contains("126,451 times"), "{}", verdict.reason);
}
