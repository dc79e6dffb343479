//! Gets the traces of a case's pixels out of either program.
//! Not here: comparing them.

use std::path::Path;

use nanobragg::Pixel;

use super::golden::Case;
use super::program::Program;
use super::workplace::prepared_folder;

/// Our flags that trace the case's pixels into a file.
pub fn flags(case: &Case, trace_file: &Path) -> Vec<String> {
    let mut flags = vec![];
    for Pixel { slow, fast } in &case.trace_pixels {
        flags.extend(["--trace-pixel".to_owned(), slow.to_string(), fast.to_string()]);
    }
    if !case.trace_pixels.is_empty() {
        flags.extend(["--trace-file".to_owned(), trace_file.display().to_string()]);
    }
    flags
}

/// The traced pixels of our trace file in its order, each with its lines less their prefix.
fn pixel_blocks(text: &str) -> Vec<(Pixel, Vec<String>)> {
    let mut blocks = vec![];
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("TRACE_RS_PIXEL ") {
            let numbers: Vec<usize> = head.split(' ').filter_map(|word| word.parse().ok()).collect();
            blocks.push((Pixel { slow: numbers[0], fast: numbers[1] }, vec![]));
        } else if let (Some(rest), Some((_, lines))) = (line.strip_prefix("TRACE_RS: "), blocks.last_mut()) {
            lines.push(rest.to_owned());
        }
    }
    blocks
}

/// Our traces of a case's pixels, in its order; a pixel that is never rendered has no lines.
pub fn own(case: &Case, trace_file: &Path) -> Result<Vec<Vec<String>>, String> {
    if case.trace_pixels.is_empty() {
        return Ok(vec![]);
    }
    let text = std::fs::read_to_string(trace_file).map_err(|error| format!("no trace file: {error}"))?;
    let mut blocks = pixel_blocks(&text).into_iter().peekable();
    let traces = case
        .trace_pixels
        .iter()
        .map(|pixel| blocks.next_if(|(head, _)| head == pixel).map(|(_, lines)| lines).unwrap_or_default());
    let traces = traces.collect();
    match blocks.next() {
        Some((pixel, _)) => Err(format!("trace file: {pixel:?} out of order or not asked for")),
        None => Ok(traces),
    }
}

/// The reference traces one pixel a run, on its standard output, once behind a warning without a newline. The flag stands
/// first: some flags mean something else as the last word.
pub fn reference(program: &Program, case: &Case, args: &[String]) -> Vec<Vec<String>> {
    let trace = |Pixel { slow, fast }: &Pixel| {
        let folder = prepared_folder(case);
        let pixel = ["-trace_pixel".to_owned(), slow.to_string(), fast.to_string()];
        let run = program.run(folder.path(), &[], &[&pixel, args].concat());
        run.stdout
            .lines()
            .filter_map(|line| line.split_once("TRACE_C: "))
            .map(|(_, rest)| rest.to_owned())
            .collect()
    };
    case.trace_pixels.iter().map(trace).collect()
}
