import { plain } from '../../../base/text.ts'
import type { Shell } from '../../../domain/shells/types.ts'
import type { Link } from '../../operator/link.ts'
import type { AttachWholeFunction } from '../terminal-seam.ts'
import { ControlFilter } from './filter.ts'
import { findShell } from './find-shell.ts'
import { handOver } from './handed-over.ts'
import { LeaveKey } from './leave-key.ts'
import { connectPty, type PtyConnection } from './pty-connection.ts'
import { terminalSize } from './size.ts'

/** Where keys come from: calls `sink` with raw bytes until the returned function is called. */
type ByteSource = (sink: (bytes: Buffer) => void) => () => void

/** The part of a terminal's output stream that is used here. */
interface TerminalOutput {
  write(text: string): boolean
  on(event: 'drain' | 'resize', call: () => void): unknown
  off(event: 'drain' | 'resize', call: () => void): unknown
  columns: number
  rows: number
}

interface PassThroughOptions {
  link: Pick<Link, 'attach'>
  shell: Pick<Shell, 'id' | 'agent' | 'title'>
  input: ByteSource
  output: TerminalOutput
}

interface PassThroughEnd {
  why: 'left' | 'exit' | 'lost'
  /** With `exit` only. */
  exitCode: number | null
  /** How it ended, for people. */
  note: string
  /** What was typed after the leave key. */
  rest: Buffer
}

/**
 * Gives a shell the whole terminal: raw bytes both ways, output through `ControlFilter`, until
 * Ctrl-], the end of the program or the loss of the supervisor. What was on the screen is scrolled
 * off, not erased, and the modes that the program left on are undone. Rejects, with the terminal
 * untouched, if the shell cannot be attached.
 */
export async function passThrough(options: PassThroughOptions): Promise<PassThroughEnd> {
  const { link, shell, output } = options
  const stream = await link.attach(shell.id, terminalSize(output))
  return await new Promise((resolve) => {
    new PassThrough(options, stream, resolve).start()
  })
}

/** One attached shell and the terminal it has. */
class PassThrough {
  readonly #agent: string
  readonly #title: string
  readonly #input: ByteSource
  readonly #output: TerminalOutput
  readonly #filter = new ControlFilter()
  readonly #leave = new LeaveKey()
  readonly #connection: PtyConnection
  readonly #ended: (end: PassThroughEnd) => void
  readonly #onDrain = (): void => this.#connection.resume()
  readonly #onResize = (): void => this.#connection.resize(this.#output.columns, this.#output.rows)
  #drawn = false
  #stopInput: () => void = () => undefined

  constructor(
    { shell, input, output }: PassThroughOptions,
    stream: Awaited<ReturnType<Link['attach']>>,
    ended: (end: PassThroughEnd) => void,
  ) {
    this.#agent = plain(shell.agent, 40)
    this.#title = plain(shell.title, 60)
    this.#input = input
    this.#output = output
    this.#ended = ended
    this.#connection = connectPty(stream, {
      data: (bytes) => this.#show(this.#filter.push(bytes)),
      reset: (bytes) => this.#redraw(bytes),
      // The program keeps the size from another viewer; this terminal cuts or wraps what is wider.
      size: () => {
        if (this.#drawn) output.write(CLEAR)
      },
      exit: (exitCode) =>
        this.#end({
          why: 'exit',
          exitCode,
          note: `The shell of ${this.#agent} ended with exit code ${exitCode}.`,
        }),
      lost: (why) =>
        this.#end({
          why: 'lost',
          note: `Lost the shell of ${this.#agent}: ${plain(why, 200)}. It may still run. To check: clawdeck attach ${this.#agent}`,
        }),
    })
  }

  start(): void {
    this.#output.on('drain', this.#onDrain)
    this.#output.on('resize', this.#onResize)
    this.#output.write(opening(this.#agent, this.#title, this.#output.rows))
    this.#stopInput = this.#input((bytes) => this.#type(bytes))
  }

  #show(text: string): void {
    if (text !== '' && !this.#output.write(text)) this.#connection.pause()
  }

  #redraw(bytes: Buffer): void {
    this.#filter.restart()
    this.#show(`${this.#filter.undo()}${CLEAR}${this.#filter.push(bytes)}`)
    this.#drawn = true
  }

  #type(bytes: Buffer): void {
    const { before, after } = this.#leave.scan(bytes)
    if (before.length > 0) this.#connection.write(before)
    if (after !== null)
      this.#end({
        why: 'left',
        note: `Left the shell of ${this.#agent}, which keeps running. To return: clawdeck attach ${this.#agent}`,
        rest: Buffer.from(after),
      })
  }

  #end({
    exitCode = null,
    rest = Buffer.alloc(0),
    ...end
  }: Pick<PassThroughEnd, 'why' | 'note'> & Partial<PassThroughEnd>): void {
    this.#stopInput()
    this.#output.off('drain', this.#onDrain)
    this.#output.off('resize', this.#onResize)
    this.#connection.close()
    const lastRow = `\x1b[${this.#output.rows};1H\r\n`
    this.#output.write(`${this.#filter.undo()}${lastRow}${POP_TITLE}${end.note}\r\n`)
    this.#ended({ exitCode, rest, ...end })
  }
}

/** `AttachWholeFunction` of the console: suspends Ink while a shell has the terminal. */
export const attachWhole: AttachWholeFunction = async (host, options) => {
  const size = terminalSize({ columns: host.columns(), rows: host.rows() })
  const shell = await findShell(host.link, options, size)
  let end: PassThroughEnd | undefined
  let failure: unknown
  await handOver(host, async () => {
    const input: ByteSource = (sink) => {
      host.router.route(sink)
      return () => host.router.route(null)
    }
    // A failure in here must not keep the console suspended.
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

/** Keys from this process's own terminal, which is raw while they are read. */
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

const CLEAR = '\x1b[H\x1b[2J'
const PUSH_TITLE = '\x1b[22;2t'
const POP_TITLE = '\x1b[23;2t'

/** Says where keys go, also in the terminal's title, and scrolls what was there off the screen. */
function opening(agent: string, title: string, rows: number): string {
  const what = `${agent} · ${title} · Ctrl-] leaves; the shell keeps running`
  return `${PUSH_TITLE}\x1b]2;${what}\x1b\\\x1b[7m ${what} \x1b[0m\r\n\x1b[${rows};1H${'\r\n'.repeat(rows)}\x1b[H`
}
