//! The evidence of an audit: the traces, what was found in words and as data, and how it was made.
//!
//! Not here: the words (`command`), what every bundle holds (`bundle`).

use std::collections::BTreeMap;
use std::path::Path;

use maud::html;

use crate::commands::traces::audit::args::AuditArgs;
use crate::commands::traces::audit::known;
use crate::commands::traces::audit::text::to_text;
use crate::commands::traces::files::{self, TraceFailure};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::OwnWork;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::staging::Target;
use crate::evidence::exit::Exit;
use crate::evidence::given;
use crate::evidence::page::{markdown, section};
use crate::evidence::verdict::Verdict;
use crate::trace::audit::{Audit, AuditCheck};

/// The names of the two readings.
const FILES: [&str; 2] = ["audit.txt", "audit.json"];

/// All audits in words.
pub(super) fn text(audits: &[Audit]) -> String {
    audits.iter().map(to_text).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// All audits as data.
pub(super) fn json(audits: &[Audit]) -> String {
    format!("{:#}\n", serde_json::json!({ "audits": audits }))
}

/// Writes the two readings into a folder that is there.
pub(super) fn write_files(folder: &Path, text: &str, json: &str) -> Result<(), TraceFailure> {
    for (name, content) in FILES.into_iter().zip([text, json]) {
        files::write(&folder.join(name), content)?;
    }
    Ok(())
}

/// Writes the bundle; it appears whole or not at all.
pub(super) fn write(
    args: &AuditArgs,
    out: &Path,
    (audits, given): (&[Audit], &[BTreeMap<String, f64>]),
    own_work: &OwnWork,
) -> Result<(), TraceFailure> {
    let folder = given::working_folder()?;
    let mut recorder = Recorder::begin(Target::Exact(out.to_owned()), &folder, args.keep_paths)?;
    let arguments = command(args, &folder, given, &mut recorder)?;
    let [text, json] = [text(audits), json(audits)];
    for (name, content) in FILES.into_iter().zip([&text, &json]) {
        recorder.result(name, content)?;
    }
    recorder.own_step("audit", &arguments, own_work, &text)?;
    let laws = |wanted: fn(&AuditCheck) -> bool| {
        audits.iter().flat_map(|a| &a.checks).filter(|check| wanted(check)).count() as f64
    };
    let metrics = Metrics::of([
        ("checked", audits.iter().map(Audit::checked).sum::<usize>() as f64),
        ("laws_broken", laws(|check| check.faulty > 0)),
        ("laws_not_checked", laws(|check| check.checked == 0)),
    ]);
    let (verdict, reason) = match own_work.code {
        Exit::Agrees => (Verdict::Pass, "every law that could be checked holds"),
        Exit::Differs => (Verdict::Fail, "laws do not hold: a trace is not consistent with itself"),
        _ => (Verdict::Undecided, "something could not be checked in a trace"),
    };
    recorder.finish(Closing {
        metrics,
        analysis: markdown::block(&text),
        page: Page::Sections(section("audit", "Audit", &html! { pre { (text) } })),
        ..Closing::of("audit", "audit of traces", verdict, reason)
    })?;
    Ok(())
}

/// The command as another machine would run it on what the bundle holds.
fn command(
    args: &AuditArgs,
    folder: &Path,
    given: &[BTreeMap<String, f64>],
    recorder: &mut Recorder,
) -> Result<Vec<String>, BundleError> {
    let mut arguments = vec!["audit".to_owned()];
    for trace in &args.traces {
        arguments.push(recorder.input(&folder.join(known::file(trace)))?);
    }
    for (n, given) in (1..).zip(given) {
        let one = |(name, value)| ["--given".to_owned(), format!("{n}:{name}={value}")];
        arguments.extend(given.iter().flat_map(one));
    }
    if let Some(schema) = &args.schema {
        arguments.extend(["--schema".to_owned(), recorder.input(&folder.join(schema))?]);
    }
    arguments.extend(["--files".to_owned(), "{out}".to_owned()]);
    Ok(arguments)
}
