/** The base's URL with a path added; its query is kept. */
export function urlBelow(base: URL, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  return url
}

const ROUTE = /\/(?:(?:chat\/)?completions|embeddings)$/i
const VERSION = /\/v\d+(?:(?:alpha|beta)\d*)?$/i
const VERSIONED_COMPATIBLE = /\/v\d+(?:(?:alpha|beta)\d*)?\/openai$/i

/**
 * Where an OpenAI-compatible server may have its routes, the likeliest base first. A path is taken as it
 * stands, without the route that it may end in; only a bare origin gets `/v1`. The second is the other
 * way round: with `/v1`, or without a version.
 */
export function openaiBases(url: string): readonly [URL, URL] {
  const given = new URL(url)
  const path = given.pathname.replace(/\/+$/, '')
  const root = path.replace(ROUTE, '').replace(/\/+$/, '')
  const at = (pathname: string) => {
    const base = new URL(given)
    base.pathname = pathname
    return base
  }
  if (root === '') return path === '' ? [at('/v1'), at('')] : [at(''), at('/v1')]
  // The address of a list of models, or the path below which one cloud has its models.
  if (/\/models$/i.test(root)) {
    const above = root.replace(/\/+models$/i, '')
    return VERSION.test(above) || VERSIONED_COMPATIBLE.test(above)
      ? [at(above), at(root)]
      : [at(root), at(`${above}/v1`)]
  }
  return VERSION.test(root)
    ? [at(root), at(root.replace(VERSION, ''))]
    : [at(root), at(`${root}/v1`)]
}

/** Two ways of which a server knows one, the likelier one first; which one shows when it is asked. */
export function createEither<Way>([likelier, other]: readonly [Way, Way]) {
  let known = likelier
  let unknown = other

  /**
   * Asks in the way that is known or likelier, and once in the other where `isMissing` says that there is no such;
   * when that is answered, it is the known one from then on. Gives the first answer where both say so.
   */
  return async <Answer>(
    ask: (way: Way) => Promise<Answer>,
    isMissing: (answer: Answer) => boolean,
  ): Promise<Answer> => {
    const [first, second] = [known, unknown]
    const answer = await ask(first)
    if (!isMissing(answer)) return answer
    const followed = await ask(second)
    if (isMissing(followed)) return answer
    known = second
    unknown = first
    return followed
  }
}

/** Asks for a server's routes, whichever of two bases they turn out to stand below. */
export function createOpenaiRoutes(url: string) {
  const either = createEither(openaiBases(url))
  return <Answer>(
    route: string,
    ask: (url: URL) => Promise<Answer>,
    isMissing: (answer: Answer) => boolean,
  ) => either((base) => ask(urlBelow(base, route)), isMissing)
}
