import { open } from 'node:fs/promises'
import { errno, Fault } from '../../base/fault.ts'
import { jsonLine, plain } from '../../base/text.ts'
import type { Cli } from './cli.ts'
import { write } from './terminal.ts'

const MAX_TAIL_BYTES = 8 * 1024 * 1024

/** Prints the last lines of the supervisor's log. The supervisor need not be running. */
export async function supervisorLogs(cli: Cli, tail: number): Promise<number> {
  const lines = (await endOf(cli.home.supervisorLog)).trimEnd().split('\n').slice(-tail)
  const shown = cli.json
    ? lines.map((text) => jsonLine({ text }).trimEnd())
    : lines.map((line) => plain(line, 65_536))
  await write(cli.streams.stdout, `${shown.join('\n')}\n`)
  return 0
}

async function endOf(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(Math.min(size, MAX_TAIL_BYTES)),
        0,
        null,
        Math.max(0, size - MAX_TAIL_BYTES),
      )
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error
    throw new Fault('not.found', 'there is no log: this deck never had a supervisor', {
      hint: 'To start one: clawdeck supervisor start',
    })
  }
}
