/**
 * In which files the widget's late code comes: what is used together is one file, which a visitor waits for once. The
 * first file that names a module has it. One of many (a language of the chat or of code) has a file of its own.
 */
import type { Rolldown } from 'vite'

/** Parts of modules' paths, by the name of the file. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  typeset: ['katex/dist/katex.', 'render/typeset'],
  sanitize: ['dompurify', 'render/sanitize'],
  markdown: ['grammar/markup', 'grammar/math', 'stream/long-blocks'],
  highlight: ['highlight.js/lib/core', 'highlight.js/es/core', 'render/'],
  tools: ['page-tool-runner', 'answer/tool-', 'en/tools'],
  sources: ['answer/source', 'answer/citations', 'api/cited'],
  composer: [
    ...['composer/extras', 'composer/dictation', 'composer/file', 'composer/sent-files'],
    ...['composer/slash-menu', 'answer/message-editor', 'api/upload', 'protocol/text-names'],
  ],
  conversations: ['conversations/', 'api/conversations', 'transcript/print', 'fold-text'],
  account: ['accounts/', 'en/account'],
  contact: ['contact/form', 'contact/contact', 'en/contact'],
  owner: ['owner/', 'en/owner', 'protocol/api.'],
  panel: [
    ...['panel/panel-extras', 'panel/header', 'panel/history', 'visit/', 'embed/logo'],
    ...['panel/paginate', 'panel/cover-window', 'panel/jump', 'conversation/history'],
    ...['conversation/stored', 'api/refusal', 'en/switches', 'en/refusals', 'en/earlier'],
  ],
  // What comes beside a first answer and behind it, for all visitors.
  beside: [
    ...[
      'answer/beside',
      'answer/announcer',
      'answer/sentence-reader',
      'answer/press',
      'answer/progress',
    ],
    ...['answer/rare', 'answer/message-actions', 'answer/copied', 'transcript/transcript'],
    ...['composer/catch-files', 'stream/warm-up', 'panel/typed-keys', 'panel/queue'],
    ...['conversation/continued-turn', 'conversation/feedback', 'ui/copy-text', 'ui/action-icons'],
    ...['en/status', 'en/transcript', 'en/turns', 'en/conversations'],
    ...['/directives/repeat', 'lit-html/directive'],
  ],
  // What several of these share, and small things that come in answers.
  shared: [
    ...['widget/answer/', 'widget/api/', 'widget/composer/', 'widget/contact/'],
    ...['widget/conversation/', 'widget/panel/', 'widget/ui/', 'words/en/', 'server/protocol/'],
    ...['/lit/', '/lit-html/', '@lit/task/'],
  ],
}

/** As the bundler takes it: what the element loads at once is one file too. */
export const codeSplitting: NonNullable<Rolldown.OutputOptions['codeSplitting']> = {
  includeDependenciesRecursively: false,
  groups: [
    { name: 'samosa-chat', tags: ['$initial'] },
    ...Object.entries(MODULES).map(([name, parts]) => ({
      name,
      test: (path: string) => parts.some((part) => path.includes(part)),
    })),
  ],
}
