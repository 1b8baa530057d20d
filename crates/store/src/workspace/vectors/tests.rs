//! The names of parts.

use super::*;

#[test]
fn only_the_names_that_are_given_are_names_of_parts() {
    for part in [1, 17, 9_999, 10_000] {
        assert_eq!(part_number(&file_name(part)), Some(part));
    }
    for name in [
        "0000.vectors",
        "1.vectors",
        "00001.vectors",
        "+001.vectors",
        "0001.vectors.old",
        "0001",
        "x.vectors",
    ] {
        assert_eq!(part_number(name), None, "{name}");
    }
}
