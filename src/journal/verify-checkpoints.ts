import { existsSync, readFileSync } from 'node:fs'
import { yielder } from '../base/yield.ts'
import type { HostVerifier } from '../base/signing.ts'
import type { Store } from '../store/open.ts'
import { checkpointText } from './chain.ts'
import { checkpointLine, parseCheckpoint, type CheckpointFiles } from './checkpoints.ts'
import { FileWalk, type Line } from './file-walk.ts'
import type { Problem } from './verification.ts'
import type { Checkpoint } from './types.ts'

const SLICE = 100
/** Of so many heads every signature is proven each time. One signature vouches for all before it, so of older ones it is enough that table and file agree. */
const PROVEN_ALWAYS = 5000

interface Options {
  store: Store
  signer: HostVerifier
  files: CheckpointFiles
  deep: boolean
  problems: Problem[]
}

/** Proves the signed heads: each one's place in the journal and signature, that their file holds exactly them, and the copy of the last. Answers how many there are. */
export async function verifyCheckpoints({
  store,
  signer,
  files,
  deep,
  problems,
}: Options): Promise<number> {
  const { count, last } = store
    .prepare<[], { count: number; last: number }>(
      'SELECT count(*) AS count, coalesce(max(seq), 0) AS last FROM checkpoint',
    )
    .get() ?? { count: 0, last: 0 }
  verifyCopy(store, signer, files.last, problems)
  if (count === 0 && !existsSync(files.all)) return 0
  const since = store.prepare<[number, number], Row>(
    'SELECT c.*, e.hash AS actual FROM checkpoint c LEFT JOIN event e ON e.seq = c.seq WHERE c.seq > ? ORDER BY c.seq LIMIT ?',
  )
  const walk = new FileWalk(files.all, last, problems)
  const yieldIfBusy = yielder()
  let [seq, unproven] = [0, deep ? 0 : Math.max(0, count - PROVEN_ALWAYS)]
  for (
    let slice = since.all(seq, SLICE);
    seq < last && slice.length > 0;
    slice = since.all(seq, SLICE)
  ) {
    problems.push(...slice.flatMap((c, i) => faultsOf(c, signer, i >= unproven)))
    unproven -= slice.length
    walk.matches(slice.map(lineOf))
    seq = slice.at(-1)?.seq ?? seq
    await yieldIfBusy()
  }
  await walk.end(seq, (from) => since.all(from, SLICE).map(lineOf))
  return count
}

type Row = Checkpoint & { actual: string | null }

function faultsOf(c: Row, signer: HostVerifier, withSignature: boolean): Problem[] {
  const what = checkpointFault(c, c.actual, signer, withSignature)
  return what === undefined ? [] : [{ where: 'checkpoint', seq: c.seq, what }]
}

const lineOf = (c: Checkpoint): Line => ({ seq: c.seq, text: checkpointLine(c) })

/** The copy is written after the table in one go: here it is the last row, or the journal is not the one that it was. */
function verifyCopy(store: Store, signer: HostVerifier, path: string, problems: Problem[]): void {
  const latest = store
    .prepare<[], Checkpoint>('SELECT * FROM checkpoint ORDER BY seq DESC LIMIT 1')
    .get()
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (text === (latest === undefined ? '' : `${checkpointLine(latest)}\n`)) return
  const copy = parseCheckpoint(text.trimEnd())
  const actual =
    copy === undefined
      ? undefined
      : store
          .prepare<[number], { hash: string }>('SELECT hash FROM event WHERE seq = ?')
          .get(copy.seq)?.hash
  const what =
    copy === undefined
      ? 'the copy of the last signed head is missing or was changed'
      : (checkpointFault(copy, actual, signer) ?? 'this is not the last signed head')
  problems.push({ where: path, seq: copy?.seq ?? null, what })
}

/** Why a signed head does not hold; `actual` is the hash of its event as the journal has it. */
export function checkpointFault(
  c: Checkpoint,
  actual: string | null | undefined,
  signer: HostVerifier,
  withSignature = true,
): string | undefined {
  if (c.keyId !== signer.keyId)
    return `it was signed by ${c.keyId}, not by this host's ${signer.keyId}`
  if (withSignature && !signer.verify(checkpointText(c), c.signature))
    return 'its signature does not hold'
  if (actual === null || actual === undefined)
    return 'the journal ends before this signed head: its tail was cut'
  return actual === c.hash
    ? undefined
    : 'the journal was rewritten: this signed head has another hash'
}
