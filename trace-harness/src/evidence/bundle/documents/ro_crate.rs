//! `ro-crate-metadata.json`: the facts of a bundle as a Workflow Run RO-Crate, Process Run Crate profile 0.5.
//!
//! Not here: facts that the summary and the environment do not hold.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::documents::commands;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::manifest::{self, ManifestEntry};
use crate::evidence::bundle::staging::Staging;
use crate::evidence::bundle::summary::{Step, Summary};

/// Name of the file.
pub const NAME: &str = "ro-crate-metadata.json";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// Writes the metadata of everything that is in the folder by now.
///
/// # Errors
/// The folder cannot be read or written.
pub fn write(staging: &Staging, summary: &Summary, environment: &Environment) -> Result<(), BundleError> {
    staging.write_json(NAME, &document(staging.folder(), summary, environment)?)
}

/// The metadata of everything that is in `folder`.
///
/// # Errors
/// The folder cannot be read.
pub fn document(folder: &Path, summary: &Summary, environment: &Environment) -> Result<Value, BundleError> {
    let entries = manifest::collect(folder)?;
    let mut files = Vec::with_capacity(entries.len());
    for entry in &entries {
        let path = folder.join(&entry.path);
        let size = fs::metadata(&path).map_err(BundleError::io(&path, "cannot be read"))?.len();
        files.push(file(entry, size));
    }
    let outside: Vec<Value> = summary.inputs.iter().filter(|i| i.stored.is_none()).map(outside).collect();
    let parts: Vec<Value> = files.iter().map(reference).collect();
    let actions: Vec<Value> = summary
        .steps
        .iter()
        .enumerate()
        .filter(|(_, s)| s.start.is_some())
        .map(|(n, s)| action(n, s, summary))
        .collect();
    let mut graph = vec![descriptor(), root(summary, parts, &actions), profile(), license()];
    graph.extend(files);
    graph.extend(outside);
    graph.extend(actions);
    graph.extend(summary.steps.iter().filter(|s| s.start.is_some()).map(|s| program(s, environment)));
    dedup(&mut graph);
    graph.iter_mut().for_each(compact);
    let context = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"];
    Ok(json!({"@context": context, "@graph": graph}))
}

fn id(entity: &Value) -> &Value {
    &entity["@id"]
}

fn reference(entity: &Value) -> Value {
    json!({"@id": id(entity)})
}

fn dedup(graph: &mut Vec<Value>) {
    let mut seen: Vec<Value> = Vec::new();
    graph.retain(|entity| {
        let new = !seen.contains(id(entity));
        seen.push(id(entity).clone());
        new
    });
}

/// One value where there is one, nothing where there is none: the compact form that the specification recommends.
fn compact(entity: &mut Value) {
    let Some(properties) = entity.as_object_mut() else { return };
    properties.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    for value in properties.values_mut() {
        if let Some([only]) = value.as_array().map(Vec::as_slice) {
            *value = only.clone();
        }
    }
}

fn descriptor() -> Value {
    json!({
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    })
}

fn root(summary: &Summary, parts: Vec<Value>, actions: &[Value]) -> Value {
    json!({
        "@id": "./",
        "@type": "Dataset",
        "name": summary.title,
        "description": format!("{}: {}", summary.verdict, summary.reason),
        "datePublished": summary.created,
        "license": reference(&license()),
        "conformsTo": {"@id": PROFILE},
        "hasPart": parts,
        "mentions": actions.iter().map(reference).collect::<Vec<_>>(),
    })
}

fn profile() -> Value {
    json!({"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"})
}

/// Whose data these are is not known to the program that collects them.
fn license() -> Value {
    json!({
        "@id": "#license",
        "@type": "CreativeWork",
        "name": "no licence stated",
        "description": "The program that wrote this bundle does not know under which terms its content may be used.",
    })
}

/// A time as the profile's examples write it: with an offset.
fn time(utc: Option<&String>) -> Option<String> {
    utc.map(|t| t.strip_suffix('Z').map_or_else(|| t.clone(), |t| format!("{t}+00:00")))
}

/// Relative path as an identifier: percent-encoded where a URL needs it.
fn file_id(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// An identifier of a file that stands for no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("holds the identifier `{id}`; expected a percent-encoded path")]
pub struct IdentifierError {
    /// The identifier.
    pub id: String,
}

/// The path that an identifier of a file in the metadata stands for: it is percent-encoded where a URL needs it.
///
/// # Errors
/// An escape is not one, or the path is not UTF-8.
pub fn path_of(id: &str) -> Result<String, IdentifierError> {
    let wrong = || IdentifierError { id: id.to_owned() };
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => {
                let digits =
                    [rest.next(), rest.next()].map(|digit| digit.and_then(|d| char::from(d).to_digit(16)));
                let [Some(high), Some(low)] = digits else { return Err(wrong()) };
                u8::try_from(16 * high + low).map_err(|_| wrong())?
            }
            byte => byte,
        };
        bytes.push(decoded);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn file(entry: &ManifestEntry, size: u64) -> Value {
    json!({
        "@id": file_id(&entry.path),
        "@type": "File",
        "name": entry.path,
        "contentSize": size.to_string(),
        "encodingFormat": format_of(&entry.path),
        "sha256": entry.sha256,
    })
}

fn format_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "txt" | "hkl" | "mat" | "log" | "toml" => "text/plain",
        "md" => "text/markdown",
        "json" => "application/json",
        "html" => "text/html",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

/// An input that was recorded but not copied.
fn outside(input: &crate::evidence::bundle::inputs::InputFile) -> Value {
    json!({
        "@id": format!("#input-{}", input.sha256),
        "@type": "CreativeWork",
        "name": input.name,
        "sha256": input.sha256,
        "description": format!("{} bytes; too large to be copied here", input.bytes),
    })
}

fn program_id(step: &Step) -> String {
    format!("#program-{}", file_id(step.command.first().map_or("", String::as_str)))
}

fn program(step: &Step, environment: &Environment) -> Value {
    let word = step.command.first().map_or("", String::as_str);
    let name = word.trim_end_matches('}').rsplit('/').next().unwrap_or(word);
    let binary = environment.binaries.iter().find(|b| b.name == name);
    json!({
        "@id": program_id(step),
        "@type": "SoftwareApplication",
        "name": name,
        "softwareVersion": binary.map_or("absent: not recorded", |b| b.version.as_str()),
        "sha256": binary.map(|b| b.sha256.as_str()),
    })
}

fn action(number: usize, step: &Step, summary: &Summary) -> Value {
    let used = |token: &str| step.command.iter().chain(&step.stdin).any(|w| w.contains(token));
    let inputs: Vec<Value> = summary
        .inputs
        .iter()
        .filter(|i| used(&i.token))
        .map(|i| json!({"@id": i.stored.as_ref().map_or(format!("#input-{}", i.sha256), |s| file_id(s))}))
        .collect();
    let results: Vec<Value> =
        step.outputs.iter().map(|o| &o.path).chain(&step.logs).map(|p| json!({"@id": file_id(p)})).collect();
    let success = step.succeeded();
    let status = if success { "CompletedActionStatus" } else { "FailedActionStatus" };
    let mut action = json!({
        "@id": format!("#step-{}", number + 1),
        "@type": "CreateAction",
        "name": step.name,
        "description": commands::line(step),
        "startTime": time(step.start.as_ref()),
        "endTime": time(step.end.as_ref()),
        "instrument": {"@id": program_id(step)},
        "object": inputs,
        "result": results,
        "actionStatus": format!("http://schema.org/{status}"),
    });
    if !success {
        action["error"] = step.status.text().into();
    }
    action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_relative_addresses() {
        assert_eq!(file_id("inputs/ab/a name#1.hkl"), "inputs/ab/a%20name%231.hkl");
        assert_eq!(file_id("é"), "%C3%A9");
        for path in ["inputs/ab/a name#1.hkl", "é", "50%.txt", "line\nbreak"] {
            assert_eq!(path_of(&file_id(path)).as_deref(), Ok(path));
        }
        assert!(path_of("a%2").is_err() && path_of("%zz").is_err() && path_of("%ff").is_err());
    }

    #[test]
    fn single_values_stand_alone_and_missing_ones_not_at_all() {
        let mut entity = json!({"@id": "a", "one": [{"@id": "b"}], "none": [], "null": null, "two": [1, 2]});
        compact(&mut entity);
        assert_eq!(entity, json!({"@id": "a", "one": {"@id": "b"}, "two": [1, 2]}));
    }

    #[test]
    fn times_have_an_offset() {
        let utc = Some("2026-01-02T03:04:05.678Z".to_owned());
        assert_eq!(time(utc.as_ref()).unwrap(), "2026-01-02T03:04:05.678+00:00");
        assert_eq!(time(None), None);
    }

    #[test]
    fn an_entity_stands_in_the_graph_once() {
        let mut graph = vec![json!({"@id": "a"}), json!({"@id": "b"}), json!({"@id": "a"})];
        dedup(&mut graph);
        assert_eq!(graph.iter().map(|e| id(e).as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
