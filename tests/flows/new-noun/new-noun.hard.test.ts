import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempFolder } from '../../support/journal.ts'
import { COMMANDS, LIST, ROOM } from './room.ts'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const cleanups: (() => unknown)[] = []
afterAll(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

/** What the program of the copy saw of the new noun. */
interface Seen {
  made: { id: string }
  shown: string[]
  printed: string
  painted: { colour: string }
  mirrored: { colour: string }[]
  gone: number
  rebuilt: { same: boolean }
  verified: { ok: boolean }
  help: string
}

/** A copy of the program, with a room more. */
function copyWithRoom(): string {
  const copy = tempFolder((act) => cleanups.push(act))
  for (const part of ['src', 'templates', 'themes', 'package.json', 'tsconfig.json'])
    cpSync(join(REPOSITORY, part), join(copy, part), { recursive: true })
  for (const part of ['support', 'contracts', 'flows/new-noun'])
    cpSync(join(REPOSITORY, 'tests', part), join(copy, 'tests', part), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'))
  for (const [path, text] of Object.entries({ ...ROOM, ...COMMANDS })) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  const list = join(copy, LIST.path)
  const edited = LIST.edits.reduce(
    (text, [from, to]) => text.replace(from, to),
    readFileSync(list, 'utf8'),
  )
  writeFileSync(list, edited)
  return copy
}

describe('a new noun', () => {
  let copy: string
  let seen: Seen
  const node = (...words: string[]) =>
    execFileSync(process.execPath, words, { cwd: copy, encoding: 'utf8' })

  beforeAll(() => {
    copy = copyWithRoom()
    seen = JSON.parse(node('tests/flows/new-noun/use.ts').split('\n').at(-2) ?? '') as Seen
  })

  test('costs its room, a commands file and its place in one list, and compiles', () => {
    expect(Object.keys(COMMANDS)).toHaveLength(1)
    for (const path of Object.keys(ROOM)) expect(path).toMatch(/^src\/domain\/toys\//)
    node('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.')
  })

  test('is in the journal, in its table, and rebuilt from the one into the other', () => {
    expect(seen.rebuilt.same).toBe(true)
    expect(seen.verified.ok).toBe(true)
  })

  test('is mirrored by an open console: made, changed, gone', () => {
    expect(seen.mirrored.map(({ colour }) => colour)).toEqual(['red', 'blue'])
    expect(seen.gone).toBe(0)
  })

  test('has a live table in the console, with its keys', () => {
    const screen = stripVTControlCharacters(seen.shown.join('\n'))
    expect(screen).toMatch(/Toys/)
    expect(screen).toMatch(new RegExp(`▸ ${seen.made.id} +red +operator:maya/cli`))
  })

  test('has its commands, its help and its printed table', () => {
    expect(seen.help).toMatch(/toys make <colour>/)
    expect(seen.printed).toMatch(/TOY +COLOUR +BY\n/)
    expect(seen.printed).toMatch(/red/)
  })
})
