//! One run of the program: command line in, files and summary out, exit code back.
//!
//! The only place that ties reading, rendering and writing together. Not here: any of these themselves.

mod refinement;

use crate::cli::options::{Information, Options, PngScale, TraceFormat};
use crate::cli::parse::{Reading, Setting};
use crate::cli::{help, parse, raw_args};
use crate::config::Config;
use crate::config::defects::{self, Defects};
use crate::config::resolve::{Surroundings, header_files, resolve};
use crate::console::Console;
use crate::engine::carry::Leave;
use crate::engine::statistics::{Statistics, statistics};
use crate::engine::{self, Render, Request, derivative};
use crate::error::{Error, UsageError};
use crate::image::scaling::{self, Scaling};
use crate::image::{float_raw, npy, png};
use crate::input::Leniency;
use crate::loading;
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::output::{atomic, gradients, report, summary, writing};
use crate::trace::{jsonl, setup, text};
use std::ffi::OsString;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs the program with `args` (without its own name) on the process's standard streams; the exit code comes back.
pub fn run_cli(args: &[OsString]) -> u8 {
    let mut console = Console::standard();
    let refines = args.first().is_some_and(|word| word == "refine");
    let done =
        if refines { refinement::run(&args[1..], &console) } else { run(args, &mut console).map(|()| 0) };
    match done {
        Ok(code) => code,
        Err(error) => {
            console.flush();
            console.error(&error);
            error.exit_code()
        }
    }
}

fn run(args: &[OsString], console: &mut Console) -> Result<(), Error> {
    let (options, rest) = raw_args::split(args)?;
    if let Some(information) = options.information {
        console.print(&information_text(information));
        return Ok(());
    }
    let reading = match (options.parity, options.ignore_unknown) {
        (true, _) => Reading::Reference,
        (false, true) => Reading::IgnoreUnknown,
        (false, false) => Reading::Strict,
    };
    let settings = parse::parse(&rest, reading)?;
    render_and_write(&settings, &options, console)
}

fn information_text(information: Information) -> String {
    match information {
        Information::Help => help::help(),
        Information::Version => help::version(),
        Information::Man => help::man_page(),
        Information::Completions(shell) => help::completions(shell),
        Information::Defects => defects::list(),
    }
}

/// Reads everything and puts the experiment together, with all warnings.
fn prepare(
    settings: &[Setting],
    options: &Options,
    console: &Console,
) -> Result<(Config, Experiment, report::Provenance), Error> {
    let leniency = if options.parity { Leniency::Reference } else { Leniency::Strict };
    let defects = Defects::with(&options.defects);
    let headers = loading::headers(header_files(settings), &defects, leniency)?;
    let around = Surroundings {
        mask: headers.mask.as_ref().map(|m| m.geometry.clone()),
        image: headers.image.as_ref().map(|m| m.geometry.clone()),
        time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64),
        lenient: options.parity,
    };
    let config = resolve(settings, defects, &around)?;
    traced_pixels(options, &config)?;
    for warning in headers.notices.iter().chain(&config.notices) {
        console.warn(&warning.warning());
    }
    let (inputs, provenance) = loading::inputs(&config, headers, leniency, console)?;
    let experiment = Experiment::new(&config, inputs)?;
    if let Some((name, given, built)) = experiment.missed_angle(&config) {
        console.warn(&format!(
            "the reference builds this cell with {name} = {built:.4} degrees instead of {given} (C-CELL-001; \
             --defect C-CELL-001=correct builds it as given)"
        ));
    }
    Ok((config, experiment, provenance))
}

fn render_and_write(settings: &[Setting], options: &Options, console: &mut Console) -> Result<(), Error> {
    let parameters = options.grad.as_deref().map_or(Ok(Vec::new()), Parameter::list)?;
    let (config, experiment, provenance) = prepare(settings, options, console)?;
    let traced = traced_pixels(options, &config)?;
    let summary_wanted = !options.quiet && !options.json;
    if summary_wanted {
        console.print(&report::before(&config, &experiment, &provenance));
    }
    let render = render(&config, &experiment, options, &traced, console)?;
    if let Some(leave) = &render.left_list {
        console.warn(&loading::left_list_warning(leave, experiment.interpolation_stops));
    }
    write_trace(options, &config, &experiment, &render, &traced, console)?;

    let statistics = statistics(&experiment, &render.image, render.solid_angle_sum);
    let mut written = Written { console, summary_wanted, files: Vec::new() };
    written.all(&config, &experiment, options, &render, &statistics)?;
    if options.grad.is_some() {
        written.gradients(&experiment, options, &parameters, render.left_list)?;
    }
    if options.json {
        let files = std::mem::take(&mut written.files);
        console.print(&summary::json(&config, &experiment, &statistics, options, render.paths, &files));
    }
    Ok(())
}

/// The pixels to trace: (slow, fast).
fn traced_pixels(options: &Options, config: &Config) -> Result<Vec<(usize, usize)>, UsageError> {
    let [fast_pixels, slow_pixels] = config.detector.pixels;
    let inside = |(slow, fast): (i32, i32)| {
        let (slow, fast) = (usize::try_from(slow).ok()?, usize::try_from(fast).ok()?);
        (slow < slow_pixels && fast < fast_pixels).then_some((slow, fast))
    };
    let mut pixels = Vec::new();
    for pixel in &options.trace_pixels {
        pixels.push(inside(*pixel).ok_or_else(|| {
            UsageError::new(
                format!("`--trace-pixel {} {}` is outside the detector", pixel.0, pixel.1),
                format!("slow below {slow_pixels} and fast below {fast_pixels}"),
            )
        })?);
    }
    // The reference's own flag passes over pixels outside.
    pixels.extend(config.console.trace_pixels.iter().filter_map(|p| inside(*p)));
    Ok(pixels)
}

fn render(
    config: &Config,
    experiment: &Experiment,
    options: &Options,
    traced: &[(usize, usize)],
    console: &Console,
) -> Result<Render, UsageError> {
    let rows = experiment.window().1.len();
    let shown = config.console.progress != Some(false) && !options.quiet && !options.json;
    let bar = console.progress(rows, shown);
    let request = Request {
        engine: options.engine,
        dtype: options.dtype,
        threads: options.threads,
        trace: traced,
        depth: options.trace_depth,
        printout: config.console.printout,
        printed: &|state| console.print(&text::printout(experiment, config.beam.wavelength, state)),
        progress: &|rows| bar.iter().for_each(|bar| bar.inc(rows as u64)),
    };
    let render = engine::render(experiment, &request);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    render
}

fn write_trace(
    options: &Options,
    config: &Config,
    experiment: &Experiment,
    render: &Render,
    traced: &[(usize, usize)],
    console: &Console,
) -> Result<(), Error> {
    if traced.is_empty() {
        return Ok(());
    }
    for (slow, fast) in traced {
        if !experiment.is_rendered(*fast, *slow) {
            console.warn(&format!(
                "pixel slow {slow}, fast {fast} is not rendered (region or mask): no trace of it"
            ));
        }
    }
    let defects = &config.defects;
    let mut content = match options.trace_format {
        TraceFormat::Text => setup::text(config, experiment),
        TraceFormat::JsonLines => String::new(),
    };
    for log in &render.traces {
        content += &match options.trace_format {
            TraceFormat::Text => text::pixel(experiment, defects, log),
            TraceFormat::JsonLines => jsonl::pixel(experiment, defects, log),
        };
    }
    match &options.trace_file {
        Some(path) => atomic::write(path, |out| out.write_all(content.as_bytes()))?,
        None => console.print(&content),
    }
    Ok(())
}

/// Writes the files and keeps their names.
struct Written<'c> {
    console: &'c Console,
    summary_wanted: bool,
    files: Vec<summary::WrittenFile>,
}

impl Written<'_> {
    fn all(
        &mut self,
        config: &Config,
        experiment: &Experiment,
        options: &Options,
        render: &Render,
        statistics: &Statistics,
    ) -> Result<(), Error> {
        let image = &render.image;
        self.say(&report::rendered(config, experiment, statistics, render.left_list.as_ref()));
        let files = &config.files;
        atomic::write(&files.float, |out| float_raw::write(out, image))?;
        self.add("float", &files.float);

        let scaled = writing::Scaled::new(config, experiment, image, statistics);
        self.say(&report::int_file(&files.int, scaled.int_scale));
        scaled.write_int(&files.int)?;
        self.add("int", &files.int);
        if let Some(path) = &files.pgm {
            self.say(&report::pgm_file(path, scaled.pgm_scale));
            scaled.write_pgm(path)?;
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
            self.add("png", path);
        }
        if let Some(path) = &options.npy {
            atomic::write(path, |out| npy::write(out, image))?;
            self.add("npy", path);
        }
        Ok(())
    }

    fn gradients(
        &mut self,
        experiment: &Experiment,
        options: &Options,
        parameters: &[Parameter],
        left_list: Option<Leave>,
    ) -> Result<(), Error> {
        for parameter in parameters {
            if let Differentiability::Zero(reason) = differentiability::of(experiment, *parameter) {
                self.console.warn(&format!("the derivative by {parameter} is 0 everywhere: {reason}"));
            }
        }
        let wanted = derivative::Wanted { parameters, threads: options.threads, left_list, scalar: false };
        let gradients = derivative::gradients(experiment, &wanted)?;
        for path in gradients::write(&options.grad_dir, experiment, &gradients)? {
            self.say(&format!("wrote {}\n", path.display()));
            self.add("gradient", &path);
        }
        Ok(())
    }

    fn say(&self, text: &str) {
        if self.summary_wanted {
            self.console.print(text);
        }
    }

    fn add(&mut self, kind: &'static str, path: &Path) {
        self.files.push(summary::WrittenFile { kind, path: path.to_owned() });
    }
}
