import type { Shell } from '../../../domain/shells/types.ts'
import { plain } from '../../../base/text.ts'
import type { Link } from '../../operator/link.ts'
import type { AttachWholeFunction } from '../terminal-seam.ts'
import { ControlFilter } from './filter.ts'
import { handOver } from './handed-over.ts'
import { LeaveKey } from './leave-key.ts'
import { ptyLine } from './pty-line.ts'
import type { PtyLine } from './pty-line.ts'
import { findShell } from './find-shell.ts'

/** Where keys come from: calls `sink` with raw bytes until the answer is called. */
export type ByteSource = (sink: (bytes: Buffer) => void) => () => void

/** The part of a terminal's output stream that is used here. */
export interface TerminalOutput {
  write(text: string): boolean
  on(event: 'drain' | 'resize', call: () => void): unknown
  off(event: 'drain' | 'resize', call: () => void): unknown
  columns: number
  rows: number
}

export interface PassThroughOptions {
  link: Pick<Link, 'attach'>
  shell: Pick<Shell, 'id' | 'agent' | 'title'>
  input: ByteSource
  output: TerminalOutput
}

export interface PassThroughEnd {
  why: 'left' | 'exit' | 'lost'
  /** With `exit` only. */
  exitCode: number | null
  /** What became of it, for people. */
  note: string
  /** What was typed after the key that leaves. */
  rest: Buffer
}

/**
 * Gives a held terminal the whole of the operator's: raw bytes both ways, output through `ControlFilter`, until Ctrl-], the
 * end of the program or the loss of the supervisor. What stood on the screen is scrolled off, not erased, and every mode
 * that the program left on is undone. Rejects, with the terminal untouched, when there is nothing to attach to.
 */
export async function passThrough({
  link,
  shell,
  input,
  output,
}: PassThroughOptions): Promise<PassThroughEnd> {
  const stream = await link.attach(shell.id, sizeOf(output))
  const agent = plain(shell.agent, 40)
  return await new Promise((resolve) => {
    const filter = new ControlFilter()
    const leave = new LeaveKey()
    let line: PtyLine
    let drawn = false
    let stopInput: () => void = () => undefined
    const show = (text: string) => {
      if (text !== '' && !output.write(text)) line.pause()
    }
    const finish = (
      why: PassThroughEnd['why'],
      note: string,
      exitCode: number | null = null,
      rest: Buffer = Buffer.alloc(0),
    ) => {
      stopInput()
      output.off('drain', onDrain)
      output.off('resize', onResize)
      line.close()
      output.write(`${filter.undo()}\x1b[${output.rows};1H\r\n${POP_TITLE}${note}\r\n`)
      resolve({ why, exitCode, note, rest })
    }
    line = ptyLine(stream, {
      data: (bytes) => show(filter.push(bytes)),
      reset: (bytes) => {
        filter.restart()
        show(`${filter.undo()}\x1b[H\x1b[2J${filter.push(bytes)}`)
        drawn = true
      },
      // The program keeps the size that another viewer gave it; what does not fit is cut or wrapped by this terminal.
      size: () => {
        if (drawn) output.write('\x1b[H\x1b[2J')
      },
      exit: (code) => finish('exit', `The shell of ${agent} ended with exit code ${code}.`, code),
      lost: (why) =>
        finish(
          'lost',
          `Lost the shell of ${agent}: ${plain(why, 200)}. It may live on: \`clawdeck attach ${agent}\` looks.`,
        ),
    })
    const onDrain = () => line.resume()
    const onResize = () => line.resize(output.columns, output.rows)
    output.on('drain', onDrain)
    output.on('resize', onResize)
    output.write(opening(agent, plain(shell.title, 60), output.rows))
    stopInput = input((bytes) => {
      const { before, after } = leave.scan(bytes)
      if (before.length > 0) line.write(before)
      if (after)
        finish(
          'left',
          `Left the shell of ${agent}; it lives on. \`clawdeck attach ${agent}\` comes back.`,
          null,
          Buffer.from(after),
        )
    })
  })
}

/** `AttachWholeFunction` of the console: finds or opens the shell, then hands the terminal over while Ink is suspended. */
export const attachWhole: AttachWholeFunction = async (host, options) => {
  const shell = await findShell(
    host.link,
    options,
    sizeOf({ columns: host.columns(), rows: host.rows() }),
  )
  let end: PassThroughEnd | undefined
  let failure: unknown
  await handOver(host, async () => {
    const input: ByteSource = (sink) => {
      host.router.route(sink)
      return () => host.router.route(null)
    }
    // What fails in here must not keep the console suspended.
    try {
      end = await passThrough({ link: host.link, shell, input, output: host.stdout })
    } catch (thrown) {
      failure = thrown
    }
  })
  if (end === undefined) throw failure
  if (end.rest.length > 0) host.router.feed(end.rest)
  return { why: end.why, exitCode: end.exitCode, note: end.note }
}

/** Keys from this process's own terminal, raw while they are read. */
export function keyboard(stdin: NodeJS.ReadStream): ByteSource {
  return (sink) => {
    const take = (bytes: Buffer | string) => sink(Buffer.from(bytes as Buffer))
    stdin.setRawMode(true)
    stdin.on('data', take)
    stdin.resume()
    return () => {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
    }
  }
}

const PUSH_TITLE = '\x1b[22;2t'
const POP_TITLE = '\x1b[23;2t'

/** Says where keys go, also in the terminal's title, and makes room by scrolling what was there off the screen. */
function opening(agent: string, title: string, rows: number): string {
  const what = `${agent} · ${title} · Ctrl-] leaves, the shell lives on`
  return `${PUSH_TITLE}\x1b]2;${what}\x1b\\\x1b[7m ${what} \x1b[0m\r\n\x1b[${rows};1H${'\r\n'.repeat(rows)}\x1b[H`
}

function sizeOf({ columns, rows }: { columns: number; rows: number }): {
  columns: number
  rows: number
} {
  return { columns: columns || 80, rows: rows || 24 }
}
