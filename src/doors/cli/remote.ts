import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { jsonLine } from '../../base/text.ts'
import type { Face } from '../../commands/face.ts'
import type { Link } from '../operator/link.ts'
import type { Cli } from './cli.ts'
import { write } from './terminal.ts'

/** Paths are said to the supervisor in full: it lives in another folder. */
function inFull(
  { cwd }: Cli,
  { paths = {} }: Face,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const full = Object.entries(paths).flatMap(([key, is]): [string, string][] => {
    const said = input[key]
    if (typeof said !== 'string') return []
    const path = resolve(cwd, said)
    const isPath = is === 'always' || /\/|\.(?:json|ya?ml)$/.test(said) || existsSync(path)
    return isPath ? [[key, path]] : []
  })
  return { ...input, ...Object.fromEntries(full) }
}

/** With what is piped into this program, where the command reads that. */
async function withStdin(
  { streams }: Cli,
  { stdin: key }: Face,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (key === undefined) return input
  const bytes = await (await import('./piped.ts')).pipedIn(streams.stdin)
  return bytes === undefined ? input : { ...input, [key]: bytes.toString('base64') }
}

/** Has the supervisor do a command and prints what it answers. The answer is the exit code. */
export async function ask(cli: Cli, face: Face, input: Record<string, unknown>): Promise<number> {
  const said = inFull(cli, face, input)
  const link = face.startsNothing === true ? cli.linkIfThere() : await cli.link()
  if (face.act?.stream === true)
    return (await import('./streams.ts')).follow(cli, link, face, await withStdin(cli, face, said))
  const answer = await (face.waitsForEnd === true
    ? untilGone(link, () => link.do(face.id, said))
    : link.do(face.id, said))
  if (cli.json) await write(cli.streams.stdout, jsonLine(answer ?? null))
  else {
    const { printAnswer } = await import('./print/answers.ts')
    await write(
      cli.streams.stdout,
      printAnswer(face, answer, { paint: cli.paint, now: Date.now() }),
    )
  }
  return face.exit?.((answer ?? {}) as never) ?? 0
}

/** Does what ends the supervisor, and waits until its process is gone, so that what is said next meets no dying one. */
async function untilGone(link: Link, end: () => Promise<unknown>): Promise<unknown> {
  const { pid } = (await link.do('supervisor.status')) as { pid: number }
  const answer = await end()
  for (let waited = 0; waited < 10_000 && alive(pid); waited += 20)
    await new Promise((wake) => setTimeout(wake, 20))
  return answer
}

/** Asks the supervisor to stop, and waits until it is gone. */
export function stopSupervisor(link: Link): Promise<unknown> {
  return untilGone(link, () => link.do('supervisor.stop'))
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
