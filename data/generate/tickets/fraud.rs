//! Fraud tickets: somebody else acted, in the customer's name or in the company's.
//!
//! They share nearly all their words with billing (charges, cards, refunds) and account (e-mail,
//! password, login) tickets on purpose; what sets them apart is who did it.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "fraud",
    share: 16,
    n_seed: 1,
    n_control: 10,
    remark_weight: 3,
    intents: &[CARD, TAKEOVER, PHISHING, ORDERS, CALL, SHOP, GIFT, IDENTITY],
    remarks: &[
        "I hope this mail isn't phishing, [one never knows|the last one looked fake]",
        "I don't give my card number on the phone, [too many scams|I'm careful]",
        "a [strange|suspicious] mail in your name came too, I deleted it",
        "is the [text message|mail] about my account really from you",
    ],
    topics: &[
        "[Urgent|Security problem]:",
        "It's about [my account|a payment|a mail from you].",
        "[Question|Complaint] about [a payment|an order]:",
        "I [think|fear] this is fraud.",
        "Something [suspicious|strange] [happened|is going on].",
    ],
    asks: &[
        "[Please|Can you] [investigate|look into] this [at once|urgently|].",
        "Is my [data|card|account] [safe|still safe]?",
        "I did not do this.",
        "Who [did|is behind] [this|that]?",
        "Please [block|stop|freeze] [it|everything] [immediately|].",
        "Should I [call|go to] the police?",
        "This must be [fraud|a scam|somebody else].",
    ],
    hints: &[
        "[This|That] wasn't me.",
        "I [don't know|have no idea] who did [this|that].",
        "Is this [really|] from you?",
    ],
};

const CARD: Intent = Intent {
    weight: 34,
    statements: &[
        "There [is a charge|are {few} charges] of {amount} from Ollenby on my card that I [never made|did not authorise|don't recognise].",
        "My [card|credit card|wallet] was stolen on {date} and [someone|somebody] [paid|bought a {product}] with it [at your shop|].",
        "Ollenby [took|charged] {amount} [from my card|] [but|and] I have never [been a customer|ordered anything from you].",
        "[Somebody|Someone|A stranger] used my card for [order {order}|a {plan}].",
    ],
    details: &[
        "My bank [told me to write to you|has blocked the card].",
        "I have [reported it to|filed a report with] the police, reference {digits}.",
        "I want the [money|{amount}] back and the order stopped.",
        "Nobody else has [access to|] my card.",
    ],
};

const TAKEOVER: Intent = Intent {
    weight: 24,
    statements: &[
        "[Someone|Somebody|A stranger] [changed|replaced] the [e-mail address|password|phone number] [on|of] my account and I can't [log in|get in] any more.",
        "I got a mail that my password was [changed|reset], [I didn't do that|that wasn't me].",
        "My account [was|has been] [hacked|taken over|broken into], there is [a new address|a login from {city}|an unknown device] [in it|].",
        "[There was|I see] a login from {city} at [night|3 am], I have never been there.",
    ],
    details: &[
        "[Please block|Lock] the account [at once|until this is clear].",
        "They also [ordered|tried to order] [a {product}|for {amount}].",
        "I use that password nowhere else.",
        "My saved card is in there.",
    ],
};

const PHISHING: Intent = Intent {
    weight: 16,
    statements: &[
        "I [got|received] [a mail|an e-mail|a text message] [in your name|from \"Ollenby billing\"] that asks me to [confirm my card|log in through a link|pay {amount}].",
        "Is the mail about [a failed payment|my locked account|a refund of {amount}] [from you|genuine|real]? The [sender|link|address] looks [odd|wrong].",
        "I [clicked|opened] the link in a [fake|false] Ollenby mail and entered my [password|card number], what now?",
    ],
    details: &[
        "The logo is yours but the [spelling is bad|address isn't].",
        "I have forwarded it [to you|].",
        "It wants an answer within {few} hours.",
    ],
};

const ORDERS: Intent = Intent {
    weight: 9,
    statements: &[
        "[There is|I see] an order {order} in my account [for an address in {city}|that I did not place], [I know nobody there|that's nobody I know].",
        "{few} {product}s were [ordered|shipped] [in my name|with my account] to [a stranger|someone in {city}].",
        "I [received|got] [an invoice|a parcel|a confirmation] for [a {product}|order {order}] I never ordered[, someone used my name|].",
    ],
    details: &[
        "[Stop|Cancel] the [delivery|order] [please|before it ships].",
        "Whoever did it paid with my [saved card|gift balance].",
    ],
};

const CALL: Intent = Intent {
    weight: 6,
    statements: &[
        "A man called [me|{relative}] and said he was from Ollenby support, he wanted [my password|remote access|the code from the text message].",
        "Somebody [phoned|called] about [a refund|my {product}] and asked for [my card number|a fee of {amount}].",
    ],
    details: &["The number ended in {digits}.", "{relative} gave him the code."],
};

const SHOP: Intent = Intent {
    weight: 5,
    statements: &[
        "I [bought|ordered] a {product} for {amount} on a site that looks [like yours|exactly like your shop] and [got nothing|it seems to be fake].",
        "The {product} I [bought|got] online [seems to be|is] a [counterfeit|fake], the serial number [doesn't exist|belongs to somebody else].",
    ],
    details: &["The site is [gone|offline] now.", "They only took [bank transfer|gift cards]."],
};

const GIFT: Intent = Intent {
    weight: 3,
    statements: &[
        "The balance of my gift card was [spent|emptied] by [someone else|a stranger] before I [used|opened] it.",
        "I was told to pay [a fine|{amount}] with Ollenby gift cards, [I did and now they are gone|is that a scam].",
    ],
    details: &["I have the receipt from {date}."],
};

const IDENTITY: Intent = Intent {
    weight: 3,
    statements: &[
        "[Someone|Somebody] opened [an account|a {plan}] [in my name|with my details] and I get [the bills|dunning letters].",
        "A debt collector wants {amount} for a {plan} I never [took out|signed].",
    ],
    details: &["My identity card was [lost|copied] in {month}."],
};
