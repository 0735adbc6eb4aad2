/** An embedding server for tests: OpenAI's `/v1/embeddings` on 127.0.0.1, and what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'

const Body = z.object({ model: z.string().optional(), input: z.array(z.string()) })

export interface FakeEmbeddingRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly model: string | undefined
  readonly input: readonly string[]
}

/** What to answer; without it a vector a text, by its letters. */
export type EmbeddingAnswer = (request: FakeEmbeddingRequest) =>
  | { readonly status?: number; readonly body: unknown }
  /** Never answers. */
  | 'hang'

export interface FakeEmbeddingServer {
  readonly url: string
  readonly requests: readonly FakeEmbeddingRequest[]
  /** From now on. */
  answer: EmbeddingAnswer
  close(): Promise<void>
}

/** Near each other where texts have the same letters: enough to tell one text from another. */
export function lettersOf(text: string, dimension = 32): number[] {
  const counts = Array.from({ length: dimension }, () => 0)
  for (const letter of text.toLowerCase()) {
    const place = (letter.codePointAt(0) ?? 0) % dimension
    counts[place] = (counts[place] ?? 0) + 1
  }
  return counts
}

export const vectorsFor = ({ input }: { readonly input: readonly string[] }, dimension = 32) => ({
  body: {
    data: input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: lettersOf(text, dimension),
    })),
  },
})

/** `port` 0 picks a free one. */
export async function startFakeEmbeddingServer(
  answer: EmbeddingAnswer = vectorsFor,
  port = 0,
): Promise<FakeEmbeddingServer> {
  const requests: FakeEmbeddingRequest[] = []
  const fake = { answer }
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { model, input } = Body.parse(JSON.parse(Buffer.concat(pieces).toString()))
      const asked = { path: request.url ?? '', headers: request.headers, model, input }
      requests.push(asked)
      const answered = fake.answer(asked)
      if (answered === 'hang') return
      response.writeHead(answered.status ?? 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answered.body))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
  return Object.assign(fake, {
    url: `http://127.0.0.1:${taken}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
