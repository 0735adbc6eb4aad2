import type { AnswerStrings, ToolStrings, ToolWords } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const toolStrings: ToolStrings = comeLate('answer.tools', {
  searchedWeb: (query) => (query ? `Searched the web for “${query}”` : 'Searched the web'),
  searchingDocuments: (query) =>
    query ? `Searching the documents for “${query}”` : 'Searching the documents',
  searchedDocuments: (query) =>
    query ? `Searched the documents for “${query}”` : 'Searched the documents',
  calculating: (expression) => (expression ? `Calculating ${expression}` : 'Calculating'),
  calculated: (expression) => (expression ? `Calculated ${expression}` : 'Calculated'),
  usedTool: (name) => `Used ${name}`,
  notSearchedWeb: (query) =>
    query ? `Could not search the web for “${query}”` : 'Could not search the web',
  notSearchedDocuments: (query) =>
    query ? `Could not search the documents for “${query}”` : 'Could not search the documents',
  notCalculated: (expression) =>
    expression ? `Could not calculate ${expression}` : 'Could not calculate',
  notUsedTool: (name) => `Could not use ${name}`,
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
})

/** The cards' words in a language. */
export const toolWords = (strings: AnswerStrings): ToolWords => ({
  ...strings,
  ...(strings.tools ?? toolStrings),
})
