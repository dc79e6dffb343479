//! The reference pages under `docs/` say what the tables in the code say.
//!
//! `UPDATE_DOCS=1 cargo test -p nanobragg --test docs` writes them anew.

use std::path::Path;

fn is_current(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, generated).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    assert!(written == generated, "`docs/{name}` is not what the tables say; UPDATE_DOCS=1 writes it anew");
}

#[test]
fn the_page_of_flags_is_current() {
    is_current("flags.md", &nanobragg::cli::help::markdown());
}

#[test]
fn the_page_of_defects_is_current() {
    is_current("defects.md", &nanobragg::config::defects::markdown());
}
