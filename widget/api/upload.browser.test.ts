import { upload } from './upload.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

/** The test runner's own server: it knows nothing here, and says so in a text. */
const NOWHERE = '/nothing/here'

describe('upload', () => {
  it('tells how far it is, and gives the answer as fetch does', async () => {
    const shares: number[] = []
    const body = JSON.stringify({ data: 'a'.repeat(2_000_000) })
    const headers = { 'content-type': 'application/json' }
    const response = await upload(NOWHERE, { method: 'POST', headers, body }, (share) =>
      shares.push(share),
    )
    assert(response.status === 404, `${response.status}`)
    assert((await response.text()) !== '')
    assert(shares.at(-1) === 1, shares.join())
    assert(shares.every((share, at) => share >= (shares[at - 1] ?? 0)))
  })

  it('gives headers, and a text with all its characters', async () => {
    const text = '“All” of it — 🥟'.repeat(20_000)
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
    const response = await upload(url, {}, () => {})
    assert(response.headers.get('content-type')?.startsWith('text/plain'))
    assert((await response.text()) === text)
    URL.revokeObjectURL(url)
  })

  it('fails as fetch does', async () => {
    const reason = new Error('not wanted')
    const aborted = upload(NOWHERE, { signal: AbortSignal.abort(reason) }, () => {})
    assert((await aborted.catch((error: unknown) => error)) === reason)
    const controller = new AbortController()
    const stopped = upload(NOWHERE, { signal: controller.signal }, () => {})
    controller.abort(reason)
    assert((await stopped.catch((error: unknown) => error)) === reason)
    const lost = upload('http://127.0.0.1:1/', {}, () => {})
    assert((await lost.catch((error: unknown) => error)) instanceof TypeError)
  })
})
