import { fstatSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { MAX_STDIN } from '../../commands/inputs.ts'
import type { Streams } from './terminal.ts'

/** How long a socket as stdin may be silent: perhaps nothing ever writes to it or closes it. */
const SILENT_MS = 250

/**
 * What was piped into this program, for a command in a pod; undefined if stdin is a terminal or
 * nothing was written. A pipe or a file is read to its end. Fault `input.invalid` above 8 MiB.
 */
export async function pipedIn(stdin: Streams['stdin']): Promise<Buffer | undefined> {
  const kind = stdin.isTTY === true ? 'none' : kindOf(stdin)
  if (kind === 'none') return undefined
  const chunks: Buffer[] = []
  let size = 0
  const silence = kind === 'socket' ? setTimeout(() => stdin.destroy(), SILENT_MS) : undefined
  try {
    for await (const chunk of stdin) {
      clearTimeout(silence)
      size += (chunk as Buffer).length
      if (size > MAX_STDIN)
        throw new Fault('input.invalid', 'the input is larger than 8 MiB', {
          hint: "Put large files into the agent's workspace instead.",
        })
      chunks.push(Buffer.from(chunk as Buffer))
    }
  } catch (thrown) {
    if (thrown instanceof Fault || size > 0) throw thrown
    return undefined
  } finally {
    clearTimeout(silence)
  }
  return size === 0 && kind === 'socket' ? undefined : Buffer.concat(chunks)
}

function kindOf(stdin: Streams['stdin'] & { fd?: number }): 'none' | 'pipe' | 'socket' {
  if (stdin.fd === undefined) return 'socket'
  try {
    const facts = fstatSync(stdin.fd)
    if (facts.isFIFO() || facts.isFile()) return 'pipe'
    return facts.isSocket() ? 'socket' : 'none'
  } catch {
    return 'none'
  }
}
