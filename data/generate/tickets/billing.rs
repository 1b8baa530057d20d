//! Billing tickets: charges, refunds, invoices, prices, plans and means of payment.

use super::class::{Class, Intent};

/// The class.
pub(crate) const CLASS: Class = Class {
    label: "billing",
    share: 240,
    n_seed: 8,
    n_control: 26,
    remark_weight: 24,
    intents: &[DOUBLE, REFUND, DECLINED, INVOICE, CANCELLED, PRICE, PROMO, PLAN, TRIAL, TAX],
    remarks: &[
        "I [still|also] wait for the refund of {amount}",
        "the invoice for {month} [is missing|never came]",
        "my last [payment|charge] was {amount} and I'm not sure why",
        "the [{plan}|subscription] [got more expensive|costs too much] for what it is",
        "the discount code [didn't work|was not accepted]",
        "I [may have been|think I was] charged twice [in {month}|]",
        "my card [expires|will be replaced] soon, where do I enter the new one",
        "[please don't|don't] charge me for {month}",
        "you can take the {amount} from the same card",
    ],
    topics: &[
        "It's about [my bill|a payment|a charge].",
        "[Billing|Payment] [question|problem]:",
        "[Question|Complaint] about [my bill|the price|a payment]:",
        "There is a mistake [in my bill|with the payment].",
        "This is for your billing department.",
        "[My bill|The charge] is wrong.",
    ],
    asks: &[
        "[Please|Can you] [check|correct] my [bill|invoice|payment].",
        "[Please|Kindly] [refund|credit] the [amount|money|difference].",
        "How much do I [have to|really] pay?",
        "[Please|Can you] send me [a corrected invoice|a breakdown of the charges].",
        "I will [dispute|reverse] the charge [with my bank|] otherwise.",
        "I [don't|won't] pay [twice|for that].",
        "What exactly am I paying for?",
    ],
    hints: &[
        "The [amount|sum|number] is [not right|wrong].",
        "[This|It] is [more|a lot more] than [I expected|last time].",
        "I [want|would like] my money back.",
        "The thing with my [subscription|plan] is still [not solved|open].",
        "{amount}? [Really?|Why?]",
    ],
};

const DOUBLE: Intent = Intent {
    weight: 32,
    statements: &[
        "I was [charged|billed|debited] [twice|two times|{few} times] for [the {plan}|order {order}|{month}], {amount} each.",
        "There are two [charges|payments|debits] of {amount} on my [statement|card|account], [both dated|from] {date}.",
        "[Why|Can you tell me why] did you [take|charge|debit] {amount} [on {date}|this month] [when|although] my plan costs {amount}?",
        "You [took|charged] {amount} for order {order} and then [again|once more] [{amount}|the same amount] {days} days later.",
        "My [bank statement|card statement] [shows|lists] an Ollenby charge of {amount} that does not match [any invoice|my order|the price on the site].",
    ],
    details: &[
        "I only [placed|made] one order.",
        "[Please reverse|Please refund] the [second|extra] [one|charge].",
        "The order confirmation says {amount}.",
        "The order number is {order}.",
    ],
};

const REFUND: Intent = Intent {
    weight: 22,
    statements: &[
        "I [returned|sent back] my {product} {days} days ago and the refund of {amount} [hasn't arrived|is still missing|isn't on my card].",
        "[Where is|What about|When do I get] my [refund|money] for [order {order}|the cancelled order|the returned {product}]?",
        "{agent} [promised|confirmed|told me about] a refund [on {date}|over {days} days ago], [nothing so far|my bank has nothing].",
        "You [only refunded|refunded] {amount} instead of {amount}.",
        "The refund went to [my old card|a closed account|a card that has expired], how do I get it now?",
    ],
    details: &[
        "The return was [accepted|confirmed] on {date}.",
        "Your mail said [five to seven|{few}] working days.",
        "The case [number|reference] is {digits}.",
        "I [don't want|refuse] a voucher.",
    ],
};

const DECLINED: Intent = Intent {
    weight: 13,
    statements: &[
        "My [card|credit card|payment] is [declined|refused|rejected] [at checkout|for the {plan}|with {error}] [although|even though] [there is enough money on it|the bank says all is fine].",
        "I [want|need|try] to [change|update|replace] my [card|payment method|bank details] [but|and] the [page|form] [doesn't save it|says {error}|keeps the old one].",
        "Payment [failed|didn't go through] and [now|] my {plan} [is paused|is on hold|got suspended].",
        "Can I pay by [invoice|bank transfer|direct debit|another card] instead?",
        "I got a [reminder|dunning letter|late fee] for {amount} [that I paid on {date}|although the payment went through].",
    ],
    details: &[
        "The card is valid until {month} [next year|].",
        "I tried [two cards|{few} times], same message.",
        "My bank [blocked|sees] nothing.",
        "It's the same card as [always|for order {order}].",
    ],
};

const INVOICE: Intent = Intent {
    weight: 9,
    statements: &[
        "I need [an invoice|a receipt|a proper invoice] for [order {order}|my {product}|{month}] [for my tax return|with our company name on it|].",
        "The invoice [for {month}|I got] [has the wrong address|is missing the VAT number|shows the wrong name].",
        "Where do I [find|download] my [invoices|receipts]? The [billing page|account page] [is empty|only shows {month}].",
        "[Our accountant|My employer] [asks for|needs] the [bills|invoices] from {month} to {month}.",
    ],
    details: &[
        "A PDF [would be|is] enough.",
        "The VAT ID is on file [already|].",
        "It was bought on {date} for {amount}.",
    ],
};

const CANCELLED: Intent = Intent {
    weight: 8,
    statements: &[
        "I cancelled [my {plan}|my subscription|the {plan}] on {date} and was [still|nevertheless] charged {amount}.",
        "[How|Where] do I cancel [the {plan}|my subscription]? I [can't find|see no] [button|option] [anywhere|].",
        "[Please cancel|I want to cancel|I'd like to end] my [{plan}|subscription] [before the next payment|with immediate effect|at the end of {month}].",
        "The subscription [renewed|was renewed] [automatically|without a warning] on {date}, I [want to cancel|didn't want that].",
    ],
    details: &[
        "I have the confirmation [mail|] of the cancellation.",
        "The renewal costs {amount}.",
        "[Nobody|No one] [uses|needs] it any more.",
    ],
};

const PRICE: Intent = Intent {
    weight: 5,
    statements: &[
        "The {plan} [went|has gone] from {amount} to {amount} [without notice|overnight], [why|is that right]?",
        "[New customers|The website|Your ad] [get|says|shows] {amount} for the {plan} but I pay {amount}.",
        "I [do not agree|don't agree] [to|with] the [price increase|new price] [of|for] the {plan}.",
    ],
    details: &["I have been [a customer|with you] for {few} years.", "That is {percent} percent more."],
};

const PROMO: Intent = Intent {
    weight: 4,
    statements: &[
        "The [promo code|voucher|discount code] from your [newsletter|flyer|mail] [isn't accepted|gives {error}|was not applied] [at checkout|to order {order}].",
        "My gift card [balance|] [shows|says] {amount} but [at checkout|on the site] it [is zero|isn't taken].",
        "The referral [credit|bonus] for inviting {relative} [never showed up|is missing] [on my bill|].",
    ],
    details: &["The code ends in {digits}.", "It should take off {percent} percent."],
};

const PLAN: Intent = Intent {
    weight: 3,
    statements: &[
        "I [switched|changed|moved] from the {plan} to [the smaller one|the yearly one|the bigger one] and [now pay both|the bill makes no sense|got no credit].",
        "[How much|What] would I [pay|owe] if I [downgrade|upgrade|pause] [now|in {month}]?",
        "Can I [pause|put on hold] the payments for {few} months?",
    ],
    details: &[
        "The next debit is on {date}.",
        "The overview says {amount} [pro rata|], I can't follow that.",
    ],
};

const TRIAL: Intent = Intent {
    weight: 2,
    statements: &[
        "The [free month|trial] [should have been|was supposed to be] free and I was charged {amount}.",
        "I never [agreed|signed up] to a [paid plan|subscription], only the [trial|free pods].",
    ],
    details: &["The trial ended on {date}.", "Nothing about {amount} was [mentioned|shown]."],
};

const TAX: Intent = Intent {
    weight: 2,
    statements: &[
        "I was billed in [dollars|pounds|euros] [although|but] I live in {city}, [and the bank took a fee|why is that].",
        "[VAT|Sales tax] [was added twice|is wrong] on [invoice {digits}|order {order}].",
    ],
    details: &["The difference is {amount}."],
};
