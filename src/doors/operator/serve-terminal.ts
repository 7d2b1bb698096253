import type { Duplex } from 'node:stream'
import type { TerminalSize } from '../../base/emulator.ts'
import { asFault } from '../../base/fault.ts'
import { PTY_FRAME } from '../../commands/wire.ts'
import type { Attachment, Viewer } from '../../domain/shells/types.ts'
import { exitFrame, FrameReader, framesOf, sizeFrame, sizeIn } from './pty-frames.ts'

/**
 * The supervisor's side of an attached shell: shows a held terminal on `stream` until either ends.
 * Without a size, the viewer does not resize the terminal.
 */
export function serveTerminal(
  stream: Duplex,
  attach: (viewer: Viewer, size?: TerminalSize) => Attachment,
  size?: TerminalSize,
): void {
  const reader = new FrameReader()
  const send = (frames: Iterable<Buffer>) => {
    for (const frame of frames) stream.write(frame)
  }
  const attachment = attach(
    {
      data: (bytes) => send(framesOf(PTY_FRAME.data, bytes)),
      reset: (bytes) => send(framesOf(PTY_FRAME.reset, bytes)),
      size: (columns, rows) => {
        stream.write(sizeFrame({ columns, rows }))
      },
      exit: (code) => {
        stream.end(exitFrame(code))
      },
      waiting: () => stream.writableLength,
    },
    size,
  )
  stream.on('drain', () => attachment.drained())
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const { kind, payload } of reader.push(chunk)) {
        if (kind === PTY_FRAME.data) attachment.write(payload)
        else if (kind === PTY_FRAME.size) {
          const { columns, rows } = sizeIn(payload)
          attachment.resize(columns, rows)
        }
      }
    } catch (thrown) {
      stream.destroy(asFault(thrown))
    }
  })
  // A viewer may disconnect at any time. 'close' follows every error.
  stream.on('error', () => undefined)
  stream.on('end', () => stream.end())
  stream.on('close', () => attachment.close())
}
