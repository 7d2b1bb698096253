import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
} from 'node:fs'

/**
 * The lines of a file in batches, without their line feeds, and the rest after the last line feed.
 * Memory is bounded as long as lines are.
 */
export async function* lineBatches(file: string): AsyncGenerator<string[]> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + (chunk as string)).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
  if (rest !== '') yield [rest]
}

const TAIL_BYTES = 65_536

/**
 * The last complete line of a file, without its line feed; '' when there is none. An incomplete
 * line after it, left by a crash or a full disk, is cut off.
 */
export function lastCompleteLine(file: string): string {
  if (!existsSync(file)) return ''
  const fd = openSync(file, 'r+')
  try {
    const { size } = fstatSync(fd)
    for (let length = Math.min(TAIL_BYTES, size); ; length = Math.min(length * 4, size)) {
      const tail = Buffer.alloc(length)
      readSync(fd, tail, 0, length, size - length)
      const end = tail.lastIndexOf(10)
      const before = end <= 0 ? -1 : tail.lastIndexOf(10, end - 1)
      if (before < 0 && length < size) continue
      if (end + 1 < length) ftruncateSync(fd, size - length + end + 1)
      return tail.subarray(before + 1, Math.max(end, 0)).toString()
    }
  } finally {
    closeSync(fd)
  }
}

/** Renames a file that exists, so that it is kept: `audit.jsonl.before-4121`. */
export function setAside(path: string, label: string): void {
  if (!existsSync(path)) return
  let to = `${path}.${label}`
  for (let n = 2; existsSync(to); n++) to = `${path}.${label}-${n}`
  renameSync(path, to)
}
