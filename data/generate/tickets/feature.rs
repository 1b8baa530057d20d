//! Feature tickets: wishes and proposals, some of them put as complaints or questions.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "feature",
    share: 84,
    n_seed: 2,
    n_control: 14,
    remark_weight: 11,
    intents: &[SCHEDULE, SMART_HOME, NOTIFY, LOOKS, EXPORT, PODS, PAUSE, SHARING, ACCESS, DEVELOPER],
    remarks: &[
        "a dark mode would be nice",
        "it would be great if the app could [send reminders|show a week at a glance]",
        "I wish there was [a bigger tank|a widget|more choice of pods]",
        "you should [really|] think about [a web version|a vacation mode]",
        "will there be [new pods|a bigger model] this year",
        "maybe one day you could [let us set two timers|support more voice assistants]",
    ],
    topics: &[
        "I have [a suggestion|an idea|a wish].",
        "[Feature request|Suggestion|Idea]:",
        "[A wish|An idea|A suggestion] for the {product}:",
        "[Some|A little] feedback [on the app|]:",
        "This is [a proposal|a wish], not a complaint.",
        "Something is missing [in the app|].",
    ],
    asks: &[
        "[I think|I'm sure] [many|other] [customers|people] would [like|use] [that|it].",
        "That would [make|be] [my life easier|a great improvement].",
        "[Please|Could you] pass this on to [the developers|your product team].",
        "Is [this|that] [planned|on your roadmap]?",
        "Just [an idea|a suggestion|my wish list].",
        "I would [love|really like] that.",
        "[Keep up the good work|Otherwise I love it].",
    ],
    hints: &[
        "[Just|Only] a [thought|suggestion|question] about the {product}.",
        "Why is [this|that] not possible?",
        "It could be [so much|] better.",
        "[Is|Will] this [planned|coming]?",
    ],
};

const SCHEDULE: Intent = Intent {
    weight: 26,
    statements: &[
        "[Please add|It would be great to have|I'd love] [two|several|different] light schedules [per day|for weekdays and weekends|per plant].",
        "There is no way to [set|choose] [the pump interval|sunrise and sunset times|a slow dimming], [why not|please add that].",
        "Could the lamp [follow|use] the [real|local] sunrise [instead of a fixed time|]?",
        "I [want|would like] to [copy|reuse] the settings of one {product} for [another|my {other}].",
    ],
    details: &["[The|An] old [timer plug|kitchen timer] could do that.", "My {plant} would [love|need] it."],
};

const SMART_HOME: Intent = Intent {
    weight: 20,
    statements: &[
        "[Do you plan|Are there plans|Any plans] to [support|work with] [voice assistants|smart home hubs|Matter]?",
        "[Please make|Can you make] the {product} [work with|talk to|show up in] my [smart home|home hub|home automation].",
        "I want to [switch|control] the lamp [by voice|from a wall switch|with a routine].",
    ],
    details: &[
        "[Every|Even the cheapest] [light bulb|plug] can do this [now|].",
        "I would [pay|even pay] {amount} for it.",
    ],
};

const NOTIFY: Intent = Intent {
    weight: 15,
    statements: &[
        "[Could|Can] the app [send|give] me [a message|a notification|an alert] when [the tank is low|my {plant} are ready|the pump stops]?",
        "The [app|{product}] [should|could] [remind me|warn me] [a day before|in time] to [add nutrients|refill|order pods].",
        "I get too many notifications, [an option|a setting] [to choose which ones|for quiet hours] would [help|be good].",
        "An e-mail [before|{few} days before] the next charge or [shipment|delivery] would be [useful|fair].",
    ],
    details: &["A weekly summary would do.", "Right now I have to [look|check] [every day|myself]."],
};

const LOOKS: Intent = Intent {
    weight: 11,
    statements: &[
        "[Please|Could you please] [add|bring] [a dark mode|a widget|a landscape view|a tablet layout] [to the app|].",
        "The [new|] app [design|layout] [takes too many taps|hides the water level], [bring back|I preferred] the old [one|home screen].",
        "I [miss|would like] [a calendar|a photo diary|a garden overview] in the app.",
    ],
    details: &["At night it is [far too bright|blinding].", "{relative} says the same."],
};

const EXPORT: Intent = Intent {
    weight: 9,
    statements: &[
        "[Is there a way|I'd like|Can you add an option] to [export|download] my [sensor data|plant history|measurements] [as a table|to a spreadsheet|]?",
        "[It'd be|It would be] [nice|handy] to see [more than a week|a whole year] of [readings|history|temperature].",
        "Please show the [water use|power consumption] [per month|in the app].",
    ],
    details: &[
        "I keep [a notebook|a spreadsheet] by hand [now|].",
        "Our school [class|project] would use it.",
    ],
};

const PODS: Intent = Intent {
    weight: 8,
    statements: &[
        "[When|Will|Any chance] you [sell|bring|offer] [pods for|seed pods with|] {plant}?",
        "[Empty|Refillable|Compostable] pods [for my own seeds|] would be [a great idea|something I'd buy].",
        "I'd like to [choose|swap|pick] the [plants|pods] in my [{plan}|box] [myself|each month].",
        "A [bigger tank|taller lamp arm|wall mount] for the {product} would [be great|sell well].",
    ],
    details: &["[We eat|Here everybody likes] {plant} [all year|].", "Others [offer|sell] this."],
};

const PAUSE: Intent = Intent {
    weight: 4,
    statements: &[
        "A [vacation|holiday|winter] mode that [uses less water|keeps plants alive|dims the light] [for {few} weeks|] would be [great|useful].",
        "[Why can't I|I'd like to] [skip|pause] [a single month|one delivery] [in the app|with one tap] [instead of writing to you|]?",
    ],
    details: &["We are away [every {month}|a lot]."],
};

const SHARING: Intent = Intent {
    weight: 3,
    statements: &[
        "[Please let|Let] [us|a family] have [separate logins|several users|guest access] for [one garden|one {product}].",
        "[Could|Can] there be a [read-only|child] account [for the kids|for {relative}]?",
    ],
    details: &["Sharing my password [isn't nice|feels wrong]."],
};

const ACCESS: Intent = Intent {
    weight: 2,
    statements: &[
        "[Larger|Bigger] [text|buttons] [in the app|] [would help|please], [my eyes are not what they were|{relative} can't read it].",
        "[When|Will] the app [speak|be available in] [Polish|Portuguese|Welsh|Greek]?",
    ],
    details: &["The screen reader [skips|misses] half of the buttons."],
};

const DEVELOPER: Intent = Intent {
    weight: 2,
    statements: &[
        "[Do you have|Is there] [an API|a developer programme] [for the {product}|]?",
        "[A local|An offline] mode without your cloud would be [important to me|good].",
    ],
    details: &["I would [write|build] a small script [with it|]."],
};
