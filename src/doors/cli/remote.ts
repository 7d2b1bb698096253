import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { jsonLine } from '../../base/text.ts'
import type { Face } from '../../commands/face.ts'
import type { Link } from '../operator/link.ts'
import type { Cli } from './cli.ts'
import { write } from './terminal.ts'

/** Makes paths absolute: the supervisor runs in another folder. */
function withAbsolutePaths(
  { cwd }: Cli,
  { paths = {} }: Face,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const absolute = Object.entries(paths).flatMap(([key, is]): [string, string][] => {
    const typed = input[key]
    if (typeof typed !== 'string') return []
    const path = resolve(cwd, typed)
    const isPath = is === 'always' || /\/|\.(?:json|ya?ml)$/.test(typed) || existsSync(path)
    return isPath ? [[key, path]] : []
  })
  return { ...input, ...Object.fromEntries(absolute) }
}

/** Adds what is piped into this program, if the command reads that. */
async function withStdin(
  { streams }: Cli,
  { stdin: key }: Face,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (key === undefined) return input
  const bytes = await (await import('./piped.ts')).pipedIn(streams.stdin)
  return bytes === undefined ? input : { ...input, [key]: bytes.toString('base64') }
}

/** Has the supervisor run an act, and prints its answer. Returns the exit code. */
export async function runAct(
  cli: Cli,
  face: Face,
  typed: Record<string, unknown>,
): Promise<number> {
  const input = withAbsolutePaths(cli, face, typed)
  const link = await (face.startsNothing === true ? cli.existingLink() : cli.link())
  if (face.act?.stream === true)
    return (await import('./streams.ts')).followStream(
      cli,
      link,
      face,
      await withStdin(cli, face, input),
    )
  const send = (confirmed: Record<string, unknown>): Promise<unknown> => {
    const sent = () => link.do(face.id, confirmed)
    return face.waitsForEnd === true ? untilGone(link, sent) : sent()
  }
  const answer = await (face.act?.confirm === undefined
    ? send(input)
    : (await import('./confirm.ts')).withConfirmation(cli, input, send))
  if (cli.json) await write(cli.streams.stdout, jsonLine(answer ?? null))
  else {
    const { printAnswer } = await import('./print/answers.ts')
    await write(
      cli.streams.stdout,
      printAnswer(face, answer, { paint: cli.paint, now: Date.now() }),
    )
    await printQr(cli, face.qr?.(answer as never))
  }
  return face.exit?.((answer ?? {}) as never) ?? 0
}

/** Draws on a terminal what a phone scans. */
async function printQr({ streams, env }: Cli, text: string | undefined): Promise<void> {
  if (text === undefined || streams.stdout.isTTY !== true) return
  const { QUIET_MODULES, qrLines, qrModules, qrSize } = await import('../text/qr.ts')
  const colours = /256|direct|kitty|alacritty|ghostty/.test(env['TERM'] ?? '') ? 'many' : 'few'
  const code = await qrModules(text)
  if ((streams.stdout.columns ?? Infinity) < qrSize(code).columns) return
  const lines = qrLines(code, QUIET_MODULES, colours)
  await write(streams.stdout, `\n${lines.join('\n')}\n`)
}

const GONE_MS = 10_000
const POLL_MS = 20

/** Ends the supervisor and waits for its process, so that the next command does not meet it. */
async function untilGone(link: Link, end: () => Promise<unknown>): Promise<unknown> {
  const { pid } = (await link.do('supervisor.status')) as { pid: number }
  const answer = await end()
  for (let waited = 0; waited < GONE_MS && isAlive(pid); waited += POLL_MS)
    await new Promise((wake) => setTimeout(wake, POLL_MS))
  return answer
}

/** Stops the supervisor and waits until it is gone. */
export function stopSupervisor(link: Link): Promise<unknown> {
  return untilGone(link, () => link.do('supervisor.stop'))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
