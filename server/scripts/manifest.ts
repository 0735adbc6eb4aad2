/** What the analyzer cannot know of the element: it reads the source, and sees no definition in it. */
import { z } from 'zod'

const Manifest = z.looseObject({
  modules: z.array(z.looseObject({ path: z.string(), exports: z.array(z.unknown()) })),
})

/** The manifest of the published module, which is the bundle and defines the element by its name. */
export function publishedManifest(text: string, source: string, path: string): string {
  const { modules, ...manifest } = Manifest.parse(JSON.parse(text.replaceAll(source, path)))
  const definition = {
    kind: 'custom-element-definition',
    name: 'samosa-chat',
    declaration: { name: 'SamosaChat', module: path },
  }
  const defining = modules.map(({ exports: names, ...bundle }) => ({
    ...bundle,
    exports: [...names, definition],
  }))
  return JSON.stringify({ ...manifest, modules: defining }, null, 2)
}
