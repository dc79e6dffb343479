# Everyday commands; `just` lists them.

_default:
    @just --list

# everything a change must pass
ci:
    .ci/run

# render the protein and compare it with the reference
protein:
    cargo run --release -p nb-compare -- protein

# all tests
test:
    cargo test --workspace

# golden cases whose name contains WORD
golden WORD="":
    cargo test -p nanobragg --test golden_parity -- {{ WORD }}

# CASES random command lines against the C program at C_BIN
live C_BIN CASES="200" SEED="1":
    NB_C_BIN={{ C_BIN }} NB_LIVE_CASES={{ CASES }} NB_LIVE_SEED={{ SEED }} cargo test -p nanobragg --test live_parity

# format, then lint
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets --locked -- -D warnings

# documentation of the libraries
doc:
    cargo doc --workspace --no-deps --open

# licences, advisories, duplicates, sources of the dependencies
deny:
    cargo deny check

# pack a folder of complete reference runs into the tests
pack-golden FOLDER:
    scripts/pack_golden.py {{ FOLDER }} sim/tests/golden
