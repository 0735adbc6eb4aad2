import type { Attachment } from '../state/attachments.ts'
import { IMAGE_TYPES } from './file-kinds.ts'

/** Device pixels: 36 CSS pixels on a fine screen. */
const SIDE = 108

const pictures = new WeakMap<File, HTMLCanvasElement>()

async function draw(file: File, canvas: HTMLCanvasElement): Promise<void> {
  try {
    const image = await createImageBitmap(file)
    const scale = SIDE / Math.min(image.width, image.height)
    const [width, height] = [image.width * scale, image.height * scale]
    canvas
      .getContext('2d')
      ?.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height)
    image.close()
  } catch {
    // No picture after all: the server will say so.
  }
}

/** A small picture of an image that this page has. A canvas, since `blob:` images may be forbidden. */
export function thumbnailOf({ file, type }: Attachment): HTMLCanvasElement | undefined {
  if (!file || !IMAGE_TYPES.includes(type)) return undefined
  const known = pictures.get(file)
  if (known) return known
  const canvas = document.createElement('canvas')
  canvas.width = SIDE
  canvas.height = SIDE
  canvas.setAttribute('aria-hidden', 'true')
  pictures.set(file, canvas)
  void draw(file, canvas)
  return canvas
}
