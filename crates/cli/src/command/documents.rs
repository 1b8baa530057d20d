//! `querist documents`: finds and lists the documents of the workspace.

use querist_session::Session;
use querist_session::core::Condition;
use querist_session::documents::{DocumentList, DocumentsOptions, ListedDocument};
use serde_json::json;

use crate::args::Documents;
use crate::failure::Mend;
use crate::label::terminal;
use crate::label::text::{fit, width};
use crate::output::{Outcome, Talk, one_line};

/// Width of the table if standard output is not a terminal, in columns.
const COLUMNS: usize = 120;
/// An id or a class takes at most this many columns.
const WIDEST: usize = 24;

/// Runs `querist documents`: lists the documents that match the options.
///
/// # Errors
/// A condition is malformed; the class, round or field does not exist; or the workspace cannot be
/// read.
pub fn run(asked: &Documents, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let conditions = asked
        .conditions
        .iter()
        .map(|text| text.parse::<Condition>().map_err(|problem| Mend(format!("--where: {problem}")).into()));
    let options = DocumentsOptions {
        search: asked.search.clone(),
        conditions: conditions.collect::<anyhow::Result<_>>()?,
        class: asked.class.clone(),
        state: asked.state.map(crate::args::AskedState::state),
        round: asked.round,
        limit: asked.limit,
        offset: asked.offset,
    };
    let found = session.documents(&options, talk)?;
    let columns = terminal::columns().unwrap_or(COLUMNS);
    let text = format!("{}{}", table(&found.documents, columns), counted(&found));
    Ok(Outcome { json: json!(found), text, next: None })
}

/// Makes a table with one line per document: id, state, class, and the beginning of the text. A
/// line has at most `columns` columns.
fn table(documents: &[ListedDocument], columns: usize) -> String {
    let cells = |document: &ListedDocument| {
        let class = document.class.as_deref().unwrap_or("–");
        // The option `--state`, `querist status` and reports use the same names.
        let state = match document.state {
            "labeled" => "labelled".to_owned(),
            state => state.replace('_', " "),
        };
        // Only the beginning of a text fits on the line, so the rest need not be processed.
        let beginning: String = document.text.chars().take(4 * columns).collect();
        [fit(&one_line(&document.id), WIDEST), state, fit(&one_line(class), WIDEST), one_line(&beginning)]
    };
    let rows: Vec<[String; 4]> = documents.iter().map(cells).collect();
    let widest = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or_default();
    let widths = [widest(0), widest(1), widest(2)];
    let line = |row: &[String; 4]| {
        let mut line = String::new();
        for (cell, widest) in row.iter().zip(widths) {
            line += &format!("{cell}{}  ", " ".repeat(widest - width(cell)));
        }
        let left = columns.saturating_sub(width(&line));
        format!("{}\n", (line + &fit(&row[3], left)).trim_end())
    };
    rows.iter().map(line).collect()
}

/// Returns a count such as "1 to 50 of 480 documents; --offset 50 lists the next ones".
fn counted(found: &DocumentList) -> String {
    let (all, n, offset) = (found.found, found.documents.len(), found.offset);
    let documents = if all == 1 { "document" } else { "documents" };
    let last = offset + n;
    match n {
        0 => format!("{all} {documents}"),
        _ if n == all => format!("{all} {documents}"),
        _ if last < all => {
            format!("{} to {last} of {all} {documents}; --offset {last} lists the next ones", offset + 1)
        }
        _ => format!("{} to {last} of {all} {documents}", offset + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str, text: &str) -> ListedDocument {
        ListedDocument {
            id: id.to_owned(),
            state: "left_out",
            class: None,
            rounds: vec![1],
            text: text.to_owned(),
            meta: None,
        }
    }

    #[test]
    fn a_row_is_as_wide_as_the_terminal_and_no_wider() {
        let wide = "\u{6f22}".repeat(80);
        let documents =
            [document("a", &"words ".repeat(40)), document("b\nc", &wide), document("d", "short")];
        let rows = table(&documents, 60);
        let rows: Vec<&str> = rows.lines().collect();
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| width(row) <= 60), "{rows:?}");
        assert!(rows[0].starts_with("a    left out  –  words words") && rows[0].ends_with('…'), "{rows:?}");
        assert!(rows[2].ends_with("  short"), "{rows:?}");
    }

    #[test]
    fn the_last_line_says_where_the_list_goes_on() {
        let list = |found, offset, n| DocumentList { found, offset, documents: vec![document("a", "b"); n] };
        assert_eq!(counted(&list(2, 0, 2)), "2 documents");
        assert_eq!(counted(&list(1, 0, 0)), "1 document");
        assert_eq!(counted(&list(9, 0, 5)), "1 to 5 of 9 documents; --offset 5 lists the next ones");
        assert_eq!(counted(&list(9, 5, 4)), "6 to 9 of 9 documents");
    }
}
