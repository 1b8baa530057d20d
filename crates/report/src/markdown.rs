//! The Markdown that reports need: tables, lists, formatted numbers and escaping.

use querist_core::visible::visible;

/// Renders a table. The header is escaped here; the cells of `rows` must be escaped already.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| escape(cell)).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let mut lines = vec![line(&head), line(&rule)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Renders a bulleted list. The items must be escaped already.
pub fn bullets(items: &[String]) -> String {
    items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

/// Escapes text for one line of Markdown. Afterwards nothing in it can end a table cell, open a tag
/// or start markup.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => push_visible(c, &mut out),
        }
    }
    out
}

/// Appends a character to `out` or, for a character that would affect a terminal, a visible symbol:
/// reports are read in terminals too.
fn push_visible(character: char, out: &mut String) {
    let mut bytes = [0; 4];
    out.push_str(&visible(character.encode_utf8(&mut bytes)));
}

/// Returns the first `limit` characters of a text, followed by "…" if the text was cut.
pub fn excerpt(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit).collect();
    format!("{}…", cut.trim_end())
}

/// Formats a share as a percentage, such as "61.5 %"; "–" if undefined.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Formats a number with three decimals; "–" if undefined.
pub fn decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_can_break_out_of_its_cell() {
        assert_eq!(escape("a|b\n<script>`x`"), "a\\|b &lt;script&gt;\\`x\\`");
        assert_eq!(escape("[l](u) *b* \u{7}"), "\\[l\\](u) \\*b\\* ␇");
    }

    #[test]
    fn tables_and_numbers() {
        let rows = [vec!["a".to_owned(), percent(Some(0.615))], vec!["b".to_owned(), percent(None)]];
        assert_eq!(table(&["x", "y"], &rows), "| x | y |\n| --- | --- |\n| a | 61.5 % |\n| b | – |");
        assert_eq!(decimal(Some(2.0 / 7.0)), "0.286");
        assert_eq!(excerpt("äöü x", 3), "äöü…");
        assert_eq!(excerpt("äöü", 3), "äöü");
    }
}
