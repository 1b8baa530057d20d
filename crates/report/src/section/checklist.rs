//! The data-ethics checklist of the workspace, in the form that reports begin with.

use serde::Serialize;

use crate::markdown;

/// The state of the checklist when the report was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// Number of ticked items.
    pub ticked: usize,
    /// Number of items.
    pub items: usize,
    /// The items that are not ticked.
    pub open: Vec<OpenItem>,
}

/// An item that is not ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenItem {
    /// The heading above the item.
    pub heading: String,
    /// Text of the item.
    pub item: String,
}

impl Checklist {
    /// Returns a sentence with the numbers of ticked items and of all items.
    pub fn sentence(&self) -> String {
        let Self { ticked, items, .. } = self;
        match items - ticked {
            0 => format!("Ethics checklist: all {items} items are ticked."),
            1 => format!("Ethics checklist: {ticked} of {items} items are ticked; 1 is open."),
            open => format!("Ethics checklist: {ticked} of {items} items are ticked; {open} are open."),
        }
    }

    /// Renders the number of ticked items as Markdown, followed by the items that are not ticked.
    pub fn markdown(&self) -> String {
        let items: Vec<String> = self
            .open
            .iter()
            .map(|open| format!("{}: {}", markdown::escape(&open.heading), markdown::escape(&open.item)))
            .collect();
        let list = markdown::bullets(&items);
        let sentence = self.sentence();
        if list.is_empty() { sentence } else { format!("{sentence}\n\n{list}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_far_it_is_and_what_is_open() {
        let open = |item: &str| OpenItem { heading: "Privacy".to_owned(), item: item.to_owned() };
        let checklist = Checklist { ticked: 3, items: 5, open: vec![open("a"), open("b")] };
        assert_eq!(
            checklist.markdown(),
            "Ethics checklist: 3 of 5 items are ticked; 2 are open.\n\n- Privacy: a\n- Privacy: b"
        );
        let done = Checklist { ticked: 5, items: 5, open: vec![] };
        assert_eq!(done.markdown(), "Ethics checklist: all 5 items are ticked.");
    }
}
