import { html } from 'lit'
import type { Attachment } from '../conversation/chat-message.ts'
import { fileIcon, imageIcon } from './icons.ts'
import type { ExtrasStrings } from './strings.ts'
import { IMAGE_TYPES } from './file-kinds.ts'
import './thumbnail.ts'

export interface FileCard {
  readonly words: ExtrasStrings
  /** How far something with it has come, 0 to 1, while it lasts. */
  readonly progress: number | undefined
  /** What is under way. */
  readonly label: string
  readonly action: unknown
}

/** What a file looks like: an image that this page has by itself, the others by their kind. */
function pictureOf({ file, type }: Attachment) {
  if (file && IMAGE_TYPES.includes(type)) {
    return html`<samosa-thumbnail .file=${file}></samosa-thumbnail>`
  }
  return type.startsWith('image/') ? imageIcon : fileIcon
}

/** One file: what it looks like, its name, its size or how far it is. */
export function renderFile(file: Attachment, card: FileCard) {
  const { words, progress, label, action } = card
  return html`<li class="file">
    <span class="picture">${pictureOf(file)}</span>
    <span class="about">
      <span class="name" title=${file.name}><bdi>${file.name}</bdi></span>
      ${
        progress === undefined
          ? html`<span class="size"><bdi>${words.size(file.size)}</bdi></span>`
          : html`<progress max="1" value=${progress} aria-label=${label}></progress>`
      }
    </span>
    ${action}
  </li>`
}
