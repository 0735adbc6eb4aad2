/** Cuts a font down to the glyphs that a file draws, by HarfBuzz's own program for that. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FontFace } from './fonts.ts'

/** What of WebAssembly is used here; the server's types have none of it. */
declare const WebAssembly: {
  readonly instantiate: (
    bytes: Uint8Array,
  ) => Promise<{ readonly instance: { readonly exports: HarfBuzzSubset } }>
}

/** Places are addresses in its memory. */
interface HarfBuzzSubset {
  readonly memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  malloc(bytes: number): number
  free(at: number): void
  hb_blob_create(at: number, bytes: number, mode: number, data: number, destroy: number): number
  hb_blob_destroy(blob: number): void
  hb_blob_get_data(blob: number, length: number): number
  hb_blob_get_length(blob: number): number
  hb_face_create(blob: number, index: number): number
  hb_face_destroy(face: number): void
  hb_face_reference_blob(face: number): number
  hb_set_add(set: number, value: number): void
  hb_subset_input_create_or_fail(): number
  hb_subset_input_destroy(input: number): void
  hb_subset_input_glyph_set(input: number): number
  hb_subset_input_set_flags(input: number, flags: number): void
  hb_subset_input_pin_axis_location(input: number, face: number, axis: number, at: number): number
  hb_subset_input_pin_all_axes_to_default(input: number, face: number): number
  hb_subset_or_fail(face: number, input: number): number
}

const WRITABLE = 2
/** No hints, which are for small screens; glyphs keep their numbers, which pages are written with. */
const FLAGS = 0x1 | 0x2
const WEIGHT_AXIS = 0x77676874

/** @throws Error when HarfBuzz cannot read the font */
export async function createFontSubset(): Promise<(face: FontFace) => Uint8Array> {
  const place = fileURLToPath(import.meta.resolve('harfbuzzjs/dist/harfbuzz-subset.wasm'))
  const { exports: harfbuzz } = (await WebAssembly.instantiate(await readFile(place))).instance
  harfbuzz._initialize()

  return ({ bytes, weight, used }) => {
    const at = harfbuzz.malloc(bytes.length)
    new Uint8Array(harfbuzz.memory.buffer).set(bytes, at)
    const blob = harfbuzz.hb_blob_create(at, bytes.length, WRITABLE, 0, 0)
    const face = harfbuzz.hb_face_create(blob, 0)
    harfbuzz.hb_blob_destroy(blob)
    const input = harfbuzz.hb_subset_input_create_or_fail()
    harfbuzz.hb_subset_input_set_flags(input, FLAGS)
    harfbuzz.hb_subset_input_pin_all_axes_to_default(input, face)
    if (weight !== undefined) {
      harfbuzz.hb_subset_input_pin_axis_location(input, face, WEIGHT_AXIS, weight)
    }
    const glyphs = harfbuzz.hb_subset_input_glyph_set(input)
    for (const { id } of used) harfbuzz.hb_set_add(glyphs, id)
    const subset = harfbuzz.hb_subset_or_fail(face, input)
    harfbuzz.hb_subset_input_destroy(input)
    if (subset === 0) throw new Error('a font could not be cut down')
    const result = harfbuzz.hb_face_reference_blob(subset)
    const from = harfbuzz.hb_blob_get_data(result, 0)
    const cut = new Uint8Array(harfbuzz.memory.buffer).slice(
      from,
      from + harfbuzz.hb_blob_get_length(result),
    )
    harfbuzz.hb_blob_destroy(result)
    harfbuzz.hb_face_destroy(subset)
    harfbuzz.hb_face_destroy(face)
    harfbuzz.free(at)
    return cut
  }
}
