import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno } from '../base/fault.ts'

/** A folder for its owner alone (0700), with its parents. An existing folder keeps its mode. */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Replaces a file at once: a reader, and a crash, see the old text or the new, never half. Mode 0600 unless said. */
export async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = await writeDraft(path, text, mode)
  try {
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
  await syncFolder(dirname(path))
}

/** Creates a file at once, and answers false when it was there already: of two who try, one wins and neither sees half a file. */
export async function createWhole(path: string, text: string, mode = 0o600): Promise<boolean> {
  const draft = await writeDraft(path, text, mode)
  try {
    await link(draft, path)
  } catch (cause) {
    if (errno(cause) === 'EEXIST') return false
    throw cause
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
  return true
}

/** The text of a regular file of at most `max` bytes. Rejects with the system's error, or with EFBIG when it is longer. */
export async function readBounded(path: string, max: number): Promise<string> {
  // Without O_NONBLOCK, a pipe planted in the file's place would hold the reader for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const facts = await file.stat()
    if (!facts.isFile())
      throw Object.assign(new Error(`${path} is no regular file`), { code: 'EINVAL' })
    const bytes = Buffer.alloc(max + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null)
      length += bytesRead
      if (bytesRead === 0 || length > max) break
    }
    if (length > max)
      throw Object.assign(new Error(`${path} is larger than ${max} bytes`), { code: 'EFBIG' })
    return bytes.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}

async function writeDraft(path: string, text: string, mode: number): Promise<string> {
  const draft = join(dirname(path), `.${randomBytes(6).toString('hex')}.new`)
  const file = await open(draft, 'wx', mode)
  try {
    // Whatever the umask says, so that a file meant to be readable is.
    await file.chmod(mode)
    await file.writeFile(text)
    await file.sync()
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  } finally {
    await file.close()
  }
  return draft
}

/** Makes a new name durable. Some file systems refuse to sync a folder; then the name is as durable as they make it. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync().catch(() => undefined)
  } finally {
    await folder.close()
  }
}
