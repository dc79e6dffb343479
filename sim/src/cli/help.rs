//! Texts made from the tables of flags and options: help, version, man page, completions.
//!
//! Not here: printing them.

use super::flags::{FLAGS, Flag, Match, Topic, Values};
use super::options::{OWN_OPTIONS, OwnOption, REFINE, REFINE_OPTIONS, SERIES, SERIES_OPTIONS};
use clap::{Arg, ArgAction, Command};
use std::fmt::Write;

const ABOUT: &str = "Simulate the X-ray diffraction image of a small crystal";

const NOTES: &str = "\
Flags take one dash or two, and match by substring as in the C program nanoBragg (-matrix is -mat). Values may be
negative. Later flags win. Unknown flags, missing values, values that are no numbers or out of a flag's range are
errors, and unusual values are named in a warning, unless --parity asks for the C program's leniency.

A file that is read may be a pipe, such as <(zcat P1.hkl.gz) or /dev/stdin, of at most 1 GiB; devices are refused,
and so is a pipe that brings nothing for ten minutes. Matrices, source files and scattering tables have at most 64 MiB,
other files 4 GiB.

Exit status: 0 done; 1 the command line is wrong; 9 nothing to render, or a file that cannot be read or written.";

const EXAMPLES: &[(&str, &str)] = &[
    (
        "a protein crystal in a random orientation, with a picture to look at",
        "nanobragg -hkl P1.hkl -cell 34.77 39.17 48.31 90 90 90 -misset random -misset_seed 7 \\\n      -lambda 1.0 -distance 100 -detpixels 1024 -N 12 -fluence 1e24 --png image.png",
    ),
    (
        "the bytes of the C program, whatever its defects",
        "nanobragg --parity -default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100",
    ),
    (
        "how the value of one pixel comes about",
        "nanobragg -default_F 100 -cell 100 100 100 -N 5 -lambda 6.2 --trace-pixel 512 512 --quiet",
    ),
];

const REFINE_ABOUT: &str = "Find parameters of an experiment from its image";

const REFINE_NOTES: &str = "\
The flags of a plain run describe the starting point. --threads, --quiet and --json are as for a plain run.";

const REFINE_STATUS: &str = "\
Exit status: 0 converged; 1 the command line is wrong; 3 not converged; 4 the target is not of the detector's shape;\n9 a file could not be read or written.";

const REFINE_EXAMPLE: &str = "nanobragg refine --target noise.npy --params misset_x,misset_y,misset_z,cell_a,distance \\\n      -hkl scaled.hkl -cell 50 60 70 90 90 90 -misset 10 20 30 -lambda 1 -distance 80 -detpixels 512 -N 10";

const SERIES_ABOUT: &str = "Render many images of one crystal in one process";

const SERIES_NOTES: &str = "\
Each image is the same bytes as a run of the program by itself (--commands prints those); reflections are read
once, and what rendering needs of them is made once. %04d in a word stands for the image's number, padded with
zeros. Images without names are floatimage_%04d.bin, intimage_%04d.img, image_%04d.pgm and noiseimage_%04d.img.

Finished images are noted down in a journal and not rendered again, as long as the program, their arguments and
their files are the same: a series that was stopped goes on where it was. Parts can run at the same time, on as
many machines as there are.";

const SERIES_STATUS: &str = "\
Exit status: 0 all images are there; 1 the command line is wrong; 9 a file could not be read or written.";

const SERIES_EXAMPLE: &str = "nanobragg series --images 40 -hkl scaled.hkl -cell 50 60 70 90 90 90 -misset 10 20 30 -lambda 1 \\\n      -distance 100 -detpixels 1024 -N 8 -gauss_xtal -phi 0 -osc 0.5 -phisteps 10 -floatfile image_%04d.bin\n    nanobragg series --list orientations.txt --partition 2/8 -hkl scaled.hkl -cell 50 60 70 90 90 90 -lambda 1 \\\n      -distance 100 -detpixels 1024 -N 8";

/// `nanobragg 0.1.0 (commit)`.
pub fn version() -> String {
    format!("nanobragg {} ({})\n", env!("CARGO_PKG_VERSION"), env!("NANOBRAGG_COMMIT"))
}

/// The help text, grouped by topic.
pub fn help() -> String {
    let mut t = format!(
        "{ABOUT}\n\nUsage: nanobragg -cell A B C ALPHA BETA GAMMA -hkl FILE [flags]\n       nanobragg -mat FILE -hkl FILE [flags]\n       nanobragg refine --target IMAGE --params NAME,... [flags]\n       nanobragg series --images COUNT|--list FILE [flags]\n\n{NOTES}\n"
    );
    for topic in Topic::ALL {
        let _ = writeln!(t, "\n{}:", topic.title());
        for flag in FLAGS.iter().filter(|f| f.topic == topic) {
            entry(&mut t, &usage(flag), &describe(flag));
        }
    }
    let _ = writeln!(t, "\nOur own options:");
    entries(&mut t, OWN_OPTIONS);
    let _ = writeln!(t, "\nCommands:");
    entry(&mut t, REFINE, "find parameters of an experiment from its image (nanobragg refine --help)");
    entry(&mut t, SERIES, "render many images of one crystal (nanobragg series --help)");
    let _ = writeln!(t, "\nExamples:");
    for (what, command) in EXAMPLES {
        let _ = writeln!(t, "  {what}:\n    {command}");
    }
    t
}

/// The help text of `nanobragg refine`.
pub fn refine() -> String {
    let mut t = format!(
        "{REFINE_ABOUT}\n\nUsage: nanobragg refine --target IMAGE --params NAME,... [options] [flags]\n\n{REFINE_NOTES}\n\n"
    );
    entries(&mut t, REFINE_OPTIONS);
    let _ = write!(t, "\nExample:\n    {REFINE_EXAMPLE}\n\n{REFINE_STATUS}\n");
    t
}

/// The help text of `nanobragg series`.
pub fn series() -> String {
    let mut t = format!(
        "{SERIES_ABOUT}\n\nUsage: nanobragg series --images COUNT [options] [flags]\n       nanobragg series --list FILE [options] [flags]\n\n{SERIES_NOTES}\n\n"
    );
    entries(&mut t, SERIES_OPTIONS);
    let _ = write!(t, "\nExamples:\n    {SERIES_EXAMPLE}\n\n{SERIES_STATUS}\n");
    t
}

fn entries(t: &mut String, options: &[OwnOption]) {
    for option in options {
        entry(t, format!("{} {}", option.name, option.metavar).trim_end(), option.help);
    }
}

fn usage(flag: &Flag) -> String {
    format!("{} {}", flag.name(), flag.metavar).trim_end().to_owned()
}

/// Help, other spellings, unit and default of a flag.
fn describe(flag: &Flag) -> String {
    let mut text = flag.help.to_owned();
    let others: Vec<_> = flag.matches[1..].iter().map(|m| m.spelling()).collect();
    if !others.is_empty() {
        let _ = write!(text, " (also {})", others.join(", "));
    }
    if !flag.unit.is_empty() {
        let _ = write!(text, " [{}]", flag.unit);
    }
    if !flag.ranges.is_empty() {
        let _ = write!(text, " [range: {}]", flag.ranges_in_words());
    }
    if !flag.default.is_empty() {
        let _ = write!(text, " [default: {}]", flag.default);
    }
    text
}

/// One entry: what is typed, then its description, wrapped at 110 columns.
fn entry(t: &mut String, typed: &str, text: &str) {
    const INDENT: usize = 34;
    const WIDTH: usize = 110;
    let mut line = format!("  {typed:<32}");
    if typed.chars().count() > INDENT - 4 {
        let _ = writeln!(t, "  {typed}");
        line = " ".repeat(INDENT);
    }
    let mut length = INDENT;
    for word in text.split(' ') {
        if length + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(t, "{}", line.trim_end());
            line = " ".repeat(INDENT);
            length = INDENT;
        }
        line += word;
        line.push(' ');
        length += 1 + word.chars().count();
    }
    let _ = writeln!(t, "{}", line.trim_end());
}

/// The reference page of flags in Markdown, one table per topic.
pub fn markdown() -> String {
    let mut t = String::from(
        "# Flags of `nanobragg`\n\nGenerated from the table in `sim/src/cli/flags.rs`. One dash or two; matched by substring where \
         the table says \"contains\". A value outside of a flag's range is an error, one that is not usual is named in a \
         warning; with `--parity` any number is taken, as by the C program.\n\nA \
         file that is read may be a pipe, such as `<(zcat P1.hkl.gz)` or `/dev/stdin`, of at most 1 GiB; devices are refused, \
         and so is a pipe that brings nothing for ten minutes. Matrices, source files and scattering tables have at most 64 MiB, other files 4 GiB.\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for topic in Topic::ALL {
        let _ = write!(
            t,
            "\n## {}\n\n| flag | values | unit | range | default | what it does |\n|---|---|---|---|---|---|\n",
            topic.title()
        );
        for flag in FLAGS.iter().filter(|f| f.topic == topic) {
            let spellings: Vec<_> = flag.matches.iter().map(spelling).collect();
            let (spellings, ranges) = (spellings.join(", "), flag.ranges_in_words());
            let columns = [&spellings, flag.metavar, flag.unit, &ranges, flag.default, flag.help].map(cell);
            let _ = writeln!(t, "| {} |", columns.join(" | "));
        }
    }
    let refine =
        format!("`nanobragg {REFINE}`\n\n{REFINE_ABOUT} ([derivatives.md](derivatives.md)). {REFINE_NOTES}");
    let series = format!("`nanobragg {SERIES}`\n\n{SERIES_ABOUT}. {SERIES_NOTES}");
    for (title, options) in
        [("Our own options", OWN_OPTIONS), (&refine, REFINE_OPTIONS), (&series, SERIES_OPTIONS)]
    {
        let _ = write!(t, "\n## {title}\n\n| option | values | what it does |\n|---|---|---|\n");
        for option in options {
            let _ = writeln!(t, "| `{}` | {} | {} |", option.name, cell(option.metavar), cell(option.help));
        }
    }
    t
}

fn spelling(rule: &Match) -> String {
    match rule {
        Match::Contains(text) => format!("contains `{text}`"),
        Match::Whole(text) => format!("`{text}`"),
    }
}

/// The same tables as a `clap` command, from which man page and completions are generated.
///
/// Only the two-dash spellings can be expressed there; parsing is our own.
pub fn command() -> Command {
    let examples: Vec<_> = EXAMPLES.iter().map(|(what, cmd)| format!("{what}:\n  {cmd}")).collect();
    with_flags(Command::new("nanobragg"))
        .about(ABOUT)
        .long_about(format!("{ABOUT}.\n\n{NOTES}"))
        .version(concat!(env!("CARGO_PKG_VERSION"), " (", env!("NANOBRAGG_COMMIT"), ")"))
        .after_long_help(format!("EXAMPLES\n\n{}", examples.join("\n\n")))
}

/// `refine` as a command of [`command`]: its options, and the flags of a run.
fn refine_command() -> Command {
    with_flags(with_options(Command::new(REFINE).about(REFINE_ABOUT), REFINE_OPTIONS, "Options of refine"))
}

/// `series` likewise.
fn series_command() -> Command {
    with_flags(with_options(Command::new(SERIES).about(SERIES_ABOUT), SERIES_OPTIONS, "Options of series"))
}

/// Adds the flags of a run and our own options.
fn with_flags(command: Command) -> Command {
    let mut command = command.disable_help_flag(true).disable_version_flag(true);
    for flag in FLAGS {
        let name = flag.name().trim_start_matches('-');
        let arg = Arg::new(name).long(name).help(describe(flag)).help_heading(flag.topic.title());
        command = command.arg(with_values(
            arg,
            flag.metavar,
            flag.values == Values::Word && flag.metavar == "FILE",
        ));
    }
    with_options(command, OWN_OPTIONS, "Our own options")
}

fn with_options(mut command: Command, options: &'static [OwnOption], heading: &'static str) -> Command {
    for option in options {
        let name = option.name.trim_start_matches('-');
        let arg = Arg::new(option.name).long(name).help(option.help).help_heading(heading);
        command = command.arg(with_values(arg, option.metavar, ["FILE", "IMAGE"].contains(&option.metavar)));
    }
    command
}

fn with_values(arg: Arg, metavar: &'static str, is_file: bool) -> Arg {
    if metavar.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    let arg = if is_file { arg.value_hint(clap::ValueHint::FilePath) } else { arg };
    arg.value_name(metavar).num_args(1..)
}

/// The man page in roff.
pub fn man_page() -> String {
    let mut page = Vec::new();
    // Writing into memory cannot fail.
    // There are no pages of their own for `refine` and `series`, which subcommands would be referred to.
    let command = command();
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let all = format!("{examples}\n\nREFINEMENT\n\n{}\n\nSERIES\n\n{}", refine(), series());
    let _ = clap_mangen::Man::new(command.after_long_help(all)).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}

/// Completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> String {
    let mut text = Vec::new();
    let mut command = command().subcommand(refine_command()).subcommand(series_command());
    clap_complete::generate(shell, &mut command, "nanobragg", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_and_option_is_in_the_help_the_man_page_and_the_completions() {
        let (help, man, bash) = (help(), man_page(), completions(clap_complete::Shell::Bash));
        let help = help + &super::refine() + &super::series();
        let options = OWN_OPTIONS.iter().chain(REFINE_OPTIONS).chain(SERIES_OPTIONS);
        for name in FLAGS.iter().map(Flag::name).chain(options.map(|option| option.name)) {
            let bare = name.trim_start_matches('-');
            assert!(help.contains(name), "{name} in help");
            assert!(man.contains(&bare.replace('-', "\\-")), "{name} in man page");
            assert!(bash.contains(&format!("--{bare}")), "{name} in completions");
        }
    }

    #[test]
    fn refine_is_named_wherever_flags_are() {
        assert!(help().contains("nanobragg refine --help"));
        assert!(man_page().contains("nanobragg refine"));
        assert!(markdown().contains("## `nanobragg refine`"));
        use clap_complete::Shell;
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let text = completions(shell);
            assert!(text.contains(REFINE) && text.contains("background"), "{shell}");
        }
    }

    #[test]
    fn the_clap_command_is_consistent() {
        command().subcommand(refine_command()).subcommand(series_command()).debug_assert();
    }

    #[test]
    fn help_lines_fit_a_terminal() {
        for line in help().lines().chain(refine().lines()).chain(series().lines()) {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}
