//! Taking the reference's run from the cache, and keeping it there.
//!
//! Not here: the cache itself (`cache`).

use std::io::Read;
use std::path::{Path, PathBuf};

use nanobragg::image::smv;
use serde_json::json;
use trace_harness::evidence::process::Temporary;

use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{CacheRequest, RunToKeep};
use crate::built_in::Prepared;
use crate::cache::{KeptRun, Key, Lookup, Question};
use crate::image::file;
use crate::runner::{Program, Side, SideFolder, open_own};

const IMAGE: &str = "float.bin";
const HEADER: &str = "image.img";

/// The integer image of a run, whatever it was called: the first by name of its SMV images.
pub(super) fn smv_of(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|e| Some(e.ok()?.path()));
    paths.filter(|path| open_own(path).is_ok() && file::is_smv(path)).min()
}

/// The header of an SMV image without its pixels; empty where it has none.
pub(super) fn header_of(path: &Path) -> Vec<u8> {
    const LONGEST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let read = open_own(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    let length = read.ok().and_then(|_| Some(smv::parse_header(path, &bytes).ok()?.data_offset));
    bytes.truncate(length.unwrap_or(0));
    bytes
}

impl ComparisonRecorder<'_> {
    /// Asks for a run in `folder`. `None` without a cache, and for the candidate: what is judged is always run.
    pub(super) fn ask(
        &mut self,
        side: Side,
        program: &Program,
        binary: &str,
        prepared: &Prepared,
        folder: &SideFolder,
    ) -> Option<CacheRequest> {
        self.cache.as_ref().filter(|_| side == Side::Reference)?;
        let float_image = folder.float_image();
        let mut inputs = prepared.inputs.clone();
        let copy = |path: &PathBuf| folder.work().join(path.file_name().unwrap_or_default());
        inputs.extend(prepared.beside.as_ref().map(copy));
        inputs.extend(self.beside.iter().cloned());
        let args: Vec<_> = program.leading.iter().chain(&prepared.args).cloned().collect();
        let exported = side.rules().exported();
        let question = Question {
            program,
            binary,
            args: &args,
            float_image: &float_image,
            exported: &exported,
            inputs: &inputs,
        };
        let key = match Key::of(&question) {
            Ok(key) => key,
            Err(e) => {
                self.cache_says(None, None, Some(format!("not asked, and keeps nothing of this run: {e}")));
                return None;
            }
        };
        let [stdout, stderr] = folder.logs();
        let header = folder.work().join(HEADER);
        let places = [(IMAGE, float_image), ("stdout.txt", stdout), ("stderr.txt", stderr), (HEADER, header)];
        Some(CacheRequest { key, places, facts: KeptRun { recorded: String::new(), wall_s: 0.0 } })
    }

    /// The run from the cache, its files in place; `None` if it has to be run. The entry leaves the cache until the candidate
    /// has ended, for the candidate could find it there; [`ComparisonRecorder::keep`] puts it back.
    pub(super) fn taken(&mut self, asked: &mut CacheRequest) -> Option<KeptRun> {
        let places: Vec<(&str, &Path)> = asked.places.iter().map(|(n, p)| (*n, p.as_path())).collect();
        let cache = self.cache.as_ref()?;
        let found = cache.fetch(&asked.key, &places);
        if let Lookup::Run(facts) = found {
            cache.withdraw(&asked.key);
            asked.facts = facts.clone();
            self.cache_says(Some(&asked.key), Some(&facts), None);
            return Some(facts);
        }
        // Files that were copied before the damage showed must not be taken for this run's.
        for (_, path) in &asked.places {
            let _ = std::fs::remove_file(path);
        }
        let note = match found {
            Lookup::Damaged(why) => {
                Some(format!("a damaged entry was removed and the reference run again: {why}"))
            }
            _ => None,
        };
        self.cache_says(Some(&asked.key), None, note);
        None
    }

    /// Keeps a run that delivered, once its files are evidence. A cache that cannot be written to is said and does no harm.
    pub(super) fn keep(&mut self, RunToKeep { asked, header }: &RunToKeep) {
        let Some(cache) = &self.cache else { return };
        let evidence = self.bundle.folder();
        let [stdout, stderr] = Side::Reference.logs().map(|log| evidence.join(log));
        let image = evidence.join(Side::Reference.float_image());
        let kept = Temporary::new().and_then(|folder| {
            let place = folder.path().join(HEADER);
            std::fs::write(&place, header)?;
            let files: [(&str, &Path); 4] =
                [(IMAGE, &image), ("stdout.txt", &stdout), ("stderr.txt", &stderr), (HEADER, &place)];
            cache.store(&asked.key, &asked.facts, &files)
        });
        if let Err(e) = kept {
            self.cache_says(Some(&asked.key), None, Some(format!("not kept: {e}")));
        }
    }

    fn cache_says(&mut self, key: Option<&Key>, from: Option<&KeptRun>, note: Option<String>) {
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
