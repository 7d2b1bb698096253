import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
} from 'node:fs'

/** The lines of a file in batches, without their line feeds; a last line without one is given too. Bounded memory. */
export async function* lineBatches(file: string): AsyncGenerator<string[]> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + (chunk as string)).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
  if (rest !== '') yield [rest]
}

const TAIL = 65_536

/** The last whole line of a file, without its line feed; '' when there is none. What a crash or a full disk left unfinished after it is cut off. */
export function lastWholeLine(file: string): string {
  if (!existsSync(file)) return ''
  const fd = openSync(file, 'r+')
  try {
    const { size } = fstatSync(fd)
    for (let length = Math.min(TAIL, size); ; length = Math.min(length * 4, size)) {
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
