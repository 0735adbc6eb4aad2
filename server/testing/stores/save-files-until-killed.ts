/**
 * A program for a test: stores messages with files without end, and says on standard output what was
 * acknowledged, a line for each. Argument: the folder.
 */
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createJsonAttachmentStore } from '../../stores/json-attachments.ts'
import { createJsonFileStore } from '../../stores/json-conversations.ts'
import { exampleConversation, exampleMessage } from './store-examples.ts'
import { createRecordingLogger } from './testing.ts'

const [directory = ''] = process.argv.slice(2)
const ownerId = 'visitor-1'

// Unbuffered: a line that was said must not die with the process.
const say = (...words: string[]) => writeSync(1, `${words.join(' ')}\n`)

const logger = createRecordingLogger()
const store = await createJsonFileStore({ directory, logger })
const attachments = createJsonAttachmentStore({ directory, logger, limit: Infinity })

async function sendWithoutEnd(): Promise<never> {
  for (let count = 1; ; count += 1) {
    const conversation = exampleConversation({ ownerId })
    const place = { ownerId, conversationId: conversation.id }
    await store.create(conversation)
    for (let round = 0; round < 4; round += 1) {
      const id = randomUUID()
      // What is in a file tells whether it is that file, and whole.
      const bytes = Buffer.from(id.repeat(1_000))
      const attachment = {
        id,
        filename: 'a.txt',
        contentType: 'text/plain',
        sizeBytes: bytes.length,
      }
      await attachments.save(place, [{ ...attachment, bytes }])
      const message = exampleMessage({ attachments: [attachment] })
      await store.addMessage(ownerId, conversation.id, { message })
      say('sent', conversation.id, id)
    }
    if (count % 3 > 0) continue
    say('removing', conversation.id)
    await store.remove(ownerId, conversation.id)
    await attachments.remove(place)
  }
}

await Promise.all([1, 2, 3].map(sendWithoutEnd))
