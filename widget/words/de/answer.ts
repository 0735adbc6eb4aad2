import type { AnswerStrings } from '../strings.ts'
import { formatsIn } from '../formats.ts'

const { count } = formatsIn('de')

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

/** German words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'Kopieren',
    codeCopied: 'Kopiert',
    codeRegion: (language) => (language === '' ? 'Code' : `Code, ${language}`),
    tableRegion: 'Tabelle',
    taskDone: 'Erledigt',
    taskOpen: 'Nicht erledigt',
    image: 'Bild:',
  },
  thinking: 'Denkt nach …',
  thought: 'Nachgedacht',
  thoughtFor: (seconds) => `${elapsed(seconds)} nachgedacht`,
  elapsed,
  searchingWeb: (query) => (query ? `Sucht im Web nach „${query}“` : 'Sucht im Web'),
  usingTool: (name) => `Benutzt ${name}`,
  unnamedTool: 'ein Werkzeug',
  tools: {
    searchedWeb: (query) => (query ? `Im Web nach „${query}“ gesucht` : 'Im Web gesucht'),
    searchingDocuments: (query) =>
      query ? `Sucht in den Dokumenten nach „${query}“` : 'Sucht in den Dokumenten',
    searchedDocuments: (query) =>
      query ? `In den Dokumenten nach „${query}“ gesucht` : 'In den Dokumenten gesucht',
    calculating: (expression) => (expression ? `Berechnet ${expression}` : 'Rechnet'),
    calculated: (expression) => (expression ? `${expression} berechnet` : 'Gerechnet'),
    usedTool: (name) => `${name} benutzt`,
    notSearchedWeb: (query) =>
      query ? `Konnte nicht im Web nach „${query}“ suchen` : 'Konnte nicht im Web suchen',
    notSearchedDocuments: (query) =>
      query
        ? `Konnte nicht in den Dokumenten nach „${query}“ suchen`
        : 'Konnte nicht in den Dokumenten suchen',
    notCalculated: (expression) =>
      expression ? `Konnte ${expression} nicht berechnen` : 'Konnte nicht rechnen',
    notUsedTool: (name) => `Konnte ${name} nicht benutzen`,
    toolRunning: 'Läuft',
    toolDone: 'Fertig',
    toolFailed: 'Fehlgeschlagen',
    toolUnanswered: 'Kein Ergebnis',
    wantsTool: (title) => `Der Assistent möchte „${title}“ benutzen.`,
    toolAsking: 'Braucht Ihre Erlaubnis',
    toolElsewhere: 'Läuft in einem anderen Fenster',
    toolWaiting: 'Wartet auf die Seite, die das anbietet',
    toolDenied: 'Nicht erlaubt',
    toolRefused: {
      busy: 'Das war viel in kurzer Zeit. Wählen Sie gleich noch einmal.',
      failed: 'Der Chat-Server ist gerade nicht erreichbar. Wählen Sie noch einmal.',
    },
    allowTool: 'Erlauben',
    denyTool: 'Nicht erlauben',
    showAll: 'Alles anzeigen',
    toolArguments: 'Argumente',
    toolResult: 'Ergebnis',
    resultCount: (amount) => count(amount, { one: '# Ergebnis', other: '# Ergebnisse' }),
  },
  cited: {
    sources: 'Quellen',
    showSource: (number, title) => `Quelle ${number}: ${title}`,
    showPassage: (number) => `Textstelle aus Quelle ${number}`,
    alsoFound: 'Außerdem gefunden',
    page: (number) => `Seite ${number}`,
    open: 'Öffnen',
    notFound: 'Nicht in dieser Quelle gefunden:',
  },
}
