//! querist.db, as any command opens it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_core::LabelSet;
use querist_fuzz::in_file;
use querist_store::Workspace;

fuzz_target!(|bytes: &[u8]| {
    in_file("querist.db", bytes, |path| {
        let root = path.parent().expect("a folder");
        std::fs::write(root.join("querist.toml"), "labels = [\"a\", \"b\"]\n").expect("a temporary file");
        let Ok(workspace) = Workspace::open(root) else { return };
        let _ = workspace.snapshot(&LabelSet::new(["a", "b"]).expect("two labels"));
    });
});
