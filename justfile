# The verbs of continuous integration; `just ci` is what `.ci/run` does.

ci:
    .ci/run

# Formatting is checked, not applied.
fmt:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets --features peers,generate --locked -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# `just test -- --include-ignored` with QUERIST_DATA set to a folder of public data sets runs the tests that need them.
test *ARGS:
    cargo test --workspace {{ARGS}}

# The pages of docs/ as a book in target/book; .ci/run installs mdBook where there is none.
book:
    mdbook build docs

# A crate of somebody else that uses two of ours.
outside:
    CARGO_TARGET_DIR="$PWD/target" cargo test --manifest-path tests/outside/Cargo.toml --locked

package:
    cargo package --workspace --locked --allow-dirty --no-verify

deny:
    .ci/deny

# Writes data/support_tickets again; the bytes must not change.
data:
    cargo run --release --features generate --example generate-support-tickets -- data/support_tickets
