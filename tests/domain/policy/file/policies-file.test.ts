import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../../src/base/clock.ts'
import { LivePolicyFile } from '../../../../src/domain/policy/file/policies-file.ts'
import type { PolicySummary } from '../../../../src/domain/policy/file/in-force.ts'
import { readPolicyText } from '../../../../src/domain/policy/file/schema.ts'

let folder: string
let path: string
let opened: LivePolicyFile | undefined
let seen: { summary: PolicySummary; actor: string }[]
let onChange: (() => void) | undefined

const WRITTEN = `# mine
policies:
  # never
  - id: no-force # really
    effect: block
    type: exec
    target: git push --force*
  - effect: allow
    target: "git status*"
`

async function open(): Promise<LivePolicyFile> {
  await opened?.[Symbol.asyncDispose]()
  opened = await LivePolicyFile.open({
    path,
    clock: systemClock,
    changed: (summary, actor) => {
      seen.push({ summary, actor })
      onChange?.()
    },
  })
  return opened
}
/**
 * Waits for the change that `act` makes. It writes at once, so that no half-written file is read.
 */
async function change(act: () => Promise<unknown>): Promise<void> {
  const changed = new Promise<void>((resolve) => {
    onChange = resolve
  })
  await act()
  await changed
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deck-policies-'))
  path = join(folder, 'policies.yaml')
  seen = []
  onChange = undefined
})
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]()
  opened = undefined
  await rm(folder, { recursive: true, force: true })
})

it('has no policies without a file', async () => {
  expect((await open()).current()).toMatchObject({ policies: [], problem: null, path })
})

it('reads the policies of the file, and gives an id to those without one', async () => {
  await writeFile(path, WRITTEN)
  const { policies } = (await open()).current()
  expect(policies).toEqual([
    { id: 'no-force', effect: 'block', type: 'exec', target: 'git push --force*' },
    { id: expect.stringMatching(/^pol_[0-9a-f]{10}$/), effect: 'allow', target: 'git status*' },
  ])
  expect(readPolicyText(WRITTEN, 'x').policies).toEqual(policies)
})

it('reads an edited file at once', async () => {
  const file = await open()
  await change(async () => writeFileSync(path, WRITTEN))
  expect(file.current().policies).toHaveLength(2)
  expect(file.compiled().all).toHaveLength(2)
  expect(seen).toMatchObject([{ actor: 'file', summary: { count: 2, problem: null } }])
  await change(async () => writeFileSync(path, 'policies: []\n'))
  expect(file.current()).toMatchObject({ policies: [], problem: null })
  await change(async () => writeFileSync(path, WRITTEN))
  await change(() => file.remove('no-force', 'x'))
  expect(file.current().policies).toHaveLength(1)
})

it.each<[string, () => Promise<unknown>]>([
  ['missing', () => rm(path)],
  ['empty', async () => writeFileSync(path, '')],
  ['empty', async () => writeFileSync(path, ' \n')],
])('keeps its policies when the file is suddenly %s, also after a restart', async (what, act) => {
  await writeFile(path, WRITTEN)
  const file = await open()
  await change(act)
  expect(file.current().policies).toHaveLength(2)
  expect(file.current().problem).toMatch(new RegExp(`policies.yaml is ${what}`))
  await expect(file.add({ id: 'x', effect: 'ask' }, 'operator:cli')).rejects.toMatchObject({
    code: 'policies.invalid',
  })
  const again = await open()
  expect(again.current()).toMatchObject({
    policies: [{ id: 'no-force' }, { effect: 'allow' }],
    problem: expect.stringContaining(what),
  })
  await change(async () => writeFileSync(path, 'policies: []\n'))
  expect(again.current()).toMatchObject({ policies: [], problem: null })
  await rm(path)
  expect((await open()).current()).toMatchObject({ policies: [], problem: null })
})

it('keeps the last good policies while the file has a mistake, and says where, also after a restart', async () => {
  await writeFile(path, WRITTEN)
  const file = await open()
  await change(async () => writeFileSync(path, WRITTEN.replace('effect: block', 'effect: blok')))
  expect(file.current()).toMatchObject({
    problem: expect.stringMatching(/policies\.yaml:5:13.*effect/),
  })
  expect(file.current().policies[0]).toMatchObject({ id: 'no-force', effect: 'block' })
  await expect(file.add({ id: 'x', effect: 'ask' }, 'operator:cli')).rejects.toMatchObject({
    code: 'policies.invalid',
  })
  await change(async () => writeFileSync(path, `${WRITTEN}  - effect: ask\n`))
  expect(file.current()).toMatchObject({ problem: null })
  await change(async () => writeFileSync(path, 'policies: ['))
  const again = await open()
  expect(again.current().problem).toMatch(/policies\.yaml:1/)
  expect(again.current().policies).toHaveLength(3)
})

it('asks about everything if there never were good policies', async () => {
  await writeFile(path, 'policies: 7')
  expect((await open()).current()).toMatchObject({
    policies: [{ effect: 'ask', id: 'no-policies' }],
    problem: expect.any(String),
  })
})

it('adds and removes a policy and leaves every other line unchanged', async () => {
  await writeFile(path, WRITTEN)
  const file = await open()
  await file.add(
    {
      id: 'pol_1',
      effect: 'ask',
      type: 'net',
      target: 'POST *',
      riskAtLeast: 40,
      reason: 'look: first',
    },
    'operator:cli',
  )
  expect(await readFile(path, 'utf8')).toBe(
    `${WRITTEN}  - id: pol_1\n    effect: ask\n    type: net\n    target: POST *\n    riskAtLeast: 40\n    reason: "look: first"\n`,
  )
  expect(seen.at(-1)).toMatchObject({ actor: 'operator:cli', summary: { count: 3 } })
  await expect(file.add({ id: 'pol_1', effect: 'ask' }, 'operator:cli')).rejects.toMatchObject({
    code: 'name.taken',
  })
  await expect(file.remove('nothing', 'operator:cli')).rejects.toMatchObject({ code: 'not.found' })
  expect(await file.remove('pol_1', 'operator:cli')).toMatchObject({
    id: 'pol_1',
    target: 'POST *',
  })
  expect(await readFile(path, 'utf8')).toBe(WRITTEN)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('creates the file for the first policy, and empties it after the last', async () => {
  const file = await open()
  await Promise.all([
    file.add({ id: 'a', effect: 'ask' }, 'x'),
    file.add({ id: 'b', effect: 'block', target: 'rm *' }, 'x'),
  ])
  expect(await readFile(path, 'utf8')).toMatch(
    /^# What agents may do.*policies:\n {2}- id: a\n {4}effect: ask\n {2}- id: b\n {4}effect: block\n {4}target: rm \*\n$/s,
  )
  await file.remove('a', 'x')
  await file.remove('b', 'x')
  expect(readPolicyText(await readFile(path, 'utf8'), 'x').policies).toEqual([])
  expect(await readFile(path, 'utf8')).toMatch(/^# What/)
})

it('refuses two policies with one id', () => {
  expect(() =>
    readPolicyText('policies:\n  - {id: a, effect: ask}\n  - {id: a, effect: block}\n', 'p.yaml'),
  ).toThrow(/two policies have the id a/)
})
