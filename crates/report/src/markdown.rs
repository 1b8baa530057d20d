//! The Markdown of reports: tables, lists, formatted numbers and escaping.

use querist_core::visible::visible;

/// Renders a table. Cells of `rows` must be escaped already; cells of `head` are escaped here.
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

/// Escapes text for one line of Markdown, so that nothing in it ends a table cell, opens a tag or
/// starts markup.
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

/// Appends a character to `out`. If the character would affect a terminal, in which people read
/// reports too, appends a visible symbol instead.
fn push_visible(character: char, out: &mut String) {
    let mut bytes = [0; 4];
    out.push_str(&visible(character.encode_utf8(&mut bytes)));
}

/// Returns the first `limit` characters of a text. If the text is longer, "…" follows.
pub fn excerpt(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit).collect();
    format!("{}…", cut.trim_end())
}

/// Formats a share as a percentage, such as "61.5 %", or as "–" if it is undefined.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Formats a number with three decimals, or as "–" if it is undefined.
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
