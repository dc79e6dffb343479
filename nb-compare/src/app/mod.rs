//! One call of the program from options to exit code: images are fetched or rendered, compared, and reported.
//!
//! Not here: how each of these is done.

mod adapter;
mod arrays;
mod cached;
mod cached_traces;
mod console;
mod delivered;
mod explain;
mod guarded;
mod matrix;
mod recorder;
mod render;
mod request;
mod settings;
mod sides;
mod tables;
mod unseen;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use nanobragg::error::{OutputError, UsageError};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::given::working_folder;
use trace_harness::evidence::held::Held;
use trace_harness::evidence::process::Temporary;

use crate::built_in;
use crate::cache::Cache;
use crate::cli::{ArrayOptions, CacheOptions, Cli, Command, MatrixOptions, Options, Programs, USAGE};
use crate::image::shape::Candidate;
use crate::protein;
use crate::recompute::{Recomputed, STORED_IMAGE, recompute};
use crate::runner::{self, Program, Side};
use request::{ImageJob, Reference};

/// The program: takes its arguments (with its own name), gives its exit code.
pub fn main(args: Vec<OsString>) -> u8 {
    if let Some(status) = built_in::own::run(&args) {
        return status;
    }
    let misspelt = misspelt_command(&args);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            let e = misspelt.unwrap_or(e);
            // Help and version are errors to the parser, but not to the user. A closed pipe is nobody's fault.
            let _ = e.print();
            return if e.use_stderr() { Exit::Usage } else { Exit::Agrees }.code();
        }
    };
    dispatch(cli).unwrap_or_else(|failure| failure.report()).unless_interrupted().code()
}

/// What the parser says of a first word that is nearly a command. With the simulators' arguments behind `--` it would call it an
/// unexpected argument and suggest nothing.
fn misspelt_command(args: &[OsString]) -> Option<clap::Error> {
    args.get(1).filter(|word| !word.as_encoded_bytes().starts_with(b"-"))?;
    let commands = clap::Command::new("nb-compare")
        .override_usage(USAGE)
        .subcommands(Cli::command().get_subcommands().cloned());
    let refusal = commands.try_get_matches_from(args).err()?;
    (refusal.kind() == ErrorKind::InvalidSubcommand).then_some(refusal)
}

fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let folder = working_folder()?;
    let Programs { candidate_arg, reference_arg, .. } = &cli.programs;
    [&cli.args, candidate_arg, reference_arg].into_iter().try_for_each(|words| runner::recordable(words))?;
    match cli.command {
        // The reference's own noise is kept by an adapter, if need be by the built-in one.
        None if cli.programs.adapter.is_some() || cli.programs.tolerance_from.is_some() => {
            adapter::run::run(&cli.programs, &cli.options, &cli.args, &folder)
        }
        None => compare_programs(&cli.programs, &cli.options, &cli.args, &folder),
        Some(Command::Files { a, b, arrays, options }) => compare_files([&a, &b], &options, &arrays, &folder),
        Some(Command::Tables(options)) => tables::run(&options, &folder),
        Some(Command::Protein { case, candidate, timeout, options }) => {
            compare_protein(&case, candidate, timeout, &options, &folder)
        }
        Some(Command::Matrix(options)) => run_matrix(&options, &folder),
        Some(Command::Recompute { bundles, json }) => compute_again(&bundles, json, &folder),
        Some(Command::Init(options)) => adapter::init::run(&options, &folder),
        Some(Command::Capture(options)) => adapter::capture::run(&options, &folder),
        Some(Command::Hygiene(options)) => adapter::hygiene::run(&options, &folder),
        Some(Command::Noise(options)) => adapter::noise::run(&options, &folder),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "nb-compare", &mut text);
            console::text(&text)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text).map_err(SystemError::StandardOutput)?;
            console::text(&text)
        }
    }
}

fn compare_programs(
    programs: &Programs,
    options: &Options,
    args: &[OsString],
    folder: &Path,
) -> Result<Exit, Failure> {
    let title = built_in::adapter().title.clone().unwrap_or_default();
    let mut shapes = built_in::shapes(args, folder);
    shapes.extend(settings::shape(options)?);
    let given = || {
        let image =
            programs.reference_image.as_ref().map(|file| Held::new(&folder.join(file))).transpose()?;
        let (options, mask) = settings::with_held_mask(options, folder)?;
        let settings = settings::from(&options, folder, &shapes)?;
        let reference = reference(programs, image.as_ref().map(Held::path), &options, &shapes)?;
        Ok((settings, reference, options, (image, mask)))
    };
    let (settings, reference, options, _held) =
        given().map_err(|e| render::refuse(&title, options, folder, &[], e))?;
    let candidate = programs.candidate.clone().or_else(|| Side::Candidate.rules().program_of_environment());
    let job = ImageJob {
        title,
        reference,
        candidate: candidate_program(candidate)?.with(&programs.candidate_arg),
        args: args.to_vec(),
        folder: folder.to_owned(),
        shapes,
        settings,
        beside: Vec::new(),
        cache: cache(&programs.cache, folder),
        time_limit: programs.timeout,
    };
    render::run(&job, &options, &runner::real()?)
}

/// Side A: the `image` that stands in for it, or a program.
fn reference(
    programs: &Programs,
    image: Option<&Path>,
    options: &Options,
    shapes: &[Candidate],
) -> Result<Reference, Failure> {
    if let Some(path) = image {
        let image = settings::read_reference(path, options, shapes)?;
        return Ok(Reference::File(path.to_owned(), image));
    }
    let Some(path) = programs.reference.clone().or_else(|| Side::Reference.rules().program_of_environment())
    else {
        let hint = format!(
            "name the reference program with --reference{}, or an image of it with --reference-image",
            Side::Reference.rules().variable.as_ref().map(|name| format!(" or {name}")).unwrap_or_default()
        );
        return Err(UsageError::new("no reference to compare with", "").hint(hint).into());
    };
    Ok(Reference::Program(Program::named(&path, "the reference")?.with(&programs.reference_arg)))
}

/// The cache that is asked for; none where nobody says where and there is no home folder either.
fn cache(options: &CacheOptions, folder: &Path) -> Option<Cache> {
    let place = options.cache_dir.as_ref().map(|dir| folder.join(dir)).or_else(Cache::default_folder);
    let limit = options.cache_limit.map_or(u64::MAX, |limit| limit.as_u64());
    place.filter(|_| !options.no_cache).map(|place| Cache::new(place, limit))
}

fn candidate_program(path: Option<PathBuf>) -> Result<Program, Failure> {
    match path {
        Some(path) => Ok(Program::named(&path, "the candidate")?),
        None => Ok(built_in::own::program().map_err(SystemError::OwnExecutable)?),
    }
}

fn compare_protein(
    id: &str,
    candidate: Option<PathBuf>,
    time_limit: Option<f64>,
    options: &Options,
    folder: &Path,
) -> Result<Exit, Failure> {
    let case = protein::case(id)?;
    if options.roi.is_some() || options.shape.is_some() {
        let problem = "the protein's region and shape are those of the stored image";
        return Err(UsageError::new(problem, "neither --roi nor --shape").into());
    }
    let (options, _held) = &settings::with_held_mask(options, folder)?;
    let inputs = Temporary::new().map_err(SystemError::TemporaryFolder)?;
    let hkl = inputs.path().join(protein::HKL_NAME);
    let text = protein::hkl()?;
    std::fs::write(&hkl, text).map_err(|source| OutputError { path: hkl.clone(), source })?;
    let detector = Candidate { shape: (case.detector[0], case.detector[1]), source: "the case" };
    let mut settings = settings::from(options, folder, std::slice::from_ref(&detector))?;
    settings.roi = case.roi();
    let own: Vec<OsString> =
        if candidate.is_none() { case.own_arguments.iter().map(Into::into).collect() } else { Vec::new() };
    let job = ImageJob {
        title: format!("1ORC, {}: {}", case.id, case.about),
        reference: Reference::Stored(format!("{STORED_IMAGE}{}", case.id), case.image()?.into()),
        candidate: candidate_program(candidate)?.with(&own),
        args: case.arguments(&hkl.to_string_lossy()).into_iter().map(OsString::from).collect(),
        folder: folder.to_owned(),
        shapes: vec![detector],
        settings,
        beside: Vec::new(),
        cache: None,
        time_limit,
    };
    render::run(&job, options, &runner::real()?)
}

fn run_matrix(wanted: &MatrixOptions, folder: &Path) -> Result<Exit, Failure> {
    if wanted.options.explain {
        return Err(UsageError::new("--explain explains one difference", "a single comparison")
            .hint("call nb-compare --explain with the arguments of one case")
            .into());
    }
    let file = folder.join(&wanted.cases);
    // The reference's own noise is held against outputs, if need be against that of the adapter that is built in.
    if wanted.adapter.is_some() || wanted.tolerance_from.is_some() {
        let adapter = matrix::MatrixAdapter::of(wanted, folder)?;
        return matrix::run(&file, matrix::Subject::Outputs(Box::new(adapter)), wanted, folder);
    }
    let reference = wanted.reference.clone().or_else(|| Side::Reference.rules().program_of_environment());
    let reference = reference.map(|path| Program::named(&path, "the reference")).transpose()?;
    let reference = reference.map(|program| program.with(&wanted.reference_arg));
    let candidate = candidate_program(
        wanted.candidate.clone().or_else(|| Side::Candidate.rules().program_of_environment()),
    )?;
    let candidate = candidate.with(&wanted.candidate_arg);
    let reference = reference.map(runner::pinned).transpose()?;
    let programs = matrix::MatrixPrograms {
        reference,
        candidate: runner::pinned(candidate)?,
        cache: cache(&wanted.cache, folder),
    };
    matrix::run(&file, matrix::Subject::Images(programs), wanted, folder)
}

fn compute_again(bundles: &[PathBuf], json: bool, folder: &Path) -> Result<Exit, Failure> {
    let mut done: Vec<(&PathBuf, Recomputed)> = Vec::new();
    let mut exits = Vec::new();
    for bundle in bundles {
        // One that cannot be read hides no other.
        match recompute(&folder.join(bundle)) {
            Ok(recomputed) => done.push((bundle, recomputed)),
            Err(error) => exits.push(Failure::from(error).report()),
        }
    }
    if !done.is_empty() {
        console::recomputed(&done, json).map_err(SystemError::StandardOutput)?;
    }
    exits.extend(done.iter().map(|(_, done)| done.exit()));
    // What does not follow comes before what could not be computed.
    let is_so = |wanted: &Exit| exits.contains(wanted);
    let worst =
        [Exit::Differs].into_iter().find(is_so).or(exits.iter().copied().find(|exit| *exit != Exit::Agrees));
    Ok(worst.unwrap_or(Exit::Agrees))
}

fn compare_files(
    [a, b]: [&Path; 2],
    options: &Options,
    arrays: &ArrayOptions,
    folder: &Path,
) -> Result<Exit, Failure> {
    if options.explain {
        return Err(UsageError::new(
            "`files --explain`: images without programs cannot be explained",
            "programs",
        )
        .hint("nb-compare --reference PATH --explain -- ARGS... runs both sides and traces them")
        .into());
    }
    let files = request::Files { a: folder.join(a), b: folder.join(b), folder: folder.to_owned() };
    if arrays::wanted(&files.a, &files.b, arrays) {
        return arrays::files([&files.a, &files.b], options, arrays, folder);
    }
    render::files(&files, options)
}
