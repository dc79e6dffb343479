//! `commands.txt`: every command of a bundle for people to read and to paste into a shell.
//!
//! Not here: the same facts for programs (`summary`).

use std::fmt::Write;

use crate::evidence::bundle::summary::Step;
use crate::evidence::terminal::visible;

/// The text of `commands.txt`.
pub fn render(steps: &[Step]) -> String {
    let mut text = String::from(
        "# Every command in order. {out} is this folder, {input:DIGEST/NAME} the file inputs/DIGEST/NAME in it.\n",
    );
    for (number, step) in steps.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = one(&mut text, number + 1, step);
    }
    text
}

fn one(text: &mut String, number: usize, step: &Step) -> std::fmt::Result {
    writeln!(text, "\n[{number}] {}", visible(&step.name))?;
    if let (Some(start), Some(end)) = (&step.start, &step.end) {
        writeln!(text, "start    {start}\nend      {end}")?;
    }
    writeln!(text, "folder   {}", visible(&step.folder))?;
    for (name, value) in &step.exported {
        writeln!(text, "export   {}={}", visible(name), quote(value))?;
    }
    writeln!(text, "command  {}", line(step))?;
    if step.expect != 0 {
        writeln!(text, "expected exit {}", step.expect)?;
    }
    writeln!(text, "status   {}", visible(&step.status.text()))?;
    if let (Some(wall), Some(cpu), Some(peak)) = (step.wall_s, step.cpu_s, step.peak_memory_bytes) {
        writeln!(text, "wall     {wall:.3} s\ncpu      {cpu:.3} s")?;
        writeln!(text, "memory   {:.1} MiB at most", peak as f64 / f64::from(1 << 20))?;
    }
    Ok(())
}

/// The command of a step as a POSIX shell reads it back.
pub fn line(step: &Step) -> String {
    let command: Vec<String> = step.command.iter().map(|word| quote(word)).collect();
    let stdin = step.stdin.iter().map(|file| format!(" < {}", quote(file)));
    command.join(" ") + &stdin.collect::<String>()
}

/// A word as a POSIX shell reads it back.
pub fn quote(word: &str) -> String {
    // Braces need no quotes unless a shell could take them for a list or a range.
    let braces = !word.contains(',') && !word.contains("..");
    let plain =
        |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%".contains(c) || (braces && "{}".contains(c));
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_come_back_from_a_shell() {
        let command = [
            "plain",
            "",
            "two words",
            "it's",
            "$HOME `x` \"y\" \\",
            "line\nbreak",
            "*.hkl",
            "<script>",
            "{a,b}",
        ];
        let script = format!("printf '%s\\0' {}", command.map(quote).join(" "));
        let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
        let expected: String = command.iter().map(|w| format!("{w}\0")).collect();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }

    #[test]
    fn a_step_that_did_not_run_says_why() {
        let step = Step::planned("render", vec!["a".into(), "b c".into()], "{out}", "the step before failed");
        let text = render(&[step]);
        assert!(text.ends_with(
            "\n[1] render\nfolder   {out}\ncommand  a 'b c'\nstatus   not run: the step before failed\n"
        ));
    }
}
