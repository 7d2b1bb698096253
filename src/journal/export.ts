import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { yielder } from '../base/yield.ts'
import { errno, Fault } from '../base/fault.ts'
import type { HostKey, HostVerifier } from '../base/signing.ts'
import { brokenLink, checkpointText, GENESIS, lineOf, type StoredEvent } from './chain.ts'
import { lineBatches } from './lines.ts'
import type { eventReader } from './read.ts'
import type { Checkpoint, Verification } from './types.ts'
import { verdict, type Problem } from './verification.ts'
import { checkpointFault } from './verify-checkpoints.ts'

const SLICE = 1000

/** Every event up to `head`, a line each, and as last line the signed head. Never over an existing file. Faults: `name.taken`, `not.possible`, `journal.corrupt`. */
export async function writeExport(
  path: string,
  head: { seq: number; hash: string },
  key: HostKey,
  read: ReturnType<typeof eventReader>,
): Promise<{ path: string; events: number; head: string }> {
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  const yieldIfBusy = yielder()
  try {
    await once(out, 'open')
    for (let seq = 0; seq < head.seq; await yieldIfBusy()) {
      const slice = read.since(seq, Math.min(SLICE, head.seq - seq))
      if (slice.length === 0)
        throw new Fault('journal.corrupt', `event ${seq + 1} is missing from the journal`, {
          hint: 'clawdeck audit verify',
        })
      seq = slice.at(-1)?.seq ?? head.seq
      if (!out.write(slice.map((e) => `${lineOf(e)}\n`).join(''))) await once(out, 'drain')
    }
    const unsigned = { seq: head.seq, hash: head.hash, at: Date.now(), keyId: key.keyId }
    out.end(`${headLine({ ...unsigned, signature: key.sign(checkpointText(unsigned)) }, key)}\n`)
    await once(out, 'close')
  } catch (thrown) {
    out.destroy()
    if (thrown instanceof Fault) throw thrown
    const exists = errno(thrown) === 'EEXIST'
    throw new Fault(
      exists ? 'name.taken' : 'not.possible',
      exists
        ? `${path} exists already`
        : `${path} cannot be written (${errno(thrown) ?? String(thrown)})`,
      { cause: thrown, hint: 'Name another file.' },
    )
  }
  return { path, events: head.seq, head: head.hash }
}

/** The last line of an export: its head, signed, and the key to prove it with. */
function headLine({ seq, hash, at, keyId, signature }: Checkpoint, key: HostVerifier): string {
  return JSON.stringify({
    checkpoint: { seq, hash, at, keyId, signature },
    publicKey: key.publicKey,
  })
}

interface Walk {
  prev: string
  seq: number
  head: Checkpoint | undefined
}

/** Proves an exported file by itself: chain, every byte of every line, and the signed head at its end. */
export async function verifyExport(file: string, signer: HostVerifier): Promise<Verification> {
  const began = performance.now()
  const walk: Walk = { prev: GENESIS, seq: 0, head: undefined }
  const problems: Problem[] = []
  const yieldIfBusy = yielder()
  for await (const lines of lineBatches(file)) {
    for (const [i, line] of lines.entries()) {
      const what = lineFault(line, walk, signer)
      if (what !== undefined) problems.push({ where: file, seq: walk.seq + 1, what })
      if (what !== undefined) break
      if (i % 100 === 99) await yieldIfBusy()
    }
    if (problems.length > 0) break
  }
  if (problems.length === 0 && walk.head === undefined)
    problems.push({ where: file, seq: walk.seq, what: 'the signed head is missing' })
  return verdict({
    events: walk.seq,
    head: walk.prev,
    checkpoints: walk.head === undefined ? 0 : 1,
    mirrors: 0,
    deep: false,
    problems,
    began,
  })
}

/** Takes the next line of an export into the walk, or says what is wrong with it. */
function lineFault(line: string, walk: Walk, signer: HostVerifier): string | undefined {
  if (walk.head !== undefined) return 'something follows the signed head'
  const value = parse<Record<string, unknown>>(line)
  if (value === undefined) return 'the line is not JSON'
  if (typeof value['checkpoint'] === 'object' && value['checkpoint'] !== null)
    return headFault(line, value['checkpoint'] as Checkpoint, walk, signer)
  const event = { ...value, body: bodyText(line) } as unknown as StoredEvent
  const what =
    brokenLink(event, walk.seq + 1, walk.prev) ??
    (lineOf(event) === line ? undefined : 'the line was changed')
  if (what === undefined) {
    walk.seq = event.seq
    walk.prev = event.hash
  }
  return what
}

function headFault(
  line: string,
  head: Checkpoint,
  walk: Walk,
  signer: HostVerifier,
): string | undefined {
  if (line !== headLine(head, signer))
    return head.keyId === signer.keyId
      ? 'the line of the signed head was changed'
      : 'its head was signed with another key than this host has'
  walk.head = head
  return checkpointFault(head, head.seq === walk.seq ? walk.prev : undefined, signer)
}

/** The body as it stands in the line: between its key and the hash, both of fixed form. */
function bodyText(line: string): string {
  return line.slice(line.indexOf(',"body":') + 8, line.lastIndexOf(',"hash":"'))
}

function parse<T>(line: string): T | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as T)
      : undefined
  } catch {
    return undefined
  }
}
