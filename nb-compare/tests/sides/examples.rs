//! The examples of the library run, and show what they say.

#[path = "../../examples/compare_arrays.rs"]
mod compare_arrays;

use nb_compare::prelude::{Gates, Verdict};

#[test]
fn two_arrays_are_compared_as_the_example_says() {
    compare_arrays::main().expect("the example runs");
    let exact = Gates { max_ulp: Some(0), ..Gates::default() };
    let judgement = compare_arrays::judge(compare_arrays::reference(), exact).expect("a verdict");
    assert_eq!(judgement.reason, "all 3072 pixels are the same bits");
    let bright = compare_arrays::reference().map(|v| v * 126_451.0);
    let judgement = compare_arrays::judge(bright, Gates::default()).expect("a verdict");
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(judgement.reason.contains("126,451 times"), "{}", judgement.reason);
}
