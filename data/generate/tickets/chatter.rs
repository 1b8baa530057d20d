//! Chatter: everything in a ticket that does not say what it is about.
//!
//! Much of it uses the classes' own words (order, charge, login, refund, cancel) on purpose, so
//! that single words mislead.

/// Openings of e-mails and web forms; an empty one stands for none.
pub(crate) const GREETINGS: &[&str] = &[
    "",
    "",
    "Hi,",
    "Hello,",
    "Hi there,",
    "Dear Ollenby team,",
    "Good [morning|afternoon|evening],",
    "Dear [Sir or Madam|support|customer service],",
    "Hey,",
    "Hi {agent},",
    "Hello again,",
    "To whom it may concern,",
];

/// Openings of people whose first language shows.
pub(crate) const FOREIGN_GREETINGS: &[&str] = &[
    "Hola, buenos días.",
    "¡Hola!",
    "Guten Tag,",
    "Grüß Gott,",
    "Liebes Ollenby-Team,",
    "Buenas tardes, perdón por mi inglés.",
    "Bonjour, désolée for my English.",
    "Olá,",
];

/// Openings of a chat.
pub(crate) const CHAT_GREETINGS: &[&str] =
    &["", "", "", "hi", "hello?", "hey", "hi, anyone there?", "good morning", "hii"];

/// What a voicemail transcript starts with.
pub(crate) const PHONE_OPENINGS: &[&str] = &[
    "Voicemail:",
    "Hello, this is {name} calling [from {city}|].",
    "Caller {name}:",
    "Yes hello, {name} here, um,",
    "Call note, {name}, [calls for the second time|asks to be called back]:",
];

/// What led to the ticket, before or after its problem.
pub(crate) const CONTEXTS: &[&str] = &[
    "I have had [the|my] {product} since {month} and [was happy with it|never had a problem] until now.",
    "I'm on the {plan}.",
    "I ordered it in {month} as a present for {relative}.",
    "I already wrote to you on {date} and [got no answer|only got an automatic reply].",
    "Yesterday I spent [an hour|{few} hours] [on the phone|in the chat] with {agent} from your team.",
    "We have a {product} and a {other}, both [bought|ordered] [last year|in {month}].",
    "My order number is {order}.",
    "This is about order {order}.",
    "{relative} gave me [the|a] {product} last {month}.",
    "I logged in to [the website|my account] to look for an answer, [without luck|no luck].",
    "I grow {plant} and {plant} with it.",
    "I've been a [customer|subscriber] for {few} years.",
    "I use the app [every day|daily] and pay for the {plan}.",
    "When I bought it {agent} said I could [write to you|contact you] any time.",
    "I signed up for the {plan} in {month}.",
    "The {product} is for our [office|school|kitchen] in {city}.",
    "I found nothing about this [in the manual|on the help page|in the forum].",
    "Your chat bot [sent|referred] me to [billing|the account page|the shipping page], [which did not help|that's the wrong place I think].",
    "A colleague of yours cancelled my last ticket without [a word|solving it].",
    "The last time I [paid|ordered|called] everything went [smoothly|well].",
];

/// How the customer feels about it or what they ask for; fits any class.
pub(crate) const ASKS: &[&str] = &[
    "[Please|Can you] [help|look into this|fix this|sort this out].",
    "[What|So what] [should|can] I do [now|]?",
    "[Please|Kindly] get back to me [soon|by {weekday}|as soon as possible].",
    "I [want|expect] my money back [otherwise|if this can't be solved].",
    "If this [isn't solved|goes on] I will cancel [the {plan}|my subscription|everything].",
    "This is really [annoying|frustrating|disappointing].",
    "[I'm not angry|No hurry], just [let me know|tell me].",
    "[Can|Could] someone call me back?",
    "I [can send|have] [photos|screenshots|a video] if [you need|that helps].",
    "[Honestly|Frankly] I expected [better|more] for {amount}.",
    "Is this a [known|common] problem?",
    "You can reach me [in the evening|under the number in my account|by mail].",
    "I have no time for this.",
    "Do I have to return the {product} for that?",
    "Will this cost me anything?",
    "I was told [this|that] takes {few} days, it has been {days}.",
];

/// Closings of e-mails and web forms.
pub(crate) const CLOSINGS: &[&str] = &[
    "",
    "",
    "Thanks, {name}",
    "Thank you!",
    "Best regards, {name}",
    "Kind regards {name}",
    "Cheers",
    "Many thanks in advance, {name}",
    "Regards, {name}, {city}",
    "Sent from my phone",
    "Greetings from {city}, {name}",
    "{name}",
];

/// Statements that could be about anything.
pub(crate) const VAGUE: &[&str] = &[
    "I have [a problem|an issue|some trouble] with [my {product}|order {order}|the {plan}|the app].",
    "[It|This] [still|again] [doesn't work|isn't right|is not what I expected], [as I wrote before|same as last time].",
    "[Any update on|What about|Any news on] my [ticket|case|question] [from {date}|{digits}|]?",
    "[Please|Can you] [call|contact] me [about|regarding] [order {order}|my {product}|the mail I got|my account].",
    "I got [a mail|a message|your reply] [on {date}|] and don't understand [it|what I should do].",
    "See [the attached screenshot|the photo|my last mail], [what does that mean|is that normal|that's all I get].",
    "I [tried|clicked] what {agent} [told me|said] and [nothing happened|it's worse now|the same again].",
    "Is there [somebody|a human|anyone] who can help me with [my {product}|the {plan}|order {order}]?",
    "I [want|need] [to change something|this sorted] [with|for] [my {plan}|order {order}|the {product}].",
    "The [{product}|{plan}] is not [what I thought|as described|working for me].",
];

/// Connects a remark with what was said before it.
pub(crate) const CONNECTIVES: &[&str] = &[
    "Also,",
    "By the way,",
    "And",
    "Oh, and",
    "Another thing:",
    "Btw",
    "PS:",
    "Apart from that",
    "Not so important, but",
    "While I'm at it,",
];

/// Introduces a remark that comes before the problem.
pub(crate) const PREFACES: &[&str] = &[
    "I know that {remark}, but that's not why I write.",
    "{Remark}, but that is another story.",
    "Last month I wrote because {remark}, this time it is something else.",
    "{Remark}, never mind that [now|].",
    "First: {remark}. But the real problem is this.",
    "Apart from the fact that {remark}:",
];
