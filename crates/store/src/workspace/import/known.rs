//! What is known of a document that an import brings again.

use querist_core::Role;
use rusqlite::Connection;

use crate::error::shown;
use crate::workspace::sheets::role_at;

/// A document that is there already.
pub(super) struct Known {
    /// Its number.
    pub(super) number: i64,
    /// Whether it has the text that it was compared with.
    pub(super) same_text: bool,
    /// What it is for.
    pub(super) role: Role,
    /// Its label, if one came with it.
    pub(super) label: Option<Gold>,
    /// The file and line that it came from.
    pub(super) from: String,
}

/// The standing label that came with a document.
pub(super) struct Gold {
    /// Its number among all such labels.
    pub(super) number: i64,
    /// The label.
    pub(super) label: String,
    /// The file and line that it came from.
    pub(super) from: String,
}

/// The document with that number, compared with a text.
pub(super) fn known(database: &Connection, number: i64, text: &str) -> Result<Known, rusqlite::Error> {
    let mut find = database.prepare_cached(
        "SELECT d.text, d.role, i.file, d.line, g.number, g.label, j.file, g.line, d.id
         FROM documents d JOIN imports i ON i.number = d.import
         LEFT JOIN gold g ON g.document = d.number AND g.current = 1
         LEFT JOIN imports j ON j.number = g.import WHERE d.number = ?1",
    )?;
    find.query_row([number], |row| {
        let gold = match row.get(4)? {
            Some(number) => {
                Some(Gold { number, label: row.get(5)?, from: place(&row.get::<_, String>(6)?, row.get(7)?) })
            }
            None => None,
        };
        Ok(Known {
            number,
            same_text: row.get_ref(0)?.as_str()? == text,
            role: role_at(row, 1, 8)?,
            label: gold,
            from: place(&row.get::<_, String>(2)?, row.get(3)?),
        })
    })
}

fn place(file: &str, line: i64) -> String {
    format!("{}:{line}", shown(file))
}
