import type { AnswerStrings } from '../strings.ts'
import { formatsIn } from '../formats.ts'

const { count } = formatsIn('fr')

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

/** French words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'Copier',
    codeCopied: 'Copié',
    codeRegion: (language) => (language === '' ? 'Code' : `Code, ${language}`),
    tableRegion: 'Tableau',
    taskDone: 'Fait',
    taskOpen: 'À faire',
    image: 'Image :',
  },
  thinking: 'Réflexion…',
  thought: 'Réflexion',
  thoughtFor: (seconds) => `Réflexion de ${elapsed(seconds)}`,
  elapsed,
  searchingWeb: (query) =>
    query ? `Recherche de «\u00a0${query}\u00a0» sur le web` : 'Recherche sur le web',
  usingTool: (name) => `Utilise ${name}`,
  unnamedTool: 'un outil',
  tools: {
    searchedWeb: (query) =>
      query ? `A cherché «\u00a0${query}\u00a0» sur le web` : 'A cherché sur le web',
    searchingDocuments: (query) =>
      query
        ? `Recherche de «\u00a0${query}\u00a0» dans les documents`
        : 'Recherche dans les documents',
    searchedDocuments: (query) =>
      query
        ? `A cherché «\u00a0${query}\u00a0» dans les documents`
        : 'A cherché dans les documents',
    calculating: (expression) => (expression ? `Calcul de ${expression}` : 'Calcul'),
    calculated: (expression) => (expression ? `A calculé ${expression}` : 'A calculé'),
    usedTool: (name) => `A utilisé ${name}`,
    notSearchedWeb: (query) =>
      query ? `N’a pas pu chercher « ${query} » sur le web` : 'N’a pas pu chercher sur le web',
    notSearchedDocuments: (query) =>
      query
        ? `N’a pas pu chercher « ${query} » dans les documents`
        : 'N’a pas pu chercher dans les documents',
    notCalculated: (expression) =>
      expression ? `N’a pas pu calculer ${expression}` : 'N’a pas pu calculer',
    notUsedTool: (name) => `N’a pas pu utiliser ${name}`,
    toolRunning: 'En cours',
    toolDone: 'Terminé',
    toolFailed: 'Échec',
    toolUnanswered: 'Sans résultat',
    wantsTool: (title) => `L’assistant veut utiliser «\u00a0${title}\u00a0».`,
    toolAsking: 'Votre accord est nécessaire',
    toolElsewhere: 'En cours dans une autre fenêtre',
    toolWaiting: 'En attente de la page qui le propose',
    toolDenied: 'Refusé',
    toolRefused: {
      busy: 'Cela fait beaucoup en peu de temps. Choisissez à nouveau dans un instant.',
      failed: 'Le serveur du chat est injoignable pour le moment. Choisissez à nouveau.',
    },
    allowTool: 'Autoriser',
    denyTool: 'Refuser',
    showAll: 'Tout afficher',
    toolArguments: 'Paramètres',
    toolResult: 'Résultat',
    resultCount: (amount) => count(amount, { one: '# résultat', other: '# résultats' }),
  },
  cited: {
    sources: 'Sources',
    showSource: (number, title) => `Source ${number}\u00a0: ${title}`,
    showPassage: (number) => `Passage de la source ${number}`,
    alsoFound: 'Trouvé également',
    page: (number) => `p. ${number}`,
    open: 'Ouvrir',
    notFound: 'Introuvable dans cette source\u00a0:',
  },
}
