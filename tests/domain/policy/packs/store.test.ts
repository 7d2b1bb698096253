import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packStore, parsePack } from '../../../../src/domain/policy/packs/store.ts'

const GOOD = `name: mine
description: Mine.
policies:
  - id: no-apply
    effect: block
    type: exec
    pattern: '^terraform apply\\b'
  - { id: plans, effect: ask, type: exec, target: 'terraform plan*' }
tests:
  - { ask: 'terraform apply', type: exec, expect: block, by: no-apply }
  - { ask: 'terraform plan', expect: ask }
  - { ask: 'terraform fmt', expect: none }
`
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deck-packs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const refused = async (text: string) => {
  const thrown: unknown = await parsePack(text, 'mine.yaml').then(
    () => undefined,
    (fault: unknown) => fault,
  )
  expect(thrown).toMatchObject({ code: 'policies.invalid' })
  return thrown as { message: string; hint: string }
}

it('reads a pack whose cases are all kept', async () => {
  expect(await parsePack(GOOD, 'mine.yaml', 'mine')).toMatchObject({
    name: 'mine',
    about: 'Mine.',
    cases: 3,
    policies: [
      { id: 'mine/no-apply', pack: 'mine', effect: 'block', pattern: '^terraform apply\\b' },
      { id: 'mine/plans', pack: 'mine', target: 'terraform plan*' },
    ],
  })
})

it.each<[string, string, string, RegExp]>([
  [
    'that is broken',
    "'terraform plan', expect: ask",
    "'terraform plan', expect: block",
    /^mine\.yaml:11:38: tests\.1\.expect: the case exec `terraform plan` should be block and is ask by plans/,
  ],
  [
    'answered by another',
    'by: no-apply',
    'by: plans',
    /mine\.yaml:10:.*should be block by plans and is block by no-apply/,
  ],
  [
    'that should be left alone',
    "'terraform fmt'",
    "'sudo terraform apply'",
    /mine\.yaml:12:.*should be not answered and is block by no-apply/,
  ],
  ['that nobody could ask', "'terraform fmt'", '"a\\0"', /mine\.yaml:12:.*cannot be asked/],
])('refuses a pack with a case %s, and names it', async (_, from, to, message) => {
  const fault = await refused(GOOD.replace(from, to))
  expect(fault.message).toMatch(message)
  expect(fault.hint).toMatch(/Correct the policy/)
})

it.each<[string, string, RegExp, RegExp]>([
  [
    'effect: block',
    'effect: deny',
    /^mine\.yaml:5:13: policies\.0\.effect: this value is not known \(there: deny\)/,
    /allow, warn, ask, block/,
  ],
  [
    'expect: none',
    'expect: nothing',
    /^mine\.yaml:12:37: tests\.2\.expect/,
    /block, ask, warn, allow, none/,
  ],
  [
    'description',
    'descripton',
    /descripton: this key is not known; did you mean description/,
    /Known keys/,
  ],
  [
    "'^terraform apply\\b'",
    "'terraform(?=x)'",
    /^mine\.yaml:7:14: policies\.0\.pattern: character 10: looking ahead/,
    /RE2/,
  ],
  [
    "'^terraform apply\\b'",
    "'(x{1000}){1000}'",
    /mine\.yaml:7:14: policies\.0\.pattern: .*repeat/,
    /RE2/,
  ],
  [
    '    type: exec\n    pattern',
    '    type: exec\n    target: x\n    pattern',
    /policies\.0\.pattern: a policy has a target or a pattern, not both/,
    /Remove one/,
  ],
  [
    'effect: block\n    type: exec',
    'effect: allow\n    type: net',
    /a pattern cannot allow network access/,
    /target/,
  ],
  [
    'id: plans',
    'id: no-apply',
    /mine\.yaml:8:11: policies\.1\.id: two policies have this id/,
    /own/,
  ],
  ["target: 'terraform plan*'", 'target: *x', /^mine\.yaml:8:51: \*x refers to nothing/, /quotes/],
  [
    'tests:',
    'cases:',
    /^mine\.yaml:9:1: cases: this key is not known/,
    /name, description, policies, tests/,
  ],
])('refuses %s as %s, with its place', async (from, to, message, hint) => {
  const fault = await refused(GOOD.replace(from, to))
  expect(fault.message).toMatch(message)
  expect(fault.hint).toMatch(hint)
})

it('wants one name inside and outside', async () => {
  await expect(parsePack(GOOD, 'other.yaml', 'other')).rejects.toMatchObject({
    message: expect.stringMatching(
      /other\.yaml:1:7: name: the pack is named mine, but its file other/,
    ) as string,
  })
})

it('lets a pack of yours stand for a built-in one, reads only what changed, and knows what is not there', async () => {
  const [theirs, yours] = [join(folder, 'theirs'), join(folder, 'yours')]
  const store = packStore([
    { origin: 'built-in', path: theirs },
    { origin: 'yours', path: yours },
  ])
  expect(await store.names()).toEqual(new Map())
  await mkdir(theirs)
  await mkdir(yours)
  await writeFile(join(theirs, 'mine.yaml'), GOOD)
  const first = await store.read('mine')
  expect(await store.read('mine')).toBe(first)
  await writeFile(join(yours, 'mine.yaml'), GOOD.replace('Mine.', 'Ours.'))
  expect(await store.read('mine')).toMatchObject({ about: 'Ours.' })
  expect([...(await store.names())]).toEqual([
    ['mine', { origin: 'yours', path: join(yours, 'mine.yaml') }],
  ])
  await expect(store.read('min')).rejects.toMatchObject({
    code: 'not.found',
    hint: expect.stringContaining('Did you mean mine?') as string,
  })
  await writeFile(join(yours, 'mine.yaml'), `${GOOD}${'#'.repeat(300_000)}`)
  await expect(store.read('mine')).rejects.toMatchObject({
    code: 'policies.invalid',
    message: expect.stringContaining('larger') as string,
  })
})
