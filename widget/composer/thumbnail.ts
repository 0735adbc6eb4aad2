import { Task } from '@lit/task'
import { LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import { define } from '../ui/element.ts'
import { imageIcon } from './icons.ts'

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
  @property({ attribute: false }) file: File | undefined

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
