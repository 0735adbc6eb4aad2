import { createServer, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports/index.ts'
import { AnswerDecoder } from '../inference/transport/answer-stream.ts'
import { createOpenai } from '../inference/openai/index.ts'
import { OpenaiReader } from '../inference/openai/events.ts'
import { cutPlans, pieces, twoCuts } from './cuts.ts'
import { judgeStream, madeOf, type Made } from './judge-stream.ts'
import type { StreamCase } from './stream-corpus.ts'
import type { Tally } from './tally.ts'
import { gather, generateRequest } from '../testing/inference-requests.ts'
import { listenLocally } from '../testing/listen-locally.ts'

/** Over HTTP, at most this many pieces: the bytes in between are cut without a network. */
const MOST_WRITES = 2_000

/** The operator's own: any other would have to be on the server's list. */
const MODEL = 'recorded'

/** Sends every recorded stream through the real adapter, and cut anywhere through its decoder. */
export async function runStreams(cases: readonly StreamCase[], tally: Tally): Promise<void> {
  const replay = await startReplay()
  try {
    for (const stream of cases) await runCase(stream, replay, tally)
  } finally {
    await replay.close()
  }
}

async function runCase(stream: StreamCase, replay: Replay, tally: Tally): Promise<void> {
  const judged = stream.dialect === 'openai-chat'
  const report = (how: string, made: Made) => {
    const name = `${stream.id}, ${how}`
    const crashed = made.error !== undefined && !(made.error instanceof ChatError)
    if (judged || crashed) tally.judge(name, judgeStream(stream, made))
    else tally.skip()
  }
  for (const { name, cuts } of cutPlans(stream.body, stream.body.length)) {
    const chunks = pieces(stream.body, cuts)
    report(`decoded ${name}`, decode(chunks))
    if (chunks.length <= MOST_WRITES) report(`over HTTP ${name}`, await replay.run(stream, chunks))
  }
  report('cut in two everywhere', decodeEveryTwoCut(stream.body))
}

function decode(chunks: readonly Buffer[]): Made {
  const decoder = new AnswerDecoder(new OpenaiReader())
  const events: InferenceEvent[] = []
  for (const chunk of chunks) events.push(...decoder.push(chunk))
  events.push(...decoder.end('closed'))
  const { outcome } = decoder
  const failure = outcome === 'running' ? decoder.incomplete() : outcome
  return madeOf(events, failure === 'complete' ? undefined : failure)
}

/** What the stream gives whole, or the first cut that gives something else. */
function decodeEveryTwoCut(body: Buffer): Made {
  const whole = decode([body])
  const parts = ({ error, ...rest }: Made) => ({ ...rest, error: String(error) })
  for (const cut of body.length > 200_000 ? [1, 2, body.length - 1] : twoCuts(body.length)) {
    const made = decode(pieces(body, [cut]))
    if (!isDeepStrictEqual(parts(made), parts(whole))) return made
  }
  return whole
}

interface Replay {
  run(stream: StreamCase, chunks: readonly Buffer[]): Promise<Made>
  close(): Promise<void>
}

async function startReplay(): Promise<Replay> {
  let play: (response: ServerResponse) => Promise<void> = () => Promise.resolve()
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => void play(response))
  })
  const host = await listenLocally(server)
  const adapter = createOpenai({
    url: `http://${host}`,
    apiKey: undefined,
    model: MODEL,
    timeoutSeconds: 10,
  })
  return {
    async run({ status, contentType }, chunks) {
      play = async (response) => {
        response.socket?.setNoDelay(true)
        response.writeHead(status, { 'content-type': contentType })
        for (const chunk of chunks) {
          response.write(chunk)
          await nextTurn()
        }
        response.end()
      }
      const { batches, error } = await gather(adapter, generateRequest({ model: MODEL }))
      if (error === undefined || error instanceof Error) return madeOf(batches.flat(), error)
      return madeOf(batches.flat(), new Error('it threw no error'))
    },
    async close() {
      await adapter.close()
      server.close()
      server.closeAllConnections()
    },
  }
}
