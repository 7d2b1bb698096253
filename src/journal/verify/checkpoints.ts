import { existsSync, readFileSync } from 'node:fs'
import type { HostVerifier } from '../../base/signing.ts'
import { yielder } from '../../base/yield.ts'
import type { Store } from '../../store/open.ts'
import { checkpointText } from '../chain.ts'
import {
  checkpointLine,
  hashAt,
  latestCheckpoint,
  parseCheckpoint,
  type CheckpointFiles,
} from '../checkpoint-files.ts'
import { FileComparison, type ExpectedLine } from './file-comparison.ts'
import type { Checkpoint } from '../types.ts'
import type { VerificationProblem } from './verification.ts'

const SLICE = 100
/**
 * The signatures of this many latest checkpoints are always verified. A signature covers all events
 * before it, so for older ones it is enough that table and file agree.
 */
const ALWAYS_VERIFIED = 5000

interface CheckpointVerification {
  store: Store
  signer: HostVerifier
  files: CheckpointFiles
  /** Also verify the signatures of old checkpoints. */
  deep: boolean
  problems: VerificationProblem[]
}

/**
 * Verifies each checkpoint's event and signature, that their file contains exactly them, and the
 * copy of the last one. Returns how many there are, and up to which event a valid one covers all.
 */
export async function verifyCheckpoints(
  options: CheckpointVerification,
): Promise<{ checkpoints: number; signed: number }> {
  const { store, signer, files, deep, problems } = options
  const { count, last } = store
    .prepare<[], { count: number; last: number }>(
      'SELECT count(*) AS count, coalesce(max(seq), 0) AS last FROM checkpoint',
    )
    .get() ?? { count: 0, last: 0 }
  verifyCopy(options)
  if (count === 0 && !existsSync(files.all)) return { checkpoints: 0, signed: 0 }
  const since = store.prepare<[number, number], CheckedRow>(
    'SELECT c.*, e.hash AS actual FROM checkpoint c LEFT JOIN event e ON e.seq = c.seq WHERE c.seq > ? ORDER BY c.seq LIMIT ?',
  )
  const file = new FileComparison(files.all, last, problems)
  const yieldIfBusy = yielder()
  let seq = 0
  let signed = 0
  let skipped = deep ? 0 : Math.max(0, count - ALWAYS_VERIFIED)
  while (seq < last) {
    const slice = since.all(seq, SLICE)
    if (slice.length === 0) break
    for (const [i, row] of slice.entries()) {
      const found = rowProblems(row, signer, i >= skipped)
      problems.push(...found)
      if (found.length === 0) signed = row.seq
    }
    skipped -= slice.length
    file.expect(slice.map(expectedLine))
    seq = slice.at(-1)?.seq ?? seq
    await yieldIfBusy()
  }
  await file.finish(seq, (from) => since.all(from, SLICE).map(expectedLine))
  return { checkpoints: count, signed }
}

/** `actual` is the hash of the checkpoint's event in the journal. */
type CheckedRow = Checkpoint & { actual: string | null }

function rowProblems(
  row: CheckedRow,
  signer: HostVerifier,
  withSignature: boolean,
): VerificationProblem[] {
  const what = checkpointProblem(row, row.actual, signer, withSignature)
  return what === undefined ? [] : [{ where: 'checkpoint', seq: row.seq, what }]
}

const expectedLine = (c: Checkpoint): ExpectedLine => ({ seq: c.seq, text: checkpointLine(c) })

/**
 * The copy is written right after the table, so it is the last row, unless the journal was
 * replaced.
 */
function verifyCopy({ store, signer, files, problems }: CheckpointVerification): void {
  const latest = latestCheckpoint(store)
  const text = existsSync(files.last) ? readFileSync(files.last, 'utf8') : ''
  if (text === (latest === undefined ? '' : `${checkpointLine(latest)}\n`)) return
  const copy = parseCheckpoint(text.trimEnd())
  const what =
    copy === undefined
      ? 'the copy of the last signed head is missing or was changed'
      : (checkpointProblem(copy, hashAt(store, copy.seq), signer) ??
        'this is not the last signed head')
  problems.push({ where: files.last, seq: copy?.seq ?? null, what })
}

/** Why a checkpoint is not valid. `actual` is the hash of its event in the journal. */
export function checkpointProblem(
  c: Checkpoint,
  actual: string | null | undefined,
  signer: HostVerifier,
  withSignature = true,
): string | undefined {
  if (c.keyId !== signer.keyId)
    return `it was signed by ${c.keyId}, not by this host's ${signer.keyId}`
  if (withSignature && !signer.verify(checkpointText(c), c.signature))
    return 'its signature is wrong'
  if (actual === null || actual === undefined)
    return 'the journal ends before this signed head: its tail was cut'
  return actual === c.hash
    ? undefined
    : 'the journal was rewritten: this signed head has another hash'
}
