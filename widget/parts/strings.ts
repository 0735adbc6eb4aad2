import type { MarkdownStrings } from '../markdown/dress.ts'

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
  readonly searchedWeb: (query: string) => string
  readonly searchingDocuments: (query: string) => string
  readonly searchedDocuments: (query: string) => string
  readonly calculating: (expression: string) => string
  readonly calculated: (expression: string) => string
  readonly usingTool: (name: string) => string
  readonly usedTool: (name: string) => string
  /** A call whose name is not known yet, or a result without a call. */
  readonly unnamedTool: string
  readonly toolRunning: string
  readonly toolDone: string
  readonly toolFailed: string
  /** The answer ended before the tool did. */
  readonly toolUnanswered: string
  readonly wantsTool: (title: string) => string
  /** A call that waits for the visitor's permission. */
  readonly toolAsking: string
  /** A call that another window of the visitor's runs. */
  readonly toolElsewhere: string
  /** A call of a tool that the page here does not offer. */
  readonly toolWaiting: string
  /** A call that the visitor said no to. */
  readonly toolDenied: string
  /** The visitor's answer did not get through: too many requests, or no server. */
  readonly toolRefused: { readonly busy: string; readonly failed: string }
  readonly allowTool: string
  readonly denyTool: string
  readonly showAll: string
  readonly toolArguments: string
  readonly toolResult: string
  readonly resultCount: (count: number) => string
  readonly sources: string
  /** Name of a citation's button. */
  readonly showSource: (number: number, title: string) => string
  /** Name of the button that opens a source's passage. */
  readonly showPassage: (number: number) => string
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
  searchedWeb: (query) => (query ? `Searched the web for “${query}”` : 'Searched the web'),
  searchingDocuments: (query) =>
    query ? `Searching the documents for “${query}”` : 'Searching the documents',
  searchedDocuments: (query) =>
    query ? `Searched the documents for “${query}”` : 'Searched the documents',
  calculating: (expression) => (expression ? `Calculating ${expression}` : 'Calculating'),
  calculated: (expression) => (expression ? `Calculated ${expression}` : 'Calculated'),
  usingTool: (name) => `Using ${name}`,
  usedTool: (name) => `Used ${name}`,
  unnamedTool: 'a tool',
  toolRunning: 'Running',
  toolDone: 'Done',
  toolFailed: 'Failed',
  toolUnanswered: 'No result',
  wantsTool: (title) => `The assistant wants to use “${title}”.`,
  toolAsking: 'Needs your OK',
  toolElsewhere: 'Running in another window',
  toolWaiting: 'Waiting for the page that offers this',
  toolDenied: 'Not allowed',
  toolRefused: {
    busy: 'That was a lot in a short time. Choose again in a moment.',
    failed: 'The chat server cannot be reached right now. Choose again.',
  },
  allowTool: 'Allow',
  denyTool: 'Don’t allow',
  showAll: 'Show all',
  toolArguments: 'Arguments',
  toolResult: 'Result',
  resultCount: (count) => (count === 1 ? '1 result' : `${count} results`),
  sources: 'Sources',
  showSource: (number, title) => `Source ${number}: ${title}`,
  showPassage: (number) => `Passage of source ${number}`,
}
