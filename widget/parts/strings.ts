import type { MarkdownStrings } from '../markdown/dress.ts'
import type { SourceStrings } from './source-strings.ts'
import type { ToolStrings } from './tool-strings.ts'

/** Words in an answer, in the visitor's language. */
export interface AnswerStrings {
  readonly markdown: MarkdownStrings
  readonly thinking: string
  /** Thinking whose time was not measured. */
  readonly thought: string
  readonly thoughtFor: (seconds: number) => string
  /** How long something has been going on. */
  readonly elapsed: (seconds: number) => string
  readonly searchingWeb: (query: string) => string
  readonly usingTool: (name: string) => string
  /** A call whose name is not known yet, or a result without a call. */
  readonly unnamedTool: string
  /** The English ones of both come with what says them, see tool-strings.ts and source-strings.ts. */
  readonly tools?: ToolStrings
  readonly cited?: SourceStrings
}

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
  },
  thinking: 'Thinking…',
  thought: 'Thought',
  thoughtFor: (seconds) => `Thought for ${elapsed(seconds)}`,
  elapsed,
  searchingWeb: (query) => (query ? `Searching the web for “${query}”` : 'Searching the web'),
  usingTool: (name) => `Using ${name}`,
  unnamedTool: 'a tool',
}
