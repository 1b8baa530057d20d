//! `querist checklist` makes a file that the team edits. Reports begin with its state.

use crate::workbench::Workbench;

#[test]
fn the_state_of_the_checklist_stands_in_the_head_of_the_report() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    assert!(!bench.read("rounds/0001/report.md").contains("checklist"), "there is none yet");
    let made = bench.json(&["checklist"]);
    assert_eq!((&made["made"], &made["ticked"], &made["items"]), (&true.into(), &0.into(), &16.into()));

    let edited = bench.read("checklist.md").replacen("- [ ]", "- [x]", 15);
    bench.write("checklist.md", &edited);
    let state = bench.json(&["checklist"]);
    assert_eq!((&state["made"], &state["ticked"]), (&false.into(), &15.into()));
    assert_eq!(state["open"].as_array().unwrap().len(), 1);
    assert_eq!(state["open"][0]["heading"], "Unintended use");
    assert_eq!(bench.read("checklist.md"), edited, "the team's file stays as it is");

    bench.ok(&["report"]);
    let report = bench.read("rounds/0001/report.md");
    let said = report.find("Ethics checklist: 15 of 16 items are ticked; 1 is open.").unwrap();
    assert!(said < report.find("\n## ").unwrap(), "in the head: {report}");
    assert!(report.contains("- Unintended use: A named person watches the model"));
    assert_eq!(bench.json(&["report"])["checklist"]["ticked"], 15);
    assert!(bench.ok(&["checklist"]).contains("    [ ] A named person"));
}

#[test]
fn there_is_no_checklist_without_a_workspace() {
    let bench = Workbench::new();
    bench.refused(&["checklist"]);
    assert!(bench.files("").is_empty());
}
