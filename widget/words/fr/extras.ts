import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { formatsIn } from '../formats.ts'
import { listIn, sizesIn } from '../sizes.ts'

const { number, count } = formatsIn('fr')

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('fr', [images && 'images (PNG, JPEG, GIF, WebP)', text && 'fichiers texte', pdf && 'PDF'])

const files = (amount: number) => count(amount, { one: '# fichier', other: '# fichiers' })

/** French words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
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
}

/** French words of the ways to a person. */
export const contact: ContactStrings = {
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
}
