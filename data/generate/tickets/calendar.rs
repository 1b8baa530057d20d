//! The calendar: minutes of 2026 as timestamps. Nothing here reads a clock.

const DAYS_OF_MONTH: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Minutes in the year 2026.
pub(crate) const MINUTES: u32 = 365 * 24 * 60;

/// The minute of 2026 (from 0, below [`MINUTES`]) in RFC 3339, UTC.
pub(crate) fn timestamp(minute: u32) -> String {
    let (mut day, in_day) = (minute / 1440, minute % 1440);
    let mut month = 0;
    while month < 11 && day >= DAYS_OF_MONTH[month] {
        day -= DAYS_OF_MONTH[month];
        month += 1;
    }
    format!("2026-{:02}-{:02}T{:02}:{:02}:00Z", month + 1, day + 1, in_day / 60, in_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_starts_and_ends_where_it_should() {
        assert_eq!(timestamp(0), "2026-01-01T00:00:00Z");
        assert_eq!(timestamp((31 + 28) * 1440 + 61), "2026-03-01T01:01:00Z");
        assert_eq!(timestamp(MINUTES - 1), "2026-12-31T23:59:00Z");
    }
}
