import { chmod, lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { shipped } from '../../config/data.ts'
import { otherNames } from '../../command-analysis/programs/verbs.ts'
import { programs } from '../../config/programs.ts'
import { quote } from '../../base/quote.ts'

const PROGRAM = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/
const CLIENT = 'guard'

/**
 * The programs in the first folder of a pod's PATH, by name: a wrapper for each program of the
 * gated commands. A wrapper runs the guard client, which asks if the arguments match, and otherwise
 * runs the real program. Fault `template.invalid` for a command that cannot be wrapped.
 */
export function wrappers(gated: readonly string[]): Map<string, string> {
  const byProgram = new Map<string, string[]>()
  for (const command of gated) {
    const [program = '', ...words] = command.trim().split(/\s+/)
    if (!PROGRAM.test(program) || program === CLIENT)
      throw new Fault(
        'template.invalid',
        `the gated command \`${command}\` does not begin with the name of a program`,
        { hint: 'Write a program and its first arguments, such as `git push`.' },
      )
    byProgram.set(program, [...(byProgram.get(program) ?? []), words.join(' ')])
  }
  return new Map([...byProgram].map(([program, patterns]) => [program, wrapper(program, patterns)]))
}

function wrapper(program: string, patterns: readonly string[]): string {
  const about = patterns.map((p) => `${program} ${p}`.trim()).join(', ')
  const others = [...otherNames(program, programs())]
    .map(([name, usual]) => ` ${name}=${usual}`)
    .join('')
  const names = others === '' ? '' : `DECK_NAMES=${quote([`${others} `])}\nexport DECK_NAMES\n`
  return `#!/bin/sh\n# Asks the operator first: ${about}. Made by clawdeck at each start.\n${names}exec "\${0%/*}/${CLIENT}" gate ${quote([program, ...patterns])} -- "$@"\n`
}

/** Brings an agent's folder of programs up to date: the client, its wrappers, and nothing else. */
export async function writeWrappers(folder: string, gated: readonly string[]): Promise<void> {
  const files = wrappers(gated).set(
    CLIENT,
    await readFile(shipped('templates', 'pod', CLIENT), 'utf8'),
  )
  await mkdir(folder, { recursive: true, mode: 0o755 })
  for (const name of await readdir(folder))
    if (!files.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  for (const [name, text] of files) await place(join(folder, name), text)
}

/**
 * Writes a program atomically unless it is up to date. Not synced: each start of the agent does
 * this.
 */
async function place(path: string, text: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (
    stats?.isFile() === true &&
    (stats.mode & 0o777) === 0o755 &&
    (await readFile(path, 'utf8')) === text
  )
    return
  if (stats?.isDirectory() === true) await rm(path, { recursive: true })
  const draft = `${path}.new`
  await rm(draft, { recursive: true, force: true })
  await writeFile(draft, text, { flag: 'wx' })
  await chmod(draft, 0o755)
  await rename(draft, path)
}
