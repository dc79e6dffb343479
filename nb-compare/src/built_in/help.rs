//! What the help of the command line says of nanoBragg: examples with its arguments, and what names its programs.
//!
//! Not here: the options (`cli`).

/// The reference program.
pub(crate) const REFERENCE: &str = "The reference program; NB_C_BIN if not given";
/// The reference program of a matrix.
pub(crate) const REFERENCE_OF_CASES: &str =
    "The reference program; NB_C_BIN if not given. Not needed where every case has a reference_image";
/// The adapter of the reference whose noise is found.
pub(crate) const ADAPTER_OF_NOISE: &str = "How the program is called, what it writes, and what may move (docs/adapters.md); nanoBragg's if not given";
/// The reference program whose noise is found.
pub(crate) const REFERENCE_OF_NOISE: &str = "The reference program, without --adapter; NB_C_BIN if not given";
/// The program to judge.
pub(crate) const CANDIDATE: &str =
    "The program to judge; NB_PY_BIN if not given, or else this project's own simulator";

/// Behind the options of a comparison.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nb-compare protein
      render the protein that is brought along and compare it with what the reference made of it
  nb-compare --reference ./nanoBragg -- -hkl P1.hkl -cell 70 70 100 90 90 120 -N 10 -distance 150
      run the reference and this project's simulator on the same arguments
  nb-compare --reference-image golden.bin --roi 100 199 100 199 -- -default_F 100 -cell 50 50 50 90 90 90
      compare with an image of that region stored earlier
  nb-compare files a.bin b.img --shape 1024 512 --max-ulp 0
      compare two images without running anything
  nb-compare matrix cases.toml --reference ./nanoBragg
      run and compare every case of a list
  nb-compare recompute comparisons/20261128-101500-1a2b3c4d
      judge again from the images in a bundle, which somebody else may have made
  nb-compare init --output heat.toml -- ./heat_ref -n 100
      run any program once, and write an adapter that says how it is called and what it writes
  nb-compare --adapter heat.toml -- -n 100
      run both programs of the adapter, and compare every output

Exit status: 0 agrees, 1 usage, 2 a program failed or timed out, 3 differs, 4 shapes or keys do not match, 5 nothing decided,
or a file cannot be read or written, 6 interrupted.";

/// Behind those of a matrix.
pub(crate) const MATRIX: &str = "\
Examples:
  nb-compare matrix cases.toml --reference ./nanoBragg --jobs 4 --junit parity.xml
      run all cases, four at a time, and leave a report that continuous integration can show
  nb-compare matrix cases.toml --adapter heat.toml
      run both programs of the adapter on the arguments of every case, and compare every output
  nb-compare matrix cases.toml --adapter heat.toml --tolerance-from noise
      judge each case by the reference's own noise, which the bundle in noise/NAME has of the case NAME

Exit status: 0 all cases agree, else that of the worst case; 5 where nothing was decided. An empty list is no success.";

/// Behind those of the protein.
pub(crate) const PROTEIN: &str = "\
Examples:
  nb-compare protein
      this project's simulator against the stored image of a still
  nb-compare protein --case rotation --candidate ./nanoBragg --timeout 600 --outdir rotation
      another program against that of a rotation, with the evidence in a folder of that name

Exit status: 0 agrees, 1 usage, 2 the program failed or timed out, 3 differs, 4 its image has another shape, 5 nothing decided,
or a file cannot be read or written, 6 interrupted.";

/// Behind those of the noise.
pub(crate) const NOISE: &str = "\
Examples:
  nb-compare noise --adapter heat.toml -- -n 100 --dt 0.25
      run the reference many times with what [noise] of the adapter lets move, and keep how far every element moves by itself
  nb-compare noise --adapter heat.toml --build ./heat_O0 --build ./heat_clang --runs 50 --outdir noise -- -n 100
      two other builds of it as well; fifty runs with moved inputs
  nb-compare --adapter heat.toml --tolerance-from noise -- -n 100 --dt 0.25
      judge the candidate by it: inside the reference's own noise, or how many times outside
  nb-compare noise --reference ./nanoBragg --build ./nanoBragg_O0 --outdir noise -- -N 5 -default_F 100
      the noise of nanoBragg, which is known without an adapter: threads, measures, builds
  nb-compare --reference ./nanoBragg --candidate ./nanobragg --tolerance-from noise -- -N 5 -default_F 100
      judge an image by it

Exit status: 0 the noise is known, 1 usage, or nothing may move, 2 a run failed or timed out, 4 a run left another shape, 5 some
elements are no numbers in some runs only, or a file cannot be read or written, 6 interrupted.";
