import type { AnswerStrings } from './strings.ts'

/** Words on the cards of tools, in the visitor's language. */
export interface ToolStrings {
  readonly searchedWeb: (query: string) => string
  readonly searchingDocuments: (query: string) => string
  readonly searchedDocuments: (query: string) => string
  readonly calculating: (expression: string) => string
  readonly calculated: (expression: string) => string
  readonly usedTool: (name: string) => string
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
}

/** English. */
export const toolStrings: ToolStrings = {
  searchedWeb: (query) => (query ? `Searched the web for “${query}”` : 'Searched the web'),
  searchingDocuments: (query) =>
    query ? `Searching the documents for “${query}”` : 'Searching the documents',
  searchedDocuments: (query) =>
    query ? `Searched the documents for “${query}”` : 'Searched the documents',
  calculating: (expression) => (expression ? `Calculating ${expression}` : 'Calculating'),
  calculated: (expression) => (expression ? `Calculated ${expression}` : 'Calculated'),
  usedTool: (name) => `Used ${name}`,
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
}

/** All that stands on cards. */
export type ToolWords = AnswerStrings & ToolStrings

/** The cards' words in a language. */
export const toolWords = (strings: AnswerStrings): ToolWords => ({
  ...strings,
  ...(strings.tools ?? toolStrings),
})
