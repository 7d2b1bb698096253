import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAULTS } from '../src/base/fault.ts'
import { parseInput } from '../src/commands/input.ts'
import { faces } from '../src/commands/registry.ts'
import { parse } from '../src/doors/cli/parse.ts'
import { referenceSections } from '../src/doors/cli/reference/content.ts'
import { asMarkdown } from '../src/doors/cli/reference/markdown.ts'
import { asText } from '../src/doors/cli/reference/plain.ts'
import { byGroup } from '../src/doors/cli/help.ts'
import { cliCommands, kebab } from '../src/doors/cli/cli-command.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const typed = cliCommands(faces)

/** The words of an example as a shell would split them; `…` in an id stands for the rest of it. */
function shellWords(line: string): string[] {
  const call = /^source <\((.*)\)$/.exec(line)?.[1] ?? line
  return [...call.matchAll(/"([^"]*)"|(\S+)/g)].map((match) =>
    (match[1] ?? (match[2] as string)).replace('…', 'x'),
  )
}

describe('the registry', () => {
  test('ids are unique and begin with a noun', () => {
    const ids = faces.map((face) => face.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z_]+\.[a-z_]+$/)
  })

  test('no two faces are typed alike', () => {
    const words = typed.map(({ words }) => words.join(' '))
    expect(new Set(words).size).toBe(words.length)
  })

  test('every face says its help as sentences and, when it can be typed, has an example', () => {
    for (const face of faces) {
      expect(face.help, face.id).toMatch(/^[A-Z0-9].*\.$/)
      if (face.cli !== undefined) expect(face.example, face.id).toMatch(/clawdeck/)
    }
  })

  test.each(
    typed
      .filter(({ words }) => words[0] !== 'console')
      .map((spelling) => [spelling.face.id, spelling] as const),
  )('%s parses its own example', (_id, { face }) => {
    const [program, ...argv] = shellWords(face.example as string)
    expect(program).toBe('clawdeck')
    const parsed = parse(argv, typed)
    if (parsed.kind !== 'run') expect.fail(`the example is ${parsed.kind}`)
    expect(parsed.command.face.id).toBe(face.id)
    expect(() => parseInput(face, parsed.input)).not.toThrow()
  })

  test('every place and flag of a command line is a key of its input', () => {
    for (const { face, params } of typed) {
      const known = Object.keys((face.input as unknown as { shape: object }).shape)
      expect(known, face.id).toEqual(
        expect.arrayContaining([...params.map(({ key }) => key), ...Object.keys(face.flags ?? {})]),
      )
    }
  })

  test('every face that is typed is an act, or something that the command line does itself', () => {
    const lonely = typed
      .filter(({ face }) => face.act === undefined && face.inCli === undefined)
      .map(({ face }) => face.id)
    expect(lonely).toEqual([])
  })

  test('every face that is typed stands in one group of the help', () => {
    expect(
      byGroup()
        .flatMap(({ commands }) => commands.map(({ face }) => face.id))
        .toSorted(),
    ).toEqual(typed.map(({ face }) => face.id).toSorted())
  })

  test('keys do not collide: not within a noun, nor between a noun and what works anywhere', () => {
    const collisions: string[] = []
    for (const about of new Set(faces.map((face) => face.about))) {
      const seen = new Map<string, string>()
      for (const face of faces.filter((face) => face.about === about || face.about === 'deck')) {
        for (const key of face.keys ?? []) {
          if (seen.has(key)) collisions.push(`${key} on ${about}: ${seen.get(key)} and ${face.id}`)
          seen.set(key, face.id)
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
    for (const { face } of typed) {
      expect(markdown).toContain(`\`clawdeck ${face.cli ?? ''}\``)
      for (const flag of Object.keys(face.flags ?? {}))
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
