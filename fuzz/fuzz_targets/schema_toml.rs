//! Schemas, their laws, and tables of tolerances: what is read as a schema is written and read back as the same one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_harness::trace::diff::tolerance::Tolerances;
use trace_harness::trace::schema::{Schema, expression};

fuzz_target!(|text: &str| {
    let _ = expression::parse(text);
    let _ = Tolerances::default().add(text);
    if let Ok(schema) = Schema::from_toml(text) {
        let written = schema.to_toml().expect("a schema can be written");
        let again = Schema::from_toml(&written).expect("what was written is a schema");
        // NaN, which TOML has, is not itself.
        assert_eq!(format!("{again:?}"), format!("{schema:?}"));
    }
});
