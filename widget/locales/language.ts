import { Task } from '@lit/task'
import type { ReactiveControllerHost } from 'lit'
import { fallbackStrings, localize } from './localize.ts'
import type { Strings } from './strings.ts'

/** The strings of the host's language: its own, else the page's, else the browser's. */
export class Language {
  readonly #task: Task<readonly [string], Strings>

  constructor(host: ReactiveControllerHost, own: () => string) {
    this.#task = new Task(host, {
      task: ([language]) => localize(language),
      args: () => [own() || document.documentElement.lang || navigator.language] as const,
    })
  }

  get strings(): Strings {
    return this.#task.value ?? fallbackStrings
  }
}
