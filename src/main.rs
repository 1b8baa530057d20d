//! The binary: hands over to `querist-cli` and nothing else.

fn main() -> std::process::ExitCode {
    querist_cli::main()
}
