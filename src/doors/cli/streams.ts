import { StringDecoder } from 'node:string_decoder'
import type { StreamKind, StreamedAnswers } from '../../commands/answers.ts'
import { changes, type Face } from '../../commands/face.ts'
import { jsonLine, plain } from '../../base/text.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Link } from '../operator/link.ts'
import type { Cli } from './cli.ts'
import { auditLine, timeOf } from './print/events.ts'
import { labReport } from './print/lab.ts'
import { write } from './terminal.ts'

type ItemPrinter = (item: unknown) => Promise<number | undefined>

/**
 * Prints a stream until it ends, and returns the exit code. Ctrl-C ends a follower with 0, and a
 * command in a pod with 130 after it was killed there.
 */
export async function followStream(
  cli: Cli,
  link: Link,
  face: Face,
  input: unknown,
): Promise<number> {
  const stop = new AbortController()
  let signalled: NodeJS.Signals | undefined
  const end = (signal: NodeJS.Signals): void => {
    signalled = signal
    stop.abort()
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  cli.streams.stdout.on('error', () => stop.abort())
  const isCommand = changes(face)
  const print = cli.json ? jsonPrinter(cli) : printers[face.answer as StreamKind](cli)
  let code: number | undefined
  try {
    for await (const item of link.stream(face.id, input, stop.signal))
      code = (await print(item)) ?? code
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
  }
  if (signalled !== undefined && isCommand) return signalled === 'SIGINT' ? 130 : 143
  return code ?? 0
}

function jsonPrinter({ streams }: Cli): ItemPrinter {
  return async (item) => {
    await write(streams.stdout, jsonLine(item))
    return exitCodeOf(item)
  }
}

/** A printer for the items of each kind of stream. */
const printers: Record<StreamKind, (cli: Cli) => ItemPrinter> = {
  'log-lines': logPrinter,
  'followed-events': eventPrinter,
  'build-lines': buildPrinter,
  'command-output': outputPrinter,
  'lab-updates': labPrinter,
}

function eventPrinter({ streams, paint }: Cli): ItemPrinter {
  return async (item) => {
    await write(streams.stdout, `${auditLine(item as DeckEvent, paint)}\n`)
    return undefined
  }
}

function logPrinter({ streams, paint }: Cli): ItemPrinter {
  return async (item) => {
    const line = item as StreamedAnswers['log-lines']
    const text = plain(line.text, 65_536)
    await write(
      streams.stdout,
      `${paint('dim', timeOf(line.at))} ${line.stream === 'stderr' ? paint('careful', text) : text}\n`,
    )
    return undefined
  }
}

function buildPrinter({ streams, paint }: Cli): ItemPrinter {
  return async (item) => {
    const said = item as StreamedAnswers['build-lines']
    await write(
      streams.stdout,
      'line' in said
        ? `${paint('dim', plain(said.line))}\n`
        : `${paint('good', 'built')} ${plain(said.tag)}  ${plain(said.digest)}\n`,
    )
    return undefined
  }
}

/** Progress overwrites one line of the terminal; the report goes to stdout. */
function labPrinter({ streams, paint }: Cli): ItemPrinter {
  const { stdout, stderr } = streams
  const overwrite = (text: string) =>
    stderr.isTTY === true ? write(stderr, `\r\x1b[K${text}`) : undefined
  return async (item) => {
    const update = item as StreamedAnswers['lab-updates']
    if (update.kind === 'progress') {
      await overwrite(
        paint('dim', `${progressBar(update.done, update.of)} ${plain(update.line, 70)}`),
      )
      return undefined
    }
    await overwrite('')
    await write(stdout, labReport(update.result, paint))
    return undefined
  }
}

const BAR = 20

function progressBar(done: number, of: number): string {
  const filled = Math.min(BAR, Math.floor((done / Math.max(1, of)) * BAR))
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
}

/** Writes a command's bytes unchanged; on a terminal, control characters become visible marks. */
function outputPrinter({ streams }: Cli): ItemPrinter {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  return async (item) => {
    const chunk = item as StreamedAnswers['command-output']
    if ('exitCode' in chunk) return exitCodeOf(chunk)
    const to = streams[chunk.stream] as Cli['streams']['stdout']
    const bytes = Buffer.from(chunk.base64, 'base64')
    await write(to, to.isTTY === true ? safeText(decoders[chunk.stream].write(bytes)) : bytes)
    return undefined
  }
}

function safeText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) =>
      line
        .split('\t')
        .map((part) => plain(part, Infinity))
        .join('\t'),
    )
    .join('\n')
}

function exitCodeOf(item: unknown): number | undefined {
  const code =
    typeof item === 'object' && item !== null && 'exitCode' in item ? item.exitCode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}
