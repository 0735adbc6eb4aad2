/** `window.samosa`: what a page with the loader sets, calls, and leaves for it. */
import type { ReplacedStrings } from '../owner/replace-strings.ts'
import type { SamosaChat } from '../samosa-chat.ts'

/** What the script tag's `data-*` say too (`data-conversation-id`); a `token` is better not in markup. */
export interface SamosaConfig {
  /** Origin of the server; by default the one the script came from. */
  readonly endpoint?: string | undefined
  /** `conversations` (default) or `cited`. */
  readonly dialect?: string | undefined
  /** Whose documents are looked into first. */
  readonly creator?: string | undefined
  /** How much answers of `cited` sound like the creator, 0 to 1. */
  readonly personalityWeight?: string | undefined
  /** `bubble` (default), `inline` or `page`. */
  readonly mode?: string | undefined
  readonly heading?: string | undefined
  readonly greeting?: string | undefined
  /** One on each line, a JSON array, or a list. */
  readonly starters?: string | readonly string[] | undefined
  /** `ai`, or a sentence. */
  readonly notice?: string | undefined
  readonly privacyUrl?: string | undefined
  /** What is on and off: `-microphone -list`. */
  readonly features?: string | undefined
  /** Words in place of the chat's own; in the tag as JSON. */
  readonly strings?: string | ReplacedStrings | undefined
  readonly placeholder?: string | undefined
  readonly theme?: string | undefined
  readonly lang?: string | undefined
  readonly think?: string | undefined
  readonly conversationId?: string | undefined
  /** Origins that images in answers may come from, with spaces between. */
  readonly imageOrigins?: string | undefined
  readonly sound?: string | boolean | undefined
  /** Whether the panel is open from the start. */
  readonly open?: string | boolean | undefined
  readonly token?: string | undefined
  /** A CSS colour. */
  readonly accent?: string | undefined
  /** The corner that the launcher stands in: `bottom-end` (default), `bottom-start`, `top-end` or `top-start`; `end` and `start` mean those at the bottom. */
  readonly position?: string | undefined
  /** `hidden`: the page opens the chat by a control of its own, with `samosa.show()` or `data-samosa-open`. */
  readonly launcher?: string | undefined
  /** A word or two on the launcher, beside the mark; it is then called so. */
  readonly launcherLabel?: string | undefined
  /** Address of a picture in the place of our mark, of the page's origin, the server's or one of `imageOrigins`. */
  readonly logo?: string | undefined
  /** Names the conversation that this browser remembers, where a site has several chats. */
  readonly conversationKey?: string | undefined
  /** Whether to load the element when the browser has nothing else to do. */
  readonly preload?: string | boolean | undefined
}

/** Options, or what to do with the loader as soon as it is there. */
export type SamosaItem = SamosaConfig | ((samosa: SamosaLoader) => void)

/** What `window.samosa` is once the loader has run. */
export interface SamosaLoader {
  readonly show: () => void
  readonly hide: () => void
  readonly toggle: () => void
  readonly send: (text: string) => void
  readonly stop: () => void
  readonly newConversation: () => void
  readonly focus: () => void
  /** The element; `undefined` until it is loaded. */
  readonly element: SamosaChat | undefined
  /** Does something with the element once it is there, without loading it for that alone. */
  readonly whenLoaded: (act: (element: SamosaChat) => void) => void
  /** Changes options, and calls functions with the loader. */
  readonly push: (...items: readonly SamosaItem[]) => void
}

/** What a page may assign to `window.samosa`: options, or a list of items, also before the loader has run. */
export type SamosaGiven = SamosaConfig | readonly SamosaItem[]

declare global {
  interface Window {
    /** The loader, once its script has run; a page that cannot wait for that assigns a list with a function. */
    get samosa(): SamosaLoader
    set samosa(value: SamosaLoader | SamosaGiven | undefined)
  }
}
