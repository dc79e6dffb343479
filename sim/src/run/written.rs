//! The files of one run, and what the summary says of them.
//!
//! Not here: what is in them (`output`), how the run came to its image.

use super::suspicions;
use crate::cli::options::{Options, PngScale};
use crate::config::Config;
use crate::console::Console;
use crate::engine::Render;
use crate::engine::derivative::Gradients;
use crate::engine::statistics::{Statistics, statistics};
use crate::engine::threads::{both, threads_for};
use crate::error::{Error, OutputError};
use crate::image::raster::Raster;
use crate::image::scaling::{self, Scaling};
use crate::image::{float_raw, npy, png};
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::output::{atomic, gradients, report, summary, writing};
use std::path::Path;

/// Writes the files and keeps their names.
pub(super) struct Written<'c> {
    console: &'c Console,
    summary_wanted: bool,
    pub(super) files: Vec<summary::WrittenFile>,
    /// Warnings about the image.
    pub(super) warnings: Vec<String>,
}

impl<'c> Written<'c> {
    pub(super) fn new(console: &'c Console, summary_wanted: bool) -> Self {
        Self { console, summary_wanted, files: Vec::new(), warnings: Vec::new() }
    }

    /// The trace, in its file or on standard output.
    pub(super) fn trace(&mut self, options: &Options, content: &str) -> Result<(), OutputError> {
        let Some(path) = &options.trace_file else {
            self.console.print(content);
            return Ok(());
        };
        atomic::write(path, |out| out.write_all(content.as_bytes()))?;
        self.add_own("trace", path);
        Ok(())
    }

    /// Everything but trace and gradients. The float image is written while statistics are finished and integers written.
    pub(super) fn all(
        &mut self,
        config: &Config,
        experiment: &Experiment,
        options: &Options,
        render: &Render,
    ) -> Result<Statistics, Error> {
        let (image, files) = (&render.image, &config.files);
        let scaled = writing::ScaledImage::new(config, experiment, image, render.totals.max);
        let float = || atomic::write(&files.float, |out| float_raw::write(out, image));
        let sums = || statistics(experiment, image, &render.totals, render.solid_angle_sum);
        let int = || scaled.prepare_int(&files.int);
        // Of two files under one name the later one stays, and a pipe may want them in turn.
        let (float, statistics, early) = if atomic::are_apart(&files.float, &files.int) {
            let threads = threads_for(experiment, options.threads);
            // Converting and writing integers takes about as long as the other two.
            let ((float, statistics), int) = both(threads, || (float(), sums()), int);
            (float, statistics, Some(int))
        } else {
            (float(), sums(), None)
        };

        self.say(&report::rendered(config, experiment, &statistics, render.left_list.as_ref()));
        float?;
        self.add("float", &files.float);
        self.say(&report::int_file(&files.int, scaled.int_scale));
        early.unwrap_or_else(int)?.appear()?;
        self.add("int", &files.int);
        self.others(config, options, &scaled, statistics.rmsd, image)?;
        self.warnings = suspicions::of(config, experiment, image, &render.totals);
        self.warnings.iter().for_each(|warning| self.console.warn(warning));
        Ok(statistics)
    }

    /// What a run writes on request.
    fn others(
        &mut self,
        config: &Config,
        options: &Options,
        scaled: &writing::ScaledImage<'_>,
        rmsd: f64,
        image: &Raster<f32>,
    ) -> Result<(), OutputError> {
        let files = &config.files;
        if let Some(path) = &files.pgm {
            let scale = scaled.pgm_scale(rmsd);
            self.say(&report::pgm_file(path, scale));
            scaled.write_pgm(path, scale)?;
            self.add("pgm", path);
        }
        if let Some(path) = &files.noise {
            let noise = scaled.draw_noise();
            self.say(&report::noise_file(path, noise.photons, noise.overloads));
            scaled.write_noise(path, &noise)?;
            self.add("noise", path);
        }
        if let Some(path) = &options.png {
            let scale = match options.png_scale {
                PngScale::Percentile(p) => Scaling::Percentile(p),
                PngScale::Log => Scaling::Log,
            };
            atomic::write(path, |out| png::write_grey(out, &scaling::picture(image, scale)))?;
            self.add_own("png", path);
        }
        if let Some(path) = &options.npy {
            atomic::write(path, |out| npy::write(out, image))?;
            self.add_own("npy", path);
        }
        Ok(())
    }

    pub(super) fn gradients(
        &mut self,
        experiment: &Experiment,
        options: &Options,
        gradients: &Gradients,
    ) -> Result<(), Error> {
        for parameter in &gradients.parameters {
            if let Differentiability::Zero(reason) = differentiability::of(experiment, *parameter) {
                self.console.warn(&format!("the derivative by {parameter} is 0 everywhere: {reason}"));
            }
        }
        for path in gradients::write(&options.grad_dir, experiment, gradients)? {
            self.add_own("gradient", &path);
        }
        Ok(())
    }

    fn say(&self, text: &str) {
        if self.summary_wanted {
            self.console.print(text);
        }
    }

    /// A file that the C program does not have, which the summary therefore names in words of its own.
    fn add_own(&mut self, kind: &'static str, path: &Path) {
        self.say(&format!("wrote {}\n", path.display()));
        self.add(kind, path);
    }

    fn add(&mut self, kind: &'static str, path: &Path) {
        self.files.push(summary::WrittenFile { kind, path: path.to_owned() });
    }
}
