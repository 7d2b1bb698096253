import type { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import { startWorker } from '../../../base/worker.ts'
import type { Past, Piece, ReplayReply, ReplayRequest } from './replay-thread.ts'

/** Pieces that are read before they are wanted: this bounds what is in memory. */
const AHEAD = 4

/**
 * Recorded questions, piece by piece, read in a thread of its own: reading a long journal would hold up every answer. While
 * a piece is looked at the next few are read, and no more. Ends the thread however it is left. Throws what `signal` is aborted with.
 * Faults: `journal.*`.
 */
export async function* readPast(past: Past, signal: AbortSignal): AsyncGenerator<Piece> {
  signal.throwIfAborted()
  const { replayWorker } = await import('./replay-thread.ts')
  const thread = startWorker(replayWorker, past)
  const replies = repliesOf(thread, signal)
  const request = (what: ReplayRequest) => thread.postMessage(what)
  try {
    for (let i = 0; i < AHEAD; i++) request('more')
    for (;;) {
      const reply = await replies.next()
      if (reply.kind === 'end') return
      if (reply.kind === 'failed') throw Fault.fromJson(reply.fault)
      request('more')
      yield reply.piece
    }
  } finally {
    replies.stop()
    await ended(thread)
  }
}

/** A thread's replies in order. Rejects when the thread fails or ends early, or the signal is aborted. */
function repliesOf(
  thread: Worker,
  signal: AbortSignal,
): { next(): Promise<ReplayReply>; stop(): void } {
  const waiting: ReplayReply[] = []
  let problem: unknown
  let wake = (): void => undefined
  const fail = (why: unknown) => {
    problem ??= why
    wake()
  }
  const aborted = () => fail(signal.reason)
  thread.on('message', (reply: ReplayReply) => {
    waiting.push(reply)
    wake()
  })
  thread.on('error', (thrown) =>
    fail(
      new Fault('journal.unwritable', `the thread that reads the past failed: ${String(thrown)}`, {
        hint: 'Try again.',
        cause: thrown,
      }),
    ),
  )
  thread.on('exit', () =>
    fail(
      new Fault('journal.unwritable', 'the thread that reads the past ended', {
        hint: 'Try again.',
      }),
    ),
  )
  signal.addEventListener('abort', aborted, { once: true })
  return {
    async next() {
      for (;;) {
        if (signal.aborted) throw signal.reason
        const reply = waiting.shift()
        if (reply !== undefined) return reply
        if (problem !== undefined) throw problem
        await new Promise<void>((go) => {
          wake = go
        })
      }
    },
    stop() {
      signal.removeEventListener('abort', aborted)
    },
  }
}

/** Its connection is closed before the thread is gone: the database may be closed after that. */
function ended(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.once('exit', () => resolve())
    if (thread.threadId === -1) resolve()
    else thread.postMessage('close' satisfies ReplayRequest)
  })
}
