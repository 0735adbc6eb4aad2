import { initialState, Task, TaskStatus } from '@lit/task'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { WidgetConfigBody } from '../../server/protocol/api.ts'
import type { ChatClient } from '../api/client.ts'

/** What the server says of itself; asked for again after a failure, as soon as anything happens. */
export class ServerConfig implements ReactiveController {
  readonly #task: Task<readonly [ChatClient | undefined], WidgetConfigBody>
  readonly #activity: () => unknown
  #lastActivity: unknown

  constructor(
    host: ReactiveControllerHost,
    client: () => ChatClient | undefined,
    activity: () => unknown,
  ) {
    this.#activity = activity
    this.#task = new Task(host, {
      task: ([asked], { signal }) => asked?.widgetConfig({ signal }) ?? initialState,
      args: () => [client()] as const,
    })
    host.addController(this)
  }

  get value(): WidgetConfigBody | undefined {
    return this.#task.value
  }

  /** Of a message, in code points. */
  get maxLength(): number {
    return this.value?.max_message_length ?? 8000
  }

  hostUpdate(): void {
    const activity = this.#activity()
    if (activity === this.#lastActivity) return
    this.#lastActivity = activity
    this.again()
  }

  /** Asks again, if it is not known yet. */
  again(): void {
    if (this.#task.status === TaskStatus.ERROR) void this.#task.run()
  }
}
