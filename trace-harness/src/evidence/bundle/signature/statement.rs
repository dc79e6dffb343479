//! A statement about a bundle, beside it: in-toto, version 1.
//!
//! Format: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>. The same bundle makes the same bytes.
//!
//! Not here: signing it (`ssh`).

use serde_json::json;

use crate::evidence::bundle::MANIFEST;
use crate::evidence::bundle::verify::Examined;

/// Type of the statement.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// Type of the statement about the files.
const PREDICATE: &str = "urn:nanobragg-rs:verdict:1";

/// The statement about a bundle: each file is a subject, its verdict is the predicate. `None` where there is no verdict.
pub(super) fn of(examined: &Examined) -> Option<String> {
    let summary = examined.summary.as_ref()?;
    let subject = |name: &str, sha256: &str| json!({"name": name, "digest": {"sha256": sha256}});
    let files = examined.listed.iter().map(|(name, sha256)| subject(name, sha256));
    // The manifest first: its digest stands for all the others.
    let subjects: Vec<_> =
        std::iter::once(subject(MANIFEST, &examined.manifest_sha256)).chain(files).collect();
    let statement = json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": PREDICATE,
        "predicate": {
            "verdict": summary.verdict,
            "reason": summary.reason,
            "kind": summary.kind,
            "title": summary.title,
            "created": summary.created,
        },
    });
    Some(format!("{statement:#}\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::evidence::bundle::closing::Closing;
    use crate::evidence::bundle::digest;
    use crate::evidence::bundle::recorder::{BundlePlace, Recorder};
    use crate::evidence::bundle::verify::examine;
    use crate::evidence::verdict::Verdict;

    #[test]
    fn every_file_is_a_subject_with_its_digest_and_the_verdict_is_the_predicate() {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("r");
        let place = BundlePlace { reports: &reports, topic: "t", folder: root.path(), keep_paths: true };
        let made =
            Recorder::begin_in(place).unwrap().finish(Closing::of("run", "t", Verdict::Fail, "so")).unwrap();
        let text = of(&examine(&made.place).unwrap()).unwrap();
        let statement: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(
            (&statement["predicate"]["verdict"], &statement["predicate"]["reason"]),
            (&"FAIL".into(), &"so".into())
        );
        let subjects = statement["subject"].as_array().unwrap();
        let files = std::fs::read_dir(&made.place).unwrap().count();
        assert_eq!(subjects.len(), files, "{subjects:?}");
        for subject in subjects {
            let path = made.place.join(subject["name"].as_str().unwrap());
            assert_eq!(subject["digest"]["sha256"], digest::of_file(&path).unwrap().0);
        }
        assert_eq!(of(&examine(&made.place).unwrap()).unwrap(), text, "other bytes the second time");
    }
}
