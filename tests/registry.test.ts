import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAULT_CODES } from '../src/base/fault.ts'
import { checked } from '../src/commands/checked.ts'
import { faces } from '../src/commands/registry.ts'
import { parse } from '../src/doors/cli/parse.ts'
import { reference } from '../src/doors/cli/reference.ts'
import { byGroup } from '../src/doors/cli/help.ts'
import { spellings } from '../src/doors/cli/spelling.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const typed = spellings(faces)

/** The words of an example as a shell would split them; `…` in an id stands for the rest of it. */
function shellWords(line: string): string[] {
  const call = /^source <\((.*)\)$/.exec(line)?.[1] ?? line
  return [...call.matchAll(/"([^"]*)"|(\S+)/g)].map((match) =>
    (match[1] ?? (match[2] as string)).replace('…', 'x'),
  )
}

describe('the registry', () => {
  test('ids are unique and begin with a noun', () => {
    const ids = faces.map((row) => row.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+\.[a-z_]+$/)
  })

  test('no two rows are typed alike', () => {
    const words = typed.map(({ words }) => words.join(' '))
    expect(new Set(words).size).toBe(words.length)
  })

  test('every row says its help as sentences and, when it can be typed, has an example', () => {
    for (const row of faces) {
      expect(row.help, row.id).toMatch(/^[A-Z0-9].*\.$/)
      if (row.cli !== undefined) expect(row.example, row.id).toMatch(/clawdeck/)
    }
  })

  test.each(
    typed
      .filter(({ words }) => words[0] !== 'console')
      .map((spelling) => [spelling.row.id, spelling] as const),
  )('%s parses its own example', (_id, { row }) => {
    const [program, ...argv] = shellWords(row.example as string)
    expect(program).toBe('clawdeck')
    const parsed = parse(argv, typed)
    if (parsed.kind !== 'run') expect.fail(`the example is ${parsed.kind}`)
    expect(parsed.spelling.row.id).toBe(row.id)
    expect(() => checked(row, parsed.input)).not.toThrow()
  })

  test('every place and flag of a command line is a key of its input', () => {
    for (const { row, params } of typed) {
      const known = Object.keys((row.input as unknown as { shape: object }).shape)
      expect(known, row.id).toEqual(
        expect.arrayContaining([...params.map(({ key }) => key), ...Object.keys(row.flags ?? {})]),
      )
    }
  })

  test('every face that is typed is an act, or something that the command line does itself', () => {
    const lonely = typed
      .filter(({ row }) => row.act === undefined && row.here === undefined)
      .map(({ row }) => row.id)
    expect(lonely).toEqual([])
  })

  test('every row that is typed stands in one group of the help', () => {
    expect(
      byGroup()
        .flatMap(({ spellings }) => spellings.map(({ row }) => row.id))
        .toSorted(),
    ).toEqual(typed.map(({ row }) => row.id).toSorted())
  })

  test('keys do not collide: not within a noun, nor between a noun and what works anywhere', () => {
    const collisions: string[] = []
    for (const about of new Set(faces.map((row) => row.about))) {
      const seen = new Map<string, string>()
      for (const row of faces.filter((row) => row.about === about || row.about === 'deck')) {
        for (const key of row.keys ?? []) {
          if (seen.has(key)) collisions.push(`${key} on ${about}: ${seen.get(key)} and ${row.id}`)
          seen.set(key, row.id)
        }
      }
    }
    expect(collisions).toEqual([])
  })
})

describe('the README', () => {
  test('carries the reference as it is printed now', () => {
    const between = /<!-- reference:begin -->\n([\s\S]*?)<!-- reference:end -->/.exec(README)?.[1]
    expect(between?.trim(), 'put what `clawdeck reference` prints between the markers').toBe(
      reference().trim(),
    )
  })

  test('names every fault code with its exit code, and no other', () => {
    const rows = [...README.matchAll(/^\| `([a-z.]+)` \| (\d) \|/gm)].map((match) => [
      match[1],
      Number(match[2]),
    ])
    expect(Object.fromEntries(rows)).toEqual(FAULT_CODES)
  })
})
