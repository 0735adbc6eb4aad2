import type { ExtrasStrings, FileKinds } from '../strings.ts'
import { comeLate } from '../late-words.ts'
import { listIn, sizesIn } from '../late-formats.ts'

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('en', [images && 'images (PNG, JPEG, GIF, WebP)', text && 'text files', pdf && 'PDF'])

/** English. */
export const extrasStrings: ExtrasStrings = comeLate('extras', {
  size: sizesIn('en'),
  files: {
    hint: (kinds, most, size) => `Up to ${most} files of ${size} in all: ${kindsIn(kinds)}`,
    list: 'Files to send',
    drop: 'Drop files to add them',
    reading: (name) => `Reading ${name}`,
    remove: (name) => `Remove ${name}`,
    sending: 'Sending the files',
    download: (name) => `Download ${name}`,
    notDownloaded: (name, why) => `${name} was not downloaded. ${why}`,
    needText: 'Write a few words to go with the files.',
  },
  refused: {
    tooMany: (most) =>
      `A message holds ${most} ${most === 1 ? 'file' : 'files'}. Remove one first.`,
    tooLarge: (size) => `The files of a message hold ${size} in all. Choose smaller ones.`,
    empty: (name) => `${name} is empty.`,
    kind: (name, kinds) => `${name} was not added. You can add ${kindsIn(kinds)}.`,
    unreadable: (name) => `${name} could not be read.`,
  },
  settings: {
    list: 'Settings for answers',
    temperature: (value) => `temperature ${value}`,
    top_k: (value) => `top-k ${value}`,
    remove: (setting) => `Remove ${setting}`,
  },
  commands: {
    list: 'Commands',
    count: (count) => (count === 1 ? '1 command' : `${count} commands`),
    does: {
      temperature: 'How freely to write, 0 to 2',
      topk: 'How many words to weigh, 1 to 200',
      think: 'Reason step by step: on or off',
      person: 'Reach a person',
      clear: 'Start a new conversation',
      help: 'Show these commands',
    },
    unknown: (name) => `There is no command /${name}. Type /help to see all.`,
    range: (name, least, most, whole) =>
      `/${name} takes a ${whole ? 'whole number' : 'number'} from ${least} to ${most}.`,
    onOff: '/think takes “on” or “off”, or nothing to switch.',
    extra: (name) => `/${name} stands alone.`,
    isSet: (setting) => `From now on: ${setting}.`,
    cleared: 'This is a new conversation.',
    thinks: (on) => (on ? 'Thinking is on.' : 'Thinking is off.'),
    cannotThink: 'Thinking cannot be switched here.',
    slashText: 'To send a text that begins with a slash, type two.',
  },
  voice: {
    stop: 'Stop listening',
    heardBy: 'Your browser’s speech service turns what you say into text.',
    listening: 'Listening…',
    denied: 'The microphone is not allowed here. You can change that in your browser’s settings.',
    unheard: 'Nothing was heard. Try again.',
    noMicrophone: 'There is no microphone.',
    failed: 'The browser’s speech service cannot be reached right now.',
  },
  followUps: 'You could ask next',
  nearest: 'Perhaps one of these helps:',
})
