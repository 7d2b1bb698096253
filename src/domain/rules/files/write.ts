import { createHash, randomBytes, type Hash } from 'node:crypto'
import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { syncFolder } from '../../../config/files.ts'

/** A file that was written beside its place, and is not there yet. */
export interface Drafted {
  path: string
  draft: string
  bytes: number
  sha256: string
}

/** Writes a file beside its place. It is its owner's alone, unless one of that name is there with another mode. */
export async function draftFile(
  path: string,
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<Drafted> {
  const mode = await modeAt(path)
  const draft = beside(path, 'new')
  const file = await open(draft, 'wx', mode)
  try {
    await file.chmod(mode)
    const hash = createHash('sha256')
    const bytes = await writeAll(file, chunks, hash)
    await file.sync()
    return { path, draft, bytes, sha256: hash.digest('hex') }
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  } finally {
    await file.close()
  }
}

async function writeAll(
  file: FileHandle,
  chunks: AsyncIterable<string> | Iterable<string>,
  hash: Hash,
): Promise<number> {
  let bytes = 0
  for await (const chunk of chunks) {
    const data = Buffer.from(chunk)
    hash.update(data)
    bytes += data.length
    await file.writeFile(data)
  }
  return bytes
}

/** Only a file that is none of another kind is replaced: through a link, something else would be. */
async function modeAt(path: string): Promise<number> {
  const facts = await lstat(path).catch((cause: unknown) => {
    if (errno(cause) === 'ENOENT') return undefined
    throw cause
  })
  if (facts === undefined) return 0o600
  if (!facts.isFile())
    throw new Fault('not.possible', `${plain(path)} is no regular file`, {
      hint: 'Move it away; nothing was written.',
    })
  return facts.mode & 0o777
}

/** Puts drafts in their places, all of them; if one cannot be, those before it are put back. */
export async function placeAll(drafts: readonly Drafted[]): Promise<void> {
  const done: { path: string; old: string | undefined }[] = []
  try {
    for (const { path, draft } of drafts) {
      const old = await keepOld(path)
      done.push({ path, old })
      await rename(draft, path)
    }
  } catch (cause) {
    for (const { path, old } of done.toReversed()) await putBack(path, old)
    throw cause
  } finally {
    for (const { old } of done) if (old !== undefined) await rm(old, { force: true })
    await dropDrafts(drafts)
  }
  for (const folder of new Set(drafts.map(({ path }) => dirname(path)))) await syncFolder(folder)
}

export async function dropDrafts(drafts: readonly Drafted[]): Promise<void> {
  for (const { draft } of drafts) await rm(draft, { force: true })
}

/** A second name for what is there now; undefined if nothing is. */
async function keepOld(path: string): Promise<string | undefined> {
  const old = beside(path, 'old')
  try {
    await link(path, old)
    return old
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return undefined
    throw cause
  }
}

async function putBack(path: string, old: string | undefined): Promise<void> {
  if (old === undefined) await rm(path, { force: true })
  else await rename(old, path).catch(() => undefined)
}

function beside(path: string, kind: string): string {
  return join(dirname(path), `.${randomBytes(6).toString('hex')}.${kind}`)
}
