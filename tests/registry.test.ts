import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAULTS } from '../src/base/fault.ts'
import { checked } from '../src/commands/checked.ts'
import { faces } from '../src/commands/registry.ts'
import { parse } from '../src/doors/cli/parse.ts'
import { referenceSections } from '../src/doors/cli/reference/content.ts'
import { asMarkdown } from '../src/doors/cli/reference/markdown.ts'
import { asText } from '../src/doors/cli/reference/plain.ts'
import { byGroup } from '../src/doors/cli/help.ts'
import { kebab, spellings } from '../src/doors/cli/spelling.ts'

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

describe('the reference', () => {
  const sections = referenceSections()
  const markdown = asMarkdown(sections)

  test('has every command with its flags, every key, every fault and the settings', () => {
    for (const { row } of typed) {
      expect(markdown).toContain(`\`clawdeck ${row.cli ?? ''}\``)
      for (const flag of Object.keys(row.flags ?? {}))
        expect(markdown).toContain(`--${kebab(flag)}`)
    }
    for (const face of faces)
      for (const key of face.keys ?? []) expect(markdown).toContain(`\`${key}\``)
    for (const [code, [exit, means]] of Object.entries(FAULTS))
      expect(markdown).toContain(`| \`${code}\` | ${exit}: ${means} |`)
    expect(markdown).toContain('expiryMinutes: 5')
  })

  test('fits a terminal of 80 columns as text, but for what cannot be broken', () => {
    const text = asText(sections, (_tone, part) => part)
    const wide = text.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '))
    expect(wide.filter((line) => !/^ {2}(?:clawdeck|#)/.test(line))).toEqual([])
  })
})

describe('the README', () => {
  test('is under 250 lines and leaves the reference to the program', () => {
    expect(README.split('\n').length).toBeLessThan(250)
    expect(README).not.toContain('reference:begin')
    expect(README).toContain('clawdeck reference')
  })

  test('names only commands that there are', () => {
    const said = [...README.matchAll(/^clawdeck ([a-z][a-z ]*[a-z])/gm)].map((match) => match[1])
    const known = typed.map(({ words }) => words.join(' '))
    for (const line of said)
      expect(
        known.some((words) => (line ?? '').startsWith(words)),
        line,
      ).toBe(true)
  })
})
