//! Technical tickets: the device or the app does not do what it should.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "technical",
    share: 340,
    n_seed: 11,
    n_control: 30,
    remark_weight: 26,
    intents: &[WIFI, PUMP, LAMP, APP, SENSOR, UPDATE, LEAK, PAIRING, CHARGING, OUTAGE],
    remarks: &[
        "the app [crashes|freezes] now and then",
        "the [pump|lamp] makes a funny noise",
        "my {product} [drops off the wifi|goes offline] [sometimes|every few days]",
        "the water level [reading|sensor] is a bit off",
        "{error} shows up on the display [sometimes|once in a while]",
        "the lamp flickers when I [plug it in|turn it on]",
        "the [firmware|last] update took [ages|three tries]",
        "the [blue|red] light [keeps blinking|is on], no idea if that matters",
        "the app is really slow on my phone",
        "there is a little water under the tray",
    ],
    topics: &[
        "It's about a technical [problem|fault].",
        "Technical [question|problem]:",
        "My {product} has a [technical|] fault.",
        "[Trouble|Problem] with the {product}:",
        "[Device|Hardware] problem again.",
        "I need technical [help|support].",
    ],
    asks: &[
        "[How do I|How can I] [fix|repair|reset] it?",
        "[Is it|Could it be] a [faulty part|hardware fault|defect]?",
        "Is the {product} broken or is it the app?",
        "Do I need a [replacement|new one|spare part]?",
        "[Please help me|I need help] to get it [working|running] again.",
        "It [worked|ran] fine before.",
        "What does the error mean?",
    ],
    hints: &[
        "It [just stopped|doesn't work any more|is acting up again].",
        "The {product} is [playing up|not right|being weird] again.",
        "It [worked|was fine] yesterday and now it doesn't.",
        "Something is [wrong|broken] with my {product}.",
        "I tried [everything|turning it off and on], nothing helps.",
    ],
};

const WIFI: Intent = Intent {
    weight: 34,
    statements: &[
        "[My|The|Our] {product} [won't|does not|refuses to|can't] [connect to|join|find] [the|my|our] [wifi|wi-fi|WLAN|wireless network|home network] {since}.",
        "{since} the {product} [keeps dropping|loses|drops] its [wifi|internet|network] connection [every few minutes|several times a day|at night].",
        "The app says \"device offline\" {since} [although|even though] the [router|wifi] is [right next to it|fine for everything else].",
        "After [changing|swapping|replacing] our router the {product} [doesn't come online any more|stays offline|only shows {error}].",
        "[Does the {product} only connect|Is it true that the {product} only works] on 2.4 GHz? Mine [blinks red|can't see the network] and never gets online.",
        "The status light [blinks orange|flashes|stays red] and the garden is [not reachable|offline] [from outside|when I'm not home].",
    ],
    details: &[
        "I have [restarted|rebooted|reset] the router [and the {product}|twice|{few} times] already.",
        "My phone is on the same network and [everything else|the TV] works.",
        "It shows {error} [right after|during] the connection test.",
        "Signal strength at that spot is {percent} percent.",
        "I even entered the wifi password again, [nothing|no luck|same error].",
    ],
};

const PUMP: Intent = Intent {
    weight: 22,
    statements: &[
        "The [water pump|pump] [in|of] my {product} [has stopped|stopped working|is dead|doesn't run any more] {since}.",
        "No water [comes up|reaches the pods|is circulating] [although|even though] the [tank|reservoir] is full, and the {product} shows {error}.",
        "The pump [runs non-stop|never switches off|only runs for a few seconds] {since} and the {plant} [is dying|are drying out|look awful].",
        "I [cleaned|descaled|rinsed] the pump [as described|like the manual says] and it [still hums|still does nothing|just clicks] [without moving any water|].",
        "Watering cycle [fails|stops] halfway with {error} {since}.",
    ],
    details: &[
        "The filter is clean and the hose isn't [blocked|kinked].",
        "You can hear it [humming|buzzing] but nothing moves.",
        "All my {plant} [wilted|died] because of it.",
        "I [unplugged|disconnected] it for [ten minutes|a night] as the help page says.",
    ],
};

const LAMP: Intent = Intent {
    weight: 12,
    statements: &[
        "[Half|One row|A third] of the [LEDs|lights] on my {product} [went dark|are out|stopped working] {since}.",
        "The grow [light|lamp] [flickers|flashes|dims by itself] {since}, [mostly in the evening|it gives me a headache|].",
        "The [lamp|light] [stays on all night|doesn't switch off|ignores the timer] {since}.",
        "The {product} lamp is [dead|not turning on|totally dark], the [rest|pump] still works.",
        "Lamp arm [gets very hot|smells burnt|is too hot to touch] after [an hour|{few} hours].",
    ],
    details: &[
        "I tried [another socket|a different outlet|the other power brick].",
        "Brightness in the app is set to {percent} percent.",
        "The {plant} [are getting leggy|is leaning to one side].",
        "It happens with [both|all] modes.",
    ],
};

const APP: Intent = Intent {
    weight: 9,
    statements: &[
        "The [app|Ollenby app] [crashes|closes|freezes] [as soon as I open it|on the start screen|every time I tap on my garden|right after login] {since}.",
        "{since} the app only shows a [white|blank|grey] screen [on my tablet|on my phone|after I log in].",
        "Push messages from the app [never arrive|arrive hours late] and the plant pictures [don't load|stay empty].",
        "The app [hangs|gets stuck] at \"loading your garden\" [forever|and then shows {error}|].",
        "When I [open|tap] the order history in the app it [crashes|freezes].",
    ],
    details: &[
        "App version {version}.",
        "I have [reinstalled|deleted and installed] it {few} times.",
        "My phone is [only a year old|up to date|an older model but it always worked].",
        "On {relative}'s phone it [works|is the same].",
        "Clearing the cache [didn't help|changed nothing].",
    ],
};

const SENSOR: Intent = Intent {
    weight: 7,
    statements: &[
        "The [Root Sensor|moisture sensor|sensor] [always reads|is stuck at|shows] {percent} percent [no matter what|even in dry soil|{since}].",
        "The app [says|reports] the [tank|reservoir] is empty [but|while] it is [full|almost full].",
        "Temperature [in the app|on the display] is [way off|{few} degrees too high|nonsense] {since}.",
        "The nutrient [reading|value|sensor] [jumps around|goes up and down|is obviously wrong] {since}.",
    ],
    details: &[
        "I [calibrated|recalibrated] it [twice|as described].",
        "Wiping the contacts made no difference.",
        "It asks for more water although the tray is [flooded|wet].",
    ],
};

const UPDATE: Intent = Intent {
    weight: 5,
    statements: &[
        "[Firmware|The] update {version} [is stuck|hangs|stops] at {percent} percent [and then {error}|{since}|].",
        "[After|Since] the update to {version} my {product} [restarts by itself|does not boot|is bricked|forgets its settings].",
        "The {product} [keeps asking|wants me] to update and then says [the update failed|{error}|it is up to date].",
        "Is there a way to [go back|roll back] to the [old|previous] firmware? {version} [broke|ruined] [the lamp timing|everything].",
    ],
    details: &[
        "I left it plugged in overnight.",
        "The display [just|only] shows the logo.",
        "Before {version} [all was fine|there was no problem].",
    ],
};

const LEAK: Intent = Intent {
    weight: 4,
    statements: &[
        "My {product} is [leaking|dripping|losing water], there is a puddle [on the counter|on the floor|under it] every morning.",
        "Water [comes out|seeps out|drips] [at the bottom|from the seal|where the tank meets the base] {since}.",
        "The [tank|reservoir] has a [hairline crack|crack] [now|] after {few} months of [normal|careful] use.",
    ],
    details: &[
        "The [worktop|wooden floor] is [swollen|damaged] already.",
        "I [tightened|reseated] the seal, [still wet|it did not help].",
    ],
};

const PAIRING: Intent = Intent {
    weight: 3,
    statements: &[
        "I can't [pair|set up|add] my new {product}, the app [doesn't find it|stops at step {few}|says {error}].",
        "Bluetooth pairing [fails|times out] [each time|on both phones|{since}].",
        "Scanning the code on the back [does nothing|gives {error}], how do I [finish|complete] the setup?",
    ],
    details: &[
        "Location and Bluetooth are [on|allowed].",
        "I followed the [leaflet|quick start card] [to the letter|].",
        "The old {other} paired in a minute.",
    ],
};

const CHARGING: Intent = Intent {
    weight: 2,
    statements: &[
        "The [Root Sensor|sensor|Drip Hub] [won't charge|doesn't charge|isn't charging] any more {since}.",
        "Battery [lasts|holds] only {few} [hours|days] [per charge|after a full charge] {since}.",
        "The charge light [never turns green|goes off after a minute], [a different cable|another charger] is no better.",
    ],
    details: &["I used the original cable.", "It was [at {percent} percent|full] yesterday."],
};

const OUTAGE: Intent = Intent {
    weight: 2,
    statements: &[
        "After [a power cut|the power went out|unplugging it] the {product} [forgot its schedule|lost all settings|has the wrong time].",
        "The clock [is wrong|is off by an hour] {since} so the light comes on [at night|at 4 in the morning].",
        "The {product} makes a [loud grinding|rattling|high-pitched] noise {since}.",
    ],
    details: &[
        "I have to [set it up|enter the times] again each time.",
        "It [wakes|drives] [everybody|us] [up|mad].",
    ],
};
