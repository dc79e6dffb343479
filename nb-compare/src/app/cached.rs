//! Taking the reference's run from the cache, and keeping it there.
//!
//! Not here: the cache itself (`cache`).

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::recorder::ComparisonRecorder;
use crate::cache::{Facts, Found, Key, Question};
use crate::image::file;
use crate::runner::{Prepared, Program, Side};

/// A run of the reference that the cache may know.
pub struct Asked {
    key: Key,
    /// What is stored, by name, and where it lies in the evidence or beside it.
    places: [(&'static str, PathBuf); 4],
}

const HEADER: &str = "image.img";

/// The integer image of a run, whatever it was called: the first by name of its SMV images.
pub fn smv_of(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|e| Some(e.ok()?.path()));
    paths.filter(|path| file::is_smv(path)).min()
}

impl ComparisonRecorder<'_> {
    /// Asks for a run in `folder`. `None` without a cache, and for the candidate: what is judged is always run.
    pub fn ask(
        &mut self,
        side: Side,
        program: &Program,
        binary: &str,
        prepared: &Prepared,
        folder: &Path,
    ) -> Option<Asked> {
        self.cache.as_ref().filter(|_| side == Side::Reference)?;
        let evidence = self.bundle.folder();
        let float_image = evidence.join(side.float_image());
        let beside = folder.join("Fdump.bin");
        let mut inputs = prepared.inputs.clone();
        inputs.extend(Some(beside).filter(|path| path.is_file()));
        inputs.extend(self.beside.iter().cloned());
        let args: Vec<_> = program.leading.iter().chain(&prepared.args).cloned().collect();
        let exported = side.exported();
        let question =
            Question { binary, args: &args, float_image: &float_image, exported: &exported, inputs: &inputs };
        let key = match Key::of(&question) {
            Ok(key) => key,
            Err(e) => {
                self.cache_says(None, None, Some(format!("not asked: {e}")));
                return None;
            }
        };
        let [stdout, stderr] = side.logs().map(|log| evidence.join(log));
        let header = folder.join("intimage.img");
        let places =
            [("float.bin", float_image), ("stdout.txt", stdout), ("stderr.txt", stderr), (HEADER, header)];
        Some(Asked { key, places })
    }

    /// The run from the cache, its files in place; `None` if it has to be run.
    pub fn taken(&mut self, asked: &Asked) -> Option<Facts> {
        let places: Vec<(&str, &Path)> = asked.places.iter().map(|(n, p)| (*n, p.as_path())).collect();
        let found = self.cache.as_ref()?.fetch(&asked.key, &places);
        if let Found::Run(facts) = found {
            self.cache_says(Some(&asked.key), Some(&facts), None);
            return Some(facts);
        }
        // Files that were copied before the damage showed must not be taken for this run's.
        for (_, path) in &asked.places {
            let _ = std::fs::remove_file(path);
        }
        let note = match found {
            Found::Damaged(why) => {
                Some(format!("a damaged entry was removed and the reference run again: {why}"))
            }
            _ => None,
        };
        self.cache_says(Some(&asked.key), None, note);
        None
    }

    /// Keeps a run that delivered. A cache that cannot be written to is said and does no harm.
    pub fn keep(&mut self, asked: &Asked, folder: &Path, facts: &Facts) {
        let header = smv_of(folder).unwrap_or_else(|| {
            let none = folder.join("no-header");
            let _ = std::fs::write(&none, "");
            none
        });
        let files = asked.places.each_ref().map(|(name, path)| match *name {
            HEADER => (*name, header.as_path()),
            _ => (*name, path.as_path()),
        });
        let kept = self.cache.as_ref().map_or(Ok(()), |cache| cache.store(&asked.key, facts, &files));
        if let Err(e) = kept {
            self.cache_says(Some(&asked.key), None, Some(format!("not kept: {e}")));
        }
    }

    fn cache_says(&mut self, key: Option<&Key>, from: Option<&Facts>, note: Option<String>) {
        let says = json!({
            "from_cache": from.is_some(),
            "key": key.map(Key::text),
            "recorded": from.map(|facts| facts.recorded.clone()),
            "note": note,
        });
        self.extra.insert("reference_cache".to_owned(), says);
        self.lines.extend(note.map(|note| format!("cache: {note}")));
    }
}
