import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()
const written = (deck: TestDeck) => readFileSync(deck.home.policies, 'utf8')

/** Replaces a file in one go, and resolves when the deck has said that its policies changed. */
async function edit(deck: TestDeck, path: string, text: string): Promise<void> {
  const before = deck.events().filter(({ type }) => type === 'policies.changed').length
  let seen = 0
  const heard = deck.event(({ type }) => type === 'policies.changed' && ++seen > before)
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
  await heard
}

const MINE = (effect = 'block') => `name: mine
description: Mine.
policies:
  - { id: no-deploys, effect: ${effect}, type: exec, pattern: '^make deploy' }
tests:
  - { ask: 'make deploy', expect: block, by: no-deploys }
  - { ask: 'make test', expect: none }
`

describe('a pack', () => {
  it('is listed, shown and tested', async () => {
    const { deck } = await open()
    const rows = await deck.packs.list()
    expect(rows.map(({ name }) => name)).toEqual([
      'cloud-and-infra',
      'git-safety',
      'network-exfiltration',
      'package-installs',
      'secrets',
    ])
    expect(
      rows.every(
        ({ enabled, problem, origin, tests, policies }) =>
          !enabled && problem === null && origin === 'built-in' && tests > 0 && policies > 0,
      ),
    ).toBe(true)
    expect(await deck.packs.show('git-safety')).toMatchObject({
      pack: { name: 'git-safety' },
      policies: expect.arrayContaining([
        expect.objectContaining({ id: 'git-safety/no-force-push' }),
      ]) as unknown,
      text: expect.stringContaining('tests:') as string,
    })
    expect(await deck.packs.test('secrets')).toMatchObject({
      name: 'secrets',
      cases: expect.any(Number) as number,
    })
    await expect(deck.packs.test('git-saftey')).rejects.toMatchObject({
      code: 'not.found',
      hint: expect.stringContaining('git-safety') as string,
    })
  })

  it('answers from when it is enabled until it is disabled, and leaves the rest of the file as it was', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await writeFile(
      deck.home.policies,
      '# mine\npolicies:\n  # always\n  - { id: tests, effect: allow, type: exec, target: make test } # quick\n',
    )
    expect(await a1.exec('terraform apply')).toMatchObject({ decision: 'require_approval' })
    expect(await deck.deck.packs.enable('cloud-and-infra', OPERATOR)).toMatchObject({
      enabled: true,
    })
    expect(written(deck)).toBe(
      '# mine\npolicies:\n  # always\n  - { id: tests, effect: allow, type: exec, target: make test } # quick\npacks: [ cloud-and-infra ]\n',
    )
    expect(await a1.exec('terraform apply')).toMatchObject({
      decision: 'block',
      reasons: [
        {
          layer: 'policy',
          id: 'cloud-and-infra/no-apply',
          text: expect.stringContaining('reviewed plan') as string,
        },
      ],
    })
    expect(await a1.exec('make test')).toMatchObject({ decision: 'allow' })
    const { policies } = await deck.deck.policy.list()
    expect(policies.find(({ id }) => id === 'cloud-and-infra/no-apply')).toMatchObject({
      pack: 'cloud-and-infra',
      uses: 1,
    })
    await expect(
      deck.deck.policy.remove('cloud-and-infra/no-apply', OPERATOR),
    ).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.stringContaining('policy pack disable') as string,
    })
    await deck.stop()
    await deck.start()
    expect(await a1.exec('terraform apply')).toMatchObject({ decision: 'block' })
    await deck.deck.packs.enable('cloud-and-infra', OPERATOR)
    await deck.deck.packs.disable('cloud-and-infra', OPERATOR)
    expect(written(deck)).toContain('packs: []')
    expect(await a1.exec('terraform apply')).toMatchObject({ decision: 'require_approval' })
  })

  it('of yours is taken up as it is saved, and stays as it was when it breaks a case: the file says which', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const folder = join(deck.home.root, 'policies')
    await mkdir(folder)
    await writeFile(join(folder, 'mine.yaml'), MINE())
    await deck.deck.packs.enable('mine', OPERATOR)
    expect(await a1.exec('make deploy')).toMatchObject({ decision: 'block' })
    await edit(deck, join(folder, 'mine.yaml'), MINE('ask'))
    const { file } = await deck.deck.policy.list()
    expect(file.problem).toMatch(
      /^policies\.yaml:.*packs\.0: the pack mine cannot be used: .*mine\.yaml:6:.*the case exec `make deploy` should be block by no-deploys and is ask by no-deploys/,
    )
    expect(await a1.exec('make deploy')).toMatchObject({ decision: 'block' })
    expect((await deck.deck.packs.list()).find(({ name }) => name === 'mine')).toMatchObject({
      enabled: true,
      origin: 'yours',
      problem: expect.stringContaining('make deploy') as string,
    })
    await expect(
      deck.deck.policy.add({ effect: 'ask', target: 'x' }, OPERATOR),
    ).rejects.toMatchObject({ code: 'policies.invalid' })
    await deck.stop()
    await deck.start()
    expect(await a1.exec('make deploy')).toMatchObject({ decision: 'block' })
    await edit(
      deck,
      join(folder, 'mine.yaml'),
      MINE().replace('^make deploy', '^make (?:deploy|release)'),
    )
    expect(await a1.exec('make release')).toMatchObject({ decision: 'block' })
    expect((await deck.deck.policy.list()).file.problem).toBeNull()
  })

  it('that cannot be used can be taken out, and one that is unknown or broken is never put in', async () => {
    const deck = await open()
    const folder = join(deck.home.root, 'policies')
    await mkdir(folder)
    await writeFile(join(folder, 'mine.yaml'), MINE('ask'))
    await expect(deck.deck.packs.enable('mine', OPERATOR)).rejects.toMatchObject({
      code: 'policies.invalid',
      message: expect.stringContaining('make deploy') as string,
    })
    await expect(deck.deck.packs.enable('nothing', OPERATOR)).rejects.toMatchObject({
      code: 'not.found',
    })
    await edit(deck, deck.home.policies, 'packs: [git-safety, nothing]\npolicies: []\n')
    expect((await deck.deck.policy.list()).file.problem).toMatch(
      /^policies\.yaml:1:21: packs\.1: no pack nothing/,
    )
    await deck.deck.packs.disable('nothing', OPERATOR)
    expect(written(deck)).toBe('packs: [ git-safety ]\npolicies: []\n')
    expect((await deck.deck.policy.list()).file.problem).toBeNull()
    expect(await (await deck.agent('a1')).exec('git push --tags')).toMatchObject({
      decision: 'require_approval',
      reasons: expect.arrayContaining([
        expect.objectContaining({ id: 'git-safety/push-of-everything' }),
      ]) as unknown,
    })
  })
})

it('is tried like any file before it applies, with its packs', async () => {
  const deck = await open()
  const a1 = await deck.agent('a1')
  const heard = await a1.exec('terraform apply')
  await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
  const path = join(deck.home.root, 'tried.yaml')
  await writeFile(path, 'packs: [cloud-and-infra]\n')
  expect(
    await deck.deck.rules.simulate(
      { kind: 'file', path },
      { signal: new AbortController().signal },
    ),
  ).toMatchObject({ toBlock: 1, flips: [{ target: 'terraform apply', would: 'block' }] })
  await writeFile(path, "policies:\n  - { effect: allow, type: exec, pattern: 'terraform [a-z' }\n")
  await expect(
    deck.deck.rules.simulate({ kind: 'file', path }, { signal: new AbortController().signal }),
  ).rejects.toMatchObject({
    code: 'policies.invalid',
    message: expect.stringMatching(/tried\.yaml:2:\d+: policies\.0\.pattern/) as string,
  })
})

describe('a pattern of your own', () => {
  it('is written, answers, and is refused with its place where it cannot be used', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await deck.deck.policy.add(
      { id: 'lint', effect: 'allow', type: 'exec', pattern: 'npm run lint(:[a-z]+)?' },
      OPERATOR,
    )
    expect(await a1.exec('npm run lint:css')).toMatchObject({
      decision: 'allow',
      reasons: [
        { id: 'lint', text: expect.stringContaining('/npm run lint(:[a-z]+)?/') as string },
      ],
    })
    expect(await a1.exec('npm run lint:css -- --fix')).toMatchObject({
      decision: 'require_approval',
    })
    await expect(
      deck.deck.policy.add({ effect: 'block', pattern: 'a(?=b)' }, OPERATOR),
    ).rejects.toMatchObject({
      code: 'policies.invalid',
      message: expect.stringMatching(
        /policies\.yaml:\d+:\d+: policies\.1\.pattern: character 2/,
      ) as string,
    })
    expect(written(deck)).not.toContain('(?=b)')
  })
})
