//! Account tickets: logging in, personal data, households, ownership of devices.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "account",
    share: 180,
    n_seed: 5,
    n_control: 22,
    remark_weight: 20,
    intents: &[PASSWORD, LOCKED, EMAIL, CODES, HOUSEHOLD, LOGOUT, MERGE, DELETE, OWNER, PROFILE],
    remarks: &[
        "I had to log in {few} times to write this",
        "my e-mail address [has changed|is out of date in your system]",
        "I forgot my password [again|] so I write from another address",
        "could you [also|] correct the spelling of my name",
        "the account is in [{relative}'s name|the name of {relative}]",
        "the login page [keeps sending|sent] me [back|in circles]",
        "{relative} should have access [to the account|] too",
        "I [never|still don't] get the [verification|confirmation] mail",
    ],
    topics: &[
        "It's about my [account|login].",
        "[Login|Account] [question|problem]:",
        "[Trouble|Problem] with my [account|login|password]:",
        "I have a problem [logging in|signing in|with my account].",
        "This is about my [user account|personal data].",
        "My [account|login] again.",
    ],
    asks: &[
        "[Please|Can you] [reset|update|check] my [account|login|profile].",
        "I need [access|to get into my account] [today|again].",
        "How can I [log in|sign in] [again|]?",
        "[Please|Can you] send me a new link.",
        "What do you need to [verify|confirm] that it is my account?",
        "My user name is {name}{few}.",
        "I can't [do|see] anything without [my login|access].",
    ],
    hints: &[
        "I can't get [in|anywhere] [any more|].",
        "My [profile|data|details] [is|looks] wrong.",
        "It [doesn't recognise|does not know] me any more.",
        "It [keeps asking|asks] me the same thing [over and over|again and again].",
    ],
};

const PASSWORD: Intent = Intent {
    weight: 34,
    statements: &[
        "The [password reset|reset] [mail|e-mail|link] [never arrives|doesn't come|isn't in my spam folder either].",
        "I [forgot|can't remember] my password and the reset link [is expired|says {error}|opens an empty page].",
        "I [reset|changed] my password and [still can't|can not] [log in|sign in] [to the app|on the website|].",
        "My [new|] password is [not accepted|rejected] [although|even though] it [works|worked] [on the website|yesterday].",
        "[How|Where] can I [change|set] my password [without the old one|]?",
    ],
    details: &[
        "I requested it {few} times [today|].",
        "Other mails from you [arrive|get through].",
        "I [checked|looked in] the spam folder.",
        "Caps lock is off, before you ask.",
    ],
};

const LOCKED: Intent = Intent {
    weight: 20,
    statements: &[
        "My account [is locked|has been locked|got blocked|was suspended] [after too many attempts|for no reason|{since}].",
        "I get \"[account disabled|access denied|too many attempts]\" when I [log in|sign in|try to order].",
        "[Please unlock|Can you unlock|I need you to unlock] my account, I [have to|need to] [water the {plant}|change my order|get to my pods].",
        "[Since|After] [I paid late|changing the card|the declined payment] my login [is blocked|doesn't work].",
    ],
    details: &[
        "I only mistyped it [once|twice].",
        "The message [gives|shows] {error} and no explanation.",
        "The wait of {few} hours is over [long ago|].",
    ],
};

const EMAIL: Intent = Intent {
    weight: 13,
    statements: &[
        "I [want|need|would like] to change the [e-mail|email|mail] address [of|on] my account, the old one [no longer exists|was at my former employer|is being shut down].",
        "I changed my e-mail address and now [can't log in|the app knows neither the old nor the new one|get no confirmation].",
        "My mail address was [misspelled|entered wrong] [when I signed up|at the checkout|], [can you correct it|so I can't confirm it].",
        "The [confirmation|verification] link for my new address [is invalid|gives {error}|expired].",
    ],
    details: &[
        "The old [mailbox|address] is gone for good.",
        "The orders should stay with [it|the account].",
    ],
};

const CODES: Intent = Intent {
    weight: 10,
    statements: &[
        "I [don't get|never receive] [the|any] [text message|SMS|six-digit code|code] when I [log in|sign in].",
        "I have a new [phone|number] and [can't get past|am stuck at] the [two-factor|2FA|second step] [page|].",
        "The [authenticator|login] code is [always wrong|rejected|refused with {error}].",
        "I [lost|broke|dropped] my phone, how do I [log in|get in] without the code?",
    ],
    details: &[
        "The last digits of the new number are {digits}.",
        "The recovery codes are [lost|used up|gone].",
        "I waited {few} minutes, it never came.",
    ],
};

const HOUSEHOLD: Intent = Intent {
    weight: 6,
    statements: &[
        "I [can't|want to|tried to] add {relative} to [our|my] [household|home|garden], the invitation [never arrives|is invalid|says {error}].",
        "{relative} [was removed|disappeared|got kicked out] from our household {since}.",
        "{relative} can see the {product} but not [change anything|water it], how do I [give|change] [the rights|permission]?",
        "We [split up|moved apart], how do I remove [my ex|{relative}] from the account?",
    ],
    details: &["I am the owner [of the household|].", "Both of us have [the app|a login]."],
};

const LOGOUT: Intent = Intent {
    weight: 5,
    statements: &[
        "I [get|am] logged out [every day|each time I close the app|all the time] {since}.",
        "The app [asks for|wants] my password [every time|{few} times a day].",
        "I'm logged in but [see someone else's garden|my gardens are gone|my order history is empty].",
    ],
    details: &["\"Stay signed in\" is ticked.", "It's the same on [my tablet|the website]."],
};

const MERGE: Intent = Intent {
    weight: 4,
    statements: &[
        "I have two accounts [by mistake|], [one from the shop and one from the app|with different mails], please [merge|combine|join] them.",
        "My {product} is on [one|my old] account and the [{plan}|subscription] on [another|the new one].",
    ],
    details: &["Keep the one with order {order}.", "Both are in my name."],
};

const DELETE: Intent = Intent {
    weight: 3,
    statements: &[
        "[Please delete|I want you to delete|Kindly erase] my account and all [data|personal data] [you have about me|].",
        "I want a copy of [all|the] data you [store|hold] about me [under the GDPR|].",
        "[Unsubscribe me|Take me off your list], I get your newsletter [although|even though] I [closed my account|opted out].",
    ],
    details: &["Send me a confirmation [in writing|].", "I [asked|requested] this on {date} already."],
};

const OWNER: Intent = Intent {
    weight: 3,
    statements: &[
        "I [bought|got] a used {product} and it is [still registered|still linked] to [the previous owner|somebody else].",
        "I [sold|gave away] my {product} to {relative}, how do I [transfer|release|unlink] it?",
    ],
    details: &["The serial ends in {digits}.", "The [seller|previous owner] doesn't answer."],
};

const PROFILE: Intent = Intent {
    weight: 2,
    statements: &[
        "My [last name|surname|name] [changed|is wrong] [since I got married|in the profile|], [where|how] do I [edit|fix] it?",
        "The [profile|settings] page [won't let me|doesn't let me] [change the country|edit my birthday|save anything].",
        "[How|Where] do I change the [language|country] of my account?",
    ],
    details: &["I moved from {city} to {city}."],
};
