import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { formatsIn } from '../formats.ts'
import { listIn, sizesIn } from '../sizes.ts'

const { number, count } = formatsIn('de')

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('de', [images && 'Bilder (PNG, JPEG, GIF, WebP)', text && 'Textdateien', pdf && 'PDF'])

/** German words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
  size: sizesIn('de'),
  files: {
    hint: (kinds, most, size) =>
      `Bis zu ${count(most, { one: '# Datei', other: '# Dateien' })} mit zusammen ${size}: ${kindsIn(kinds)}`,
    list: 'Dateien zum Senden',
    drop: 'Dateien hier ablegen',
    reading: (name) => `${name} wird gelesen`,
    remove: (name) => `${name} entfernen`,
    sending: 'Die Dateien werden gesendet',
    download: (name) => `${name} herunterladen`,
    notDownloaded: (name, why) => `${name} wurde nicht heruntergeladen. ${why}`,
    needText: 'Schreiben Sie ein paar Worte zu den Dateien.',
  },
  refused: {
    tooMany: (most) =>
      `In eine Nachricht ${count(most, { one: 'passt # Datei', other: 'passen # Dateien' })}. Entfernen Sie zuerst eine.`,
    tooLarge: (size) => `Die Dateien einer Nachricht fassen zusammen ${size}. Wählen Sie kleinere.`,
    empty: (name) => `${name} ist leer.`,
    kind: (name, kinds) => `${name} wurde nicht hinzugefügt. Möglich sind: ${kindsIn(kinds)}.`,
    unreadable: (name) => `${name} konnte nicht gelesen werden.`,
  },
  settings: {
    list: 'Einstellungen für Antworten',
    temperature: (value) => `Temperatur ${number(value)}`,
    top_k: (value) => `Top-k ${number(value)}`,
    remove: (setting) => `${setting} entfernen`,
  },
  commands: {
    list: 'Befehle',
    count: (amount) => count(amount, { one: '# Befehl', other: '# Befehle' }),
    does: {
      temperature: 'Wie frei geschrieben wird, 0 bis 2',
      topk: 'Wie viele Wörter abgewogen werden, 1 bis 200',
      think: 'Schritt für Schritt überlegen: on (an) oder off (aus)',
      person: 'Einen Menschen erreichen',
      clear: 'Eine neue Unterhaltung beginnen',
      help: 'Diese Befehle zeigen',
    },
    unknown: (name) => `Den Befehl /${name} gibt es nicht. /help zeigt alle.`,
    range: (name, least, most, whole) =>
      `/${name} braucht eine ${whole ? 'ganze Zahl' : 'Zahl'} von ${least} bis ${most}.`,
    onOff: 'Auf /think folgt „on“ (an), „off“ (aus) oder nichts zum Umschalten.',
    extra: (name) => `/${name} steht allein.`,
    isSet: (setting) => `Ab jetzt: ${setting}.`,
    cleared: 'Das ist eine neue Unterhaltung.',
    thinks: (on) => (on ? 'Nachdenken ist an.' : 'Nachdenken ist aus.'),
    cannotThink: 'Nachdenken lässt sich hier nicht umschalten.',
    slashText: 'Ein Text, der mit einem Schrägstrich beginnt, wird mit zweien gesendet.',
  },
  voice: {
    stop: 'Nicht mehr zuhören',
    heardBy: 'Der Sprachdienst Ihres Browsers macht Text aus dem, was Sie sagen.',
    listening: 'Hört zu …',
    denied:
      'Das Mikrofon ist hier nicht erlaubt. Das können Sie in den Einstellungen Ihres Browsers ändern.',
    unheard: 'Es war nichts zu hören. Versuchen Sie es noch einmal.',
    noMicrophone: 'Es gibt kein Mikrofon.',
    failed: 'Der Sprachdienst des Browsers ist gerade nicht erreichbar.',
  },
  followUps: 'Mögliche nächste Fragen',
  nearest: 'Vielleicht hilft eines davon:',
}

/** German words of the ways to a person. */
export const contact: ContactStrings = {
  title: 'Mit einem Menschen sprechen',
  lead: 'Möchten Sie lieber einen Menschen fragen?',
  email: 'E-Mail',
  phone: 'Telefon',
  page: 'Kontaktseite',
  newTab: 'öffnet sich in einem neuen Tab',
  write: 'Eine Nachricht schreiben',
  form: {
    message: 'Ihre Nachricht',
    email: 'Ihre E-Mail-Adresse',
    consent: 'Sie dürfen meine Nachricht und meine E-Mail-Adresse speichern, um mir zu antworten.',
    privacy: 'Datenschutz',
    send: 'Nachricht senden',
    close: 'Formular schließen',
    sending: 'Wird gesendet …',
    noMessage: 'Schreiben Sie Ihre Nachricht.',
    tooLong: (over, limit) =>
      `Die Nachricht ist ${number(over)} Zeichen zu lang: ${number(limit)} passen hinein.`,
    badMessage: 'Diese Nachricht wurde nicht angenommen. Bitte ändern Sie sie.',
    noEmail: 'Geben Sie Ihre E-Mail-Adresse ein, damit wir antworten können.',
    badEmail: 'Geben Sie eine einzige E-Mail-Adresse ein, etwa name@example.com.',
    noConsent: 'Kreuzen Sie das an, damit wir Ihre Nachricht speichern und beantworten dürfen.',
    unsent: (sentence) =>
      `Ihre Nachricht wurde nicht gesendet. Was Sie geschrieben haben, bleibt hier. ${sentence}`,
    tooMany: 'Das waren viele Nachrichten in kurzer Zeit.',
    closed:
      'Hier werden gerade keine Nachrichten angenommen. Bitte versuchen Sie es später noch einmal.',
  },
  sent: (email) => `Ihre Nachricht ist gesendet. Die Antwort kommt an ${email}.`,
}
