/**
 * Whether a visitor asks for a human, in the languages of the chat. What is asked about humans (who is the contact for
 * returns, what does an agent do, how is that said in Japanese) stays a question: a clause of the message has to be
 * the wish and nothing but the wish.
 *
 * The wishes are written as people write them. They are folded as the messages are, so that accents and the like count
 * in neither, and a space stands for an apostrophe or a hyphen (`i d like`, `quelqu un`).
 */
import { foldText } from '../protocol/fold-text.ts'
import { type Language, isMistyped } from './words.ts'

/** How a language asks for a human. */
interface Wording {
  readonly language: Language
  /** What a clause of the language has; the rest of its wishes need not be tried. */
  readonly script: RegExp
  /** Each matches a whole clause. */
  readonly wishes: readonly RegExp[]
  /** Words of a wish that are told when they are mistyped. */
  readonly words: readonly string[]
}

/** One of the lines or of what stands between the bars in them; none of them may be empty. */
const oneOf = (text: string) =>
  `(?:${text
    .trim()
    .split(/\s*[|\n]\s*/)
    .join('|')})`

/** What changes nothing before and behind a wish, and what may follow it at last. */
interface Frame {
  readonly around: string
  readonly tail?: string
}

/** A group without groups in it. */
const INNERMOST = /\(\?:([^()]*)\)/gu

/**
 * Spellings that fold to one are one way to match: as two, of which either may stand for a word, each word that is
 * said over and over would double the time.
 */
const folded = (source: string): string =>
  foldText(source).replaceAll(
    INNERMOST,
    (_, alternatives: string) => `(?:${[...new Set(alternatives.split('|'))].join('|')})`,
  )

/** A word of `around` must not begin another that goes on with a third: that, too, would be two ways to match. */
const wish = (source: string, { around, tail }: Frame): RegExp => {
  const end = tail === undefined ? '' : `(?: ${tail})?`
  return new RegExp(folded(`^(?:${around} )*${source}(?: ${around})*${end}$`), 'u')
}

const LATIN = /\p{Script=Latin}/u

const wordsIn = (text: string) => foldText(text).trim().split(/\s+/)

function english(): Wording {
  const around = oneOf(`
    hi | hello | hey | there | dear | sir | madam | good (?:morning|afternoon|evening|day) | please | pls+ | plz+ | kindly
    ok | okay | so | well | yes | yeah | no | nope | sorry | excuse me | listen | look | thanks | thank you | but | and | or
    actually | just | now | then | also | hm+ | uh+ | um+ | seriously | really | immediately | asap | today | tomorrow
    instead | here | again | directly | urgently | right now | right away | straight away | at once | if possible | maybe
    perhaps | anyway | first | already | bot | robot | dude | bro | man | this time | live | (?:quick |one |a )?question | only
  `)
  const kind = oneOf(`
    real | live | actual | human | physical | proper | genuine | living | breathing | true | qualified | competent
    knowledgeable | senior | trained | local | different | available | friendly | nice | customer | service | support | care
    sales | technical | tech | store | shop | company | call cent(?:er|re) | help ?desk | billing | returns | english speaking
    flesh and blood | living breathing | fellow
  `)
  const determiner = oneOf(
    'a | an | the | your | ur | some | any | another | one of your | one of the | one',
  )
  const after = oneOf(
    'real | human | else | alive | in charge | responsible | competent | being | beings',
  )
  const person = oneOf(`
    person | persons | humans? | human beings? | agents? | representatives? | reps? | operators? | advis[eo]rs? | consultant
    staff members? | member of (?:(?:the|your) )?(?:staff|team|support team) | team members? | employees? | staff
    manager | supervisor | receptionist | clerk | sales ?person | (?:real|actual|live|human) people
    (?:shop|sales|human|live|real|store) assistant
  `)
  const noun = oneOf(
    `${person} | customer (?:services?|support|care|relations) | live chat | (?:service|help) ?desk`,
  )
  const vague = oneOf(`
    someone | somebody | anyone | anybody | (?:your|some|actual) people | team | owner | boss | specialist | expert
    colleague | worker | guy | lady | support | sales | shop | store | you guys | one of you | man or woman
  `)
  const named = (nouns: string) => `(?:${determiner} )?(?:${kind} )*${nouns}(?: ${after})?`
  const human = named(noun)
  const somebody = named(oneOf(`${noun} | ${vague}`))
  const adverb = oneOf(`
    d | m | ve | am | would | will | do | really | just | only | still | urgently | also | rather | much | very | said | had
    was | have | now | already | actually | simply | kindly | please | pls | think | guess | told you | definitely
  `)
  const to = oneOf('to | with | too | 2 | w | onto | over to')
  const wanting = oneOf(`
    (?:(?:i|we|id|im) (?:${adverb} )*)?(?:want(?:ed)?|wanna|need(?:ed)?|like|love|prefer|demand|wish|must|request|require|gotta|have|trying|try|hoping|looking|rather|insist on|insist|ask|asked|asking|waiting|going|hope|expect)(?: to| 2| for)?
    (?:can|could|may|might|shall|should|will|would) (?:i|we)(?: (?:please|pls|plz|just|maybe|possibly|perhaps|kindly|at least|not|get to|be able to))*
    (?:can|could|would|will) (?:you|u)(?: (?:please|pls|plz|just|kindly))* (?:let|allow|help|have) (?:me|us)(?: to)?
    (?:let|allow) (?:me|us)(?: to)? | lemme | (?:am|are) (?:i|we) (?:able|allowed) to | (?:would|do) you mind if i
    (?:i|we) (?:was|were|am|m)? ?wonder(?:ing)? if (?:i|we) (?:can|could|might|may)
    (?:(?:is it|would it be) )?possible (?:for me )?to | (?:i|we)(?: ll)? (?:would|will|ll|d) (?:rather|prefer to)
    (?:(?:is there|do you have|there s) )?(?:any|a|some|no|an)? ?(?:way|chance|possibility|option)(?: (?:for me|for us|that i can|i can|i could))?(?: (?:to|of))?
  `)
  const talk = oneOf(`
    talk | speak | chat | communicate | deal | interact | connect | get connected | be connected | get in (?:touch|contact)
    be in touch | get through | (?:be|get) put through | (?:be|get) (?:transferred|forwarded|redirected|referred|passed(?: on)?|handed over|switched|escalated|routed)
    switch | have a (?:chat|word|talk|conversation|call|quick chat|quick word) | talking | speaking | chatting
    (?:talk|speak|chat) (?:about|over|on the phone|on|live|directly|face to face)(?: (?!to |with )[^ ]+){0,5}
    discuss(?: (?!to |with )[^ ]+){1,5}
  `)
  const reach = oneOf(
    'contact | reach | call | phone | ring | get hold of | get a hold of | message | text',
  )
  const tail = oneOf(`
    (?:about|regarding|concerning|for|at|from|via|without|because|since|before|not|and not|than|rather than|instead of|or|so|as|when|like|if|today|tomorrow|on|over|by|in|with) .+
    anytime | (?:who|that)(?: s)? (?:can|could|know|work|is|isn|ain|understand|has|have|speak|will|actually|really|deal|handle)s?(?: .+)? | i can (?:talk|speak|call|write|trust).*
    to (?:discuss|help|ask|sort|resolve|get|solve|talk|clarify|explain|assist|complain|change|cancel|check|arrange|confirm|place|make|answer|deal|handle|report|order)(?: .+)?
  `)
  const howTail = oneOf(`
    about (?:my|an?|the|this|that|our|your|it)(?: .+)? | (?:at|from) (?:your|the) .+ | in (?:your|the) (?:shop|store|team|company|support)(?: .+)?
    (?:on|over) the phone | by (?:phone|telephone) | (?:not|and not|instead of|rather than) .+ | for (?:help|assistance|support)
    who can help(?: .+)?
  `)
  const needTail = oneOf(`
    to (?:talk|speak|chat|help|assist|discuss|answer|resolve|solve|sort|call|contact|deal|handle|explain|look|take over|reply|respond|write|get back)(?: .+)?
    (?:who|that|which) (?:can|could|will|actually|understands?|knows?) .+ | i can (?:talk|speak|chat|call|contact|reach|write)(?: .+)?
    on (?:the )?(?:phone|line|chat) | (?:from|at) your .+ | (?:not|and not|instead of|rather than) .+ | for (?:help|assistance|support|this|that)
    about (?:my|this|the|an?) .+ | available(?: .+)? | in this chat | on duty | around | online | over .+
  `)
  const machine =
    '(?:(?:a|an|the|this|your|any|some|stupid|dumb|more|ai|chat|automated) )*(?:chat ?bots?|bots?|robots?|machines?|computers?|ai|program|automated system)'
  const plain = { around }
  return {
    language: 'en',
    script: LATIN,
    wishes: [
      wish(`(?:${wanting} )?${talk} ${to} ${somebody}`, { around, tail }),
      wish(
        `(?:how (?:do|can|could|would|should|may) (?:i|we)|how to|where (?:can|do|could) (?:i|we))(?: (?:get to|actually|please|just|finally))* (?:${talk} ${to} ${somebody}|${reach} ${named(person)})`,
        { around, tail: howTail },
      ),
      wish(`(?:${wanting} )?(?:get|see|have|${reach}) ${human}`, { around, tail: needTail }),
      wish(`(?:i|we) (?:${adverb} )*(?:want|need) to ${reach} ${somebody}`, {
        around,
        tail: needTail,
      }),
      wish(
        `(?:(?:i|we|id|im) (?:${adverb} )*)?(?:want|need|demand|request|require|prefer|like|rather have|get|have|looking for|wanna have|asking for|asked for|insist on|waiting for)(?: to have)? ${human}`,
        { around, tail: needTail },
      ),
      wish(
        `(?:(?:can|could|would|will) (?:you|u|someone|somebody) (?:please |pls |plz |just |kindly )*)?(?:(?:give|get|find|send|bring|connect|transfer|put|forward|pass|hand|switch|redirect|route|escalate|link|patch|direct|refer|hook)(?: (?:me|us|this|it|(?:my|this|the) (?:call|case|chat|question|issue|ticket|request|conversation)))?(?: (?:up|over|through|on|straight|directly))?(?: (?:to|with|onto))?|(?:let|allow) (?:me|us) (?:have|get|see)) ${human}`,
        { around, tail: needTail },
      ),
      wish(
        `(?:connect|transfer|put|forward|pass|hand|switch|redirect|route|escalate|link|patch|direct|refer) (?:me|us|this|it)(?: (?:up|over|through|on))? (?:to|with|onto) ${somebody}`,
        { around, tail },
      ),
      wish(
        `(?:i|we) (?:${adverb} )*(?:need|want|have|would like|d like) ${somebody} (?:who i can |i can |to )(?:talk|speak|chat) (?:to|with)`,
        { around, tail: needTail },
      ),
      wish(human, plain),
      wish('(?:human|live|personal|real) (?:support|help|assistance|contact|service)', plain),
      wish(
        `(?:i|we) (?:${adverb} )*(?:want|need|prefer|like)(?: some| to have| to get)? (?:human|live|personal|real) (?:support|help|assistance|contact|interaction|service)`,
        { around, tail: needTail },
      ),
      wish(
        `(?:i |we )?(?:want|need|would like|d like|get|want to get)(?: some)? (?:help|support|assistance) from ${human}`,
        { around, tail: needTail },
      ),
      wish(
        `(?:is|are|s) (?:there|any|anyone|anybody)(?: (?:still|actually|really))? ?${named(oneOf(`${noun} | someone | somebody | anyone | anybody`))}(?: (?:there|around|available|online|on duty|in|at work|listening|to talk to|i can talk to|i could talk to|who can help(?: me)?|(?:(?:who|that|whom) )?(?:i|we) (?:can|could|may|might) (?:talk|speak|chat|write|call|contact|reach|turn)|to (?:speak|chat) (?:to|with))(?: .+)?)?`,
        plain,
      ),
      wish('(?:get|give|find|send|bring) me (?:someone|somebody)(?: else| real| human)*', plain),
      wish('who (?:can|do|could) (?:i|we) (?:talk|speak|chat) (?:to|with)', plain),
      wish(
        'do you (?:have|got) (?:(?:a|any|some) )?(?:(?:live|human|real) )+(?:agents?|people|persons?|support|operators?|staff|representatives?)',
        plain,
      ),
      wish(
        '(?:is )?(?:anyone|anybody|someone|somebody)(?: (?:real|human|actually|at all))* (?:there|here|around|available|online|home|at home|listening)',
        plain,
      ),
      wish(
        `do you (?:have|got) ${human} (?:available|online|i can (?:talk|speak|chat)(?: to| with)|to (?:talk|speak) (?:to|with)|who can help(?: me)?|around|on duty)`,
        plain,
      ),
      wish(
        `(?:can|could|would|will|may) ${human} (?:please )?(?:help|assist|contact|call|answer|take over|look into|reply|respond|write to|join)(?: .+)?`,
        plain,
      ),
      wish(
        '(?:(?:can|could|will|would|have|ask|let|i (?:want|need|would like|d like)) (?:someone|somebody|anyone|anybody|you|u|your (?:team|staff|people))(?: from .{2,30}?)?(?: please| pls| kindly)?(?: to)? )?(?:call|phone|ring) me(?: back)?',
        {
          around,
          tail: oneOf('on .+ | at .+ | about .+ | tomorrow .+ | as soon as .+ | regarding .+'),
        },
      ),
      wish(
        '(?:can|could|will|would|i (?:want|need|would like|d like)) (?:someone|somebody|a human)(?: from .{2,30}?)?(?: please)?(?: to)? (?:contact|email|e mail|write to|write|message|text|get back to|get in touch with|reach out to) me(?: back)?',
        { around, tail: oneOf('on .+ | at .+ | about .+ | as soon as .+') },
      ),
      wish(
        '(?:(?:can|could|may) i (?:please )?(?:get|have|request)|(?:i|we)(?: (?:would|d))? (?:want|need|like|request)|please arrange|request) a call ?back',
        { around, tail: oneOf('from .+ | about .+ | on .+ | at .+') },
      ),
      wish(
        `(?:i |we )?(?:do not|don ?t|dont|no longer|never|not|refuse to|am not|m not)(?: (?:want|wanna|like|need|wish|going))?(?: to)? (?:talk(?:ing)?|speak(?:ing)?|chat(?:ting)?|deal(?:ing)?|writ(?:e|ing)|typ(?:e|ing)|communicat(?:e|ing))(?: ${to})? ${machine}`,
        { around, tail: oneOf('any ?more | anymore | ever | i .+') },
      ),
      wish(`(?:no(?: more)?|not|stop the|enough of) ${machine}`, plain),
    ],
    words:
      wordsIn(`talk person human agent representative operator advisor adviser employee manager supervisor someone
      somebody anyone customer service support speak connect transfer contact staff please assistant chat`),
  }
}

function german(): Wording {
  const around = oneOf(`
    hallo | hi | hey | moin | servus | guten (?:tag|morgen|abend) | bitte | mal | gerne? | ok | okay | ja | nein | doch | jetzt
    sofort | endlich | lieber | also | so | und | aber | oder | danke | vielen dank | entschuldigung | sorry | direkt | einfach
    nur | hier | heute | dringend | kurz | auch | stattdessen | noch | vielleicht | umgehend | pers(?:ö|oe)nlich | eben | denn
    schnell | unbedingt | wirklich | telefonisch | dann | gleich | nun | da | dort
  `)
  const kind = oneOf(`
    echte[nrms]? | richtige[nrms]? | reale[nrms]? | menschliche[nrms]? | lebende[nrms]? | lebendige[nrms]? | wirkliche[nrms]? | zust(?:ä|ae)ndige[nrms]?
    kompetente[nrms]? | freundliche[nrms]? | andere[nrms]? | live | nette[nrms]? | physische[nrms]?
  `)
  const determiner = oneOf(`
    eine[mnrs]? | ein | de[mnr] | die | das | ihre[mnr]? | eure[mnr]? | euer | irgendeine[mnr]? | n[e]? | nem | ner | nen | irgendein | zum | zur | vom | beim
  `)
  const person = oneOf(`
    mensch(?:en)? | person(?:en)? | mitarbeiter(?:in|n|innen)? | mitarbeitende[nr]? | (?:kunden|fach|verkaufs)?berater(?:in|n)?
    kundenbetreu(?:er|erin) | (?:support|service)(?: )?mitarbeiter(?:in)? | agent(?:en|in)? | ansprechpartner(?:in)? | operator | verk(?:ä|ae)ufer(?:in)?
    sachbearbeiter(?:in)? | vorgesetzten? | angestellte[nr]? | kolleg(?:en|in|e)
  `)
  const noun = oneOf(
    `${person} | kundenservice | kundendienst | kundenbetreuung | kundensupport | live ?chat | hotline`,
  )
  const vague = oneOf(
    'jemand(?:em|en)? | team | support | service | chef | gesch(?:ä|ae)ftsf(?:ü|ue)hrer(?:in)? | filialleiter(?:in)? | personal | zentrale | leute[n]?',
  )
  const origin =
    '(?: (?:aus|vom|von|bei|im|in) (?:fleisch und blut|ihnen|euch|(?:(?:ihre[mnr]|eure[mnr]|dem|der|einem|einer) )?[^ ]+))?'
  const human = `(?:${determiner} )*(?:${kind} )*${noun}${origin}`
  const somebody = `(?:${determiner} )*(?:${kind} )*${oneOf(`${noun} | ${vague}`)}(?: (?:anderem|anderen|echtem|echten|echtes|menschlichem|richtigem))?${origin}`
  const topic = '(?: (?:(?:ü|ue)ber|wegen|zu|zum|zur|bez(?:ü|ue)glich|am|per|auf|in) .{2,60}?)?'
  const speak = oneOf(`
    sprechen | sprechn | reden | chatten | telefonieren | schreiben | kommunizieren | plaudern | verbunden werden | in kontakt (?:treten|kommen)
    kontakt aufnehmen | zu tun haben | unterhalten | sprechen (?:kann|k(?:ö|oe)nnte|darf) | reden (?:kann|k(?:ö|oe)nnte|darf) | weiterreden
    weitersprechen | quatschen | verbinden | diskutieren | austauschen
  `)
  const filler =
    '(?:(?:bitte|mal|gerne?|jetzt|sofort|endlich|lieber|auch|hier|einfach|nur|direkt|kurz|dringend|noch|vielleicht|irgendwie|denn|doch|pers(?:ö|oe)nlich|mich|eventuell|wirklich|unbedingt|telefonisch|heute|eigentlich) )*'
  const wanting = oneOf(`
    ich (?:m(?:ö|oe)chte|will|w(?:ü|ue)rde|w(?:ü|ue)nsche|muss|m(?:ü|ue)sste|kann|k(?:ö|oe)nnte|bevorzuge|h(?:ä|ae)tte|bitte|mag|wollte)
    wir (?:m(?:ö|oe)chten|wollen|w(?:ü|ue)rden|m(?:ü|ue)ssen) | (?:m(?:ö|oe)chte|will|w(?:ü|ue)rde|muss) (?:ich)?
    (?:kann|k(?:ö|oe)nnte|darf|d(?:ü|ue)rfte|kan) (?:ich|man) | k(?:ö|oe)nn(?:en|ten) wir | k(?:ö|oe)nnt ich | wie (?:kann|k(?:ö|oe)nnte|komme|darf) ich | wo kann ich
    lass(?:en sie|t)? mich | (?:ist es|w(?:ä|ae)re es) m(?:ö|oe)glich | (?:gibt es )?(?:die|eine|ne)? ?m(?:ö|oe)glichkeit
  `)
  const plain = { around }
  return {
    language: 'de',
    script: LATIN,
    wishes: [
      wish(`(?:${wanting} )?${filler}mit ${somebody} ${filler}(?:zu )?${speak}`, plain),
      wish(
        `(?:ich (?:m(?:ö|oe)chte|will|w(?:ü|ue)rde|muss|m(?:ü|ue)sste|k(?:ö|oe)nnte|wollte)|(?:kann|k(?:ö|oe)nnte|darf) ich|wir (?:m(?:ö|oe)chten|wollen)) ${filler}mit ${somebody}${topic} ${filler}(?:zu )?${speak}`,
        plain,
      ),
      wish(
        `(?:ich (?:m(?:ö|oe)chte|will|w(?:ü|ue)rde|muss|m(?:ü|ue)sste)|(?:kann|k(?:ö|oe)nnte) ich) ${filler}(?:(?:ü|ue)ber|wegen) .{2,60}? mit ${somebody} ${filler}${speak}`,
        plain,
      ),
      wish(
        `(?:ich )?(?:spreche|rede|telefoniere|chatte) ${filler}(?:nur |lieber )?mit ${human}`,
        plain,
      ),
      wish(
        `(?:(?:k(?:ö|oe)nn(?:en|ten) sie|kannst du|k(?:ö|oe)nn(?:t|tet) ihr|k(?:ö|oe)nntest du|w(?:ü|ue)rden sie|ich (?:m(?:ö|oe)chte|will|w(?:ü|ue)rde)|kann ich) )?${filler}(?:mich |uns )?${filler}(?:mit|zu|an) ${somebody} ${filler}(?:zu )?(?:verbinden|durchstellen|weiterleiten|(?:ü|ue)bergeben|vermitteln|weiterverbinden|verbunden werden|durchgestellt werden|weitergeleitet werden)`,
        plain,
      ),
      wish(
        `(?:weiterleiten|verbinden|durchstellen|weiterleitung|übergabe) (?:an|mit|zu) ${somebody}`,
        plain,
      ),
      wish(
        `(?:(?:kann|k(?:ö|oe)nnte|darf|d(?:ü|ue)rfte) ich|k(?:ö|oe)nnen wir) ${filler}${human} ${filler}(?:sprechen|haben|bekommen|erreichen|kriegen)`,
        plain,
      ),
      wish(
        `(?:verbinde(?:n sie)?|stell(?:e|en sie)?|leite(?:n sie)?|(?:ü|ue)bergeben sie|gib|geben sie|hol(?:e|en sie)?|schick(?:e|en sie)?|vermitteln sie) (?:mich|mir|uns|das) ${filler}(?:(?:mit|zu|an) )?${somebody}(?: (?:durch|weiter|her|ran|ans telefon))?`,
        plain,
      ),
      wish(
        `(?:ich |wir )?(?:brauche|brauch|brauchen|will|m(?:ö|oe)chte|suche|verlange|w(?:ü|ue)nsche|bevorzuge|h(?:ä|ae)tte|ben(?:ö|oe)tige) ${filler}${human}(?: (?:sprechen|haben|zum reden|am telefon|erreichen|der mir hilft|die mir hilft|als ansprechpartner|kontaktieren))?`,
        plain,
      ),
      wish(
        `(?:ich |wir )?(?:brauche|brauch|will|m(?:ö|oe)chte|w(?:ü|ue)nsche|h(?:ä|ae)tte) ${filler}(?:menschliche[nr]?|pers(?:ö|oe)nliche[nr]?) (?:hilfe|unterst(?:ü|ue)tzung|kontakt|beratung|antwort|betreuung)`,
        plain,
      ),
      wish(
        '(?:menschliche[rn]?|pers(?:ö|oe)nliche[rn]?) (?:hilfe|unterst(?:ü|ue)tzung|beratung|support|kontakt|ansprechpartner)',
        plain,
      ),
      wish(
        'mit (?:dem|der|wem) (?:kann |k(?:ö|oe)nnte )?ich (?:hier )?(?:sprechen|reden|chatten|telefonieren)(?: (?:kann|k(?:ö|oe)nnte|darf))?',
        plain,
      ),
      wish(
        `(?:ich |wir )?(?:m(?:ö|oe)chten?|will|wollen|muss|w(?:ü|ue)rde) ${filler}jemanden ${filler}(?:sprechen|erreichen)`,
        plain,
      ),
      wish(
        `(?:wie|wo) (?:kann ich|erreiche ich|k(?:ö|oe)nnte ich|komme ich) ${filler}(?:zu |an )?(?:${determiner} )*(?:${kind} )*${person} ?(?:erreichen|kontaktieren|sprechen)?`,
        plain,
      ),
      wish(human, plain),
      wish(
        `(?:gibt es|ist|sind|arbeiten|habt ihr|haben sie) ${filler}(?:hier |da |dort )?${filler}(?:${determiner} )?(?:${kind} )*${oneOf(`${noun} | jemand`)}(?: (?:da|hier|erreichbar|verf(?:ü|ue)gbar|online|zu sprechen|zum reden|echtes|anwesend|mit dem ich .+|mit der ich .+|der mir .+))+`,
        plain,
      ),
      wish(
        `(?:gibt es|ist) ${filler}(?:hier |da |dort )+${filler}(?:(?:irgend)?jemand|(?:${determiner} )?(?:${kind} )*(?:mensch(?:en)?|person))(?: echtes)?`,
        plain,
      ),
      wish(
        `(?:kann|k(?:ö|oe)nnte) ${filler}(?:mir |mich )?${filler}(?:${determiner} )?(?:${kind} )*(?:mensch|mitarbeiter(?:in)?|berater(?:in)?) ${filler}(?:mir |mich )?(?:helfen|antworten|(?:ü|ue)bernehmen|anrufen|zur(?:ü|ue)ckrufen|kontaktieren|weiterhelfen)`,
        plain,
      ),
      wish(
        `(?:kann|k(?:ö|oe)nnte|soll|w(?:ü|ue)rde) ${filler}(?:mich )?${filler}(?:bitte )?(?:jemand|(?:${determiner} )?(?:${kind} )*${noun})${origin} ${filler}(?:mich )?(?:an|zur(?:ü|ue)ck)rufen`,
        plain,
      ),
      wish(
        '(?:(?:k(?:ö|oe)nn(?:en|ten) sie|kannst du|k(?:ö|oe)nnt ihr) mich (?:bitte )?(?:an|zur(?:ü|ue)ck)rufen|ruf(?:en sie|t|e)? mich (?:bitte )?(?:an|zur(?:ü|ue)ck))',
        plain,
      ),
      wish(
        '(?:ich )?(?:(?:m(?:ö|oe)chte|will|brauche|h(?:ä|ae)tte gern|bitte um|w(?:ü|ue)nsche) )?(?:um )?(?:einen )?r(?:ü|ue)ckruf',
        plain,
      ),
      wish(
        `(?:ich )?(?:m(?:ö|oe)chte|will|w(?:ü|ue)rde|mag|rede|spreche|schreibe) ${filler}(?:nicht|keinesfalls|ungern) ${filler}mit (?:einem|einer|dem|der|diesem|dieser|eurem|ihrem|so einem)? ?(?:chat ?bot|bot|roboter|maschine|computer|ki|automaten|programm)(?: (?:sprechen|reden|schreiben|chatten|kommunizieren))?`,
        plain,
      ),
      wish(
        '(?:ich (?:will|m(?:ö|oe)chte) )?kein(?:e[nm]?)? (?:chat ?)?(?:bots?|roboter|maschinen?|ki|computer)',
        plain,
      ),
    ],
    words:
      wordsIn(`mitarbeiter mitarbeiterin mensch menschen person berater kundenservice kundendienst ansprechpartner
      sprechen reden jemandem jemanden verbinden möchte bitte`),
  }
}

function french(): Wording {
  const around = oneOf(`
    bonjour | bonsoir | salut | coucou | hello | s il vous pla[iî]t | s il te pla[iî]t | svp | stp | merci | ok | oui | non | alors | donc | et
    mais | maintenant | tout de suite | de suite | vite | directement | juste | plutôt | ici | là | aujourd hui | immédiatement | en fait
    enfin | urgent | urgemment | excusez moi | pardon | désolé | vraiment | rapidement | au plus vite | d abord | bon | madame
    monsieur | si possible | merci d avance | au téléphone | par téléphone | en direct | en ligne
  `)
  const kind = oneOf(
    'vraie?s? | véritable | réelle? | autre | bon | bonne | gentil | être | simple | telle? | seule?',
  )
  const determiner = oneOf(
    'une? | le | la | l | les | des | du | de | d | au | aux | votre | vos | mon | ton',
  )
  const person = oneOf(`
    humaine?s? | être humain | personnes? | conseill(?:er|ère|ers) | télé ?conseill(?:er|ère) | agents? | opérat(?:eur|rice) | employée?s? | représentante?s? | responsable
    collaborat(?:eur|rice) | membre (?:du|de l|de votre|de la) (?:personnel|équipe) | vendeu(?:r|se)
    technicien(?:ne)? | interlocut(?:eur|rice) | standardiste | gérante? | manager
  `)
  const noun = oneOf(
    `${person} | service (?:clients?|clientèle|après vente|commercial) | support client | sav | relation client`,
  )
  const vague = oneOf(
    'quelqu ?u?n | qqn | équipe | support | assistance | gens | patron(?:ne)? | directeur',
  )
  const after =
    '(?: (?:physique|humaine?|réelle?|vraie?|en chair et en os|vivante?|clientèle|clients?|compétente?|disponible|commerciale?|de vrai|d autre|du support|de (?:votre|l|la|chez) [^ ]+(?: [^ ]+)?|du (?:service|magasin)(?: client)?|spécialisée?))*'
  const human = `(?:${determiner} )*(?:${kind} )*${noun}${after}`
  const somebody = `(?:${determiner} )*(?:${kind} )*${oneOf(`${noun} | ${vague}`)}${after}`
  const filler =
    '(?:(?:bien|vraiment|juste|plutôt|maintenant|directement|absolument|s il vous plaît|svp|aussi|seulement|simplement|me|de|enfin|urgemment) )*'
  const wanting = oneOf(`
    (?:je|j)(?: ne)? (?:veux|veu|ve|voudrais?|souhaite|souhaiterais|désire|désirerais|préfère|préférerais|dois|peux|veut|vx|aimerais?|cherche à|exige|demande à|tiens à|essaie|tente)(?: pouvoir)?
    (?:j ai|on a|ai)? ?(?:besoin|envie|hâte) de | (?:puis|pourrais|peux) je | (?:est ce que|esque) (?:je (?:peux|pourrais)|c est possible|il est possible)
    (?:peut|pourrait) on | (?:est|serait) il possible | c est possible | possible | on peut | (?:y a t il|il y a|y a) (?:un )?moyen
    laissez moi | laisse moi | il (?:faut|faudrait) que je | nous (?:voulons|voudrions|souhaitons|aimerions) | (?:je peux|je pourrais|on pourrait) | j aurais (?:aimé|voulu|besoin) | merci de me laisser | voudrais | veux | aimerais
  `)
  const speak = oneOf(`
    parler(?: directement)? | parlé | discuter | échanger | dialoguer | communiquer | converser | m entretenir | (?:entrer|être|prendre|me mettre) en (?:contact|relation) | prendre contact
    être mise? en (?:contact|relation) | être (?:transféré|redirigé|orienté)e? | tch?atter | m adresser | avoir affaire | être rappelée? | parle | parlais | parler (?:de|au sujet de|à propos de) .{2,60}?
  `)
  const to = oneOf('à | a | avec | vers | par | au | aux')
  const tail = oneOf(`
    (?:au sujet|à propos|concernant|pour|pas|et pas|et non|plutôt que|au lieu|car|parce|qui (?:peut|pourra|connaît|comprend|puisse|parle|sait|travaille|s y)|sur|de (?:ma|mon|mes|votre)|en (?:français|anglais|ligne|boutique|magasin|direct)|chez vous|dans votre|afin|avant) ?.*
  `)
  const howTail = oneOf(
    'au sujet .+ | à propos .+ | concernant .+ | de (?:ma|mon) .+ | pour (?:de l aide|ma|mon|mes) ?.* | chez vous',
  )
  const machine =
    '(?:(?:un|une|des|le|la|l|ce|cette|votre|à|à un) )*(?:chat ?bots?|bots?|robots?|machines?|ordinateurs?|ia|intelligence artificielle|automate|programme)'
  const plain = { around }
  return {
    language: 'fr',
    script: LATIN,
    wishes: [
      wish(`(?:${wanting} ${filler})?(?:${speak} )(?:${to} )?${somebody}`, { around, tail }),
      wish(
        `comment (?:puis je|je (?:peux|fais pour)|faire pour|est ce que je (?:peux|fais pour)|on (?:peut|fait pour)|pouvoir)? ?(?:(?:${speak} )(?:${to} )?${somebody}|(?:joindre|contacter|avoir) (?:${determiner} )*(?:${kind} )*${person}${after})`,
        { around, tail: howTail },
      ),
      wish(
        `(?:${wanting} ${filler}|je (?:veux|voudrais|souhaite) )(?:contacter|joindre|appeler|avoir|voir|obtenir|rencontrer|trouver) ${human}`,
        { around, tail },
      ),
      wish(
        `(?:je (?:ne )?(?:veux|voudrais|souhaite|préfère|préférerais|demande|exige|cherche|réclame)|j (?:aimerais|exige|attends|ai besoin|aurais besoin)|besoin|il me faut|veux|donnez moi|donne moi) ${filler}${human}`,
        { around, tail },
      ),
      wish(
        '(?:(?:je (?:veux|voudrais|souhaite)|j (?:aimerais|ai besoin)|besoin) )?(?:d |de l |une )?(?:aide|assistance|intervention|réponse) humaine',
        plain,
      ),
      wish(
        `(?:(?:pouvez|pourriez|peux|pourrais) (?:vous|tu) )?(?:me |nous |moi )?(?:passe[rz]?|mett(?:re|ez)|mets|transf[eé]re[rz]?|connecte[rz]?|redirige[rz]?|oriente[rz]?|diriger|transmettre|appele[rz]|branche[rz])(?: (?:moi|nous|ça|ma (?:demande|question|conversation)))?(?: (?:en (?:relation|contact|communication|lien)))?(?: ${to})? ${somebody}`,
        { around, tail },
      ),
      wish(
        `(?:contacter|joindre|appeler|avoir) (?:${determiner} )*(?:${kind} )*${person}${after}`,
        plain,
      ),
      wish(human, plain),
      wish(
        `(?:(?:est ce qu )?(?:y a t il|il y a|y a|existe t il)|avez vous|(?:est ce que )?vous avez) (?:ici |bien |vraiment )?(?:${determiner} )*(?:${kind} )*(?:humaine?s?|personne|conseiller|conseillère|agent|quelqu un|qqn)${after}(?: (?:ici|là|derrière|disponible|en ligne|à qui .+|avec qui .+|que je .+|au bout du fil|pour m aider|qui (?:peut|pourrait) .+))*`,
        plain,
      ),
      wish(
        `(?:${determiner} )*(?:${kind} )*(?:humaine?|conseiller|conseillère|agent|vraie personne)${after} (?:peut|pourrait)(?: il| elle)? (?:m aider|me répondre|me rappeler|m appeler|me contacter|prendre le relais)(?: .+)?`,
        plain,
      ),
      wish(
        '(?:est ce que )?(?:quelqu un|qqn)(?: de [^ ]+(?: [^ ]+)?)? (?:peut|pourrait)(?: il)? (?:me rappeler|m appeler|me téléphoner|me contacter|me recontacter)(?: .+)?',
        plain,
      ),
      wish(
        '(?:(?:pouvez|pourriez|peux) (?:vous|tu) me (?:rappeler|téléphoner|appeler)|rappele[rz] moi|appelez moi|être rappelée?|(?:je (?:veux|voudrais|souhaite)|j aimerais)(?: qu on me rappelle| être rappelée?)|merci de me rappeler)(?: au .+)?',
        plain,
      ),
      wish(
        `(?:je |j )?(?:ne |n )?(?:veux|voudrais|souhaite|aime|ai|désire)(?: pas| plus)(?: envie)?(?: de)? (?:parler|discuter|échanger|dialoguer|parle|avoir affaire|écrire)(?: ${to})? ${machine}`,
        plain,
      ),
      wish(`(?:pas|plus|assez)(?: de| d)? ${machine}`, plain),
    ],
    words:
      wordsIn(`personne humain conseiller conseillère agent opérateur employé représentant responsable service client
      parler discuter contacter voudrais souhaite aimerais vendeur`),
  }
}

function spanish(): Wording {
  const around = oneOf(`
    hola | buenas | buenos días | buenas (?:tardes|noches) | por favor | porfavor | porfa | pls | please | gracias | ok | vale | sí | no | pues | entonces | y | o | pero
    ahora | ahora mismo | ya | ya mismo | inmediatamente | directamente | solo | mejor | aquí | hoy | disculpe | disculpa | perdón | oye | oiga
    urgente | urgentemente | de una vez | si es posible | muchas gracias | por teléfono | en vivo | en persona | enseguida | cuanto antes | bueno | señor | señorita | de verdad
  `)
  const kind = oneOf(
    'verdader[oa]s? | otr[oa] | buen | buena | propi[oa] | auténtic[oa] | simple | vuestr[oa] | ser(?:es)?',
  )
  const determiner = oneOf(
    'un | una | unos | unas | el | la | los | las | algún | alguna | su | sus | tu | tus | vuestro | vuestra | al | del | otro | otra | un o una',
  )
  const person = oneOf(`
    personas? | human[oa]s? | ser(?:es)? humanos? | agentes? | asesor(?:a|es)? | operador(?:a|es)? | representantes? | emplead[oa]s? | encargad[oa] | responsable
    supervisor(?:a)? | gerente | ejecutiv[oa] | vendedor(?:a)? | dependient[ea]
    miembro del (?:equipo|personal) | trabajador(?:a)? | consejer[oa] | teleoperador(?:a)? | asistente human[oa]
  `)
  const noun = oneOf(`
    ${person} | (?:servicio de )?atención al cliente | servicio al cliente | servicio de atención | soporte técnico
    servicio a clientes | chat en vivo
  `)
  const vague = oneOf(
    'alguien | gente | equipo | personal | soporte | técnico | especialista | jef[ea] | comercial | dueñ[oa] | tienda',
  )
  const after =
    '(?: (?:real(?:es)?|human[oa]s?|de verdad|de carne y hueso|físic[oa]|viv[oa]|auténtic[oa]|disponible|de (?:soporte|ventas|atención al cliente|servicio al cliente|servicio|su equipo|la tienda|la empresa|ustedes)|del (?:equipo|personal|servicio)(?: de [^ ]+)?|de soporte técnico|más|competente|que no sea .+|encargad[oa]|responsable))*'
  const human = `(?:${determiner} )*(?:${kind} )*${noun}${after}`
  const somebody = `(?:${determiner} )*(?:${kind} )*${oneOf(`${noun} | ${vague}`)}${after}`
  const wanting = oneOf(`
    (?:yo )?(?:quiero|kiero|quisiera|querría|necesito|deseo|desearía|prefiero|preferiría|debo|exijo|solicito|intento|necesitaría|quería|me gustaría|tengo que|pido|ocupo|busco)(?: poder)?
    (?:yo )?(?:puedo|podría|podriamos|podemos|se puede|sería posible|es posible) | (?:hay|existe) (?:alguna |una )?(?:forma|manera|modo|posibilidad|opción) de(?: que pueda)?
    déjame|déjeme|dejadme|permítame|permíteme | me (?:permites?|dejas?|gustaría) | hay alguna posibilidad de | ayúdame a | queremos | quisiéramos | nos gustaría
  `)
  const speak = oneOf(`
    hablar | ablar | hablarle | chatear | charlar | conversar | platicar | dialogar | comunicarme | comunicarse | contactar(?:me)? | ponerme en contacto | tratar | conectar(?:me)? | entrar en contacto
    ser atendid[oa] | ser transferid[oa] | escribir(?:me)? | que me (?:atienda|comuniquen|pasen|pongan|atiendan|conecten) | tener contacto | hablar (?:sobre|de|acerca de) .{2,60}?
  `)
  const to = oneOf('con | a | por | al | en contacto con')
  const tail = oneOf(`
    (?:sobre|acerca|para|por|de mi|no|y no|en vez|en lugar|porque|ya que|que (?:pueda|me|sepa|entienda|hable|trabaje|conozca|sea)|en (?:español|inglés|la tienda|su tienda)|antes|respecto|referente|desde) ?.+
  `)
  const howTail = oneOf(
    '(?:sobre|acerca de|respecto a) (?:mi|un|una|el|la|este|esta) .+ | de (?:su|la) (?:tienda|empresa|equipo).* | por teléfono | para (?:que me ayude|recibir ayuda|una consulta)',
  )
  const machine =
    '(?:(?:un|una|el|la|este|esta|los|ese|esa|su) )*(?:chat ?bots?|bots?|robots?|máquinas?|ordenador|computadora|ia|inteligencia artificial|programa|contestador)'
  const plain = { around }
  return {
    language: 'es',
    script: LATIN,
    wishes: [
      wish(`(?:${wanting} )?${speak} (?:${to} )?${somebody}`, { around, tail }),
      wish(
        `(?:cómo|dónde) (?:puedo|podría|hago para|se puede|le hago para|consigo) (?:${speak} (?:${to} )?${somebody}|(?:localizar|encontrar) a (?:${determiner} )*(?:${kind} )*${person}${after})`,
        { around, tail: howTail },
      ),
      wish(`(?:${wanting} )(?:a |con |ver a |tener a |hablarle a )?${human}`, { around, tail }),
      wish(
        `(?:(?:me )?(?:puedes?|pueden|podrías?|podrían)(?: por favor)? )?(?:me )?(?:comunícame|comuníqueme|comunique|comunicar(?:me)?|pásame|páseme|páseme|pasar(?:me)?|ponme|póngame|poner(?:me)?|conéctame|conécteme|conectar(?:me)?|transfiéreme|transfiérame|transferir(?:me)?|derívame|deríveme|derivar(?:me)?|enlázame|enlazar(?:me)?|dame|deme|tráeme|búscame|comunícan?me|pasas|pasa|comunicas|pones|pone)(?: en contacto)?(?: (?:con|a|al))? ${somebody}`,
        { around, tail },
      ),
      wish(human, plain),
      wish(
        '(?:(?:quiero|necesito|prefiero|quisiera) )?(?:ayuda|atención|asistencia|soporte|trato) (?:human[oa]|personal|de (?:un humano|una persona)(?: real)?|por una persona)',
        plain,
      ),
      wish(
        `(?:hay|habrá|está|tienen|tienes) (?:por )?(?:ahí |aquí )?(?:a )?(?:alguien|(?:${determiner} )*(?:${kind} )*(?:human[oa]|persona|agente|asesor(?:a)?|operador(?:a)?))${after}(?: (?:ahí|aquí|disponible|en línea|con (?:quien|el que|la que) .+|que (?:me )?(?:pueda|atienda|ayude) ?.*|al otro lado|conectad[oa]|para atenderme))*`,
        plain,
      ),
      wish(
        `(?:(?:me )?(?:puede|podría) )(?:${determiner} )*(?:${kind} )*(?:human[oa]|persona|agente|asesor(?:a)?|representante)${after} (?:ayudarme|atenderme|ayudar|atender|responderme|llamarme|contactarme)(?: .+)?`,
        plain,
      ),
      wish(
        `(?:que )?me (?:atienda|ayude|llame|conteste|responda|puede (?:atender|ayudar|llamar)) (?:${determiner} )*(?:${kind} )*(?:human[oa]|persona|agente|asesor(?:a)?|representante)${after}`,
        plain,
      ),
      wish(
        '(?:(?:me )?(?:puede|pueden|podría|podrían|puedes)(?: alguien)?(?: por favor)? (?:llamar(?:me)?|devolver(?:me)? la llamada|contactarme|telefonear(?:me)?)(?: alguien)?|ll[aá]men?me|que (?:alguien )?me llamen?|(?:quiero|necesito|solicito) (?:que me llamen?|una llamada)|alguien (?:me )?(?:puede|podría) llamar(?:me)?)(?: (?:al|a|por|cuando|para) .+)?',
        plain,
      ),
      wish(
        `(?:yo )?(?:ya )?no (?:quiero|deseo|me gusta|pienso|quisiera)(?: seguir)? (?:hablar|hablando|chatear|tratar|conversar|platicar) (?:con|a) ${machine}`,
        plain,
      ),
      wish(`(?:no|nada de|basta de|sin)(?: más)? ${machine}`, plain),
    ],
    words:
      wordsIn(`persona humano agente asesor operador representante empleado encargado alguien hablar atención cliente
      servicio quiero necesito quisiera comunicarme contactar supervisor`),
  }
}

function hindi(): Wording {
  const around = oneOf(`
    नमस्ते | नमस्कार | हेलो | हैलो | कृपया | प्लीज | प्लीज़ | जी | अभी | बस | हाँ | नहीं | तो | अब | सीधे | तुरंत | यहाँ | फिर | और | लेकिन | धन्यवाद | भाई | सर | मैडम
    ज़रा | जल्दी | please | plz | pls | ok | ओके | आज | ठीक है | फ़ोन पर | सुनिए | सुनो | मुझे | मुझको | मैं | हमें | हम | क्या | मेरी | मेरे को | आप | तुम | वास्तव में | एक बार | केवल | सिर्फ | सिर्फ़
  `)
  const kind = oneOf(
    `किसी | कोई | एक | असली | सच्चे | असल | जीवित | वास्तविक | आपके | आपकी | आपका | अपने | अपनी | टीम के | दूसरे | लाइव | रियल | जिंदा | ग्राहक | सपोर्ट | दुकान के | कंपनी के | वहाँ के | जिम्मेदार | मानव | मानवीय | ह्यूमन | कस्टमर | भी`,
  )
  const noun = oneOf(`
    इंसान | इन्सान | आदमी | व्यक्ति | मनुष्य | एजेंट | एजेन्ट | प्रतिनिधि | कर्मचारी | ऑपरेटर | अधिकारी | सलाहकार | मैनेजर | प्रबंधक | स्टाफ | ग्राहक सेवा(?: (?:अधिकारी|प्रतिनिधि|टीम|केंद्र))?
    कस्टमर (?:केयर|सर्विस|सपोर्ट)(?: वाले)? | केयर | सर्विस | सपोर्ट(?: टीम)? | ह्यूमन | मानव | सहायता (?:टीम|कर्मी) | एग्जीक्यूटिव | विशेषज्ञ | दुकानदार | मालिक | सुपरवाइजर | सुपरवाइज़र | रिप्रेजेंटेटिव | पर्सन | शख्स | शख़्स | बंदे
  `)
  const human = `(?:${kind} )*${noun}`
  const somebody = `(?:(?:${kind} )*${noun}|किसी|किसी और|टीम|लोगों|आपकी टीम)`
  const with_ = oneOf('से | के साथ | को | के पास | के सा?थ ही')
  const topic = '(?:.{2,40} (?:के बारे में|पर|को लेकर|के लिए) )?'
  const act = oneOf(
    'बात | बातचीत | बात चीत | संपर्क | सम्पर्क | चैट | कनेक्ट | कॉन्टैक्ट | वार्तालाप | मिलना | बोलना | बात ही',
  )
  const ending = oneOf(`
    कर | करना | करनी | करने | करवा | करवाइए | करवाएं | करवाओ | कराइए | कराएं | कराओ | करा | कराना | करानी | करवानी | करवाना | करो | करें | करिए | कीजिए | करूं | करूँ | दीजिए | दीजिये | दें | दो | दे | है | हैं | हो | हूँ | हूं
    सकता | सकती | सकते | सकूं | चाहता | चाहती | चाहते | चाहूंगा | चाहूँगा | चाहूंगी | चाहूँगी | चाहिए | चाहिये | होगी | जाए | सकेगी | क्या | की | का | थी | पड़ेगी | ज़रूरत | इच्छा | मुझे | मेरी | मैं | नहीं | प्लीज | प्लीज़ | कृपया | जी | अभी | भाई | please | कैसे | ही | रहा | रही | पाऊंगा | पाऊँगा
  `)
  const bring = oneOf(
    'जोड़ें | जोड़िए | जोड़ो | जोड़ | जोड़ना | मिलाइए | मिलाओ | मिला | मिलवाइए | मिलवाओ | बुलाइए | बुलाओ | बुला | बुलाएं | ट्रांसफर | ट्रांसफ़र | कनेक्ट | फॉरवर्ड | भेजिए | भेजें | दिलाइए | जुड़ना | जुड़वाइए',
  )
  const machine = oneOf('बॉट | रोबोट | मशीन | चैटबॉट | कंप्यूटर | एआई | प्रोग्राम')
  const plain = { around }
  return {
    language: 'hi',
    script: /\p{Script=Devanagari}/u,
    wishes: [
      wish(
        `${topic}${somebody} ${with_} (?:(?:कैसे|सीधे|अभी|मेरी|ही|फ़ोन पर|फोन पर|भी) )*${topic}${act}(?: ${ending})*`,
        plain,
      ),
      wish(`${act} ${ending}(?: ${ending})* ${somebody} ${with_}`, plain),
      wish(
        `${human} (?:से )?(?:(?:मदद|सहायता|हेल्प) )?(?:चाहिए|चाहिये|दो|दीजिए|दें|की ज़रूरत है|की मदद चाहिए|से मिलना है|को चाहता हूँ)(?: (?:.{2,12} )?${machine} (?:नहीं|नही))?`,
        plain,
      ),
      wish(
        '(?:मानव|मानवीय|इंसानी|ह्यूमन) (?:सहायता|मदद|सपोर्ट|हेल्प)(?: (?:चाहिए|चाहिये|दीजिए|दें))?',
        plain,
      ),
      wish(`${somebody} (?:${with_} )?${bring}(?: ${ending})*`, plain),
      wish(human, plain),
      wish(
        `(?:(?:वहाँ|वहां|यहाँ|यहां|इधर|उधर|पर) )*कोई (?:(?:असली|जीवित|सच में|वास्तविक) )*(?:इंसान|इन्सान|आदमी|व्यक्ति|एजेंट|प्रतिनिधि)?(?: ?(?:है|उपलब्ध है|वहाँ है|यहाँ है|मौजूद है|जिससे .+))(?: (?:वहाँ|वहां|यहाँ|यहां))?`,
        plain,
      ),
      wish(
        'कोई (?:असली |सच में )?(?:इंसान|इन्सान|आदमी|व्यक्ति|एजेंट|प्रतिनिधि|कर्मचारी) (?:मेरी |मुझे )?(?:मदद|सहायता|जवाब|बात)(?: (?:कर|दे|सकता|सकते|सकेगा|है|हैं|देगा|करेगा|से))+',
        plain,
      ),
      wish(
        '(?:(?:कोई|किसी से कहो) )?(?:मुझे )?(?:वापस )?(?:कॉल|फोन|फ़ोन)(?: बैक)? (?:करें|कीजिए|करो|करिए|कर दें|कर दीजिए|कर सकता है|कर सकते हैं|करवाइए|करवा दें)',
        plain,
      ),
      wish(`(?:किसी |इस |एक )?${machine} से (?:बात|बातचीत|चैट) (?:नहीं|नही)(?: ${ending})*`, plain),
      wish(`(?:किसी |इस |एक )?${machine} से (?:नहीं|नही) (?:बात|बातचीत)(?: ${ending})*`, plain),
    ],
    words: [],
  }
}

/** Hindi as it is typed where the keyboard has Latin letters alone. */
function latinHindi(): Wording {
  const said = oneOf(
    'mujhe | muje | mujhko | mujko | main | mai | mein | me | kya | hum | hume | humein | please | plz | pls | kripya | bhai | sir | abhi | ab | bas | sidha | ji | ok | nahi | nahin | yaar | aap | meri | mere ko | mereko',
  )
  const latin =
    '(?:(?:kisi|koi|ek|asli|real|live|human|aapke|apke|aapki|customer|support|bhi|dusre) )*(?:insaa?n|aa?dmi|vyakti|vyakthi|agent|human|person|representative|customer (?:care|service|support)(?: wale)?|care|service|support|executive|operator|manager|banda|bande|staff|kisi|employee)'
  const act_ =
    '(?:(?:baa?t|baa?tcheet|baa?t ?chee?t|contact|connect|chat|sampark)(?: [a-z]+){0,5}|(?:chahiye|chaiye|chahie)(?: [a-z]+)?)'
  return {
    language: 'hi',
    script: LATIN,
    wishes: [
      wish(`${latin}(?: (?:se|ke saath|ko))? (?:(?:kaise|seedhe|direct|phone par|abhi) )?${act_}`, {
        around: said,
      }),
      wish(
        `${latin} (?:se |ko )?(?:jodo|jod do|jodiye|milao|mila do|bulao|bula do|bulaiye|transfer (?:karo|kar do|karein|kare))`,
        { around: said },
      ),
    ],
    words: [],
  }
}

function japanese(): Wording {
  const before = `(?:(?:すみません|すいません|あの|こんにちは|お願いです|もしもし|できれば|できたら|やはり|やっぱり|今すぐ|すぐに|直接|ちょっと|一度|早く|私は|私|じゃあ|では|いいから|電話で|チャットで|有人の|とにかく|もう|まず|まずは|今|至急)(?:、| )*)*`
  const about = '(?:.{1,30}(?:について|の件で|のことで|に関して)(?:、| )*)?'
  const kind =
    '(?:(?:誰か|生身の|本物の|実際の|リアルな|ちゃんとした|本当の|普通の|ほかの|他の|別の|人間の|お店の|店の|御社の|貴社の|サポートの|担当の|そちらの|係の|有人の|日本人の|現場の|詳しい|わかる|分かる|話の分かる|責任ある|カスタマーサポートの|カスタマーサービスの|ライブ) ?)*'
  const noun = `(?:人間|ヒト|人|担当者|担当|オペレーター|オペレータ|スタッフ|店員|係員|係|エージェント|責任者|店長|社員|従業員|サポート担当者|サポート担当|サポート|カスタマーサービス|カスタマーサポート|コールセンター|お客様窓口|窓口|相談員|アドバイザー|販売員|有人|有人サポート|有人チャット|有人窓口|ヘルプデスク|上司|マネージャー|専門家|誰か|だれか|どなたか|方)(?:さん|様|の人|の方|のかた|の者|の担当者|の担当|スタッフ)*`
  const human = `${kind}${noun}`
  const wants =
    '(?:たい|たいです|たいのですが|たいんですが|たいんだけど|たいな|たいなあ|たいと思います|たいのですけど|たいんです|たいけど|たいの|たく|たいんですけど|たいのですけれど|たいのだが|たいのだけど)'
  const can =
    '(?:ますか|ませんか|ますでしょうか|ますでしょうか|る|るか|るの|るかな|ない|ないか|ないの|ないかな|ないですか|ないでしょうか|ませんでしょうか|るでしょうか|るのですか|るんですか|たら|ればと思います)?'
  const give =
    '(?:ください|下さい|くださいませんか|もらえますか|もらえませんか|いただけますか|いただけませんか|頂けますか|頂けませんか|ほしい|欲しい|ほしいです|欲しいです|ほしいのですが|くれ|くれない|くれますか|くれませんか|もらえる|もらいたい|もらいたいです|いただきたい|いただきたいです|いただきたいのですが|よ|ね|頂戴|ちょうだい)?'
  const speak = `(?:(?:お)?(?:話|はな)し(?:が|を)?(?:し)?${wants}|(?:お)?(?:話|はなし|会話|相談|通話|電話|連絡|チャット|やり取り|やりとり|コンタクト|ご相談|お電話)(?:を|が)?(?:し|取り|とり)?${wants}|(?:話|はな)せ${can}|(?:話|はな)させ(?:て)${give}|(?:お)?(?:話|会話|相談|通話|電話|連絡|チャット|お話し)(?:は|を|が|すること(?:は|が))?(?:でき|出来)${can}|話す(?:には|方法は|方法を教えて|ことはでき${can}|ことができ${can}|ことは可能ですか)(?:どうすれば(?:いい|よい)(?:ですか|でしょうか)?|どうしたら(?:いい|よい)(?:ですか|でしょうか)?)?|喋り${wants}|しゃべり${wants}|問い合わせ${wants}|相談に乗って${give}|話を(?:し|聞いてもらい|聞いて欲し)${wants}|話がしたい|話を聞いて${give})`
  const end =
    '(?:[ 、]*(?:お願いします|お願いいたします|お願い致します|お願い|おねがいします|よろしくお願いします|急いでいます|ありがとう|ください|です|だよ|よ|ね|んだけど|頼む|頼みます|至急|今すぐ))*'
  const ja = (source: string) => new RegExp(foldText(`^${before}${about}${source}${end}$`), 'u')
  return {
    language: 'ja',
    script: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
    wishes: [
      ja(`${human}(?:と|に|へ|とは|とも|と直接|と電話で|に直接|と今すぐ|と少し) ?${about}${speak}`),
      ja(
        `${human}(?:に|へ|と|まで|を)?(?:電話を)?(?:つない|繋い|つなげ|繋げ|つなぎ|繋ぎ|取り次い|取次い|転送し|代わっ|替わっ|変わっ|かわっ|切り替え|回し|接続し|呼ん|出し|お呼びし|呼び出し)(?:で|て)?(?:${give}|${wants}|もらうことはでき${can}|もらえ${can})`,
      ),
      ja(
        `${human}(?:に|へ|と|まで|を)?(?:つながり|繋がり|代わり|替わり|切り替え|呼び|会い|頼り|かけ)${wants}`,
      ),
      ja(
        `${human}(?:に|へ|と)?(?:つながり|繋がり|つながれ|繋がれ|代われ|替われ)(?:ますか|ませんか)`,
      ),
      ja(
        `${human}(?:に|が|による|で)(?:対応|回答|返答|返事|説明|サポート|案内)(?:を)?(?:し(?:て)?(?:${give}|もらい${wants})|お願い.*|希望.*|でき${can}|してもらえ${can}|され${wants})`,
      ),
      ja(
        `${human}(?:の)?(?:対応|サポート|オペレーター|窓口)?(?:を|が|に)?(?:希望(?:します|です|しています)?|お願い(?:します|いたします|致します)|要求します|必要です|求めます|頼みます|ほしい(?:です)?|欲しい(?:です)?)`,
      ),
      ja(
        '(?:生身の|本物の|実際の|リアルな)?(?:人間|オペレーター|オペレータ|担当者|エージェント|スタッフ|店員|店員さん|有人対応|有人サポート|有人チャット|カスタマーサービス|カスタマーサポート|責任者|人間のオペレーター|サポート担当|生身の人|本物の人|お客様窓口|コールセンター|係の人|担当の方|担当の人)',
      ),
      ja(
        '(?:そこに|ここに|そちらに)?(?:誰か|だれか|どなたか|人間|(?:生身の|本物の|実際の)人|担当者|スタッフ|オペレーター)(?:は|が)?(?:いますか|いませんか|いる|いない|いないの|いないんですか|いらっしゃいますか|いませんでしょうか|いないのですか)',
      ),
      ja(
        '(?:人|人間|誰か|だれか|担当者|オペレーター|スタッフ)を(?:出せ|出して|呼べ|呼んで|連れてきて)',
      ),
      ja(
        `(?:(?:誰か|担当者|どなたか|折り返し|こちら)(?:に|が|から|へ)?)?(?:折り返し)?(?:お)?電話(?:を)?(?:し|かけ|掛け|くれ|折り返し)(?:て)?(?:ください|下さい|ほしい|欲しい|ほしいです|もらえますか|もらえませんか|いただけますか|いただけませんか|ほしいのですが)`,
      ),
      ja(
        '(?:折り返し|折返し)(?:の)?(?:お)?(?:電話|連絡)?(?:を)?(?:希望します|お願いします|ください|ほしいです|欲しい)',
      ),
      ja(
        '(?:ボット|ロボット|機械|AI|ai|チャットボット|コンピューター|自動応答)(?:と|と は|とは|と話すの)(?:は)?(?:もう)?(?:話し|しゃべり|会話し|やり取りし)?(?:たくない|話したくない|話したくありません|嫌|いや|たくありません)(?:です|だ|よ)*',
      ),
      ja(
        '(?:ボット|ロボット|機械|AI|ai|チャットボット|自動応答)(?:じゃ|では|で)(?:なく|なくて|ない)(?:て)?(?:、| )*(?:人|人間|担当者)(?:が|と|を|に)?(?:いい|話したい|お願い|出して|希望)?(?:です|します)?',
      ),
      ja('(?:how|人と)話せますか'),
    ],
    words: [],
  }
}

function arabic(): Wording {
  const around = oneOf(`
    مرحبا | اهلا | السلام عليكم | سلام | من فضلك | من فضلكم | لو سمحت | لو سمحتم | لو سمحتي | رجاء | رجاءا | الرجاء | ارجوك | ارجوكم | شكرا | نعم | لا | طيب | حسنا | اوكي | الان | فورا | حالا | الحين | هلق | دلوقتي | مباشره | هنا | و | لكن | بس | فقط | اليوم
    بسرعه | عاجل | ضروري | اخي | يا سيدي | بالهاتف | هاتفيا | عبر الهاتف | اذا امكن | ان امكن | بدلا من ذلك | انا | يا
  `)
  const noun = oneOf(`
    شخصا? | شخصيه? | انسانا? | بشر | بشري | موظف[اه]? | الموظف | موظفين | الموظفين | موظفيكم | ممثلا? | الممثل | ممثلين | وكيلا? | مندوبا? | المندوب | مسؤولا? | المسؤول | مسئول | احد | احدا | حد | حدا | احدهم | مستشارا? | مشغل | عامل
    مدير | المدير | المشرف | مشرف | بائع | البائع | اخصائي | ادمي | واحد | خدمه (?:العملاء|الزبائن|عملاء) | الدعم(?: الفني)? | فريق (?:الدعم|العمل|خدمه العملاء) | فريقكم | صاحب المتجر | ناس | الاداره | مسؤول خدمه العملاء | وكيل خدمه | البشر
  `)
  const after =
    '(?: (?:حقيقيا?ه?|ما|بشريا?|فعليا?|مختصا?|مسؤولا?|اخر|غيرك|حي|من لحم ودم|(?:من|في) (?:فريقكم|الفريق|الدعم|طرفكم|المتجر|الشركه|خدمه العملاء|فريق الدعم|عندكم|فضلك|قسم .+)|لديكم|عندكم|خدمه (?:العملاء|عملاء|الزبائن)|الدعم|المبيعات|متاح|طبيعي|واقعي|مباشره))*'
  const human = `(?:(?:اي|احد|بعض) )?(?:ب|ل|لل|بال)?${noun}${after}`
  const wanting = oneOf(`
    (?:اريد|ارغب|اود|احتاج|بحاجه|ابغ[ياى]|ابغا|ابي|عايز[هة]?|عاوز[هة]?|بدي|حابب?[هة]?|نفسي|اتمني|اطلب|افضل|لازم|نريد|نود|محتاج[هة]?|ودي|بغيت|نبغي|وددت|اردت|احب)(?: (?:في|الي|ب|ان|لو))*
    (?:هل )?(?:يمكنني|استطيع|بامكاني|يمكن|ممكن|اقدر|مسموح|فيني|بقدر|بالامكان|من الممكن|هناك (?:طريقه|امكانيه|مجال)|يوجد (?:طريقه|امكانيه)|في (?:طريقه|مجال))(?: (?:ان|لي|ل|لو))*
    (?:دعني|دعوني|خليني|خلوني|اسمح لي|اسمحوا لي)
  `)
  const speak = oneOf(`
    (?:ب|ل)?(?:التحدث|التكلم|الحديث|الكلام|التواصل|التحادث|الدردشه|المحادثه|التواصل المباشر|الاتصال) | لل(?:تحدث|تواصل|حديث|كلام|تكلم|اتصال)
    [اأيتن]?تحدث | اتكلم | نتكلم | اتواصل | اكلم | احكي | احاكي | احادث | اخاطب | اتصل | ادردش | محادثه | مكالمه | مخاطبه | مقابله | كلام | تواصل | اتكلم مباشره | تحويلي | تحويل | تكليم | حكي | اقابل | نحكي
  `)
  const to = oneOf('مع | الي | ب | ل | عند | مباشره مع | مباشره الي | هنا مع')
  const topic = '(?:(?:عن|بخصوص|حول|بشان) .{2,40}? )?'
  const tail = oneOf(
    '(?:عن|بخصوص|حول|بشان|لاجل|لان|لكي|ليساعدني|لمساعدتي|من اجل|وليس|بدل|بدلا|مش|لا|باللغه|بالعربي|بالعربيه|بالانجليزي|بالانجليزيه|يساعدني|يفهم|يمكنه|ل[^ ]+|في (?:المتجر|فريقكم|شركتكم|الشركه|اقرب|اسرع)|من (?:المتجر|شركتكم)|قبل|يتكلم|يتحدث|يفهمني|يقدر) ?.*',
  )
  const howTail = oneOf(
    '(?:بخصوص|بشان) (?:طلبي|طلب|مشكله|مشكلتي|ارجاع).* | لديكم | عندكم | في (?:المتجر|متجركم|شركتكم)',
  )
  const machine =
    '(?:(?:مجرد|هذا|هذه|اي) )*(?:ال)?(?:روبوت|بوت|اله|ماكينه|كمبيوتر|ذكاء اصطناعي|برنامج|شات بوت|حاسوب|انسان الي)(?: الي)?(?: اصطناعي)?'
  const plain = { around }
  return {
    language: 'ar',
    script: /\p{Script=Arabic}/u,
    wishes: [
      wish(`(?:${wanting} )?${speak} ${topic}(?:${to} )?${human}`, { around, tail }),
      wish(`كيف (?:يمكنني|استطيع|اقدر|يمكن|ممكن|بامكاني)?(?: ان)? ?${speak} (?:${to} )?${human}`, {
        around,
        tail: howTail,
      }),
      wish(`(?:${wanting}|اعطني|اعطيني|هات|هاتلي|جيبلي|احضر لي|نادي|نادوا|استدع) ${human}`, {
        around,
        tail,
      }),
      wish(
        `(?:(?:هل )?(?:ممكن|يمكنك|تقدر|يمكنكم|يرجي|الرجاء|رجاء|اريد ان|ممكن ان) )?(?:حولني|حولوني|تحولني|تحويلي|وصلني|وصلوني|توصلني|توصيلي|اوصلني|صلني|ربطني|اربطني|تربطني|انقلني|نقلي|تحويل المحادثه|حول المحادثه|حول|خليني مع|تواصل معي|كلمني|حكيني)(?: (?:مباشره|الان))?(?: (?:الي|مع|ب|علي|ل|عند))? ?${human}`,
        { around, tail },
      ),
      wish(`(?:مساعده|دعم|خدمه) (?:بشريه|بشري|من (?:انسان|شخص حقيقي|شخص|موظف))`, plain),
      wish(
        `(?:${wanting}) (?:مساعده|دعم|الي مساعده|الدعم|المساعده) (?:بشريه|بشري|من (?:انسان|شخص حقيقي|شخص|موظف))`,
        plain,
      ),
      wish(
        '(?:شخص(?: حقيقي)?|انسان(?: حقيقي)?|موظف(?: (?:حقيقي|بشري|خدمه العملاء|خدمه عملاء|الدعم))?|ممثل(?: خدمه العملاء| بشري)?|وكيل(?: بشري)?|مندوب|بشري|خدمه (?:العملاء|عملاء|الزبائن)|مسؤول|الدعم البشري|دعم بشري|دردشه مباشره)',
        plain,
      ),
      wish(
        `(?:هل )?(?:يوجد|هناك|في|فيه|عندكم|لديكم) (?:اي )?(?:احد|حد|حدا|شخص|انسان|موظف|بشر)${after}(?: (?:هنا|متاح|موجود|معي|يمكنني .+|استطيع .+|اكلمه|اتحدث .+|اقدر .+|يساعدني.*|للتحدث.*|يرد.*|اون لاين))*`,
        plain,
      ),
      wish(
        '(?:هل )?(?:ممكن|يمكن|يمكنكم|تقدرون|الرجاء|رجاء|ارجو|اريد|ابغي)?(?: ان)? ?(?:احد|شخص|موظف|حد)? ?(?:اتصلوا بي|اتصل بي|الاتصال بي|تتصلون? بي|يتصل بي|تتصلوا بي|يكلمني|كلموني|مكالمتي|معاوده الاتصال(?: بي)?|ان يتصل بي احد|ان تتصلوا بي|يتصل بي احد|احد يتصل بي)(?: .+)?',
        plain,
      ),
      wish(
        `(?:انا )?(?:لا|ما|مش|مو|ماني|لست) ?(?:اريد|ارغب|اود|ابغي|ابي|عايز[هة]?|عاوز[هة]?|بدي|احب|حابب?)(?: (?:في|ان|ب))? ?${speak} (?:${to} )?${machine}`,
        plain,
      ),
      wish(`(?:لا اريد|كفايه|بدون|مش عايز|ما ابي|لا|يكفي) ${machine}`, plain),
    ],
    words: [],
  }
}

const WORDINGS: readonly Wording[] = [
  ...[english(), german(), french(), spanish()],
  ...[hindi(), latinHindi(), japanese(), arabic()],
]

/** UTF-16 units of a message; who writes more tells a story, and asks for it in its last lines. */
const LONGEST = 1_000
/** Of a clause that is nothing but a wish. */
const LONGEST_CLAUSE = 140

/** No quotes: what is quoted is asked about. */
const CLAUSE_END = /[.!?…;,\n¿¡،؛؟。！？、।|]+|\s[-–—]+\s/u
/** Where a wish begins that no sign is put in front of; not in "if I want to talk to a human". */
const RUN_ON =
  / (?<!\b(?:if|when|whether|where|how|what|why|who|say|says|mean|means|write|type|that|like|do|before|after|once|for|says|saying|phrase|word|words) )(?=(?:(?:can|could|may) i (?:please )?(?:talk|speak|chat)|i (?:just )?(?:want|need|wanna|would like|d like) (?:to )?(?:talk|speak|chat)|(?:let me|please let me) (?:talk|speak)) )/u
/** Signs that stand between words, or in them. */
const BETWEEN = /[^\p{L}\p{M}\p{N}]+/gu
/** "pleaseeee". */
const STRETCHED = /(\p{Script=Latin})\1{2,}/gu

const wordsOfClause = (clause: string) =>
  foldText(clause).replaceAll(BETWEEN, ' ').replaceAll(STRETCHED, '$1').trim()

/** Each word that is one letter away from a word of a wish, as that word. */
function corrected(clause: string, words: readonly string[]): string {
  return clause
    .split(' ')
    .map((word) => {
      if (word.length < 3 || words.includes(word)) return word
      return words.find((known) => isMistyped(word, known)) ?? word
    })
    .join(' ')
}

/** As it is written in any language, before it is taken for a slip in one. */
function wordingOf(clause: string): Wording | undefined {
  const wordings = WORDINGS.filter(({ script }) => script.test(clause))
  const isWish = ({ wishes }: Wording, written: string) =>
    wishes.some((known) => known.test(written))
  return (
    wordings.find((wording) => isWish(wording, clause)) ??
    wordings.find((wording) => {
      const right = corrected(clause, wording.words)
      return right !== clause && isWish(wording, right)
    })
  )
}

/** The language in which a message asks to be let through to a human; `undefined` where it does not ask. */
export function languageOfWish(message: string): Language | undefined {
  for (const part of message.slice(-LONGEST).split(CLAUSE_END)) {
    for (const clause of wordsOfClause(part).split(RUN_ON)) {
      if (clause === '' || clause.length > LONGEST_CLAUSE) continue
      const wording = wordingOf(clause)
      if (wording) return wording.language
    }
  }
  return undefined
}

export const wantsPerson = (message: string): boolean => languageOfWish(message) !== undefined
