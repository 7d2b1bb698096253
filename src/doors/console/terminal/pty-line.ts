import type { Duplex } from 'node:stream'
import { asFault } from '../../../base/fault.ts'
import { PTY_FRAME } from '../../../commands/wire.ts'
import { exitCodeIn, FrameReader, framesOf, sizeFrame, sizeIn } from '../../operator/pty-frames.ts'

/** What comes over an attach route, in order. Exactly one of `exit` and `lost` comes last. */
export interface PtyEvents {
  data(bytes: Buffer): void
  reset(bytes: Buffer): void
  size(columns: number, rows: number): void
  exit(code: number): void
  /** The supervisor went away, or the route broke. */
  lost(why: string): void
}

/** The door's end of an attach route. */
export interface PtyLine {
  write(keys: Uint8Array): void
  resize(columns: number, rows: number): void
  /** Leaves what arrives unread until `resume`; the supervisor then skips us, and redraws. */
  pause(): void
  resume(): void
  /** Lets go; no event comes any more. The shell lives on. */
  close(): void
}

export function ptyLine(stream: Duplex, events: PtyEvents): PtyLine {
  const reader = new FrameReader()
  let over = false
  const end = (say: () => void) => {
    if (over) return
    over = true
    stream.destroy()
    say()
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
  stream.on('error', () => end(() => events.lost('the supervisor went away')))
  stream.on('end', () => end(() => events.lost('the supervisor closed the line')))
  stream.on('close', () => end(() => events.lost('the supervisor closed the line')))
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
