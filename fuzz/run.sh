#!/usr/bin/env bash
# Fuzzes every reader, a minute each: fuzz/run.sh [SECONDS [TARGET …]]
# The sanitizer's flags are not stable, so the stable compiler is told to take them.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true
export RUSTC_BOOTSTRAP=1
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
cargo fuzz build --sanitizer none
failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    mkdir -p "corpus/$target" "seeds/$target"
    cargo fuzz run --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=25 -max_len=65536 -print_final_stats=1 ||
        failed+=("$target")
done
# Every target has its minute, whatever another one found.
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}; the inputs are in artifacts/"; exit 1; }
