//! Slots: the values that templates are filled with.
//!
//! A ticket's own facts (product, order number, plan, customer's first name) are drawn once and
//! stay the same all through it; every other slot is drawn at each use. The company, its products
//! and its plans are invented; people have first names only.

use super::draw::Draw;

/// The products, as they stand in the `product` field.
pub(crate) const PRODUCTS: &[&str] =
    &["Sprout", "Sprout Mini", "Grove", "Grove XL", "Tower", "Lumen Bar", "Drip Hub", "Root Sensor"];
const PRODUCT_WEIGHTS: [usize; 8] = [28, 16, 22, 10, 13, 4, 4, 3];
const PLANS: &[&str] =
    &["Pod Club", "Pod Club", "Pod Club Plus", "Ollenby Care", "Grow Plan", "yearly plan", "monthly plan"];
const NAMES: &[&str] = &[
    "Amelie", "Anders", "Bea", "Carlos", "Chidi", "Dana", "Deepa", "Eoin", "Fatima", "Felix", "Gemma",
    "Hana", "Hugo", "Ivana", "Jonas", "José", "Jürgen", "Kasia", "Kofi", "Lena", "Liam", "Maren", "Mateo",
    "Mei", "Nadia", "Noor", "Olu", "Oskar", "Paula", "Petra", "Priya", "Quentin", "Rosa", "René", "Sam",
    "Selin", "Siobhán", "Tariq", "Tess", "Uma", "Viktor", "Wes", "Yuki", "Zoë",
];
const AGENTS: &[&str] =
    &["Alma", "Bastian", "Corey", "Dot", "Elif", "Fabian", "Greta", "Imran", "Jo", "Kirsty", "Luka", "Moira"];
const CITIES: &[&str] = &[
    "Leeds", "Bristol", "Cork", "Austin", "Denver", "Portland", "Toronto", "Lyon", "Köln", "Zürich",
    "Málaga", "Porto", "Gdańsk", "Utrecht", "Aarhus", "Graz", "Halifax", "Tucson", "Dundee", "Ghent",
    "Malmö", "Perth", "Swansea", "Boise",
];
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SINCE: &[&str] = &[
    "since yesterday",
    "since this morning",
    "for about a week",
    "since the weekend",
    "for {days} days now",
    "since {weekday}",
    "again since {date}",
    "for weeks",
    "since we moved house",
    "since the last update",
    "all of a sudden",
    "out of the blue",
];
const ERRORS: &[&str] =
    &["E04", "E-12", "E17", "F2", "W3", "C-208", "error 31", "0x21", "P-51", "L7", "E4012", "S-9"];
const COURIERS: &[&str] = &["the courier", "the driver", "the carrier", "the parcel service", "the postman"];
const PLANTS: &[&str] = &[
    "basil",
    "mint",
    "lettuce",
    "tomatoes",
    "chillies",
    "coriander",
    "strawberries",
    "rocket",
    "parsley",
    "herbs",
    "seedlings",
    "kale",
    "jalapeños",
];
const RELATIVES: &[&str] = &[
    "my wife",
    "my husband",
    "my partner",
    "my flatmate",
    "my daughter",
    "my son",
    "my mother",
    "my dad",
    "a friend",
    "my neighbour",
    "my sister",
];

/// Whole units and cents.
const PRICES: [(usize, usize); 16] = [
    (14, 90),
    (9, 90),
    (79, 90),
    (149, 90),
    (24, 90),
    (219, 90),
    (12, 50),
    (99, 90),
    (19, 95),
    (4, 99),
    (299, 90),
    (39, 95),
    (119, 40),
    (29, 80),
    (64, 70),
    (174, 80),
];

/// What stays the same all through one ticket.
pub(crate) struct Facts {
    /// The product that the ticket is about: one of [`PRODUCTS`].
    pub(crate) product: &'static str,
    /// The customer's first name.
    pub(crate) name: &'static str,
    order: String,
    plan: &'static str,
}

impl Facts {
    /// Draws the facts of one ticket.
    pub(crate) fn new(draw: &mut Draw) -> Self {
        let product = PRODUCTS[draw.weighted(PRODUCT_WEIGHTS.into_iter())];
        let name = draw.pick(NAMES);
        let number = draw.between(20_000, 999_999);
        let order = match draw.below(4) {
            0 => format!("#{number}"),
            1 => format!("OL-{number}"),
            _ => number.to_string(),
        };
        Self { product, name, order, plan: draw.pick(PLANS) }
    }

    /// A value of `slot`; `None` when there is no such slot.
    pub(crate) fn value(&self, slot: &str, draw: &mut Draw) -> Option<String> {
        let value = match slot {
            "product" => self.product_name(draw),
            "name" => self.name.to_owned(),
            "order" => self.order.clone(),
            "plan" => self.plan.to_owned(),
            "other" => draw.pick(PRODUCTS).to_owned(),
            "agent" => draw.pick(AGENTS).to_owned(),
            "city" => draw.pick(CITIES).to_owned(),
            "month" => draw.pick(MONTHS).to_owned(),
            "weekday" => draw.pick(WEEKDAYS).to_owned(),
            "error" => draw.pick(ERRORS).to_owned(),
            "courier" => draw.pick(COURIERS).to_owned(),
            "plant" => draw.pick(PLANTS).to_owned(),
            "relative" => draw.pick(RELATIVES).to_owned(),
            "days" => draw.between(2, 19).to_string(),
            "few" => draw.pick(&["two", "three", "four", "five", "2", "3", "4", "6"]).to_owned(),
            "percent" => draw.between(5, 95).to_string(),
            "digits" => draw.between(1000, 9999).to_string(),
            "version" => format!("{}.{}.{}", draw.between(2, 5), draw.below(10), draw.below(20)),
            "amount" => amount(draw),
            "date" => date(draw),
            "since" => since(draw),
            _ => return None,
        };
        Some(value)
    }

    fn product_name(&self, draw: &mut Draw) -> String {
        match draw.below(10) {
            0 => format!("Ollenby {}", self.product),
            1 => self.product.to_lowercase(),
            2 => draw.pick(&["device", "unit", "garden", "thing", "planter", "machine"]).to_owned(),
            _ => self.product.to_owned(),
        }
    }
}

/// A price of the shop or a plan, nearly always; rarely any other sum.
fn amount(draw: &mut Draw) -> String {
    let (whole, cents) = if draw.chance(900) {
        PRICES[draw.weighted((0..PRICES.len()).map(|rank| 60 / (rank + 3)))]
    } else {
        (draw.between(15, 420), 50)
    };
    match draw.below(6) {
        0 | 1 => format!("€{whole}.{cents}"),
        2 => format!("{whole},{cents} €"),
        3 => format!("£{whole}.{cents}"),
        _ => format!("${whole}.{cents}"),
    }
}

fn date(draw: &mut Draw) -> String {
    let (day, month) = (draw.between(1, 28), draw.below(12));
    match draw.below(4) {
        0 => format!("{} {day}", MONTHS[month]),
        1 => format!("{day} {}", &MONTHS[month][..3]),
        2 => format!("{day:02}/{:02}", month + 1),
        _ => format!("the {day}{}", ordinal(day)),
    }
}

fn ordinal(day: usize) -> &'static str {
    match day {
        1 | 21 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

fn since(draw: &mut Draw) -> String {
    let days = draw.between(2, 19).to_string();
    let (weekday, date) = (draw.pick(WEEKDAYS), date(draw));
    draw.pick(SINCE).replace("{days}", &days).replace("{weekday}", weekday).replace("{date}", &date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_english() {
        let spelled: Vec<String> =
            [1, 2, 3, 4, 11, 21, 23].map(|day| format!("{day}{}", ordinal(day))).into();
        assert_eq!(spelled, ["1st", "2nd", "3rd", "4th", "11th", "21st", "23rd"]);
    }

    #[test]
    fn an_unknown_slot_has_no_value() {
        let mut draw = Draw::new(1, 1);
        let facts = Facts::new(&mut draw);
        assert_eq!(facts.value("nonsense", &mut draw), None);
        assert!(facts.value("since", &mut draw).is_some_and(|since| !since.contains('{')));
    }
}
