//! Compilers of other languages that tests need: a trial without its compiler says that it was not run, or fails where
//! `NB_REQUIRE_COMPILERS` is set.
//!
//! Not here: what is compiled.

use std::process::Command;

use libtest_mimic::Trial;

/// The trial `name`, which needs `compiler`.
pub fn trial(name: String, compiler: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    let there = Command::new(compiler).arg("--version").output().is_ok_and(|o| o.status.success());
    if there {
        return Trial::test(name, move || {
            test();
            Ok(())
        });
    }
    if std::env::var_os("NB_REQUIRE_COMPILERS").is_some() {
        let why = format!("there is no `{compiler}`; scripts/install-compilers fetches it");
        return Trial::test(name, move || Err(why.into()));
    }
    let name = format!("{name} [not run: no {compiler}; scripts/install-compilers fetches it]");
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}
