import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { Fault } from '../../src/base/fault.ts'
import { parseYaml, readYaml } from '../../src/config/yaml.ts'

const Schema = z.strictObject({
  name: z.string(),
  mode: z.enum(['ro', 'rw']).default('rw'),
  limits: z
    .strictObject({ memoryMiB: z.number().int().min(64).max(4096), cpus: z.number() })
    .optional(),
  rules: z
    .array(z.strictObject({ effect: z.enum(['allow', 'block']), target: z.string() }))
    .default([]),
  env: z.record(z.string().regex(/^[A-Z]+$/, 'capitals only'), z.string()).default({}),
})
const source = { file: 'thing.yaml', code: 'config.invalid' } as const

function faultOf(text: string): Fault {
  try {
    parseYaml(text, Schema, source)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error(`was accepted: ${text}`)
}

describe('parseYaml', () => {
  it('returns the value with its defaults', () => {
    expect(parseYaml('name: a\nlimits: { memoryMiB: 64, cpus: 1.5 }', Schema, source)).toEqual({
      name: 'a',
      mode: 'rw',
      limits: { memoryMiB: 64, cpus: 1.5 },
      rules: [],
      env: {},
    })
  })

  it.each([
    [
      'an unknown key, with the nearest known one',
      'name: a\nlimits:\n  memory: 4\n  cpus: 1',
      'thing.yaml:3:3: limits.memory: this key is not known; did you mean memoryMiB?',
      'Known keys here: memoryMiB, cpus',
    ],
    [
      'an unknown key that resembles none',
      'name: a\nzebra: 1',
      'thing.yaml:2:1: zebra: this key is not known',
      'Known keys here: name, mode, limits, rules, env',
    ],
    [
      'a value that is not allowed',
      'name: a\nmode: wr',
      'thing.yaml:2:7: mode: this value is not known (there: wr)',
      'Allowed: ro, rw',
    ],
    [
      'a value in a list',
      'name: a\nrules:\n  - { effect: allow, target: x }\n  - effect: deny\n    target: y',
      'thing.yaml:4:13: rules.1.effect: this value is not known (there: deny)',
      'Allowed: allow, block',
    ],
    [
      'a number out of range',
      'name: a\nlimits: { memoryMiB: 9000, cpus: 1 }',
      'thing.yaml:2:22: limits.memoryMiB: this number must be at most 4096 (there: 9000)',
      'Change',
    ],
    [
      'a value of another type',
      'name: [1, 2]',
      'thing.yaml:1:7: name: this must be text (there: [1, 2])',
      'Write text',
    ],
    ['a missing key', 'mode: ro', 'thing.yaml:1:1: name: this key is missing', 'its value is text'],
    [
      'a missing key inside',
      'name: a\nlimits:\n  cpus: 1',
      'thing.yaml:3:3: limits.memoryMiB: this key is missing',
      'a number',
    ],
    ['an empty value', 'name:\nmode: ro', 'thing.yaml:1:', 'Write text'],
    [
      'an invalid key in a map',
      'name: a\nenv:\n  lower: x',
      'thing.yaml:3:3: env.lower: this key cannot be used: capitals only',
      'Rename',
    ],
    [
      'an empty file',
      '',
      'thing.yaml:1:1: the file: this must be keys with values (there: nothing)',
      'keys with values',
    ],
    [
      'a file that is a list',
      '- a',
      'thing.yaml:1:1: the file: this must be keys with values (there: - a)',
      'keys with values',
    ],
    ['a syntax mistake', 'name: a\nmode: "ro', 'thing.yaml:2:', 'The line reads: mode: "ro'],
    ['a tab for indentation', 'name: a\nlimits:\n\tcpus: 1', 'thing.yaml:3:', 'cpus: 1'],
    ['a repeated key', 'name: a\nname: b', 'thing.yaml:2:1: this is not valid YAML', 'name: b'],
    ['two documents', 'name: a\n---\nname: b', 'this is not valid YAML', ''],
    ['an unknown tag', 'name: !!js/function a', 'thing.yaml:1:', '!!js'],
    ['an unknown alias', 'name: *nobody', 'thing.yaml:1:7: *nobody refers to nothing', 'in quotes'],
  ])('names %s', (_, text, message, hint) => {
    const fault = faultOf(text)
    expect(fault.code).toBe('config.invalid')
    expect(fault.message).toContain(message)
    expect(fault.hint).toContain(hint)
  })

  it('reports the first mistake in the file and how many follow', () => {
    const fault = faultOf('mode: x\nname: 1\nlimits: { cpus: a, memoryMiB: 1 }')
    expect(fault.message).toMatch(/^thing\.yaml:1:7: mode/)
    expect(fault.hint).toContain('3 more mistakes')
  })

  it('finds a mistake behind an alias', () => {
    expect(faultOf('env: &e { A: b, C: 1 }\nname: a\nlimits: *e').message).toMatch(/thing\.yaml:1:/)
  })

  it('refuses what is too large, too deep or grows through aliases', () => {
    expect(faultOf(`name: ${'a'.repeat(256 * 1024)}`).message).toContain('larger than 256 KiB')
    expect(faultOf('['.repeat(100_000)).code).toBe('config.invalid')
    const bomb = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: 9 },
        (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
      ),
    ].join('\n')
    expect(faultOf(bomb).message).toContain('aliases')
  })

  it('shows no control characters', () => {
    expect(faultOf('name: a\nmode: "\\e[31mred\u009b"\n').message).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f]/,
    )
    expect(faultOf('name: a\n"\\e]0;x\\a": 1').message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  it('reads back every value that was written', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}$/), fc.string({ unit: 'grapheme' })),
        (env) => {
          expect(parseYaml(stringify({ name: 'a', env }), Schema, source).env).toEqual(env)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('turns any text into a value or one fault that names the file', () => {
    const soup = fc
      .array(
        fc.constantFrom(
          'name',
          ': ',
          '\n',
          '  ',
          '- ',
          '{',
          '}',
          '[',
          ']',
          '&a ',
          '*a',
          '|',
          '>',
          '"',
          "'",
          '!!',
          '#',
          'limits',
          '\t',
          '?',
          '---',
          '\u0000',
          '1',
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(soup, (text) => {
        try {
          parseYaml(text, Schema, source)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault)
          expect((thrown as Fault).message).toContain('thing.yaml')
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('readYaml', () => {
  it('returns value and text, and names what is missing or unreadable', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deck-yaml-'))
    const path = join(folder, 'thing.yaml')
    await writeFile(path, 'name: a # why\n')
    expect(await readYaml(path, Schema, source)).toMatchObject({
      value: { name: 'a' },
      text: 'name: a # why\n',
    })
    await expect(readYaml(join(folder, 'none.yaml'), Schema, source)).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(readYaml(folder, Schema, source)).rejects.toMatchObject({ code: 'config.invalid' })
    await writeFile(path, 'a'.repeat(300_000))
    await expect(readYaml(path, Schema, source)).rejects.toMatchObject({
      message: 'thing.yaml is larger than 256 KiB.',
    })
  })
})
