//! Converts a section's Markdown to HTML. No other file uses the Markdown library.
//!
//! Our Markdown escapes everything that people wrote ([`crate::markdown::escape`]), so none of it
//! can become an HTML element. The library makes headings, paragraphs, lists, emphasis and tables
//! from the rest. Sections without a drawing are shown in this way.

use pulldown_cmark::{Options, Parser, html};

/// Converts Markdown to HTML elements.
pub(crate) fn prose(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    // All "<" in texts are escaped, so these tags come from the library. A wide table scrolls by
    // itself, and the arrow keys scroll it too.
    out.replace(
        "<table>",
        "<div class=\"scroll\" role=\"region\" aria-label=\"table\" tabindex=\"0\"><table>",
    )
    .replace("</table>", "</table></div>")
    .replace("<th>", "<th scope=\"col\">")
}

/// Returns a section's Markdown without its heading.
pub(crate) fn without_heading(markdown: &str) -> &str {
    let body = markdown.split_once('\n').map_or("", |(_, body)| body);
    if markdown.starts_with('#') { body.trim_start() } else { markdown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::{bullets, escape, table};

    #[test]
    fn what_people_wrote_stays_text() {
        let hostile =
            "<script>alert(1)</script> & \"q\" | [l](javascript:x) ![i](y) `c` <!-- a\n# b\n\n- *z* &lt;";
        let markdown = format!(
            "## H\n\n{}\n\n{}\n\nPlain {}.",
            table(&["a", hostile], &[vec!["x".to_owned(), escape(hostile)]]),
            bullets(&[escape(hostile)]),
            escape(hostile)
        );
        let page = prose(&markdown);
        for tag in ["<script", "<a ", "<img", "<code", "<em", "<h1", "<!--"] {
            assert!(!page.contains(tag), "{tag}: {page}");
        }
        assert_eq!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt; &amp; \"q\"").count(), 4, "{page}");
        assert_eq!(page.matches("&amp;lt;").count(), 4, "{page}");
        assert!(page.contains("<th scope=\"col\">a</th>") && page.contains("<h2>H</h2>"));
        assert_eq!(page.matches("<div class=\"scroll\"").count(), page.matches("</table></div>").count());
    }

    #[test]
    fn headings_come_off() {
        assert_eq!(without_heading("## A\n\ntext"), "text");
        assert_eq!(without_heading("text"), "text");
        assert_eq!(without_heading(""), "");
    }
}
