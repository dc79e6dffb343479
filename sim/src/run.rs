//! One run of the program: command line in, files and summary out, exit code back.
//!
//! The only place that ties reading, rendering and writing together. Not here: any of these themselves.

mod collisions;
mod corrections;
mod prepare;
mod refinement;
mod series;
mod suspicions;
mod workload;
mod written;

use crate::cli::options::{Information, Options, REFINE, SERIES, TraceFormat};
use crate::cli::parse::{Reading, Setting};
use crate::cli::{help, parse, raw_args};
use crate::config::Config;
use crate::config::notice::Notice;
use crate::console::Console;
use crate::defects::{self, Defect, Dialect};
use crate::engine::derivative::{GradientRequest, Gradients};
use crate::engine::{EngineError, Render, RenderOptions, Session};
use crate::error::{Error, UsageError};
use crate::loading::{self, LatestList};
use crate::model::differentiability::{self, Differentiability};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::output::{report, summary};
use crate::pixel::Pixel;
use crate::trace::{jsonl, setup, text};
use collisions::Purpose;
use prepare::{prepare, traced_pixels};
use std::ffi::OsString;
use std::path::PathBuf;
use written::Written;

/// Runs the program `nanobragg` with `args` (without its own name) on the process's standard streams; the exit code comes back.
pub fn run_program(args: &[OsString]) -> u8 {
    match args.split_first() {
        Some((word, rest)) if word == REFINE => finish(|console| refinement::run(rest, console)),
        Some((word, rest)) if word == SERIES => finish(|console| {
            let mut shared = SharedByRuns { without_summary: true, ..SharedByRuns::default() };
            let mut render_one = |args: &[OsString], console: &Console| {
                run(args, Some(Session::image_and_gradients), &mut shared, console)
            };
            series::run(rest, &mut render_one, console).map(|()| 0)
        }),
        _ => finish(|console| {
            run(args, Some(Session::image_and_gradients), &mut SharedByRuns::default(), console).map(|_| 0)
        }),
    }
}

/// One run of the simulator, as [`run_program()`] has it but without refinement and derivatives: for programs that hold the
/// simulator inside, which need not carry an optimiser and ten kernels.
pub fn run_cli(args: &[OsString]) -> u8 {
    finish(|console| run(args, None, &mut SharedByRuns::default(), console).map(|_| 0))
}

/// What runs one after the other share.
#[derive(Debug, Default)]
struct SharedByRuns {
    session: Session,
    list: LatestList,
    /// Whether something else is said than the summary of each run.
    without_summary: bool,
}

/// What renders an image with its derivatives. Handed down, so that the linker leaves it out where nobody hands it.
type Differentiate = fn(
    &mut Session,
    &Experiment,
    &RenderOptions<'_>,
    &GradientRequest<'_>,
) -> Result<(Render, Gradients), EngineError>;

fn finish(work: impl FnOnce(&Console) -> Result<u8, Error>) -> u8 {
    let console = Console::standard();
    match work(&console).and_then(|code| console.lost_text().map(|()| code).map_err(Error::from)) {
        Ok(code) => code,
        Err(error) => {
            Console::standard().error(&error);
            error.exit_code()
        }
    }
}

/// One run; the files it read come back.
fn run(
    args: &[OsString],
    differentiate: Option<Differentiate>,
    shared: &mut SharedByRuns,
    console: &Console,
) -> Result<Vec<PathBuf>, Error> {
    let (mut options, rest) = raw_args::split(args)?;
    if shared.without_summary {
        (options.quiet, options.json) = (true, false);
    }
    if options.grad.is_some() && differentiate.is_none() {
        return Err(UsageError::new(
            "`--grad`: the simulator inside this program has no derivatives",
            "images and traces only",
        )
        .hint("run `nanobragg` itself with these arguments")
        .into());
    }
    if let Some(information) = options.information {
        console.print(&information_text(information, options.json));
        return Ok(Vec::new());
    }
    let settings = parse::parse(&rest, Reading::of(&options))?;
    if options.parity {
        tell_differences(&rest, &options, console);
    }
    render_and_write(&settings, &options, differentiate, shared, console)
}

/// Where the two C programs part, and what both pass over though it looks like a flag.
fn tell_differences(args: &[OsString], options: &Options, console: &Console) {
    if options.dialect.is_none() {
        for (difference, word) in parse::differences(args) {
            console.warn(&format!(
                "the two C programs differ at `{word}`: {} ({}); this run does as the {} (see --dialect)",
                difference.what,
                difference.id,
                Dialect::default().name()
            ));
        }
    }
    for (word, right) in parse::misnamed(args) {
        console.warn(&format!("`{word}` is passed over, as the C program does; its flag is `{right}`"));
    }
}

fn information_text(information: Information, json: bool) -> String {
    match information {
        Information::Help => help::help(),
        Information::Version => help::version(),
        Information::Man => help::man_page(),
        Information::Completions(shell) => help::completions(shell),
        Information::Defects if json => defects::json(),
        Information::Defects => defects::list(),
    }
}

fn render_and_write(
    settings: &[Setting],
    options: &Options,
    differentiate: Option<Differentiate>,
    shared: &mut SharedByRuns,
    console: &Console,
) -> Result<Vec<PathBuf>, Error> {
    let parameters = options.grad.as_deref().map_or(Ok(Vec::new()), Parameter::list)?;
    let (config, experiment, provenance) =
        prepare(settings, options, Purpose::Images(options, &parameters), &mut shared.list, console)?;
    let parameters = differentiable(options, parameters, &experiment, console);
    let traced = traced_pixels(options, &config)?;
    for (word, needed) in options.without_effect(!traced.is_empty()) {
        console.warn(&format!("`{word}` has no effect without {needed}"));
    }
    let summary_wanted = !options.quiet && !options.json;
    if summary_wanted {
        console.print(&report::before(&config, &experiment, &provenance));
    }
    let wanted = differentiate.filter(|_| options.grad.is_some()).map(|with| (with, parameters.as_slice()));
    let (render, gradients) =
        render(&config, &experiment, options, &traced, wanted, &mut shared.session, console)?;
    if let Some(leave) = &render.left_list {
        console.warn(&loading::left_list_warning(leave, experiment.interpolation_stops));
        if !experiment.interpolation_stops {
            console.warn(&Notice::Corrected(Defect::InterpolationOff).warning());
        }
    }
    let mut written = Written::new(console, summary_wanted);
    if let Some(content) = trace(options, &config, &experiment, &render, &traced, console) {
        written.trace(options, &content)?;
    }
    let statistics = written.all(&config, &experiment, options, &render)?;
    if let Some(gradients) = gradients {
        written.gradients(&experiment, options, &gradients)?;
    }
    if options.json {
        let files = std::mem::take(&mut written.files);
        let warnings = std::mem::take(&mut written.warnings);
        let said = summary::FilesAndWarnings { files, warnings };
        console.print(&summary::json(&config, &experiment, &statistics, options, render.paths, &said));
    }
    shared.session.reuse(render.image);
    Ok(provenance.files(&config.files.sources))
}

/// The parameters to differentiate by: of `all`, those that this experiment has a derivative by. Names the others.
fn differentiable(
    options: &Options,
    parameters: Vec<Parameter>,
    experiment: &Experiment,
    console: &Console,
) -> Vec<Parameter> {
    if options.grad.as_deref() != Some("all") {
        return parameters;
    }
    let is_there = |parameter: &Parameter| match differentiability::of(experiment, *parameter) {
        Differentiability::None(reason) => {
            console.warn(&format!("no derivative by `{parameter}`: {reason}"));
            false
        }
        _ => true,
    };
    parameters.into_iter().filter(is_there).collect()
}

fn render(
    config: &Config,
    experiment: &Experiment,
    options: &Options,
    traced: &[Pixel],
    derivatives: Option<(Differentiate, &[Parameter])>,
    session: &mut Session,
    console: &Console,
) -> Result<(Render, Option<Gradients>), Error> {
    let rows = experiment.window().1.len();
    let shown = config.console.progress != Some(false) && !options.quiet && !options.json;
    let bar = console.progress(rows, shown);
    let request = RenderOptions {
        engine: options.engine,
        precision: options.precision,
        threads: options.threads,
        trace: traced,
        depth: options.trace_depth,
        printout: config.console.printout,
        printed: &|state| console.print(&text::printout(experiment, config.beam.wavelength, state)),
        progress: &|rows| bar.iter().for_each(|bar| bar.inc(rows as u64)),
    };
    let done = match derivatives {
        None => session.render(experiment, &request).map(|render| (render, None)),
        Some((differentiate, parameters)) => {
            let threads = options.threads;
            let wanted =
                GradientRequest { parameters, threads, no_photons: true, ..GradientRequest::default() };
            let both = differentiate(session, experiment, &request, &wanted);
            both.map(|(render, gradients)| (render, Some(gradients)))
        }
    };
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(done?)
}

/// The trace of the pixels that are asked for, if any.
fn trace(
    options: &Options,
    config: &Config,
    experiment: &Experiment,
    render: &Render,
    traced: &[Pixel],
    console: &Console,
) -> Option<String> {
    if traced.is_empty() {
        return None;
    }
    for pixel in traced {
        if !experiment.is_rendered(*pixel) {
            let Pixel { slow, fast } = pixel;
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
    Some(content)
}
