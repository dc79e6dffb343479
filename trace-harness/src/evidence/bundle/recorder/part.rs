//! A bundle made of parts: one that was recorded apart becomes a folder of another.
//!
//! Not here: recording (`recorder`).

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::{BundleError, inputs, manifest, settle};

impl Recorder {
    /// Takes in a part: its inputs among the inputs, every other file into `folder`, its programs, steps and open points.
    ///
    /// # Errors
    /// A file cannot be moved.
    pub fn absorb(&mut self, mut part: Self, folder: &str) -> Result<(), BundleError> {
        part.leave_out_strangers()?;
        inputs::check_copies(&part.staging, &part.inputs)?;
        let Self { staging, paths, inputs, binaries, programs, steps, open_points, .. } = part;
        // The whole does not know where the inputs of a part lie.
        self.open_points.extend(inputs::changed(&paths, &inputs));
        let from = staging.folder();
        for input in inputs {
            if self.inputs.iter().any(|known| known.token == input.token) {
                continue;
            }
            if let Some(stored) = &input.stored {
                self.move_in(&from.join(stored), stored)?;
            }
            self.inputs.push(input);
        }
        let others = WalkDir::new(from).into_iter().filter_entry(|e| e.path() != from.join("inputs"));
        for item in others {
            let item = item.map_err(|e| manifest::walk_error(from, e))?;
            if item.file_type().is_file()
                && let Ok(inside) = item.path().strip_prefix(from)
            {
                self.move_in(item.path(), &format!("{folder}/{}", inside.to_string_lossy()))?;
            }
        }
        for binary in binaries {
            if !self.binaries.contains(&binary) {
                self.binaries.push(binary);
            }
        }
        self.programs.extend(programs);
        self.steps.extend(steps);
        self.open_points.extend(open_points);
        Ok(())
    }

    /// Removes what a command has put where this program alone places files, and names it among the open points.
    pub(in crate::evidence::bundle) fn leave_out_strangers(&mut self) -> Result<(), BundleError> {
        let strangers = if self.is_closed { settle::remove_strangers(&self.staging)? } else { Vec::new() };
        let told =
            |name: &String| format!("`{name}` was left out: a program that ran meanwhile put it there");
        self.open_points.extend(strangers.iter().map(told));
        Ok(())
    }

    fn move_in(&self, from: &Path, name: &str) -> Result<(), BundleError> {
        let to = self.staging.place(name)?;
        fs::rename(from, &to).map_err(BundleError::io(&to, "cannot be made"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::closing::Closing;
    use crate::evidence::bundle::staging::Target;
    use crate::evidence::bundle::summary::Step;
    use crate::evidence::bundle::verify::verify;
    use crate::evidence::verdict::Verdict;

    #[test]
    fn a_part_gives_its_steps_and_inputs_to_the_whole_and_its_files_to_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let input = root.path().join("data.txt");
        fs::write(&input, "42\n").unwrap();
        let mut whole = Recorder::begin(Target::Exact(root.path().join("whole")), root.path(), true).unwrap();
        for name in ["one", "two"] {
            let target = Target::Exact(root.path().join(name));
            let token = format!("{{out}}/cases/{name}");
            let mut part = Recorder::begin_part(target, &token, root.path(), true).unwrap();
            part.input(&input).unwrap();
            part.result("logs/out.txt", name).unwrap();
            let written = part.record(&part.folder().join("logs/out.txt").to_string_lossy()).unwrap();
            assert_eq!(written, format!("{{out}}/cases/{name}/logs/out.txt"));
            part.step(Step::planned(name, vec!["true".into()], "{work}", "it is a test"));
            whole.absorb(part, &format!("cases/{name}")).unwrap();
        }
        let made = whole.finish(Closing::of("matrix", "two", Verdict::Pass, "as asked")).unwrap();
        assert_eq!(fs::read_to_string(made.place.join("cases/two/logs/out.txt")).unwrap(), "two");
        assert_eq!(made.summary.steps.iter().map(|s| &*s.name).collect::<Vec<_>>(), ["one", "two"]);
        // The same content is kept once.
        assert_eq!(made.summary.inputs.len(), 1);
        assert!(made.place.join(made.summary.inputs[0].stored.as_ref().unwrap()).is_file());
        assert!(verify(&made.place).unwrap().is_sound());
        assert!(!root.path().join("one").exists() && !root.path().join("two").exists());
    }
}
