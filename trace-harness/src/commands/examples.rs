//! What stands below the options in the help of commands that have no page of examples beside their code.
//!
//! Not here: the options.

pub(crate) const RUN: &str = "\
PLAN.toml:
  topic = \"parity\"
  [[step]]
  name = \"render\"                   # also: inputs, outputs, export = { NAME = \"value\" }
  command = [\"nanobragg\", \"-hkl\", \"P1.hkl\", \"-floatfile\", \"{out}/results/float.bin\"]
  timeout_s = 600                   # its own limit
  expect = 3                        # the exit status that it is to end with; 0 if not given
  slow = true                       # runs before all others
  on_failure = \"continue\"           # instead of leaving out the rest

Examples:
  trace-harness run --topic parity --timeout 600 -- cargo test --release
      run a command and keep its output, its inputs and the environment as a bundle under reports/parity/
  trace-harness run --topic fetch --redact 'token=[^ ]+' --max-output 100 -- ./fetch token=abc
      leave a password out of the bundle, and end the command when it prints more than 100 MiB
  trace-harness run --plan nightly.toml --note findings.md --gate
      check the gate first, then run the steps of a plan

Exit status: 0 all passed, 1 usage, 2 a command failed or timed out, 3 the gate is closed, 5 input or output error, 6 interrupted.";

pub(crate) const VERIFY: &str = "\
Examples:
  trace-harness verify reports/parity/*
      check all bundles of a topic; every file that is missing, changed, unlisted or malformed is named
  trace-harness verify sent.tar.gz
      the same of an archive, which is unpacked to a temporary folder if it holds nothing but files and folders
  trace-harness verify --recompute comparisons/20261128-101500-1a2b3c4d
      compute metrics, gates and verdict again from the images in it; nothing that the bundle says is run
  trace-harness verify reports/parity/20260101T120000Z --allowed-signers signers
      ask for a signature, too: `trace-harness sign --help`
  cd BUNDLE && sha256sum -c sha256.txt
      the same without this program, as far as the content of files goes

Exit status: 0 sound, 3 not sound, or saying what does not follow from its files, 5 a folder cannot be read, or not all of it
can be computed again.";

pub(crate) const SIGN: &str = "\
Examples:
  trace-harness sign reports/parity/20260101T120000Z --key ~/.ssh/id_ed25519
      write 20260101T120000Z.intoto.json beside it, an in-toto statement with the digest of every file and the verdict, and
      20260101T120000Z.intoto.json.sig, its signature by `ssh-keygen -Y sign -n nanobragg-bundle`
  trace-harness verify reports/parity/20260101T120000Z --allowed-signers signers
      check the bundle, and that somebody listed in `signers` has signed what it is; a line of it: ann@example.org ssh-ed25519 AAAA...

Exit status: 0 signed, 5 the bundle is not sound, is signed already, or ssh-keygen does not sign.";

pub(crate) const RERUN: &str = "\
Examples:
  trace-harness rerun reports/parity/20260101T120000Z
      show its commands, folders, variables and tolerances, ask, and run them again from the bundle's own inputs; each file is
      identical, within tolerance, different, missing or extra
  trace-harness rerun BUNDLE --yes --program nanoBragg=/opt/nanoBragg --inputs ~/data --out again
      with a program and large inputs of this machine, into again/TIME (20260102T120000Z, say), without asking

A bundle that does not verify, or that works outside folders of its own, is not run. Of variables it may set those of numerics and
language (OMP_*, MKL_*, LC_*, ...); others only where --allow-variable names them, those of the loader and of shells never.

Exit status: 0 all files as before, 1 usage, 3 some are not, 5 nothing could be compared, or something is missing, 6 interrupted.";

pub(crate) const INDEX: &str = "\
Examples:
  trace-harness index
      list all bundles of reports/ with trends of their figures, as reports/index.html and reports/index.json

Exit status: 0 done, 5 the folder cannot be read or written.";

pub(crate) const CLEAN: &str = "\
Examples:
  trace-harness clean
      remove what programs of this project never finished below reports/, and their temporary folders, as far as no program is at
      work in them; name what looks alike and stays

Exit status: 0 done, 5 something cannot be removed.";

pub(crate) const LEDGER: &str = "\
Examples:
  trace-harness ledger reports/parity/20260101T120000Z --note 'first run with the new compiler'
      append result, figures and paths of a bundle to LEDGER.md

Exit status: 0 done, 5 the bundle is not sound or the ledger cannot be written.";

pub(crate) const DIFF: &str = "\
Examples:
  trace-harness diff c.log rs.log --allow-missing set-up
      first divergence and root causes of two traces or program logs
  trace-harness diff reports/capture/A reports/capture/B --out kept
      of two captures, kept as a bundle with summary.md, metrics.json, trace.diff and diff.html
  trace-harness diff a.trace b.trace --schema keys.toml --rtol 1e-9 --min-compared 40
      of another program's traces, whose keys and their inputs are in keys.toml; `record = [\"sat\", \"t\"]` at its top pairs records by
      the values of these keys, whatever their order, and names those that one side lacks; with `sequence = [\"sat\"]` every record follows from the one before
      it, and each sequence has one first split and nothing compared after it; an input `prev.x` is `x` of the record before
      keys may have a `period`, `otherwise` (how it follows where one trace lacks it) and `nan` (equal, missing or fail), and
      `[[equivalence]]` names other forms of several keys: keys = [\"I\", \"node\"], same = [\"-I\", \"node + pi\"]
      `[[outcome]]` with `key`, `absent`, `refusals` and `[outcome.categories]` says how records end, whatever the words
      arrays beside the traces (`TRACE_X: key @array FILE.npy shape 10x20`) are compared element by element

Exit status: 0 no divergence, 1 usage, 3 divergence, 4 no key in common, 5 unreadable, or too little was compared.";

pub(crate) const AUDIT: &str = "\
Examples:
  trace-harness audit rs.log
      compute every value again from the others, and name those that do not follow
  trace-harness audit other.log --given pixel_size_m=1e-4 --out kept
      with a value that no trace holds; kept as a bundle
  trace-harness audit reports/capture/20260101T120000Z
      the whole trace of a capture, with the values that its configuration tells

Exit status: 0 consistent, 1 usage, 3 not, 5 unreadable, or nothing could be checked.";

pub(crate) const KEYS: &str = "\
Examples:
  trace-harness keys
      the page of trace keys: units, shapes, what each is computed from, its equation
  trace-harness keys --toml > keys.toml
      the schema behind it, to be changed for another program; --json has the same for programs that read JSON
  trace-harness keys --infer a.trace b.trace > keys.toml
      a first schema of another program: its keys in order, and laws that held in every record as comments to be confirmed

Exit status: 0 done, 1 usage.";

pub(crate) const EMIT: &str = "\
Examples:
  trace-harness emit c > nbtrace.h
      a header: `flux = nbtrace_scalar(\"flux\", flux);` in the program, and NBTRACE=a.trace in its environment, write a trace
  trace-harness emit fortran > nbtrace.f90
      likewise cpp > nbtrace.hpp, python > nbtrace.py, rust > nbtrace.rs; the head of each file says how it is used
  NBTRACE=b.trace NBTRACE_REPLAY=a.trace NBTRACE_KEYS=flux,mass ./port
      the port with the reference's flux and mass in place of its own: what still differs is wrong by itself

Exit status: 0 done, 1 usage.";

pub(crate) const SHADOW: &str = "\
Examples:
  NBTRACE=ref.trace ./reference && trace-harness shadow ref.trace -- ./port
      run the port with its own values, with all of the reference's, and with those of the stages that are wrong: a line for each
      stage with its error from the reference's inputs and from its own, and the fewest keys whose replay makes the results agree
  trace-harness shadow ref.trace --schema keys.toml --rtol 1e-9 --out kept -- ./port input.nml
      in the order of a schema, which also says the results; kept as a bundle
  trace-harness shadow ref.trace --traces own.trace replayed.trace
      of traces that are there already: the second with NBTRACE_REPLAY=ref.trace

Exit status: 0 every stage is right, 1 usage, 2 the port fails or writes no trace, 3 some are not, 5 unreadable, or nothing was replayed,
6 interrupted.";

pub(crate) const SPREAD: &str = "\
Examples:
  for n in 1 2 7; do OMP_NUM_THREADS=$n NBTRACE=ref-$n.trace ./reference; done
  trace-harness spread ref-1.trace ref-2.trace ref-7.trace --schema keys.toml --out noise
      how far each key of the reference moves with the number of threads; likewise with the last digit of an input, or another compiler
  trace-harness diff ref-1.trace port.trace --schema keys.toml --tolerance-from noise
      is the port inside of that? If not: by how many times is each key outside?

Exit status: 0 found, 1 usage, 4 a run has other keys or records, 5 unreadable.";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  trace-harness completions bash > ~/.local/share/bash-completion/completions/trace-harness

Exit status: 0 done, 1 usage.";

pub(crate) const MAN: &str = "\
Examples:
  trace-harness man > trace-harness.1

Exit status: 0 done, 1 usage.";
