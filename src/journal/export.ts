import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { errno, Fault } from '../base/fault.ts'
import type { HostKey, HostVerifier } from '../base/signing.ts'
import { yielder } from '../base/yield.ts'
import { brokenLink, checkpointText, GENESIS, lineOf, type StoredEvent } from './chain.ts'
import { lineBatches } from './lines.ts'
import type { eventReader } from './read.ts'
import type { Checkpoint, Verification } from './types.ts'
import { verificationOf, type VerificationProblem } from './verify/verification.ts'
import { checkpointProblem } from './verify/checkpoints.ts'

const SLICE = 1000

/**
 * Writes every event up to `head`, one per line, and the signed head as the last line. Never
 * overwrites a file. Faults: `name.taken`, `not.possible`, `journal.corrupt`.
 */
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
          hint: 'Run `clawdeck audit verify`.',
        })
      seq = slice.at(-1)?.seq ?? head.seq
      if (!out.write(slice.map((e) => `${lineOf(e)}\n`).join(''))) await once(out, 'drain')
    }
    const unsigned = { seq: head.seq, hash: head.hash, at: Date.now(), keyId: key.keyId }
    out.end(`${headLine({ ...unsigned, signature: key.sign(checkpointText(unsigned)) }, key)}\n`)
    await once(out, 'close')
  } catch (thrown) {
    out.destroy()
    throw newFileFault(thrown, path)
  }
  return { path, events: head.seq, head: head.hash }
}

/** Why a new file could not be written. */
export function newFileFault(thrown: unknown, path: string): Fault {
  if (thrown instanceof Fault) return thrown
  const options = { cause: thrown, hint: 'Choose another file.' }
  return errno(thrown) === 'EEXIST'
    ? new Fault('name.taken', `${path} exists already`, options)
    : new Fault(
        'not.possible',
        `${path} cannot be written (${errno(thrown) ?? String(thrown)})`,
        options,
      )
}

/** The last line of an export: its signed head, and the public key that verifies it. */
function headLine({ seq, hash, at, keyId, signature }: Checkpoint, key: HostVerifier): string {
  return JSON.stringify({
    checkpoint: { seq, hash, at, keyId, signature },
    publicKey: key.publicKey,
  })
}

/** How far an export was verified. */
interface ExportProgress {
  prev: string
  seq: number
  head: Checkpoint | undefined
}

/**
 * Verifies an exported file by itself: the chain, every byte of every line, and the signed head at
 * its end.
 */
export async function verifyExport(file: string, signer: HostVerifier): Promise<Verification> {
  const began = performance.now()
  const progress: ExportProgress = { prev: GENESIS, seq: 0, head: undefined }
  const problem = await firstProblem(file, progress, signer)
  return verificationOf({
    events: progress.seq,
    signed: problem === undefined ? progress.seq : 0,
    losses: [],
    head: progress.prev,
    checkpoints: progress.head === undefined ? 0 : 1,
    mirrors: 0,
    deep: false,
    problems: problem === undefined ? [] : [problem],
    began,
  })
}

async function firstProblem(
  file: string,
  progress: ExportProgress,
  signer: HostVerifier,
): Promise<VerificationProblem | undefined> {
  const yieldIfBusy = yielder()
  for await (const lines of lineBatches(file)) {
    for (const [i, line] of lines.entries()) {
      const what = lineProblem(line, progress, signer)
      if (what !== undefined) return { where: file, seq: progress.seq + 1, what }
      if (i % 100 === 99) await yieldIfBusy()
    }
  }
  return progress.head === undefined
    ? { where: file, seq: progress.seq, what: 'the signed head is missing' }
    : undefined
}

/** Checks the next line and advances `progress`, or returns what is wrong with the line. */
function lineProblem(
  line: string,
  progress: ExportProgress,
  signer: HostVerifier,
): string | undefined {
  if (progress.head !== undefined) return 'something follows the signed head'
  const value = parseObject(line)
  if (value === undefined) return 'the line is not JSON'
  if (typeof value['checkpoint'] === 'object' && value['checkpoint'] !== null)
    return headProblem(line, value['checkpoint'] as Checkpoint, progress, signer)
  const event = { ...value, body: bodyText(line) } as unknown as StoredEvent
  const what =
    brokenLink(event, progress.seq + 1, progress.prev) ??
    (lineOf(event) === line ? undefined : 'the line was changed')
  if (what === undefined) {
    progress.seq = event.seq
    progress.prev = event.hash
  }
  return what
}

function headProblem(
  line: string,
  head: Checkpoint,
  progress: ExportProgress,
  signer: HostVerifier,
): string | undefined {
  if (line !== headLine(head, signer))
    return head.keyId === signer.keyId
      ? 'the line of the signed head was changed'
      : "its head was signed with another key than this host's"
  progress.head = head
  return checkpointProblem(head, head.seq === progress.seq ? progress.prev : undefined, signer)
}

/** The body as it is in the line: between its key and the hash, which both have a fixed form. */
function bodyText(line: string): string {
  return line.slice(line.indexOf(',"body":') + 8, line.lastIndexOf(',"hash":"'))
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
