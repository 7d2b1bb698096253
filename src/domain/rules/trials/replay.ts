import type { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import { startWorker } from '../../../base/worker.ts'
import { workerMessages } from '../worker-messages.ts'
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
  const replies = workerMessages<ReplayReply>(thread, 'reads the past', signal)
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

/** Its connection is closed before the thread is gone: the database may be closed after that. */
function ended(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.once('exit', () => resolve())
    if (thread.threadId === -1) resolve()
    else thread.postMessage('close' satisfies ReplayRequest)
  })
}
