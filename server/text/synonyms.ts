/**
 * Everyday English words that say the same: what visitors call a thing, and what sites write. They help to tell
 * which sentence answers a question; what is found for it does not depend on them.
 */
import { stemOf, wordsOf } from './words.ts'

/** Forms of one verb that share too few letters to be met as such; the first is what the others become. */
const VERBS = `
take took taken, buy bought, send sent, give gave given, get got gotten, keep kept, lose lost, break broke broken,
pay paid, make made, hold held, tell told, sell sold, find found, bring brought, come came, go went gone,
see saw seen, do did done, write wrote written, speak spoke spoken, know knew known, choose chose chosen,
forget forgot forgotten, eat ate eaten, drink drank drunk, drive drove driven, ride rode ridden, wear wore worn,
steal stole stolen, tear tore torn, feel felt, meet met, lend lent, spend spent, build built, teach taught,
catch caught, understand understood, begin began begun, swim swam swum, run ran, grow grew grown, fall fell fallen,
freeze froze frozen, wake woke woken, bite bitten, hide hid hidden, show shown, throw threw thrown, fly flew flown,
draw drew drawn, sleep slept, stick stuck, win won, feed fed, bleed bled, lie lay lain, say said, pick picked,
child children, person people, tooth teeth, foot feet, mouse mice, knife knives, shelf shelves, wife wives, half halves,
life lives`

const bases = new Map<string, string>()
for (const forms of VERBS.trim().split(/,\s+/)) {
  const [first = '', ...others] = forms.split(' ')
  for (const form of others) bases.set(form, stemOf(first))
}

/** The stems of a text in order, of an irregular form that of its first form. */
export const baseStemsOf = (text: string): string[] => wordsOf(text).map(baseStemOf)

/** As `baseStemsOf`, for one folded word; "founded" is not "found". */
export const baseStemOf = (word: string): string => bases.get(word) ?? stemOf(word)

/** One meaning a line; a word may stand in several. */
const GROUPS = `
price, cost, fee, charge, rate, tariff, pay, paid, expensive, cheap, how much
free, gratis, at no cost, no charge, without charge, for nothing, costs nothing, free of charge, complimentary, included
pay, payment, bill, invoice, charge, settle, checkout
invoice, bill, receipt, statement, proof of purchase, billing
instalment, monthly payment, spread the cost, bit by bit, pay over time, pay later, split, in parts, all at once
refund, money back, reimburse, get back, refunded, credit
return, send back, bring back, give back, take back, hand back, returned, returning
exchange, swap, trade, change, replace, replacement, another one, a new one, a fresh one
cancel, call off, back out, withdraw, stop, quit, end, terminate, unsubscribe, changed my mind
discount, reduction, reduced, cheaper, voucher, coupon, promo, code, deal, special offer, sale, concession, off, less
gift, present, giver
voucher, gift card, gift voucher, card
subscription, membership, plan, member, subscribe, join, sign up, club
renew, extend, renewal, prolong, longer, extension, keep longer
trial, try out, try, test, demo
deposit, down payment, upfront, in advance, prepay, security
order, purchase, buy, bought, book, buying, ordered
buy, sell, sale, stock, purchase
deliver, ship, send, post, dispatch, courier, carrier, arrive, come, delivery, shipping, postage
courier, driver, postman, carrier, delivery man
parcel, package, box, shipment, packet, delivery, order
tracking, track, follow, where is
abroad, foreign, overseas, international, other countries, outside
damaged, broken, broke, cracked, smashed, faulty, defective, in pieces, defect, damage, fault, torn, ripped, ruined, break
lost, lose, missing, gone, can't find, misplaced, cannot find, disappeared, mislaid, stolen
repair, fix, mend, service, restore, workshop
guarantee, warranty, covered, cover, protected, guaranteed
stain, spot, mark, dirty, dirt
rust, corrosion, orange spots, rusty
wash, clean, launder, laundry, rinse, cleaning, washing machine
shrink, get smaller, smaller, shrunk
size, dimension, measurements, how big, how large
weight, weigh, heavy, kilo, kg, light
colour, shade, color
wrong, mistake, error, incorrect, mistyped, typo, by accident, accidentally
change, edit, modify, alter, correct, amend, adjust, update, put right, fix
delete, remove, erase, wipe, get rid, close, forget, gone, purge, throw out, threw out
address, street, postcode, location
home, house, flat, apartment, at home, nobody was in, not at home
neighbour, next door
open, close, closed, shut
hours, opening hours, opening times, closing time, business hours, office hours, what time
weekend, saturday, sunday
today, tonight, now, at once, immediately, straight away, right away
morning, evening, afternoon, night, late, after dark
holiday, bank holiday, public holiday, christmas, easter
contact, reach, get in touch, talk, speak, write, call, ring, phone, telephone, e-mail, email, who do i, human
call, ring, phone, telephone, number, dial
email, e-mail, mail, write, message
people, human, staff, real person
complaint, complain, unhappy, dissatisfied, not happy, not satisfied, criticism
question, help, support, advice, assistance
appointment, booking, visit, slot, book, reserve, reservation, schedule, date
reserve, hold, reservation, put aside, set aside
late, delay, delayed, overdue, too late, behind, overslept
fine, penalty, charge, overdue, late fee
miss, missed, did not turn up, didn't turn up, no show, not come, failed to, do not come, forgot
wait, waiting, queue, waiting list, how soon
register, enrol, sign up, join, become, registration, new patient, enroll
account, profile, login, log in, sign in, user name
password, passcode, pin, credentials, login
log in, login, sign in, signed in, get in, sign on, log on, access
locked out, locked, shut out, cannot get in, blocked, lock, lose access
block, ban, forbid, prevent, refuse, stop, lock, disallow
allow, permit, may, can, let, allowed, welcome, okay, permitted, accept, forbidden
accept, take, welcome, accepted
need, require, must, necessary, have to, required
bring, take along, carry, take with
child, kid, son, daughter, boy, girl, baby, toddler, children, little one, under 16, infant, young, age, junior
teenager, teen, youth, young person, adolescent
parent, mother, father, mum, dad, mom, guardian
grandparent, grandmother, grandfather, grandma, grandpa, mum, mother, relative
adult, grown up, grown-up
old, senior, elderly, pensioner, retired, over 60, over 65
student, pupil, school, university, college
age, old, years old, young, minimum age, how old
dog, puppy, pet, animal, doggy
cat, kitten, pet, animal
wheelchair, disabled, step-free, accessible, lift, stairs, climb stairs, disability, handicap, ramp, mobility, walk
park, parking, car park, car, space, leave the car, where to park
bus, train, tram, public transport, station, get there, directions, find us, by car, way
bicycle, bike, cycle
car, vehicle, drive, driving
toilet, restroom, wc, bathroom, loo
food, eat, drink, meal, snack, coffee, cafe, restaurant, lunch
alcohol, beer, wine, drink
smoke, smoking, cigarette, pack a day, smoker, tobacco
sport, gym, exercise, workout, train, fitness
hurt, pain, ache, painful, sore, throbbing, painkiller, ibuprofen, paracetamol
painkiller, ibuprofen, paracetamol, medicine, tablet, drug, pill, aspirin, medication
medicine, drug, medication, prescription, pill
fear, afraid, scared, terrified, nervous, anxious, frightened, worry
emergency, urgent, acute, immediately
doctor, physician, dr, gp, vet, dentist, surgeon
treat, treatment, procedure, therapy, handle
pulled, extraction, extracted, taken out, pull, remove
tooth, teeth, dental
whitening, bleach, bleaching, whiten, lighter, whiter, brighter
cap, crown
glue, stick, superglue, cement, adhesive
sleep, stay, overnight, night, accommodation, stay over
room, hall, space, venue
hire, rent, borrow, lend, loan, rental, lease
borrow, loan, take out, check out, take home, lend
guest, visitor, customer, client, patron, shopper
customer, client, buyer, visitor, user
company, firm, organisation, employer
shop, store, branch, outlet, showroom
website, site, web page, webpage, online, internet, homepage, page, web
online, internet, web, website
data, information, details, record, personal data, privacy
privacy, personal data, gdpr, data protection, confidential
record, file, document, history, notes, log
keep, store, save, hold, retain, stored, kept, saved, remember
backup, copy, back up, save, restore
export, download, get out, extract, take with
import, upload, load, bring in
file, document, attachment
picture, photo, image, photograph, screenshot
video, film, clip, recording
screen, display, monitor, tv, big screen
chart, graph, board, dashboard, diagram, figures
notification, alert, notify
sms, text message, text, texting
reminder, remind, notice
key, token, secret, api key, credential
leaked, leak, exposed, public, stolen, compromised, pasted
revoke, invalidate, disable, switch off, revoked
live, active, valid, working, work, still work, alive
valid, last, expire, run out, expiry, good for, valid until, long, validity
duration, how long, last, take, time, period, long
deadline, until when, latest, by when, time limit, within
twice, two times, double, duplicate, again, repeat, repeats
again, once more, retry, another time, re-send, resend, repeat
limit, maximum, cap, at most, up to, ceiling, restrict
minimum, at least, least, smallest
number, amount, quantity, count, how many
server, machine, computer, host, service
down, unreachable, offline, outage, crashed, goes down, broken, fails, failed, not available, unavailable, pulled the plug, power cut
fail, failure, failed, error, problem, doesn't work, not work
slow, speed, fast, quick, performance
safe, secure, security, encrypted, protection, protected, trust
encrypt, encryption, eavesdrop, tls, ssl, https, encrypted, secured
hack, hacker, attack, malicious, abuse, inject, injection
abuse, flood, spam, junk, bots, robots, too many
sum, math, maths, calculate, calculation, calculator, arithmetic, compute
law, legal, regulation, compliant, comply, compliance, gdpr, lawyer
motion, movement, animation, moving
hardware, graphics card, gpu, machine, computer
budget, limit, ceiling, cap, spend, spending
code, script, snippet, program, programming
developer, programmer, engineer, coder
install, set up, setup, installation, start, get started
connect, hook up, link, integrate, integration, attach, plug
move, transfer, migrate, hand over, relocate, moved, moving
colleague, employee, co-worker, team member, member, teammate
boss, owner, manager, admin, administrator, chief
left, quit, leave, resign, removed, left the company
team, group, workspace, company
role, permission, rights, access
view, look at, see, read, watch, viewer, only look
hide, hidden, invisible, remove from view, conceal
show, display, appear, visible, see
region, country, location, stored, europe, america, germany
language, speak, translate, translation
dark, night, black, dark mode, late at night
font, typeface, lettering
answer, reply, response, respond
ask, question, enquire, enquiry
insurance, insurer, insured, cover, policy, health insurance
benefit, advantage, perk
meet, meeting, gathering, group
course, class, lesson, workshop, training
teach, teacher, trainer, instructor, tutor
ticket, admission, entrance, entry, pass
entry, entrance, get in, door, admission
weather, rain, raining, wet, snow, storm, bad weather
cold, warm, heat, hot, temperature, degrees, °C, celsius
wifi, wi-fi, internet, wireless
print, printer, printing, photocopy, copy
book, title, novel, reading
puncture, flat tyre, flat, tyre, tire
battery, charge, charging, charger, power
brake, stop, braking
helmet, head protection
feed, food, eat, diet, feeding
vaccination, jab, shot, vaccine, vaccinated, injection
injection, jab, needle, shot
ill, sick, unwell, illness, ailing, disease
pregnant, pregnancy, expecting
collect, pick up, fetch, collection, picked up
recycle, recycling, throw away, dispose, disposal, old ones, waste
assemble, put up, assembly, build, put together, mount
weekly, every week, per week, a week
daily, every day, per day, a day
monthly, every month, per month, a month
yearly, every year, per year, a year, annual, annually, yearly
unlimited, no limit, as many as, as much as
reuse, second-hand, used, second hand, pre-owned
spare part, part, component, spare
job, vacancy, work for you, hiring, career, position, recruit, opening
volunteer, help out, volunteering
donate, donation, give away, charity
charity, non-profit, nonprofit, good cause
typo, mistyped, misspelt, misspelled, spelling, typing error, mistake
correct, edit, fix, change, pencil, put right, set right
greeting, welcome, hello, welcome text
heading, title, name
icon, launcher, button, logo, symbol
left, right, side, position, corner, move, place
corner, edge, rounded, square, radius, round
stylesheet, css, style, styling, looks, appearance, design, theme
brand, corporate, colour, logo, look
noise, sound, tone, audio, beep, ring, loud, quiet, silent
rate, rating, feedback, thumbs, helpful, satisfied, happy, review
shorten, shorter, too long, rambles, length, brief, concise
random, temperature, creative, wild, predictable, sober
beginner, start, first steps, new here, getting started, begin
wifi, connection, network, signal, reception, connected
connection drops, lost, broke off, interrupted, disconnected, cut off, gone
chat, chatbot, widget, assistant, bot
reload, refresh, f5, reloads, reloaded
once more, again, retry, try again, regenerate, second attempt
submit, send, sent, sending
load, download, kilobyte, bandwidth
tamper, tampered, integrity, changed, manipulated, altered, modified
navigate, router, route, switch pages, go to another page
track, statistics, analytics, count, measure, metrics, monitor
monitor, monitoring, health, alive, uptime, running
upgrade, update, newer, new version, release, latest version
version, release, edition
restore, get back, bring back, recover, undo, rescue
physically, where, folder, disk, directory, location
spy, track, third-party, third party, advertising
cookie, tracker, tracking, local storage
boss, manager, staff, read, see
hint, suggestion, starter, suggested, example question
offline, without internet, no internet, no connection, internet connection
proxy, load balancer, reverse proxy, caddy, nginx, cloudflare
blocked, refused, rejected, denied, turned down, forbidden, decline, declined
allow, let in, origin, allowed
limit, restrict, slow down, throttle
button, click, press, tap, tick
window, panel, box, bubble, popup
source, reference, citation, quote, where from, cite, taken from
document, page, article, text, content
claim, statement, fact
visitors, users, customers, guests, clients
ai, model, language model, chatgpt, gpt, openai, llm
mobile, phone, smartphone, cell phone, handset, tablet
laptop, computer, pc, device, desktop
plug in, plugin, extension, add-on, module, integration, integrate
bug, fault, error, problem, issue, wrong
explain, reason, cause, why
twice, double-click, duplicate, two times, arrive twice
hotkey, shortcut, keyboard, key
lamp, light, lighting, bulb
furniture, shelf, shelving, table, chair, sofa, cupboard, wardrobe
pan, skillet, pot, frying pan, saucepan, cookware
plate, china, vase, glass, ceramic, dish, teapot, crockery
towel, bath sheet, cloth, textile
bedding, bed linen, sheet, duvet, pillow, blanket
knife, blade, sharp, sharpen, blunt
cottage, holiday let, tourists, holiday home, airbnb, commercial
restaurant, cafe, catering, commercial
business, commercial, trade, company, professional, wholesale
bank, card, debit, credit card
credit card, card, visa, mastercard
cash, coins, notes
transfer, bank transfer, wire, direct debit
tax, vat, duty, customs
customs, import, duty, border
aunt, sister, brother, uncle, friend, relative, family, somebody, someone
husband, wife, partner, spouse, second person
friend, somebody else, someone else, other person, another person
swap, exchange, replace, replacement, change
find out, know, tell, notice, told
secret, confidential, tell nobody, won't tell
fit, suit, match, right size
unwanted, don't like, do not like, changed my mind, don't need, no longer need
unused, unworn, new, original packaging, unopened
opened, used, worn, unsealed
guaranteed, protected, covered, insured
flat rate, fixed price, lump sum
quote, estimate, offer, cost estimate
extra, additional, surcharge, on top, supplement
minimum, at least, least
earn, collect, get, points
points, reward, loyalty, bonus
birthday, anniversary
wedding, marriage, couple, bride
christmas, xmas, holidays, december
newsletter, mailing list, subscribe
stairs, steps, lift, elevator, floor, upstairs
wheelchair, step-free, ramp, disabled, accessible, mobility
deaf, hearing, hearing loop, sign language
blind, sight, vision, large print, screen reader, braille
pushchair, pram, buggy, stroller
beer, wine, alcohol, drunk, drinking
gym, sport, exercise, workout, running, training
swim, swimming, pool, bath
run, jog, running
eat, food, chew, meal, diet
numb, numbness, anaesthetic, anaesthesia, injection
sedation, gas and air, calm, put to sleep, anaesthetic
swelling, swollen, swell
bleed, bleeding, blood
fever, temperature, hot
dizzy, sick, nausea, motion
pulled, extraction, out, removed, taken out
false teeth, denture, dentures
crown, cap, bridge
implant, screw, artificial
brace, braces, aligner, aligners, orthodontist
check-up, routine, examination, routine visit, checkup, inspection
x-ray, scan, picture
filling, hole, cavity
kid, child, son, daughter, boy, girl
note, letter, written, signature, sign, signed, consent
consent, permission, sign, agree, approval
throbbing, pain, hurt, ache, toothache
swallow, take, tablet, painkiller, ibuprofen
smoker, smoke, cigarette, pack
pregnancy, pregnant, baby
allergy, allergic, intolerant, sensitive
vegan, vegetarian, plant-based, meat
gluten, wheat, coeliac
complaint, complain, unhappy, practice manager, dissatisfied, treated badly
late, overslept, delayed, not on time, behind schedule
billed, charged, invoiced, charge, bill
afford, instalment, pay, expensive
taxi, bus, train, transport
map, directions, find us, way, get there
waiting list, queue, wait, turn
newcomer, new member, newly, first time
resign, quit, left, leaves, leave
fired, threw out, removed, kicked out, remove
intern, colleague, employee, staff
bookkeeper, accountant, billing, finance, accounting
bill, invoice, receipt
halfway, middle of, partway, before the end
refund, money back, refunded
upgrade, higher plan, switch plan, change plan
downgrade, lower plan, cheaper plan, smaller plan
seat, user, licence, license, member
viewer, look, only look, read-only
administrator, admin, owner, manager
two-factor, login codes, authenticator, second factor, 2fa, codes, backup codes, recovery code
backup codes, recovery codes, recovery code
identity provider, identity service, sso, single sign-on, saml, okta
health record, patient, medical, hipaa, patient information
america, united states, usa, us, ohio
germany, frankfurt, europe, eu
uk, britain, england, united kingdom
england, scotland, wales, ireland
timeout, time limit, too slow, takes too long
rate limit, requests a minute, too many requests, limit, 429
notification, webhook, event
spreadsheet, excel, csv, sheet
database, sql, postgres, mysql
television, tv, big screen, monitor, wall
daylight, time zone, timezone, local time
loan, borrow, borrowed, lend, take home
overdue, late, fine, late return
reserve, hold, request, put on hold
member, card holder, membership card, card
renew, extend, keep longer, prolong
librarian, staff, desk, counter
desk, counter, reception, till
study, quiet, silent, desk
computer, pc, terminal
newspaper, magazine, periodical, journal
e-book, ebook, audiobook, digital, download
donate, give, donation, gift
tyre, tire, puncture, flat, wheel, tube
gear, chain, brake, derailleur
service, check, inspection, tune-up, maintenance
maintenance, service, care, look after, upkeep
electric, e-bike, battery, motor
frame, size, fit, height, tall
test ride, try, try out, test drive
stolen, theft, thief, lock, locked
accident, crash, damage, fell
vet, animal, pet, sick animal
flea, tick, worm, parasite
neuter, spay, castrate, neutered, sterilise
microchip, chip, tag, identification
kennel, boarding, stay, overnight, looked after
groom, grooming, fur, coat, trim, hair
puppy, kitten, young
rabbit, guinea pig, hamster, rodent, small animal
bird, parrot, budgie
put down, put to sleep, euthanasia, die, death, dying, passed away
bury, cremation, cremate, burial
adopt, adoption, rehome, shelter, new home
breed, breeder, pedigree
ration, portion, amount, how much food
room, suite, bedroom
breakfast, lunch, dinner, meal
check in, arrival, arrive, check-in
check out, departure, leave, check-out
luggage, baggage, suitcase, bag
passport, id, identification, photo id, proof of identity
insurance, insured, cover
instructor, teacher, coach, trainer
beginner, novice, first time
exam, test, assessment
certificate, proof, diploma, qualification
grant, funding, bursary, scholarship
apply, application, sign up
deadline, closing date, until when
garbage, rubbish, trash, waste, bin, litter
electricity, power, energy, current
water, tap, leak, plumbing
heating, heat, radiator, boiler, warm
tenant, renter, landlord, lodger
rent, lease, let
noise, loud, party, quiet hours
visitor, guest, overnight guest
`

interface Phrase {
  readonly stems: readonly string[]
  readonly group: number
}

/** Phrases by the stem that they begin with; a word alone is a phrase of one. */
const phrases = new Map<string, Phrase[]>()
/** Single words of each group. */
const lines: (readonly string[])[] = []
for (const [group, line] of GROUPS.trim().split('\n').entries()) {
  const members = line.split(', ')
  lines.push(members.filter((member) => wordsOf(member).length === 1))
  for (const phrase of members) {
    const stems = baseStemsOf(phrase)
    const [first] = stems
    if (first === undefined) continue
    phrases.set(first, [...(phrases.get(first) ?? []), { stems, group }])
  }
}

/** A word's place in a text and what it may mean. */
export interface Meant {
  /** Stems that the phrase is made of. */
  readonly stems: readonly string[]
  readonly groups: ReadonlySet<number>
}

const MOST_RELATED = 40

/** Words that say what the words of a question may mean, without them: those of its rarer meanings first. */
export function relatedWords(question: string): readonly string[] {
  const stems = baseStemsOf(question)
  const groups = new Set(
    meaningsOf(stems)
      .flatMap((meant) => [...meant.groups])
      .toSorted((left, right) => (lines[left]?.length ?? 0) - (lines[right]?.length ?? 0)),
  )
  const words = [...groups].flatMap((group) => lines[group] ?? [])
  return [...new Set(words)]
    .filter((word) => !stems.includes(baseStemOf(word)))
    .slice(0, MOST_RELATED)
}

/** What the words and phrases of a text may mean, by their stems in order; those without synonyms are left out. */
export function meaningsOf(stems: readonly string[]): readonly Meant[] {
  const meant: Meant[] = []
  for (const [at, stem] of stems.entries()) {
    const found = (phrases.get(stem) ?? []).filter((phrase) =>
      phrase.stems.every((part, index) => stems[at + index] === part),
    )
    const longest = Math.max(0, ...found.map((phrase) => phrase.stems.length))
    for (let length = longest; length > 0; length -= 1) {
      const same = found.filter((phrase) => phrase.stems.length === length)
      if (same.length === 0) continue
      const [{ stems: parts } = { stems: [] }] = same
      meant.push({ stems: parts, groups: new Set(same.map(({ group }) => group)) })
    }
  }
  return meant
}
