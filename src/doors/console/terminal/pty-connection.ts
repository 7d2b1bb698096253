import type { Duplex } from 'node:stream'
import { asFault } from '../../../base/fault.ts'
import { PTY_FRAME } from '../../../commands/wire.ts'
import { exitCodeIn, FrameReader, framesOf, sizeFrame, sizeIn } from '../../operator/pty-frames.ts'

/** What comes from an attached shell, in order. Exactly one of `exit` and `lost` comes last. */
interface PtyEvents {
  data(bytes: Buffer): void
  reset(bytes: Buffer): void
  size(columns: number, rows: number): void
  exit(code: number): void
  /** The connection ended before the shell did. */
  lost(why: string): void
}

/** The door's end of a connection to a shell. */
export interface PtyConnection {
  write(keys: Uint8Array): void
  resize(columns: number, rows: number): void
  /** Stops reading until `resume`; the supervisor skips what it cannot send, and redraws. */
  pause(): void
  resume(): void
  /** Detaches: no more events come. The shell keeps running. */
  close(): void
}

export function connectPty(stream: Duplex, events: PtyEvents): PtyConnection {
  const reader = new FrameReader()
  let over = false
  const end = (report: () => void) => {
    if (over) return
    over = true
    stream.destroy()
    report()
  }
  const take = (chunk: Buffer) => {
    for (const { kind, payload } of reader.push(chunk)) {
      if (over) return
      if (kind === PTY_FRAME.data) events.data(payload)
      else if (kind === PTY_FRAME.reset) events.reset(payload)
      else if (kind === PTY_FRAME.exit) end(() => events.exit(exitCodeIn(payload)))
      else {
        const { columns, rows } = sizeIn(payload)
        events.size(columns, rows)
      }
    }
  }
  stream.on('data', (chunk: Buffer) => {
    try {
      take(chunk)
    } catch (thrown) {
      end(() => events.lost(asFault(thrown).message))
    }
  })
  stream.on('error', () => end(() => events.lost('the supervisor does not answer')))
  stream.on('end', () => end(() => events.lost('the supervisor closed the connection')))
  stream.on('close', () => end(() => events.lost('the supervisor closed the connection')))
  return {
    write: (keys) => {
      if (!over) for (const each of framesOf(PTY_FRAME.data, keys)) stream.write(each)
    },
    resize: (columns, rows) => {
      if (!over) stream.write(sizeFrame({ columns, rows }))
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    close: () => end(() => undefined),
  }
}
