//! A self-contained HTML page: it loads no script, font or other address. The reports of rounds,
//! crowds and benchmarks use it.
//!
//! The page is light or dark as the reader's system is, and can be printed. On a phone, only wide
//! tables and figures scroll sideways. Everything that people wrote is escaped. Characters that
//! change the direction of text have no effect outside their own cell.

use querist_core::visible::symbol;

use crate::chart::{COLOURS, style};

/// The style sheet, except the colours of curves.
const STYLE: &str = include_str!("page/style.css");

/// A table. The first cell of each row is a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Caption of the table.
    pub caption: String,
    /// Headers of the columns.
    pub head: Vec<String>,
    /// The cells of each row. They are not escaped yet.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Makes a table with this caption, these column headers and these cells.
    pub fn new(caption: &str, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { caption: caption.to_owned(), head: head.iter().map(|head| (*head).to_owned()).collect(), rows }
    }
}

/// Renders a whole page. Its first heading is the title.
pub fn page(title: &str, body: &str, footer: &str) -> String {
    let (title, footer) = (escape(title), escape(footer));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}{}{}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n<footer>{footer}</footer>\n</body>\n</html>\n",
        variables(),
        style()
    )
}

/// Returns style sheet variables with the colours of curves, for light screens, dark screens and
/// paper.
fn variables() -> String {
    let set = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
        let colours = COLOURS.iter().enumerate();
        colours.fold(String::new(), |text, (place, colour)| text + &format!("--c{place}:{};", pick(colour)))
    };
    let (light, dark) = (set(|colour| colour.0), set(|colour| colour.1));
    // Paper always gets the light colours, even if the screen is dark.
    format!(
        ":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media print{{:root{{{light}--paper:#fff;--ink:#000;--soft:#444;--grid:#d0d0d0;--line:#c8c8c8;--note:#fff}}}}\n"
    )
}

/// Renders a heading and tables. Returns an empty string without tables.
pub fn section(title: &str, tables: &[Table]) -> String {
    if tables.is_empty() {
        return String::new();
    }
    format!("<h2>{}</h2>\n{}", escape(title), tables.iter().map(table).collect::<String>())
}

/// Renders tables that are hidden until the reader unfolds them.
pub fn details(title: &str, tables: &[Table]) -> String {
    let tables: String = tables.iter().map(table).collect();
    format!("<details>\n<summary>{}</summary>\n{tables}</details>\n", escape(title))
}

/// Renders a drawing with its caption.
pub fn figure(svg: &str, caption: &str) -> String {
    format!("<figure>\n{svg}<figcaption>{}</figcaption>\n</figure>\n", isolated(caption))
}

/// Renders a drawing that scrolls on a phone. It is so wide that it would become unreadable if it
/// shrank to the screen.
pub fn wide_figure(svg: &str, caption: &str) -> String {
    let caption = isolated(caption);
    format!("<figure class=\"wide\" tabindex=\"0\">\n{svg}<figcaption>{caption}</figcaption>\n</figure>\n")
}

/// Renders a list of sentences that stand out. Returns an empty string without sentences.
pub fn notes(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.iter().fold(String::new(), |text, line| text + &format!("<li>{}</li>", isolated(line)));
    format!("<ul class=\"notes\">{lines}</ul>\n")
}

/// Renders a legend. Each name stands next to the colour of its part.
pub fn legend(names: &[String]) -> String {
    let entry = |(place, name): (usize, &String)| {
        let colour = place % COLOURS.len();
        format!(
            "<li><span style=\"color:var(--c{colour})\" aria-hidden=\"true\">■</span> {}</li>",
            isolated(name)
        )
    };
    let entries: String = names.iter().enumerate().map(entry).collect();
    format!("<ul class=\"legend\">{entries}</ul>\n")
}

/// Renders a table as an HTML element.
pub fn table(table: &Table) -> String {
    let caption = escape(&table.caption);
    let head = table.head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", isolated(cell)));
    let head = head.collect::<Vec<_>>().concat();
    let row = |row: &Vec<String>| {
        let mut cells = row.iter();
        let first = cells.next().map(|cell| format!("<th scope=\"row\">{}</th>", isolated(cell)));
        let rest = cells.map(|cell| format!("<td>{}</td>", isolated(cell)));
        let rest = rest.collect::<Vec<_>>().concat();
        format!("<tr>{}{rest}</tr>\n", first.unwrap_or_default())
    };
    let rows: String = table.rows.iter().map(row).collect();
    // The arrow keys scroll a wide table only if it can have the focus; not every reader has a
    // mouse.
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// Escapes text for use in an HTML element or attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_whitespace() && c.is_control() => out.push(' '),
            c => match symbol(c) {
                Some(symbol) => out.push_str(&symbol),
                None => out.push(c),
            },
        }
    }
    out
}

/// Escapes text for use in an HTML element. Right-to-left text could change the direction of what
/// follows it, so a text that contains some is put into a `bdi` element.
pub fn isolated(text: &str) -> String {
    let escaped = escape(text);
    if text.chars().any(turns) { format!("<bdi>{escaped}</bdi>") } else { escaped }
}

/// Removes the characters that only control the direction of the text, and replaces each other
/// control character by a space. For places where a text cannot be put into a `bdi` element.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !directs(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns whether a character does nothing but control the direction of text: a mark, an
/// embedding, an override or an isolate (Unicode Standard Annex #9).
fn directs(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character is written from right to left, or controls the direction of text.
fn turns(c: char) -> bool {
    directs(c)
        || matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' |
            '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_only_itself() {
        assert_eq!(escape("<a href='x'>\"&\u{7}"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;␇");
        assert_eq!(isolated("a<b"), "a&lt;b");
        assert_eq!(isolated("a\u{202e}<b"), "<bdi>a⟨202E⟩&lt;b</bdi>");
        assert_eq!(isolated("שלום"), "<bdi>שלום</bdi>");
        assert_eq!(plain("a\u{202e}b\nc"), "ab c");
    }

    #[test]
    fn a_page_refers_to_nothing_outside() {
        let page = page("T & <x>", "<p>body</p>\n", "foot");
        assert!(
            page.contains("<h1>T &amp; &lt;x&gt;</h1>") && page.contains("<title>T &amp; &lt;x&gt;</title>")
        );
        for outside in ["http", "<script", "url(", "@import", "src=", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
