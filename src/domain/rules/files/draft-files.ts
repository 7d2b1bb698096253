import { createHash, randomBytes, type Hash } from 'node:crypto'
import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { syncFolder } from '../../../config/files.ts'

/** New content of a file, written next to it and not published yet. */
export interface DraftFile {
  path: string
  draft: string
  bytes: number
  sha256: string
}

/**
 * Writes new content of `path` next to it, with the mode of the file that is there, or readable by
 * its owner alone.
 */
export async function writeDraft(
  path: string,
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<DraftFile> {
  const mode = await modeFor(path)
  const draft = hiddenName(path, 'new')
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

/** Only a regular file is replaced: through a link, another file would be. */
async function modeFor(path: string): Promise<number> {
  const facts = await lstat(path).catch((cause: unknown) => {
    if (errno(cause) === 'ENOENT') return undefined
    throw cause
  })
  if (facts === undefined) return 0o600
  if (!facts.isFile())
    throw new Fault('not.possible', `${plain(path)} is not a regular file`, {
      hint: 'Move it away. Nothing was written.',
    })
  return facts.mode & 0o777
}

/** Publishes all drafts. If one fails, those before it are rolled back. */
export async function publishDrafts(drafts: readonly DraftFile[]): Promise<void> {
  const done: { path: string; old: string | undefined }[] = []
  try {
    for (const { path, draft } of drafts) {
      const old = await backUp(path)
      done.push({ path, old })
      await rename(draft, path)
    }
  } catch (cause) {
    for (const { path, old } of done.toReversed()) await restore(path, old)
    throw cause
  } finally {
    for (const { old } of done) if (old !== undefined) await rm(old, { force: true })
    await removeDrafts(drafts)
  }
  for (const folder of new Set(drafts.map(({ path }) => dirname(path)))) await syncFolder(folder)
}

export async function removeDrafts(drafts: readonly DraftFile[]): Promise<void> {
  for (const { draft } of drafts) await rm(draft, { force: true })
}

/** Links the current file under a second name, and returns that; undefined if there is no file. */
async function backUp(path: string): Promise<string | undefined> {
  const old = hiddenName(path, 'old')
  try {
    await link(path, old)
    return old
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return undefined
    throw cause
  }
}

async function restore(path: string, old: string | undefined): Promise<void> {
  if (old === undefined) await rm(path, { force: true })
  else await rename(old, path).catch(() => undefined)
}

function hiddenName(path: string, kind: string): string {
  return join(dirname(path), `.${randomBytes(6).toString('hex')}.${kind}`)
}
