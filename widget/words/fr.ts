import { formatsIn } from './formats.ts'
import { listIn, monthsIn, sizesIn } from './late-formats.ts'
import type { Catalogue, FileKinds } from './strings.ts'

const { number, count, duration } = formatsIn('fr')

const conversations = (amount: number) =>
  count(amount, { one: '# conversation', other: '# conversations' })

const tooMany = (over: number) =>
  count(over, { one: '# caractère de trop', other: '# caractères de trop' })

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('fr', [images && 'images (PNG, JPEG, GIF, WebP)', text && 'fichiers texte', pdf && 'PDF'])

const files = (amount: number) => count(amount, { one: '# fichier', other: '# fichiers' })

/** French. */
export const fr: Catalogue = {
  language: 'fr',
  direction: 'ltr',
  heading: 'Chat',
  launcher: { open: 'Ouvrir le chat', close: 'Fermer le chat' },
  unread: (amount) => count(amount, { one: '# nouveau message', other: '# nouveaux messages' }),
  newConversation: 'Nouvelle conversation',
  sound: { mute: 'Couper le son', unmute: 'Activer le son' },
  disclosure: {
    ai: 'Une machine vous répond. Elle peut se tromper.',
    privacy: 'Confidentialité',
  },
  size: { enlarge: 'Agrandir le chat', reduce: 'Réduire le chat' },
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
  transcript: { download: 'Télécharger cette conversation', print: 'Imprimer…' },
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
    offline: 'Sera envoyé dès que vous serez de nouveau en ligne',
  },
  turns: {
    queue: 'Messages en attente',
    waitsForAnswer: 'Sera envoyé dès que la réponse sera terminée',
    waitsForVisitor: 'Pas encore envoyé',
    sendNow: 'Envoyer maintenant',
    takeBack: 'Reprendre',
    unanswered: 'Sans réponse',
    goOn: 'Continuer',
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
    signOut: 'Se déconnecter',
    notRenamed: (sentence) => `Le titre n’a pas été enregistré. ${sentence}`,
    notRemoved: (title, sentence) => `«\u00a0${title}\u00a0» n’a pas été supprimée. ${sentence}`,
    notDownloaded: (title, sentence) =>
      `«\u00a0${title}\u00a0» n’a pas été téléchargée. ${sentence}`,
    tooLong: 'Elle est trop longue pour ce format. Choisissez Markdown ou JSON.',
  },
  account: {
    signIn: 'Se connecter',
    username: 'Nom d’utilisateur',
    password: 'Mot de passe',
    show: 'Afficher le mot de passe',
    hide: 'Masquer le mot de passe',
    signingIn: 'Connexion…',
    again: 'Veuillez vous reconnecter.',
    waits: 'Votre message partira dès que vous serez connecté.',
    operator: 'Les comptes sont attribués par les responsables de ce chat.',
    incomplete: 'Saisissez votre nom d’utilisateur et votre mot de passe.',
    wrong: 'Le nom d’utilisateur ou le mot de passe est incorrect.',
    tooMany: 'Cela fait trop de tentatives.',
    noAccounts: 'Ce chat n’a pas de comptes.',
  },
  banner: {
    offline: 'Vous êtes hors ligne. Vos messages sont à l’abri ici.',
    reconnecting: 'Connexion perdue. Reconnexion…',
  },
  hints: {
    gone: 'Cette conversation n’existe plus. Votre texte est toujours là\u00a0; envoyez-le pour en commencer une nouvelle.',
    busy: 'Une réponse est en cours dans une autre fenêtre. Votre texte est toujours là\u00a0; envoyez-le ensuite.',
    running:
      'Une réponse est encore en cours de rédaction ici. Réessayez quand elle sera complète.',
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
    unreadable_file:
      'Un des fichiers ne peut pas être lu : il est protégé, endommagé, trop long ou ne contient que des images.',
    inference_error: 'L’assistant a rencontré une erreur en répondant.',
    inference_unreachable: 'L’assistant est injoignable pour le moment.',
    inference_timeout: 'L’assistant a mis trop de temps à répondre.',
    inference_interrupted: 'La réponse a été coupée avant la fin.',
    inference_misconfigured: 'L’assistant n’est pas encore bien configuré. Réessayez plus tard.',
    inference_length: 'La longueur maximale était épuisée avant l’arrivée d’une réponse.',
    inference_filtered: 'La réponse a été retenue par un filtre de contenu.',
    auth_unreachable: 'La connexion à votre compte ne fonctionne pas pour le moment.',
    storage_unreachable: 'Les conversations sont inaccessibles pour le moment.',
    interrupted: 'La réponse a été interrompue avant la fin.',
    internal: 'Un problème est survenu de notre côté.',
  },
  retryIn: (seconds) => `Réessayer dans ${duration(seconds)}`,
  answer: {
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
      showSource: (source, title) => `Source ${source}\u00a0: ${title}`,
      showPassage: (source) => `Passage de la source ${source}`,
      alsoFound: 'Trouvé également',
      page: (page) => `p. ${page}`,
      open: 'Ouvrir',
      notFound: 'Introuvable dans cette source\u00a0:',
    },
  },
  extras: {
    size: sizesIn('fr'),
    files: {
      hint: (kinds, most, size) =>
        `Jusqu’à ${files(most)}, ${size} au total\u00a0: ${kindsIn(kinds)}`,
      list: 'Fichiers à envoyer',
      drop: 'Déposez des fichiers pour les ajouter',
      reading: (name) => `Lecture de ${name}`,
      remove: (name) => `Retirer ${name}`,
      sending: 'Envoi des fichiers',
      download: (name) => `Télécharger ${name}`,
      notDownloaded: (name, why) => `${name} n’a pas été téléchargé. ${why}`,
      needText: 'Écrivez quelques mots pour accompagner les fichiers.',
    },
    refused: {
      tooMany: (most) => `Un message contient au plus ${files(most)}. Retirez-en un d’abord.`,
      tooLarge: (size) =>
        `Les fichiers d’un message font au plus ${size} au total. Choisissez-en de plus petits.`,
      empty: (name) => `${name} est vide.`,
      kind: (name, kinds) =>
        `${name} n’a pas été ajouté. Vous pouvez ajouter des ${kindsIn(kinds).replace(' et ', ' et des ')}.`,
      unreadable: (name) => `${name} n’a pas pu être lu.`,
    },
    settings: {
      list: 'Réglages des réponses',
      temperature: (value) => `température ${number(value)}`,
      top_k: (value) => `top-k ${number(value)}`,
      remove: (setting) => `Retirer ${setting}`,
    },
    commands: {
      list: 'Commandes',
      count: (amount) => count(amount, { one: '# commande', other: '# commandes' }),
      does: {
        temperature: 'Liberté d’écriture, de 0 à 2',
        topk: 'Nombre de mots à peser, de 1 à 200',
        think: 'Raisonner pas à pas\u00a0: on (oui) ou off (non)',
        person: 'Joindre une personne',
        clear: 'Commencer une nouvelle conversation',
        help: 'Afficher ces commandes',
      },
      unknown: (name) => `La commande /${name} n’existe pas. Tapez /help pour tout voir.`,
      range: (name, least, most, whole) =>
        `/${name} attend un nombre${whole ? ' entier' : ''} de ${least} à ${most}.`,
      onOff: '/think attend «\u00a0on\u00a0» (oui), «\u00a0off\u00a0» (non) ou rien pour basculer.',
      extra: (name) => `/${name} s’écrit seul.`,
      isSet: (setting) => `Désormais\u00a0: ${setting}.`,
      cleared: 'Voici une nouvelle conversation.',
      thinks: (on) => (on ? 'La réflexion est activée.' : 'La réflexion est désactivée.'),
      cannotThink: 'La réflexion ne peut pas être changée ici.',
      slashText: 'Pour envoyer un texte qui commence par une barre oblique, tapez-en deux.',
    },
    voice: {
      stop: 'Arrêter l’écoute',
      heardBy: 'Le service vocal de votre navigateur transforme vos paroles en texte.',
      listening: 'À l’écoute…',
      denied:
        'Le micro n’est pas autorisé ici. Vous pouvez le changer dans les réglages de votre navigateur.',
      unheard: 'Rien n’a été entendu. Réessayez.',
      noMicrophone: 'Il n’y a pas de micro.',
      failed: 'Le service vocal du navigateur est injoignable pour le moment.',
    },
    followUps: 'Pour continuer',
    nearest: 'L’une de ces questions aidera peut-être :',
  },
  contact: {
    title: 'Parler à une personne',
    lead: 'Préférez-vous demander à une personne ?',
    email: 'Courriel',
    phone: 'Téléphone',
    page: 'Page de contact',
    newTab: 's’ouvre dans un nouvel onglet',
    write: 'Écrire un message',
    form: {
      message: 'Votre message',
      email: 'Votre adresse électronique',
      consent: 'Vous pouvez conserver mon message et mon adresse électronique pour me répondre.',
      privacy: 'Confidentialité',
      send: 'Envoyer le message',
      close: 'Fermer le formulaire',
      sending: 'Envoi en cours…',
      noMessage: 'Écrivez votre message.',
      tooLong: (over, limit) =>
        `Le message est trop long de ${count(over, { one: '# caractère', other: '# caractères' })} : il peut en contenir ${number(limit)}.`,
      badMessage: 'Ce message n’a pas été accepté. Veuillez le modifier.',
      noEmail: 'Indiquez votre adresse électronique pour que nous puissions répondre.',
      badEmail: 'Indiquez une seule adresse électronique, comme nom@example.com.',
      noConsent: 'Cochez cette case pour que nous puissions conserver votre message et y répondre.',
      unsent: (sentence) =>
        `Votre message n’a pas été envoyé. Ce que vous avez écrit est conservé ici. ${sentence}`,
      tooMany: 'Cela fait beaucoup de messages en peu de temps.',
      closed: 'Aucun message n’est reçu ici pour le moment. Veuillez réessayer plus tard.',
    },
    sent: (email) => `Votre message a été envoyé. La réponse arrivera à ${email}.`,
  },
}
