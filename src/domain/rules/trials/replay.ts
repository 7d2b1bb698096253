import { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import type { Errand, Past, Piece, Word } from './replay-thread.ts'

/** What a thread does first: all else is in the file whose address it is given. */
const FIRST =
  'import(require("node:worker_threads").workerData.address).then((file) => file.serve())'

/** Pieces that are read before they are wanted: this bounds what is in memory. */
const AHEAD = 4

/**
 * Recorded questions, piece by piece, read in a thread of its own: reading a long journal would hold up every answer. While
 * a piece is looked at the next few are read, and no more. Ends the thread however it is left. Throws what `signal` is aborted with.
 * Faults: `journal.*`.
 */
export async function* readPast(past: Past, signal: AbortSignal): AsyncGenerator<Piece> {
  signal.throwIfAborted()
  const { address } = await import('./replay-thread.ts')
  const thread = new Worker(FIRST, {
    eval: true,
    workerData: { ...past, address },
    execArgv: [],
    name: 'replay',
  })
  const words = heard(thread, signal)
  const say = (errand: Errand) => thread.postMessage(errand)
  try {
    for (let i = 0; i < AHEAD; i++) say('more')
    for (;;) {
      const word = await words.next()
      if (word.kind === 'end') return
      if (word.kind === 'failed')
        throw new Fault(
          word.fault.code,
          word.fault.message,
          word.fault.hint === undefined ? {} : { hint: word.fault.hint },
        )
      say('more')
      yield word.piece
    }
  } finally {
    words.stop()
    await ended(thread)
  }
}

/** What a thread says, in order; rejects when it ends without a word, or when nobody wants to hear it any more. */
function heard(thread: Worker, signal: AbortSignal): { next(): Promise<Word>; stop(): void } {
  const waiting: Word[] = []
  let problem: unknown
  let wake = (): void => undefined
  const fail = (why: unknown) => {
    problem ??= why
    wake()
  }
  const aborted = () => fail(signal.reason)
  thread.on('message', (word: Word) => {
    waiting.push(word)
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
        const word = waiting.shift()
        if (word !== undefined) return word
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
    else thread.postMessage('close' satisfies Errand)
  })
}
