//! Finds the roles that documents had at a given time, if the roles changed after the documents'
//! import.
//!
//! Only an import of test documents or control items changes a role: it takes a document out of the
//! pool and gives it a label. So the document's labels and the kinds of the imports that gave them
//! tell the document's role at any time.

use std::collections::BTreeMap;

use querist_core::Role;
use rusqlite::Connection;

use super::facts::Documents;
use super::stored::unknown;

/// Returns the documents that were imported into the pool and later moved out of it: their numbers,
/// each with the role that the document had after the import with number `import`.
pub(super) fn of_moved(
    database: &Connection,
    import: i64,
    facts: &Documents,
) -> Result<BTreeMap<i64, Role>, rusqlite::Error> {
    let mut select = database.prepare(
        "SELECT g.document, g.import, moved.kind FROM gold g
         JOIN imports moved ON moved.number = g.import
         JOIN documents d ON d.number = g.document
         JOIN imports came ON came.number = d.import
         WHERE moved.kind IN ('test', 'control') AND came.kind NOT IN ('test', 'control')
         ORDER BY g.number",
    )?;
    let mut rows = select.query([])?;
    let mut roles = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (number, moved_by): (i64, i64) = (row.get(0)?, row.get(1)?);
        if facts.came_held_out(number) {
            continue;
        }
        let role = roles.entry(number).or_insert(Role::Pool);
        if *role == Role::Pool && moved_by <= import && !facts.has_no_import(moved_by) {
            let kind: String = row.get(2)?;
            *role = Role::from_name(&kind)
                .ok_or_else(|| unknown(&format!("import {moved_by}"), "kind", &kind))?;
        }
    }
    Ok(roles)
}
