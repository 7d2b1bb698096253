import { asFault } from '../base/fault.ts'

/** How a supervisor stops: once, and in order. A part that fails does not keep the others. */
export class Shutdown {
  reason = 'it could not start'
  readonly #log: (what: string) => void
  readonly #listeners: (() => void)[] = []
  #parts: AsyncDisposableStack | undefined
  #stopping: Promise<void> | undefined

  constructor(log: (what: string) => void) {
    this.#log = log
  }

  /** What has to be disposed of. */
  endWith(parts: AsyncDisposableStack): void {
    this.#parts = parts
  }

  /** Resolves when everything has ended. */
  stop(reason: string): Promise<void> {
    this.reason = reason
    return (this.#stopping ??= this.#dispose())
  }

  /** Stops, and then calls the listeners. */
  stopByItself(reason: string): void {
    void this.stop(reason).then(() => {
      for (const listener of this.#listeners) listener()
    })
  }

  /** Stops after the operator has been answered. */
  async stopForOperator(): Promise<{ stopping: true }> {
    setImmediate(() => this.stopByItself('an operator stopped it'))
    return { stopping: true }
  }

  onStopped(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async #dispose(): Promise<void> {
    try {
      await this.#parts?.disposeAsync()
    } catch (thrown) {
      for (let one: unknown = thrown; one !== undefined; one = suppressedBy(one))
        this.#log(
          `while stopping: ${asFault(one instanceof SuppressedError ? one.error : one).message}`,
        )
    }
  }
}

function suppressedBy(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? thrown.suppressed : undefined
}
