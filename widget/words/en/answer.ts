import type { AnswerStrings } from '../strings.ts'

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

/** The default words. */
export const answerStrings: AnswerStrings = {
  markdown: {
    copyCode: 'Copy',
    codeCopied: 'Copied',
    codeRegion: (language) => (language === '' ? 'Code' : `Code, ${language}`),
    tableRegion: 'Table',
    taskDone: 'Done',
    taskOpen: 'Not done',
    image: 'Image:',
  },
  thinking: 'Thinking…',
  thought: 'Thought',
  thoughtFor: (seconds) => `Thought for ${elapsed(seconds)}`,
  elapsed,
  searchingWeb: (query) => (query ? `Searching the web for “${query}”` : 'Searching the web'),
  usingTool: (name) => `Using ${name}`,
  unnamedTool: 'a tool',
}
