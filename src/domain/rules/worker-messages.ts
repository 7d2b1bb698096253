import type { Worker } from 'node:worker_threads'
import { Fault } from '../../base/fault.ts'

/** The messages of a worker thread, in order. */
export interface WorkerMessages<Message> {
  /** Rejects when the thread fails or ends first, and with what the signal is aborted with. */
  next(): Promise<Message>
  /** Stops listening to the signal. */
  stop(): void
}

/** `task` completes "the thread that …" in faults. */
export function workerMessages<Message>(
  thread: Worker,
  task: string,
  signal: AbortSignal,
): WorkerMessages<Message> {
  const waiting: Message[] = []
  let problem: unknown
  let wake = (): void => undefined
  const fail = (why: unknown) => {
    problem ??= why
    wake()
  }
  const failed = (what: string, cause?: unknown) =>
    fail(
      new Fault('journal.unwritable', `the thread that ${task} ${what}`, {
        hint: 'Try again.',
        cause,
      }),
    )
  const aborted = () => fail(signal.reason)
  thread.on('message', (message: Message) => {
    waiting.push(message)
    wake()
  })
  thread.on('error', (thrown) => failed(`failed: ${String(thrown)}`, thrown))
  thread.on('exit', () => failed('ended'))
  signal.addEventListener('abort', aborted, { once: true })
  return {
    async next() {
      for (;;) {
        if (signal.aborted) throw signal.reason
        const message = waiting.shift()
        if (message !== undefined) return message
        if (problem !== undefined) throw problem
        await new Promise<void>((go) => {
          wake = go
        })
      }
    },
    stop: () => signal.removeEventListener('abort', aborted),
  }
}
