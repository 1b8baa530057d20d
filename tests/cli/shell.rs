//! Completion scripts, manual pages and help texts.

use std::process::Command;

use crate::workbench::Workbench;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let bench = Workbench::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = bench.ok(&["completions", shell]);
        for command in ["round", "label", "reproduce", "completions"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("near-duplicates"), "{shell}: flags");
    }
    let ran = bench.run(&["completions", "tcsh"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("bash"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn bash_reads_its_script_and_completes_a_command() {
    let bench = Workbench::new();
    bench.write("querist.bash", bench.ok(&["completions", "bash"]));
    let script = "source ./querist.bash && COMP_WORDS=(querist repr) COMP_CWORD=1 && _querist querist repr querist && echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", script]).current_dir(bench.root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "reproduce");
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let bench = Workbench::new();
    let made = bench.json(&["man", "pages"]);
    let files = bench.files("pages/");
    assert_eq!(made["files"].as_array().unwrap().len(), files.len());
    for page in ["querist.1", "querist-round.1", "querist-label.1", "querist-model-show.1"] {
        let text = String::from_utf8(files[&format!("pages/{page}")].clone()).unwrap();
        let title = page.trim_end_matches(".1");
        assert!(text.contains(&format!(".TH {title} 1")), "{page}: {text}");
        assert!(text.contains(".SH OPTIONS"), "{page}");
    }
    let round = String::from_utf8(files["pages/querist-round.1"].clone()).unwrap();
    assert!(round.contains("near\\-duplicates"), "{round}");
    // Writing the pages again over the old ones changes nothing.
    bench.ok(&["man", "pages"]);
    assert_eq!(bench.files("pages/"), files);
}

#[test]
fn the_help_groups_the_commands_by_the_loop() {
    let bench = Workbench::new();
    let help = bench.ok(&["--help"]);
    let mut last = 0;
    for heading in
        ["Getting started:", "The loop:", "A round, step by step:", "Looking closer:", "The shell:"]
    {
        let at = help.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{heading}\n{help}"));
        assert!(at > last);
        last = at;
    }
    assert_eq!(help, bench.ok(&["help"]));
    assert!(!help.contains('\x1b'), "no colours where nobody sees them");
}
