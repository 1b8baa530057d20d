//! Reads when an answer was given and how long it took, from a crowdsourcing platform's columns:
//!
//! | platform | time of the answer | time of its beginning | seconds |
//! |---|---|---|---|
//! | Mechanical Turk | `SubmitTime` | `AcceptTime` | `WorkTimeInSeconds` |
//! | Toloka | `ASSIGNMENT:submitted` | `ASSIGNMENT:started` | |
//! | Appen | `_created_at` | `_started_at` | |
//!
//! Toloka and Appen measure the time for a page of several tasks; the caller divides it among them.
//! If a time cannot be parsed, the answer still counts.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::Header;
use super::platform::Platform;

/// The names of a platform's columns with times, if the file has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// The column with the time of the answer.
    given: Option<String>,
    /// The column with the time at which the annotator began.
    begun: Option<String>,
    /// The column with the duration in seconds.
    seconds: Option<String>,
}

/// The times in one row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Times {
    /// The time of the answer.
    pub(super) given: Option<Timestamp>,
    /// How long the answer took, in seconds, at least 0; if `page` is given, how long the whole
    /// page took.
    pub(super) seconds: Option<f64>,
    /// A key that is the same for all answers on one page; `None` if the time is for this answer
    /// alone.
    pub(super) page: Option<String>,
    /// The first time in the row that cannot be parsed.
    pub(super) odd: Option<String>,
}

impl Clock {
    /// Finds a platform's columns with times in a header.
    pub(super) fn of(platform: Platform, header: &Header<'_>) -> Self {
        let column = |name: &str| header.at(name).map(|at| header.names[at].to_owned());
        match platform {
            Platform::MechanicalTurk => Self {
                given: column("submittime"),
                begun: column("accepttime"),
                seconds: column("worktimeinseconds"),
            },
            Platform::Toloka => Self {
                given: column("assignment:submitted"),
                begun: column("assignment:started"),
                seconds: None,
            },
            Platform::Appen => {
                Self { given: column("_created_at"), begun: column("_started_at"), seconds: None }
            }
            Platform::TruthInference => Self::default(),
        }
    }

    /// Reads the times in a row. `cell` takes the name of a column and returns the text of the
    /// row's cell in that column.
    pub(super) fn read(&self, cell: impl Fn(&str) -> String) -> Times {
        let text = |column: &Option<String>| column.as_deref().map(&cell).unwrap_or_default();
        let [given, begun, seconds] = [&self.given, &self.begun, &self.seconds].map(text);
        let mut times = Times::default();
        let mut moment = |text: &str| {
            let found = moment(text);
            if found.is_none() && !text.is_empty() {
                times.odd.get_or_insert_with(|| text.to_owned());
            }
            found
        };
        let (ended, started) = (moment(&given), moment(&begun));
        times.given = ended;
        if !seconds.is_empty() {
            times.seconds = seconds.parse().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
            if times.seconds.is_none() {
                times.odd.get_or_insert(seconds);
            }
        } else if let (Some(ended), Some(started)) = (ended, started) {
            let took: SignedDuration = ended.duration_since(started);
            times.seconds = Some(took.as_secs_f64()).filter(|seconds| *seconds >= 0.0);
            // All answers on a page have the same two times, so the times identify the page.
            times.page = Some(format!("{begun} {given}"));
        }
        times
    }
}

/// Parses a time as platforms write it: RFC 3339 with or without a time zone, `5/14/2019 08:18:33`,
/// or `Tue May 14 08:18:33 PDT 2019`. A time without a time zone is read as UTC, because Toloka and
/// Appen mean UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return utc(civil);
    }
    for form in ["%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC"] {
        if let Ok(civil) = DateTime::strptime(form, text) {
            return utc(civil);
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, zone, year] = words[..] else { return None };
    let hours = match zone {
        "PDT" => -7,
        "PST" => -8,
        "UTC" | "GMT" => 0,
        _ => return None,
    };
    let civil = DateTime::strptime("%b %d %H:%M:%S %Y", format!("{month} {day} {clock} {year}")).ok()?;
    let zone = TimeZone::fixed(Offset::from_hours(hours).ok()?);
    civil.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_platforms_write_them() {
        for text in [
            "2019-05-14T15:18:33Z",
            "2019-05-14T15:18:33",
            "2019-05-14 15:18:33",
            "5/14/2019 15:18:33",
            "Tue May 14 08:18:33 PDT 2019",
            "Tue May 14 07:18:33 PST 2019",
            "2019-05-14 15:18:33 UTC",
        ] {
            let found = moment(text).map(Timestamp::as_second);
            assert_eq!(found, Some(1_557_847_113), "{text}");
        }
        for text in ["", "soon", "Tue May 14 08:18:33 XYZ 2019", "14.05.2019"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_row_has_a_duration_or_two_times() {
        let clock = |platform, names: &[&str]| {
            let folded = names.iter().map(|name| name.to_lowercase()).collect();
            Clock::of(platform, &Header { names, folded })
        };
        let turk = clock(Platform::MechanicalTurk, &["WorkTimeInSeconds", "SubmitTime"]);
        let cell = |name: &str| if name == "SubmitTime" { "x".to_owned() } else { "12".to_owned() };
        let times = turk.read(cell);
        assert_eq!((times.seconds, times.page, times.odd.as_deref()), (Some(12.0), None, Some("x")));
        let toloka = clock(Platform::Toloka, &["ASSIGNMENT:started", "ASSIGNMENT:submitted"]);
        let cell = |name: &str| {
            format!(
                "2019-05-14T08:18:{}",
                if name.ends_with("ed") && name.contains("sub") { "40.5" } else { "33" }
            )
        };
        let times = toloka.read(cell);
        assert!(times.seconds == Some(7.5) && times.page.is_some() && times.given.is_some(), "{times:?}");
        assert_eq!(toloka.read(|_| String::new()), Times::default());
    }
}
