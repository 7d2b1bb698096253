import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { shipped } from '../../../../src/config/data.ts'
import { parseYaml } from '../../../../src/config/yaml.ts'
import { readFileSync } from 'node:fs'
import { firstFailingCase } from '../../../../src/domain/policy/packs/cases.ts'
import { packStore } from '../../../../src/domain/policy/packs/store.ts'
import { readyForPatterns } from '../../../../src/domain/policy/matching/pattern.ts'
import { PackSchema } from '../../../../src/domain/policy/file/schema.ts'
import { listTemplates } from '../../../../src/domain/templates/catalog.ts'
import type { OperatorPolicy } from '../../../../src/domain/policy/types.ts'

const FOLDER = shipped('templates', 'policies')
const names = readdirSync(FOLDER).map((file) => file.replace('.yaml', ''))

beforeAll(() => readyForPatterns())

describe.each(names)('the pack %s', (name) => {
  const read = () =>
    parseYaml(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'), PackSchema, {
      file: name,
      code: 'policies.invalid',
    })

  it('keeps every case of its own', () => {
    const { policies, tests } = read()
    expect(
      tests.flatMap((one) => firstFailingCase(policies as OperatorPolicy[], [one])?.text ?? []),
    ).toEqual([])
  })

  it('has a case for each policy, and cases that it leaves alone', () => {
    const { policies, tests } = read()
    const tested = new Set(tests.map(({ by }) => by))
    expect(policies.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([])
    expect(tests.filter(({ expect: wanted }) => wanted === 'none').length).toBeGreaterThan(5)
  })

  it('allows nothing', () => {
    expect(new Set(read().policies.map(({ effect }) => effect))).not.toContain('allow')
    expect(new Set(read().policies.map(({ effect }) => effect))).not.toContain('warn')
  })

  it('is read as a whole', async () => {
    const pack = await packStore([{ origin: 'built-in', path: FOLDER }]).read(name)
    expect(pack).toMatchObject({ name, about: expect.stringMatching(/^[A-Z].*\.$/) as string })
    expect(pack.policies.every(({ id, pack }) => id.startsWith(`${name}/`) && pack === name)).toBe(
      true,
    )
  })
})

it('there are five at least, and no template of agents is mistaken for one, nor the other way round', async () => {
  expect(names.length).toBeGreaterThanOrEqual(5)
  const templates = await listTemplates([{ origin: 'built-in', path: shipped('templates') }])
  expect(templates.map(({ name }) => name)).not.toContain('policies')
  expect(templates.every(({ problem }) => problem === undefined)).toBe(true)
})
