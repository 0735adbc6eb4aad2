import type { Catalogue } from '../catalogue.ts'
import { formatsIn } from '../formats.ts'
import { monthsIn } from '../months.ts'
import { answer } from './answer.ts'
import { extras } from './extras.ts'

const { number, count, duration } = formatsIn('fr')

const conversations = (amount: number) =>
  count(amount, { one: '# conversation', other: '# conversations' })

const tooMany = (over: number) =>
  count(over, { one: '# caractère de trop', other: '# caractères de trop' })

/** French. */
export const fr: Catalogue = {
  language: 'fr',
  direction: 'ltr',
  heading: 'Chat',
  launcher: { open: 'Ouvrir le chat', close: 'Fermer le chat' },
  unread: (amount) => count(amount, { one: '# nouveau message', other: '# nouveaux messages' }),
  newConversation: 'Nouvelle conversation',
  sound: { mute: 'Couper le son', unmute: 'Activer le son' },
  close: 'Fermer',
  messages: 'Messages',
  you: 'Votre message',
  assistant: 'Réponse',
  greeting: 'Bonjour\u00a0! Comment puis-je vous aider\u00a0?',
  starters: 'Suggestions',
  jump: 'Aller à la fin',
  newText: 'Nouveau texte plus bas',
  earlier: {
    more: 'Messages précédents',
    loading: 'Chargement des messages précédents…',
    failed: 'Les messages précédents n’ont pas pu être chargés. Réessayer',
  },
  loading: 'Chargement de la conversation…',
  composer: {
    label: 'Message',
    placeholder: 'Posez votre question…',
    send: 'Envoyer',
    stop: 'Arrêter',
    think: 'Réfléchir',
    thinkHint: 'Raisonner pas à pas avant de répondre',
    search: 'Rechercher',
    searchHint: 'Consulter le web avant de répondre',
    addFiles: 'Ajouter des fichiers',
    unread: 'Les fichiers sont encore en cours de lecture.',
    dictate: 'Dicter le message',
    empty: 'Écrivez d’abord un message.',
    left: (amount) => count(amount, { one: '# caractère restant', other: '# caractères restants' }),
    tooLong: (over, limit) =>
      `${tooMany(over)}\u00a0: un message en contient au plus ${number(limit)}. Raccourcissez-le ou envoyez-le en plusieurs fois.`,
  },
  actions: {
    copy: 'Copier',
    copied: 'Copié',
    regenerate: 'Répondre à nouveau',
    tryAgain: 'Réessayer',
    edit: 'Modifier',
  },
  editor: {
    label: 'Modifier le message',
    cancel: 'Annuler',
    replaces: 'L’envoi remplace tout ce qui suit.',
    unchanged: 'Modifiez le texte pour l’envoyer.',
    empty: 'Écrivez quelque chose pour l’envoyer.',
    busy: 'Attendez la réponse ou arrêtez-la.',
  },
  ratings: { up: 'Bonne réponse', down: 'Mauvaise réponse' },
  feedback: {
    rated: 'Avis enregistré. Vous pouvez ajouter un commentaire.',
    commentUp: 'Qu’est-ce qui vous a plu\u00a0? (facultatif)',
    commentDown: 'Qu’est-ce qui n’allait pas\u00a0? (facultatif)',
    skip: 'Passer',
    tooLong: (over, limit) =>
      `${tooMany(over)}\u00a0: un commentaire en contient au plus ${number(limit)}.`,
    thanks: 'Merci pour votre avis.',
    failed: (sentence) => `Votre avis n’a pas été enregistré. ${sentence}`,
  },
  waiting: {
    sending: 'Envoi…',
    thinking: 'Réflexion…',
    searching: 'Recherche…',
    writing: 'Rédaction de la réponse…',
    reading: (name) => (name === '' ? 'Lecture…' : `Lecture de ${name}…`),
    readSoFar: (done, total) => `${number(done)} sur ${number(total)}`,
  },
  notes: {
    stopped: 'Arrêtée',
    length: 'La réponse a atteint sa longueur maximale.',
    filtered: 'La réponse a été retenue par un filtre de contenu.',
    interrupted: 'Interrompue',
    unsent: 'Non envoyé',
    editUnsent: 'Modification non envoyée',
  },
  conversations: 'Conversations',
  drawer: {
    close: 'Fermer la liste',
    search: 'Rechercher une conversation',
    clear: 'Effacer la recherche',
    today: 'Aujourd’hui',
    yesterday: 'Hier',
    week: '7 derniers jours',
    month: monthsIn('fr'),
    loading: 'Chargement…',
    empty: 'Vos conversations apparaîtront ici.',
    nothing: (query) => `Aucun résultat pour «\u00a0${query}\u00a0».`,
    found: (amount, more) =>
      `${conversations(amount)}${more ? ' ou plus' : ''} dans les résultats.`,
    download: (title) => `Télécharger «\u00a0${title}\u00a0»`,
    preparing: 'Le fichier est en préparation…',
    downloaded: 'Le fichier est téléchargé.',
    rename: (title) => `Renommer «\u00a0${title}\u00a0»`,
    title: 'Titre',
    remove: (title) => `Supprimer «\u00a0${title}\u00a0»`,
    removed: (title) => `«\u00a0${title}\u00a0» supprimée`,
    removedMany: (amount) =>
      count(amount, { one: '# conversation supprimée.', other: '# conversations supprimées.' }),
    undo: 'Annuler',
    restored: 'Suppression annulée.',
    notRenamed: (sentence) => `Le titre n’a pas été enregistré. ${sentence}`,
    notRemoved: (title, sentence) => `«\u00a0${title}\u00a0» n’a pas été supprimée. ${sentence}`,
    notDownloaded: (title, sentence) =>
      `«\u00a0${title}\u00a0» n’a pas été téléchargée. ${sentence}`,
    tooLong: 'Elle est trop longue pour ce format. Choisissez Markdown ou JSON.',
  },
  banner: {
    offline: 'Vous êtes hors ligne. Vos messages sont à l’abri ici.',
    reconnecting: 'Connexion perdue. Reconnexion…',
  },
  hints: {
    gone: 'Cette conversation n’existe plus. Votre texte est toujours là\u00a0; envoyez-le pour en commencer une nouvelle.',
    busy: 'Une réponse est en cours dans une autre fenêtre. Votre texte est toujours là\u00a0; envoyez-le ensuite.',
    changed:
      'Ce message a été modifié dans une autre fenêtre. Votre texte est toujours là\u00a0; envoyez-le pour continuer à partir de là.',
    replaced: 'Cette réponse a été remplacée dans une autre fenêtre.',
    unanswered: 'Pas encore de réponse.',
    unstopped: 'La réponse n’a pas pu être arrêtée. Réessayez dans un instant.',
    files: 'Votre message n’a pas été envoyé. Ajoutez à nouveau ses fichiers.',
  },
  status: { answerDone: 'Réponse terminée.' },
  errors: {
    offline: 'Vous êtes hors ligne. Vérifiez votre connexion et réessayez.',
    unreachable: 'Le serveur du chat est injoignable pour le moment.',
    misconfigured:
      'Ce chat n’est pas bien configuré\u00a0: il n’y a pas de serveur de chat à son adresse.',
    unauthorized: 'Vous devez vous connecter pour discuter ici.',
    forbidden: 'Vous n’avez pas le droit de faire cela.',
    not_found: 'Cette conversation n’existe plus.',
    conflict: 'Une réponse est déjà en cours dans cette conversation.',
    rate_limited: 'Cela fait beaucoup de messages en peu de temps.',
    budget_exhausted: 'Ce chat a atteint sa limite pour aujourd’hui.',
    invalid_request: 'Le serveur n’a pas accepté ce message.',
    malformed_json: 'Le serveur n’a pas accepté ce message.',
    method_not_allowed: 'Le serveur du chat ne permet pas cela.',
    too_large: 'Ce message est trop volumineux pour être envoyé.',
    unsupported_media_type: 'Le serveur n’accepte pas ce type de contenu.',
    inference_error: 'L’assistant a rencontré une erreur en répondant.',
    inference_unreachable: 'L’assistant est injoignable pour le moment.',
    inference_timeout: 'L’assistant a mis trop de temps à répondre.',
    inference_interrupted: 'La réponse a été coupée avant la fin.',
    auth_unreachable: 'La connexion à votre compte ne fonctionne pas pour le moment.',
    interrupted: 'La réponse a été interrompue avant la fin.',
    internal: 'Un problème est survenu de notre côté.',
  },
  retryIn: (seconds) => `Réessayer dans ${duration(seconds)}`,
  answer,
  extras,
}
