import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTestServer } from './testing/start-test-server.ts'

it('says in README.txt what everything is that a server keeps in its data folder', async () => {
  const server = await startTestServer()
  try {
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const data_base64 = Buffer.from('Ferns like shade.').toString('base64')
    const answer = await visitor.stream('POST', `/api/conversations/${id}/messages`, {
      content: 'What does it say?',
      attachments: [{ filename: 'ferns.txt', content_type: 'text/plain', data_base64 }],
    })
    await answer.rest()
    await server.restart()
    const data = join(server.directory, 'data')
    const names = await readdir(data)
    expect(names).toEqual(expect.arrayContaining(['attachments', 'conversations', 'locks']))
    const readme = await readFile(join(data, 'README.txt'), 'utf8')
    const untold = names.filter((name) => name !== 'README.txt' && !readme.includes(name))
    expect(untold).toEqual([])
  } finally {
    await server.close()
  }
})
