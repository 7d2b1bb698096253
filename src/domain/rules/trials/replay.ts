import type { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import { startWorker } from '../../../base/worker.ts'
import { workerMessages } from '../worker-messages.ts'
import type { ReplayQuery, ReplayChunk, ReplayReply, ReplayRequest } from './replay-thread.ts'

/** Chunks that are read ahead: this limits the memory. */
const AHEAD = 4

/**
 * Recorded questions in chunks, read by a thread: reading a long journal here would delay every
 * answer. The thread ends with the iteration. Throws the reason of an aborted signal. Faults:
 * `journal.*`.
 */
export async function* replayQuestions(
  query: ReplayQuery,
  signal: AbortSignal,
): AsyncGenerator<ReplayChunk> {
  signal.throwIfAborted()
  const { replayWorker } = await import('./replay-thread.ts')
  const thread = startWorker(replayWorker, query)
  const replies = workerMessages<ReplayReply>(thread, 'reads recorded questions', signal)
  const request = (what: ReplayRequest) => thread.postMessage(what)
  try {
    for (let i = 0; i < AHEAD; i++) request('more')
    for (;;) {
      const reply = await replies.next()
      if (reply.kind === 'end') return
      if (reply.kind === 'failed') throw Fault.fromJson(reply.fault)
      request('more')
      yield reply.chunk
    }
  } finally {
    replies.stop()
    await closed(thread)
  }
}

/** Resolves when the thread has closed its connection: the database may be closed after that. */
function closed(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.once('exit', () => resolve())
    if (thread.threadId === -1) resolve()
    else thread.postMessage('close' satisfies ReplayRequest)
  })
}
