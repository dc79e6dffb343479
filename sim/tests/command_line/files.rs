//! Files that a run reads and writes: places, names, what is left behind after a failure. Not here: damaged files (`bad_files`).

use crate::at_the_shell::{self, in_empty_folder, run};
use crate::{SMALL, fine, float_image, names_in, reflections, refused};

/// A file that serves as a header.
fn smv_header() -> Vec<u8> {
    let text = "{\nHEADER_BYTES=512;\nSIZE1=32;\nSIZE2=32;\n}";
    let mut bytes = format!("{text:<512}").into_bytes();
    bytes.resize(512 + 2 * 32 * 32, 0);
    bytes
}

#[test]
fn an_output_without_a_place_is_an_error_before_anything_is_computed() {
    // Rendered, it would take hours.
    let endless = "-detpixels 1000 -oversample 3000";
    for (output, path) in [
        ("-floatfile nowhere/x", "nowhere/x"),
        ("-intfile /dev", "/dev"),
        ("--png file/x", "file/x"),
        ("--npy folder", "folder"),
        ("--trace-pixel 1 1 --trace-file nowhere/x", "nowhere/x"),
        ("--grad cell_a --grad-dir file", "file"),
        ("--grad cell_a --grad-dir file/below", "file/below"),
    ] {
        let folder = in_empty_folder();
        let script = format!(
            "mkdir folder; touch file; exec timeout 20 {} {SMALL} {endless} {output}",
            at_the_shell::program().display()
        );
        let run_output = at_the_shell::shell(folder.path(), &script);
        assert_eq!(run_output.code, Some(9), "{output}: {}", run_output.stderr);
        assert!(
            run_output.stderr.contains(&format!("`{path}`: cannot be written")),
            "{output}: {}",
            run_output.stderr
        );
        assert_eq!(names_in(&folder), ["file", "folder"], "{output}");
    }
    fine(&format!("{SMALL} --grad cell_a --grad-dir made/of/three"));
}

#[test]
fn an_output_has_a_file_of_its_own() {
    for arguments in [
        "-floatfile x -intfile x",
        "-floatfile x -intfile ./x",
        "-pgmfile x --png x",
        "--npy x --trace-file x --trace-pixel 1 1",
    ] {
        refused(&format!("{SMALL} {arguments}"), 1, &["`", "x`", "a file of its own"]);
    }
    let folder = in_empty_folder();
    reflections(folder.path());
    let before = std::fs::read(folder.path().join("list.hkl")).expect("a small file");
    let flags = "-hkl list.hkl -cell 100 100 100 -lambda 6.2 -N 5 -detpixels 32 -seed 1";
    for output in ["-floatfile list.hkl", "-dump list.hkl", "--png ./list.hkl", "-floatfile Fdump.bin"] {
        let ended = run(folder.path(), &format!("{flags} {output}"));
        assert_eq!(ended.code, Some(1), "{output}: {}", ended.stderr);
        assert!(std::fs::read(folder.path().join("list.hkl")).expect("still there") == before, "{output}");
    }
    for script in [
        "nanobragg REST --grad cell_a --grad-dir g --npy g/cell_a.npy",
        "nanobragg REST --grad cell_a --grad-dir g/. -floatfile g/../g/cell_a.bin",
        "nanobragg REST --grad cell_a --grad-dir g -img g/cell_a.npy",
        "nanobragg refine REST --target g/refinement.json --params cell_a --out g",
        "nanobragg refine REST --target g/cell_a.npy --params cell_a --out g -mat g/convergence.svg",
    ] {
        let script = script.replace("nanobragg", &at_the_shell::program().display().to_string());
        let folder = in_empty_folder();
        std::fs::create_dir(folder.path().join("g")).expect("an empty folder");
        let file = smv_header();
        for name in ["cell_a.npy", "refinement.json", "convergence.svg"] {
            std::fs::write(folder.path().join("g").join(name), &file).expect("a small file");
        }
        let ended = at_the_shell::shell(folder.path(), &script.replace("REST", SMALL));
        assert_eq!(ended.code, Some(1), "{script}: {}", ended.stderr);
        assert!(ended.stderr.contains("a file of its own"), "{script}: {}", ended.stderr);
        assert_eq!(names_in(&folder), ["g"], "{script}");
    }
    fine(&format!("{SMALL} -floatfile /dev/null -intfile /dev/null"));
    fine(&format!("--parity {SMALL} -floatfile x -intfile x"));
}

#[test]
fn the_reflection_cache_is_written_reused_and_told_about() {
    let folder = in_empty_folder();
    reflections(folder.path());
    let rest = "-cell 100 100 100 -lambda 6.2 -N 5 -distance 100 -detpixels 32 -seed 1";
    let first = run(folder.path(), &format!("-hkl list.hkl {rest} -floatfile a.bin"));
    let second = run(folder.path(), &format!("{rest} -floatfile b.bin"));
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{} {}", first.stderr, second.stderr);
    assert!(second.stderr.contains("cache `Fdump.bin`"), "{}", second.stderr);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("written");
    assert_eq!(read("a.bin"), read("b.bin"));

    let named = run(folder.path(), &format!("-hkl list.hkl {rest} -dump other.bin"));
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    assert_eq!(read("other.bin"), read("Fdump.bin"));
}

#[test]
fn leaving_the_reflection_list_is_told_with_its_place() {
    let folder = in_empty_folder();
    reflections(folder.path());
    let rest =
        "-hkl list.hkl -cell 100 100 100 -lambda 1 -N 1 -distance 100 -detpixels 64 -pixel 0.5 -seed 1";
    let stops = run(folder.path(), &format!("{rest} --defect C-INTERP-001=emulate"));
    assert!(
        stops.stderr.contains("C-INTERP-001") && stops.stderr.contains("pixel slow 0, fast 0"),
        "{}",
        stops.stderr
    );
    let goes_on = run(folder.path(), rest);
    assert!(goes_on.stderr.contains("nearest reflection is taken there"), "{}", goes_on.stderr);
}

#[test]
fn picture_and_numpy_file_show_the_float_image() {
    let (folder, _) = fine(&format!("{SMALL} --png a.png --npy a.npy"));
    let image = float_image(&folder, "floatimage.bin");
    let array = nanobragg::image::npy::read(&folder.path().join("a.npy")).expect("a NumPy array").into_f32();
    assert_eq!((array.fast, array.slow), (32, 32));
    assert_eq!(array.data, image);

    let file = std::io::BufReader::new(std::fs::File::open(folder.path().join("a.png")).expect("written"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    assert_eq!((info.width, info.height), (32, 32));
    let brightest = (0..image.len()).max_by(|a, b| image[*a].total_cmp(&image[*b])).expect("pixels");
    assert_eq!(pixels[brightest], 255, "the brightest pixel is white");
    assert!(pixels.contains(&0), "and something is black");

    let (_folder, _) = fine(&format!("{SMALL} --png a.png --png-scale log"));
}

#[test]
fn an_unwritable_folder_is_an_error_with_its_name_and_leaves_nothing() {
    refused(
        &format!("{SMALL} -floatfile nowhere/float.bin"),
        9,
        &["`nowhere/float.bin`", "cannot be written"],
    );
}

#[test]
fn a_full_disk_leaves_no_partial_file() {
    let folder = in_empty_folder();
    // The shell's file-size limit stands for a full disk: writing beyond it fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} {SMALL} -detpixels 64 --quiet",
        at_the_shell::program().display()
    );
    let ended = at_the_shell::shell(folder.path(), &script);
    assert_eq!(ended.code, Some(9), "{}", ended.stderr);
    assert!(ended.stderr.contains("`floatimage.bin`"), "{}", ended.stderr);
    assert_eq!(names_in(&folder), Vec::<String>::new());

    if std::path::Path::new("/dev/full").exists() {
        let ended = run(folder.path(), &format!("{SMALL} -floatfile /dev/full"));
        assert_eq!(ended.code, Some(9), "{}", ended.stderr);
    }
}

#[test]
fn an_older_file_survives_a_failed_run() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("intimage.img"), "precious").expect("a small file");
    let ended = run(folder.path(), &format!("{SMALL} -floatfile nowhere/float.bin"));
    assert_eq!(ended.code, Some(9));
    assert_eq!(std::fs::read(folder.path().join("intimage.img")).expect("still there"), b"precious");
}
