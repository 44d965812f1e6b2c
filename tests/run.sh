#!/usr/bin/env bash
# Everything that is tested, in one go: format, lints, docs, tests, compile-fail tests, benches, instruction counts,
# examples.
# Installs what it needs on a fresh Debian machine if it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_tools() {
    if ! command -v cc >/dev/null 2>&1; then
        say "installing a linker"
        as_root apt-get update -q
        as_root apt-get install -qy build-essential
    fi
    if ! command -v valgrind >/dev/null 2>&1; then
        say "installing valgrind"
        as_root apt-get update -q
        as_root apt-get install -qy valgrind
    fi
    if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
        export PATH="$HOME/.cargo/bin:$PATH"
    fi
    if ! command -v cargo >/dev/null 2>&1; then
        say "installing Rust"
        as_root apt-get update -q
        as_root apt-get install -qy curl ca-certificates
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
        export PATH="$HOME/.cargo/bin:$PATH"
    fi
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 || rustup component add "${component/fmt/rustfmt}"
    done
}

install_tools
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
start=$SECONDS

say "format"
cargo fmt --all --check

say "lints"
cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings

say "features: none, each alone"
features=$(sed -n '/^\[features\]/,/^\[/s/^\([a-z]*\) = .*/\1/p' dagcore/Cargo.toml)
for feature in "" $features; do
    cargo clippy -p dagcore --no-default-features --features "$feature" --quiet -- -D warnings
done

say "docs"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features --quiet

say "tests, with the compile-fail tests, the benches once, and the doc tests"
cargo test --workspace --lib --tests --benches --all-features --quiet
cargo test --workspace --doc --all-features --quiet

say "instruction counts"
cargo bench -p instructions --quiet

say "examples"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for file in examples/*.rs; do
    name=$(basename "$file" .rs)
    if ! cargo run --quiet --example "$name" >"$out/$name" 2>&1; then
        cat "$out/$name"
        echo "example $name failed"
        exit 1
    fi
    if ! [ -s "$out/$name" ]; then
        echo "example $name printed nothing"
        exit 1
    fi
    echo "$name: $(wc -l <"$out/$name") lines"
done

say "all passed in $((SECONDS - start)) s"
