import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno } from '../base/fault.ts'

/**
 * Creates a folder that only its owner can access (0700), with its parents. An existing folder
 * keeps its mode.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Replaces a file atomically: readers, also after a crash, find the old text or the new one. */
export async function writeAtomic(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = await writeDraft(path, text, mode)
  try {
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
  await syncFolder(dirname(path))
}

/**
 * Creates a file atomically. Returns false when it exists already: of two processes that try at the
 * same time one succeeds, and neither sees a partial file.
 */
export async function createAtomic(
  path: string,
  text: string | Uint8Array,
  mode = 0o600,
): Promise<boolean> {
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

/**
 * The UTF-8 text of a regular file of at most `maxBytes`. Rejects with the system error, with EFBIG
 * when the file is longer, or with EINVAL when it is not a regular file.
 */
export async function readBounded(path: string, maxBytes: number): Promise<string> {
  // Without O_NONBLOCK, a pipe in place of the file would block the reader forever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (!stats.isFile())
      throw Object.assign(new Error(`${path} is not a regular file`), { code: 'EINVAL' })
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null)
      length += bytesRead
      if (bytesRead === 0 || length > maxBytes) break
    }
    if (length > maxBytes)
      throw Object.assign(new Error(`${path} is larger than ${maxBytes} bytes`), { code: 'EFBIG' })
    return bytes.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}

async function writeDraft(path: string, text: string | Uint8Array, mode: number): Promise<string> {
  const draft = join(dirname(path), `.${randomBytes(6).toString('hex')}.new`)
  const file = await open(draft, 'wx', mode)
  try {
    // The mode given to open() is reduced by the umask; this one is not.
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

/** Makes a new file name durable, where the file system can sync a folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync().catch(() => undefined)
  } finally {
    await folder.close()
  }
}
