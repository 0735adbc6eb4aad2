/**
 * A program for a test: opens a store, writes without end, and says on standard output what was
 * acknowledged, a line for each. Arguments: the folder, and a name for this run.
 */
import { writeSync } from 'node:fs'
import { createJsonFileStore } from '../../stores/json-conversations.ts'
import { exampleConversation, exampleMessage, SMALL_LONG_CONVERSATIONS } from './store-examples.ts'
import { createRecordingLogger } from './testing.ts'

const [directory = '', run = ''] = process.argv.slice(2)
const OWNER = 'visitor-1'

// Unbuffered: a line that was said must not die with the process.
const say = (...words: string[]) => writeSync(1, `${words.join(' ')}\n`)

const store = await createJsonFileStore({
  directory,
  logger: createRecordingLogger(),
  indexFlushDelay: () => 0,
  // Files of both forms are written all the time, beside the journal.
  long: SMALL_LONG_CONVERSATIONS,
  saveDelay: 3,
})

async function writeWithoutEnd(writer: number): Promise<never> {
  let count = 0
  for (;;) {
    const conversation = exampleConversation({ title: `${run} ${writer}` })
    await store.create(conversation)
    say('created', conversation.id)
    for (let round = 0; round < 20; round += 1) {
      const messages = [1, 2, 3].map((n) =>
        exampleMessage({ content: `${run} ${writer} ${(count += n)} ${'समोसा '.repeat(200)}` }),
      )
      const adding = messages.map(async (message) => {
        await store.addMessage(OWNER, conversation.id, { message })
        say('added', conversation.id, message.id)
      })
      await Promise.all(adding)
    }
    if (count % 2 === 0) {
      say('removing', conversation.id)
      await store.remove(OWNER, conversation.id)
      say('removed', conversation.id)
    }
  }
}

// The list is in memory from here on, so that its file is written all the time too.
await store.list(OWNER, { limit: 1, offset: 0 })
await Promise.all([1, 2, 3].map(writeWithoutEnd))
