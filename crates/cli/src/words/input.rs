//! Words about input files: what is wrong with them, how they were read, and which flags read them
//! in another way.

use querist_session::store::format::rejected::Wording;
use querist_session::store::{
    AnswerProblem, Choice, CrowdProblem, FieldOption, InputError, InputProblem, TableProblem, Told,
    VectorProblem,
};
use serde_json::{Value, json};

/// How a remark on skipped rows says what is wrong with the first of them.
pub const WORDING: Wording = Wording(problem);

/// Returns in words where an input is wrong, what is wrong with it, and what the user can do.
pub fn error(error: &InputError) -> String {
    format!("{}: {}", error.whereabouts(), problem(&error.problem))
}

/// Returns in words what is wrong with an input, and what the user can do.
pub fn problem(problem: &InputProblem) -> String {
    match problem {
        InputProblem::Inside { part, problem } => format!("{part}: {}", self::problem(problem)),
        InputProblem::Guessed { format, problem } => format!(
            "{} (read as {format}, which is a guess; choose another format with --format)",
            self::problem(problem)
        ),
        InputProblem::Crowd(CrowdProblem::NoSuchColumn { option, name, known }) => {
            format!("{} names \"{name}\", which is not a column; expected one of: {known}", flag(*option))
        }
        InputProblem::Crowd(CrowdProblem::NoSuchField { option, name }) => {
            format!("{} names \"{name}\", which no row has; expected a field of the file", flag(*option))
        }
        _ => format!("{problem}{}", remedy(problem).unwrap_or_default()),
    }
}

/// Returns in words how a file was read, and which flag makes Querist read it in another way.
pub fn told(told: &Told) -> String {
    let text = &told.text;
    match &told.choice {
        None => text.clone(),
        Some(Choice::Sheet) => format!("{text}; choose one with --sheet NAME"),
        Some(Choice::Columns) => {
            format!("{text}; choose others with --item-field, --annotator-field and --label-field")
        }
        Some(Choice::Field(option)) => format!("{text}, which {} names", flag(*option)),
        Some(Choice::LabelField { field, leaks: true }) => format!(
            "{text}; annotators would see it: leave it out with --meta, or name it with --label {field}"
        ),
        Some(Choice::LabelField { field, leaks: false }) => {
            format!("{text}; if that is the label, name it with --label {field}")
        }
    }
}

/// Adds remarks, in words, to the JSON of a result. Each list of remarks has a key; empty lists are
/// left out.
pub fn put(value: &mut Value, all: &[(&str, &[Told])]) {
    for (key, told) in all.iter().filter(|(_, told)| !told.is_empty()) {
        value[*key] = json!(self::all(told));
    }
}

/// Puts all remarks into words.
pub fn all(told: &[Told]) -> Vec<String> {
    told.iter().map(self::told).collect()
}

/// If something helps, returns what the user can do, as a clause that follows the message.
fn remedy(problem: &InputProblem) -> Option<String> {
    Some(match problem {
        InputProblem::MissingField { option: Some(option), .. } => another_field(*option),
        InputProblem::InvalidUtf8 { .. } => {
            "; name the encoding with --encoding or convert the file (for example with iconv)".to_owned()
        }
        InputProblem::BrokenEncoding { .. } => "; name another encoding with --encoding".to_owned(),
        InputProblem::LooksWide { encoding } => format!("; name it with --encoding {encoding}"),
        InputProblem::NoAnnotator => "; name the annotator with --annotator NAME".to_owned(),
        InputProblem::UnknownAnswers { .. } => "; name their format with --format".to_owned(),
        InputProblem::LabelDiffers { .. } => "; pass --relabel to replace it".to_owned(),
        InputProblem::Answer(answer) => of_answer(answer)?,
        InputProblem::Crowd(crowd) => of_crowd(crowd)?,
        InputProblem::Vector(vector) => of_vector(vector)?,
        InputProblem::Table(TableProblem::NoSheets { .. }) => "; leave --sheet out".to_owned(),
        InputProblem::Table(TableProblem::EmptySheet { .. }) => "; name one with --sheet NAME".to_owned(),
        _ => return None,
    })
}

/// Returns what the user can do about a problem with answers.
fn of_answer(problem: &AnswerProblem) -> Option<String> {
    Some(match problem {
        AnswerProblem::SeveralControls { .. } => {
            "; choose the one whose answers count with --control NAME".to_owned()
        }
        AnswerProblem::NotAClass { .. } => "; choose another control with --control NAME".to_owned(),
        AnswerProblem::NoControl { .. } => {
            "; choose the control that has the class with --control NAME".to_owned()
        }
        AnswerProblem::NoAnswerField { option: Some(option), .. } => {
            format!("; name the field that has it with {} NAME", flag(*option))
        }
        AnswerProblem::NoSuchControl { known, .. } if known.is_empty() => "; leave --control out".to_owned(),
        AnswerProblem::NoSuchControl { .. } => "; name one of them with --control".to_owned(),
        AnswerProblem::NoSuchField { option, known, .. } if known.is_empty() => {
            format!("; leave {} out", flag(*option))
        }
        AnswerProblem::NoSuchField { option, .. } => format!("; name one of them with {}", flag(*option)),
        AnswerProblem::MissingColumn { option, .. } => another_field(*option),
        AnswerProblem::NotATruth { .. } => ", or the name of another column with --label-field".to_owned(),
        _ => return None,
    })
}

/// Returns what the user can do about a problem with vectors.
fn of_vector(problem: &VectorProblem) -> Option<String> {
    Some(match problem {
        VectorProblem::NoIds => " with --ids FILE".to_owned(),
        VectorProblem::IdsUnused => "; leave --ids out".to_owned(),
        VectorProblem::Foreign { .. } => ", with `querist import FILE`".to_owned(),
        VectorProblem::Different { .. } => " with `querist import --update FILE`".to_owned(),
        _ => return None,
    })
}

/// Returns what the user can do about a problem with a plain file of answers.
fn of_crowd(problem: &CrowdProblem) -> Option<String> {
    Some(match problem {
        CrowdProblem::MissingColumn { option, .. } => format!(", or name it with {}", flag(*option)),
        CrowdProblem::WhichColumn { option, .. } => format!("; choose one with {}", flag(*option)),
        CrowdProblem::TwoColumns { option, .. } => format!(", or choose one with {}", flag(*option)),
        _ => return None,
    })
}

/// Returns advice to name another field, with the flag that does so.
fn another_field(option: FieldOption) -> String {
    format!("; choose another field with {} NAME", flag(option))
}

/// Returns the flag that sets an option.
fn flag(option: FieldOption) -> &'static str {
    match option {
        FieldOption::Id => "--id",
        FieldOption::Text => "--text",
        FieldOption::Label => "--label",
        FieldOption::Meta => "--meta",
        FieldOption::Item => "--item-field",
        FieldOption::Annotator => "--annotator-field",
        FieldOption::Answer => "--label-field",
        FieldOption::Control => "--control",
        FieldOption::Vector => "--vector",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> InputProblem {
        InputProblem::MissingField { field: "text".to_owned(), option: Some(FieldOption::Text) }
    }

    #[test]
    fn what_is_wrong_comes_with_the_flag_that_helps() {
        let guessed = InputProblem::Guessed { format: "CSV", problem: Box::new(missing()) };
        let inside = InputProblem::Inside { part: "form 2".to_owned(), problem: Box::new(missing()) };
        let text =
            "the field \"text\" is missing; every row must have it; choose another field with --text NAME";
        let sheet = TableProblem::EmptySheet { sheet: "A".to_owned(), others: "B, C".to_owned() };
        let column = CrowdProblem::NoSuchColumn {
            option: FieldOption::Item,
            name: "doc".to_owned(),
            known: "id, text".to_owned(),
        };
        for (said, words) in [
            (missing(), text.to_owned()),
            (guessed, format!("{text} (read as CSV, which is a guess; choose another format with --format)")),
            (inside, format!("form 2: {text}")),
            (
                sheet.into(),
                "the sheet \"A\", which is read because it is the first one, has no rows below a header; \
                 the others are: B, C; name one with --sheet NAME"
                    .to_owned(),
            ),
            (
                column.into(),
                "--item-field names \"doc\", which is not a column; expected one of: id, text".to_owned(),
            ),
            (InputProblem::Forgotten, InputProblem::Forgotten.to_string()),
        ] {
            assert_eq!(problem(&said), words);
        }
        assert_eq!(error(&InputError::of_file("f", missing())), format!("f: {text}"));
    }

    #[test]
    fn how_a_file_was_read_comes_with_what_to_choose_otherwise() {
        let say = |choice| told(&Told { text: "t".to_owned(), choice });
        assert_eq!(say(None), "t");
        assert_eq!(say(Some(Choice::Sheet)), "t; choose one with --sheet NAME");
        assert_eq!(say(Some(Choice::Field(FieldOption::Label))), "t, which --label names");
        let leaks = Choice::LabelField { field: "kind".to_owned(), leaks: true };
        assert!(say(Some(leaks)).ends_with("leave it out with --meta, or name it with --label kind"));
    }
}
