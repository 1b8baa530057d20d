//! Finds the roles that documents had after a given import, for documents whose roles changed.
//!
//! A role changes only if an import of test documents or control items moves a document out of the
//! pool. Such an import also gives the document a label. So for each document, the imports that
//! gave it labels, and their kinds, tell its role at any time.

use std::collections::BTreeMap;

use querist_core::Role;
use rusqlite::Connection;

use super::facts::Documents;
use super::stored::unknown;

/// Returns, for each document that an import ever moved out of the pool, its role after the import
/// with number `import`. The keys are the documents' numbers. Moves by undone imports do not count.
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
