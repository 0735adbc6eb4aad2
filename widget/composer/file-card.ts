import { html, LitElement, css } from 'lit'
import type { Attachment } from '../api/decode-conversation.ts'
import { fileIcon, imageIcon } from '../ui/action-icons.ts'
import type { ExtrasStrings, FileKinds } from '../words/strings.ts'
import { Task } from '@lit/task'
import { define } from '../ui/element.ts'
import { isTextName, TEXT_ENDINGS } from '../../server/protocol/text-names.ts'

/** Pictures that models look at. */
const IMAGE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Taken for its text. */
export const PDF_TYPE = 'application/pdf'

/** What no text file says it is, unless its name is one of a text. */
const NO_TEXT = /^(audio|video|font)\/|^image\/(?!svg)|^application\/(zip|gzip|msword|vnd\.)/

/** For a file chooser: what is taken. */
export const acceptOf = ({ images, text, pdf }: FileKinds): string =>
  [
    ...(images ? IMAGE_TYPES : []),
    ...(pdf ? [PDF_TYPE, '.pdf'] : []),
    ...(text ? ['text/*', 'application/json', ...TEXT_ENDINGS.map((ending) => `.${ending}`)] : []),
  ].join()

/** What a file seems to be, before it is read. */
export function kindOf({
  name,
  type,
}: Pick<File, 'name' | 'type'>): 'image' | 'text' | 'pdf' | undefined {
  if (type === PDF_TYPE || /\.pdf$/i.test(name)) return 'pdf'
  if (IMAGE_TYPES.includes(type)) return 'image'
  return NO_TEXT.test(type) && !isTextName(name) ? undefined : 'text'
}

/** The type that a text is sent as: the browser's, if that is one of a text. */
export const textTypeOf = (type: string): string =>
  /^text\/[\w.+-]+$|^application\/(json|xml)$|\+(json|xml)$/.test(type) ? type : 'text/plain'

/** Whether bytes from the beginning of a file are UTF-8 text; the last character may be cut. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    // No UTF-8.
    return false
  }
}

/** Files, where they are written and where they were sent. */
export const fileStyles = css`
  .files {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 4px;
    list-style: none;
  }
  .file {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
    max-inline-size: min(100%, 240px);
    padding: 5px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
  }
  .picture {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: var(--samosa-radius-code);
    background: var(--samosa-surface-3);
    color: var(--samosa-text-muted);
    overflow: hidden;
  }
  samosa-thumbnail {
    display: grid;
  }
  canvas {
    inline-size: 36px;
    block-size: 36px;
  }
  .about {
    display: grid;
    gap: 2px;
    min-inline-size: 0;
    font-size: 12.5px;
    line-height: 1.3;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .size {
    color: var(--samosa-text-muted);
    font-variant-numeric: tabular-nums;
  }
  progress {
    inline-size: 96px;
    block-size: 6px;
    margin-block: 5px;
    accent-color: var(--_accent);
  }
  .tool {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 32px;
    block-size: 32px;
    border-radius: 50%;
    color: var(--samosa-text-muted);
  }
  .tool:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  @media (forced-colors: active) {
    .file {
      border-color: CanvasText;
    }
  }
`

/** Device pixels: 36 CSS pixels on a fine screen. */
const SIDE = 108

/** A canvas, since `blob:` images may be forbidden. */
async function draw(file: File): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(file)
  const canvas = document.createElement('canvas')
  canvas.width = SIDE
  canvas.height = SIDE
  canvas.setAttribute('aria-hidden', 'true')
  const scale = SIDE / Math.min(image.width, image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  canvas.getContext('2d')?.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height)
  image.close()
  return canvas
}

/** A small picture of an image that this page has; a sign for one until it is drawn, or if it is none. */
class SamosaThumbnail extends LitElement {
  static override properties = { file: { attribute: false } }
  file: File | undefined

  readonly #drawing = new Task(this, {
    task: ([file]) => file && draw(file),
    args: () => [this.file] as const,
  })

  /** What stands around it styles it. */
  protected override createRenderRoot() {
    return this
  }

  override render() {
    return this.#drawing.value ?? imageIcon
  }
}

define('samosa-thumbnail', SamosaThumbnail)

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
