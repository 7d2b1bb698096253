import { appendFile, readFile, rm } from 'node:fs/promises'
import * as z from 'zod'
import { errno } from '../base/fault.ts'
import { jsonLine } from '../base/text.ts'
import type { FreezeMark } from '../domain/agents/freezing/types.ts'

const Mark = z.strictObject({
  at: z.number(),
  by: z.string().max(200),
  agent: z.string().max(200).nullable(),
  why: z.string().max(2000),
})

/** Writes down that something was frozen, for the next supervisor. */
export async function writeFreezeMark(path: string, mark: FreezeMark): Promise<void> {
  await appendFile(path, jsonLine(mark), { mode: 0o600 })
}

/** What was frozen while no supervisor ran. A line that cannot be read freezes the fleet. */
export async function readFreezeMarks(
  path: string,
  log: (what: string) => void,
): Promise<FreezeMark[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return []
    throw thrown
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { data } = Mark.safeParse(parsed(line))
      if (data !== undefined) return data
      log(`a line of ${path} cannot be read, so the fleet is frozen`)
      return { at: Date.now(), by: 'supervisor', agent: null, why: `${path} cannot be read` }
    })
}

export async function removeFreezeMarks(path: string): Promise<void> {
  await rm(path, { force: true })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
