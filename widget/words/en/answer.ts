/** Words in rendered Markdown. */
export interface MarkdownStrings {
  readonly copyCode: string
  readonly codeCopied: string
  /** Name of a code block's scrollable region; `language` may be empty. */
  readonly codeRegion: (language: string) => string
  readonly tableRegion: string
  readonly taskDone: string
  readonly taskOpen: string
  /** Stands before the link to an image that is not loaded. */
  readonly image: string
}

/** Words on the cards of tools, in the visitor's language. */
export interface ToolStrings {
  readonly searchedWeb: (query: string) => string
  readonly searchingDocuments: (query: string) => string
  readonly searchedDocuments: (query: string) => string
  readonly calculating: (expression: string) => string
  readonly calculated: (expression: string) => string
  readonly usedTool: (name: string) => string
  /** What was tried, and did not work or has no result. */
  readonly notSearchedWeb: (query: string) => string
  readonly notSearchedDocuments: (query: string) => string
  readonly notCalculated: (expression: string) => string
  readonly notUsedTool: (name: string) => string
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

/** Words of what an answer rests on, in the visitor's language. */
export interface SourceStrings {
  readonly sources: string
  /** Name of a citation's button. */
  readonly showSource: (number: number, title: string) => string
  /** Name of the button that opens a source's passage. */
  readonly showPassage: (number: number) => string
  /** What was found for the question and is not in the answer. */
  readonly alsoFound: string
  /** Of a document that has pages. */
  readonly page: (number: number) => string
  readonly open: string
  /** What an answer says with this source, and its passage does not; the words follow. */
  readonly notFound: string
}

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
