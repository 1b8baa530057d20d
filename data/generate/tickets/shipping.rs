//! Shipping tickets: parcels that are late, lost, damaged, wrong, or on their way back.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "shipping",
    share: 140,
    n_seed: 3,
    n_control: 18,
    remark_weight: 18,
    intents: &[LATE, DAMAGED, WRONG, MISSING, ADDRESS, RETURN, LOST, TIMING, CUSTOMS, PICKUP],
    remarks: &[
        "the [parcel|delivery] [took|came after] {days} days",
        "the box was [dented|open] when it [came|arrived]",
        "my last pods [came late|aren't here yet]",
        "tracking [has shown nothing|hasn't moved] for days",
        "I moved to {city}, [so the address has changed|please ship there]",
        "the return label [is|was] [missing|unreadable]",
        "one [bag of pods|lid|cable] was missing [in|from] the box",
        "{courier} left it [in the rain|with a neighbour]",
    ],
    topics: &[
        "It's about [my delivery|a parcel|my order].",
        "[Delivery|Shipping] [question|problem]:",
        "[Question|Complaint] about [the delivery|my parcel|the shipping]:",
        "There is a problem with [my delivery|the parcel].",
        "This is for your shipping department.",
        "[My parcel|My delivery] again.",
    ],
    asks: &[
        "[When|How soon] will it [arrive|be delivered|ship]?",
        "[Please|Can you] send [it|a replacement|another one].",
        "[Please|Can you] [ask|check with] the [courier|carrier|warehouse].",
        "Where is [it|the parcel] now?",
        "I need [it|the parcel|the delivery] by {weekday}.",
        "The delivery address is in {city}.",
        "Can you send me the tracking [number|link]?",
    ],
    hints: &[
        "Still [waiting|nothing|not here].",
        "[It|This] is not what I ordered.",
        "Any news about [order {order}|my order]?",
        "It was supposed to be here [by now|on {date}].",
    ],
};

const LATE: Intent = Intent {
    weight: 36,
    statements: &[
        "[Where is|What happened to|Any news about] my [order|parcel|package] {order}? It [was due|should have arrived|was promised for] {date}.",
        "I ordered [a {product}|pods|a {product} and pods] on {date} and [nothing has arrived|it still hasn't shipped|the status is still \"processing\"].",
        "The tracking [hasn't been updated|hasn't moved|says \"in transit\"] {since}.",
        "The [tracking number|tracking link] [you sent|in the mail] [doesn't exist|doesn't work|gives {error}].",
        "[Paid|I paid] extra for express and [{days} days later|] [still no parcel|the {product} is not here].",
    ],
    details: &[
        "It is a birthday present for {relative}.",
        "The last scan was in {city}.",
        "If it can't come [by {date}|this week] I [cancel|want to cancel] the order.",
        "{courier} [says|claims] you never handed it over.",
    ],
};

const DAMAGED: Intent = Intent {
    weight: 18,
    statements: &[
        "My {product} [arrived|came|was delivered] [broken|damaged|with a cracked tank|smashed].",
        "The [box|parcel] was [crushed|soaked|torn open] and the [lamp arm|lid|tank] is [broken|bent|scratched].",
        "[Half of|All of|Most of] the pods in [my delivery|order {order}] were [mouldy|frozen|crushed|dried out] [on arrival|when I opened the box].",
        "I unpacked the {product} today and [the glass is cracked|there are scratches all over|a foot has snapped off].",
    ],
    details: &[
        "Photos are attached.",
        "I [need|want] a replacement, [not a refund|quickly].",
        "{courier} would not [note|write down] the damage.",
        "It must have happened [on the way|in transit].",
    ],
};

const WRONG: Intent = Intent {
    weight: 12,
    statements: &[
        "I ordered a {product} and [got|received|was sent] a {other}.",
        "You sent [the wrong pods|{plant} instead of {plant}|somebody else's order|the wrong colour].",
        "[In the box|In my parcel] was [a {other}|a plug for another country], [not|instead of] what I ordered [in {order}|].",
    ],
    details: &[
        "The packing slip says {order}.",
        "How do I [swap|exchange] it?",
        "Who pays for [sending it back|the return]?",
    ],
};

const MISSING: Intent = Intent {
    weight: 9,
    statements: &[
        "The [power brick|pump|lid|pod tray|screw set] [is missing|was not in the box|wasn't included] [of my new {product}|].",
        "Only [one|{few}] of {few} [boxes|parcels|packs of pods] [arrived|came].",
        "The delivery was incomplete, [no pods|no manual and no cable|the nutrient bottle is missing].",
    ],
    details: &["The weight on the label is {few} kilos.", "The box was [sealed|not opened]."],
};

const ADDRESS: Intent = Intent {
    weight: 8,
    statements: &[
        "I [moved|am moving] to {city}, please [change|correct|update] the [delivery|shipping] address [of order {order}|for my next pods].",
        "I [typed|entered|gave] the wrong [house number|postcode|address] [in|for] order {order}, can it still be changed?",
        "The [parcel|pods] [went|were sent] to my old address in {city} [again|].",
    ],
    details: &[
        "It has not shipped yet [I think|according to the page].",
        "The new address is [in my account|saved] already.",
    ],
};

const RETURN: Intent = Intent {
    weight: 6,
    statements: &[
        "I [want|would like|need] to [return|send back] [my {product}|order {order}], [how do I get a label|where do I send it].",
        "{courier} [never came|didn't show up|refused] to [collect|pick up] the return [on {date}|].",
        "The return label [can't be printed|has expired|is for the wrong parcel size].",
    ],
    details: &["It is [unused|still in its box].", "The {few} week period ends on {date}."],
};

const LOST: Intent = Intent {
    weight: 5,
    statements: &[
        "Order {order} is [marked|shown] as delivered [but|and] I [never got|don't have|haven't received] it.",
        "{courier} [says|claims] [the parcel was left at the door|a neighbour took it|I signed for it], [I didn't|there is nothing|not true].",
        "My parcel was [stolen from the porch|left outside and is gone].",
    ],
    details: &[
        "I asked [all the neighbours|everybody in the house].",
        "The signature isn't mine.",
        "I was home all day.",
    ],
};

const TIMING: Intent = Intent {
    weight: 3,
    statements: &[
        "[Can|Could] you [send|ship|move] my [next|] pods [a week later|earlier|every second month], [I'm away|we're on holiday] [in {month}|until {date}].",
        "My [monthly|] pods [come|arrive] [later each month|too early|always on a {weekday} when nobody is home].",
    ],
    details: &["The [fridge|cupboard] is full of pods.", "{weekday} would be best."],
};

const CUSTOMS: Intent = Intent {
    weight: 2,
    statements: &[
        "The parcel [is stuck|is held|sits] in customs and they want {amount} [from me|].",
        "Do you [ship|deliver] to {city} [and what does it cost|]?",
    ],
    details: &["They ask for [a commercial invoice|the value of the goods]."],
};

const PICKUP: Intent = Intent {
    weight: 1,
    statements: &[
        "The [parcel shop|pick-up point] in {city} [is closed|can't find my parcel|sent it back].",
        "Can I [collect|pick up] order {order} [myself|at a parcel shop]?",
    ],
    details: &["I have the [code|collection slip] {digits}."],
};
