import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { GrowingFile } from '../../src/adapters/growing-file.ts'

let folder = ''
let path = ''
let file: GrowingFile
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deck-'))
  path = join(folder, 'out.log')
  file = new GrowingFile(path)
})
afterEach(async () => {
  await file.close()
  rmSync(folder, { recursive: true })
})

/** All lines that are there to be read now. */
async function rest(): Promise<string[]> {
  const all: string[] = []
  for (;;) {
    const { lines, more } = await file.more()
    all.push(...lines)
    if (!more) return all
  }
}

const rotate = (): void => renameSync(path, `${path}.1`)
const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('')

it('reads what is appended, in whole lines', async () => {
  expect(await rest()).toEqual([])
  writeFileSync(path, 'one\ntw')
  expect(await rest()).toEqual(['one'])
  appendFileSync(path, 'o\n')
  expect(await rest()).toEqual(['two'])
})

it.each([
  [0, []],
  [1, ['line 19999']],
  [3, ['line 19997', 'line 19998', 'line 19999']],
])('begins with the last %d lines, also when they were rotated', async (count, lines) => {
  writeFileSync(path, numbered(0, 19_998))
  rotate()
  writeFileSync(path, numbered(19_998, 20_000))
  expect(await file.last(count)).toEqual(lines)
  appendFileSync(path, 'later\n')
  expect(await rest()).toEqual(['later'])
})

it('begins with all lines when there are fewer', async () => {
  writeFileSync(path, 'a\nb')
  rotate()
  writeFileSync(path, 'c\nd\n')
  expect(await file.last(9)).toEqual(['a', 'bc', 'd'])
})

it('continues over a rotation, in the middle of a line', async () => {
  writeFileSync(path, 'one\ntw')
  expect(await rest()).toEqual(['one'])
  appendFileSync(path, 'o\nthr')
  rotate()
  writeFileSync(path, 'ee\n')
  expect(await rest()).toEqual(['two', 'three'])
})

it('says when it missed a whole file, and continues with a whole line', async () => {
  writeFileSync(path, 'one\npart')
  expect(await rest()).toEqual(['one'])
  rotate()
  writeFileSync(path, 'missed\n')
  rotate()
  writeFileSync(path, 'three\n')
  expect(await rest()).toEqual([expect.stringMatching(/^clawdeck: /), 'missed', 'three'])
})

it('begins again when the file is a new one, or was truncated', async () => {
  writeFileSync(path, 'of the first start\npart')
  expect(await rest()).toEqual(['of the first start'])
  rmSync(path)
  writeFileSync(path, 'of the second\n')
  expect(await rest()).toEqual(['of the second'])
  truncateSync(path)
  expect(await rest()).toEqual([])
  appendFileSync(path, 'third\n')
  expect(await rest()).toEqual(['third'])
})

it('reads no more than a part of a file that claims to be huge', async () => {
  writeFileSync(path, 'before\n')
  truncateSync(path, 2 ** 41)
  expect(await file.last(5)).toEqual([expect.stringMatching(/^\0{16385}$/)])
})
