//! Edits the list of labels in querist.toml. A comment behind a label moves and goes with the
//! label; all other comments stay in place.

use querist_core::name_key;
use toml_edit::{Array, RawString, Value};

use super::classes::Renames;

/// A label in the list, with the text around it.
struct Element {
    /// The white space, and the comments on lines of their own, between the line of the label
    /// before and this label.
    above: String,
    /// The label's name, without quotes.
    name: String,
    /// The label, in its quotes.
    value: Value,
    /// The comment behind the label, on the same line.
    behind: String,
}

/// Renames, removes and adds labels in the list. A renamed label keeps its position. If several
/// labels become one, it gets the first of their positions. There is one exception: if a label that
/// stays already has the new name, or if `added` contains it, no further label is made.
pub(super) fn relabel(labels: &mut Array, renames: &Renames, added: &[String]) {
    let (heading, elements, mut end) = parted(labels);
    let key = |name: &str| name_key(name).into_owned();
    let kept = elements.iter().map(|element| key(&element.name)).filter(|name| !renames.contains_key(name));
    let mut there: Vec<String> = kept.chain(added.iter().map(|name| key(name))).collect();
    let mut list: Vec<Element> = Vec::new();
    let mut left_over = Vec::new();
    for mut element in elements {
        match renames.get(&key(&element.name)) {
            None => {}
            Some(Some(new)) if !there.contains(&key(new)) => {
                there.push(key(new));
                element.value = new.as_str().into();
            }
            Some(_) => {
                left_over.push(element.above);
                continue;
            }
        }
        let is_first = list.is_empty();
        element.above =
            left_over.drain(..).rev().fold(element.above, |own, more| joined(more, own, is_first));
        list.push(element);
    }
    end = left_over.into_iter().rev().fold(end, |own, more| joined(more, own, false));
    for name in added {
        // A new label begins like the label before it: with the same line break and indentation.
        let line = list.last().and_then(|last| last.above.rfind('\n').map(|at| last.above[at..].to_owned()));
        let above = line.unwrap_or_else(|| if list.is_empty() { "" } else { " " }.to_owned());
        let (name, value) = (name.clone(), Value::from(name.as_str()));
        list.push(Element { above, name, value, behind: String::new() });
    }
    write(labels, heading, list, end);
}

/// Returns the text above a label if labels before it are removed: `more`, the text above a removed
/// label, followed by `own`. If `more` is only white space, it is dropped, except at the beginning
/// of the list.
fn joined(more: String, own: String, is_first: bool) -> String {
    if more.contains('#') {
        return more.trim_end_matches([' ', '\t']).trim_end_matches('\n').to_owned() + &own;
    }
    if is_first && !own.contains('\n') { more } else { own }
}

/// Splits a list into three parts: the comment behind its opening bracket, its labels, and the text
/// before its closing bracket.
fn parted(labels: &Array) -> (String, Vec<Element>, String) {
    let text = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or_default().to_owned();
    let mut heading = String::new();
    let mut elements: Vec<Element> = Vec::new();
    let behind_last =
        |elements: &mut Vec<Element>, heading: &mut String, comment: String| match elements.last_mut() {
            Some(last) => last.behind.push_str(&comment),
            None => *heading = comment,
        };
    for value in labels {
        let (comment, above) = at_line_end(&text(value.decor().prefix()));
        behind_last(&mut elements, &mut heading, comment);
        let name = value.as_str().unwrap_or_default().to_owned();
        let suffix = text(value.decor().suffix());
        let mut value = value.clone();
        // `write` puts the white space and the comments back around the label.
        value.decor_mut().clear();
        elements.push(Element { above, name, value, behind: suffix });
    }
    // If no comma follows the last label, the text behind it may hold both its comment and the text
    // before the closing bracket.
    let mut end = String::new();
    if let Some(last) = elements.last_mut() {
        let (comment, rest) = at_line_end(&last.behind);
        (last.behind, end) = (comment, rest);
    }
    let (comment, rest) = at_line_end(&text(Some(labels.trailing())));
    behind_last(&mut elements, &mut heading, comment);
    (heading, elements, end + &rest)
}

/// Splits the text behind a label into the comment on the same line, if there is one, and the rest.
fn at_line_end(between: &str) -> (String, String) {
    let end = between.find('\n').unwrap_or(between.len());
    let (line, rest) = between.split_at(end);
    if line.contains('#') { (line.to_owned(), rest.to_owned()) } else { (String::new(), between.to_owned()) }
}

/// Fills `labels` with the edited list, including white space and comments.
fn write(labels: &mut Array, heading: String, list: Vec<Element>, end: String) {
    // Nothing may follow a comment on its line.
    let on_new_line = |comment: String, rest: String| {
        let ends = comment.contains('#') && !rest.starts_with('\n');
        if ends { comment + "\n" + &rest } else { comment + &rest }
    };
    labels.clear();
    let mut before = heading;
    for Element { above, mut value, behind, .. } in list {
        value.decor_mut().set_prefix(on_new_line(before, above));
        before = behind;
        labels.push_formatted(value);
    }
    labels.set_trailing(on_new_line(before, end));
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn changed(list: &str, to: &[(&str, Option<&str>)], added: &[&str]) -> String {
        let mut document: DocumentMut = format!("labels = {list}\nseed = 1 # one\n").parse().unwrap();
        let renames = to.iter().map(|(old, new)| ((*old).to_owned(), new.map(str::to_owned))).collect();
        let added: Vec<String> = added.iter().map(|name| (*name).to_owned()).collect();
        relabel(document["labels"].as_array_mut().unwrap(), &renames, &added);
        let text = document.to_string();
        text.parse::<DocumentMut>().unwrap();
        text.strip_prefix("labels = ").unwrap().strip_suffix("\nseed = 1 # one\n").unwrap().to_owned()
    }

    #[test]
    fn a_comment_goes_with_its_label_and_no_other() {
        let list = "[ # ours\n  \"a\", # of a\n  # above b\n  \"b\", # of b\n  \"c\", # of c\n  # last\n]";
        assert_eq!(changed(list, &[], &[]), list);
        let without = |comment: &str| list.replace(comment, "");
        assert_eq!(changed(list, &[("a", Some("b"))], &[]), without("\n  \"a\", # of a"));
        assert_eq!(changed(list, &[("a", Some("x"))], &[]), list.replace("\"a\"", "\"x\""));
        assert_eq!(changed(list, &[("b", None)], &[]), without("\n  \"b\", # of b"));
        assert_eq!(changed(list, &[("c", None)], &[]), without("\n  \"c\", # of c"));
        assert_eq!(changed(list, &[], &["d"]), list.replace("# of c", "# of c\n  \"d\","));
        assert_eq!(
            changed(list, &[("a", None), ("b", None)], &["a"]),
            "[ # ours\n  # above b\n  \"c\", # of c\n  \"a\",\n  # last\n]"
        );
        // Merged into a label that comes back at the end.
        assert_eq!(
            changed(list, &[("a", Some("d"))], &["d"]),
            "[ # ours\n  # above b\n  \"b\", # of b\n  \"c\", # of c\n  \"d\",\n  # last\n]"
        );
    }

    #[test]
    fn a_list_on_one_line_stays_on_it() {
        let list = "['a', \"b\", \"c\"]";
        assert_eq!(changed(list, &[("a", None)], &[]), "[\"b\", \"c\"]");
        assert_eq!(changed(list, &[("c", None)], &[]), "['a', \"b\"]");
        assert_eq!(changed(list, &[("b", Some("x"))], &["d"]), "['a', \"x\", \"c\", \"d\"]");
        // A comment after a label without a comma.
        let list = "[\"a\", \"b\" # of b\n]";
        assert_eq!(changed(list, &[], &["c"]), "[\"a\", \"b\", # of b\n \"c\"\n]");
        assert_eq!(changed(list, &[("b", None)], &["c"]), "[\"a\", \"c\"\n]");
    }
}
