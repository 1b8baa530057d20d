# The verbs of continuous integration; `just ci` is all of them.

ci: fmt lint doc test book

# Formatting is checked, not applied.
fmt:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# With QUERIST_DATA set to a folder of real data sets, more is tested.
test:
    cargo test --workspace

# The pages of docs/ as a book in target/book; .ci/run installs mdBook where there is none.
book:
    mdbook build docs

# Learning curves through the binary; needs QUERIST_DATA.
curves *ARGS:
    cargo bench --bench curves -- {{ARGS}}

# Writes data/support_tickets again; the bytes must not change.
data:
    cargo run --release --example generate-support-tickets -- data/support_tickets
