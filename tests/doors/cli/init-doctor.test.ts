import { existsSync, statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliHarness } from './harness.ts'

let cli: CliHarness
beforeEach(() => {
  cli = new CliHarness()
})
afterEach(() => cli.close())

describe('init and doctor', () => {
  test('init makes a deck for its owner alone, and keeps what is there', async () => {
    expect((await cli.run('init')).code).toBe(0)
    for (const folder of [cli.home.root, cli.home.secrets, cli.home.run, cli.home.agents])
      expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(cli.home.secrets, 'host.key')).mode & 0o777).toBe(0o600)
    const first = JSON.parse((await cli.run('init --json')).out) as {
      keyId: string
      fresh: boolean
    }
    expect(first).toMatchObject({
      home: cli.home.root,
      fresh: false,
      keyId: expect.stringMatching(/^ed25519:[0-9a-f]{16}$/),
    })
  })

  const checks = async (
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; by: Record<string, { state: string; fix?: string }> }> => {
    const { code, out } = await cli.run('doctor --json', { env: { PATH: '/nonexistent', ...env } })
    return {
      code,
      by: Object.fromEntries(
        (JSON.parse(out) as { checks: { name: string; state: string; fix?: string }[] }).checks.map(
          (check) => [check.name, check],
        ),
      ),
    }
  }

  test('doctor on a fresh machine: nothing is wrong, and what is missing has a fix', async () => {
    const { code, by } = await checks()
    expect(code).toBe(0)
    expect(by).toMatchObject({
      node: { state: 'good' },
      home: { state: 'poor', fix: expect.stringContaining('clawdeck init') },
      podman: { state: 'poor', fix: expect.stringContaining('podman') },
      bubblewrap: { state: 'poor' },
    })
    expect(existsSync(cli.home.root)).toBe(false)
  })

  test('doctor finds what is open to others, broken settings and broken policies', async () => {
    await cli.run('init')
    await chmod(cli.home.root, 0o755)
    await chmod(join(cli.home.secrets, 'host.key'), 0o644)
    await writeFile(cli.home.config, 'backend: docker\n')
    await writeFile(cli.home.policies, 'policies: [\n')
    await mkdir(cli.home.programs)
    await writeFile(join(cli.home.programs, 'own.yaml'), "programs:\n  x: { operands: 'fiel*' }\n")
    const { code, by } = await checks()
    expect(code).toBe(1)
    expect(by).toMatchObject({
      home: { state: 'bad', fix: `Run: chmod 700 ${cli.home.root}` },
      'host key': { state: 'bad' },
      settings: { state: 'bad' },
      files: { state: 'bad' },
      programs: { state: 'bad', what: expect.stringMatching(/programs\/own\.yaml:2.*operands/s) },
    })
  })

  test('doctor finds who would not hear of questions', async () => {
    await cli.run('init')
    await writeFile(
      cli.home.config,
      `notify: { command: [no-such-program] }
escalation:
  - { after: 2, to: ["webhook:ops", "operator:maya", "operator:ghost"] }
  - { after: 9, to: [console] }
`,
    )
    const hook = { origin: 'https://example.com', why: 'it answered 500' }
    await cli.awake({
      'operator.list': { answer: [{ id: 'maya' }] },
      'webhook.list': {
        answer: [
          { id: 'ops', ...hook, failingSince: Date.now() - 60_000, dead: 0 },
          { id: 'other', ...hook, failingSince: null, dead: 2 },
          { id: 'good', ...hook, failingSince: null, dead: 0 },
        ],
      },
    })
    const { out } = await cli.run('doctor --json', { env: { PATH: '/nonexistent' } })
    const { checks: all } = JSON.parse(out) as {
      checks: { name: string; state: string; what: string; fix?: string }[]
    }
    const found = (name: string) => all.filter((check) => check.name === name)
    expect(found('notify')).toMatchObject([{ state: 'bad' }])
    expect(found('escalation').map(({ what }) => what)).toEqual([
      'the step after 9 min comes when approvals have expired',
      'it names operator:ghost, which is not there',
    ])
    expect(found('webhook ops')).toMatchObject([
      { state: 'bad', what: 'it has been failing for 1 min: it answered 500' },
    ])
    expect(found('webhook other')).toMatchObject([
      { state: 'poor', fix: expect.stringContaining('webhooks replay other') },
    ])
    expect(found('webhook good')).toMatchObject([{ state: 'good', what: 'https://example.com' }])
  })

  test('every check that is not good has a fix', async () => {
    const { by } = await checks({ CLAWDECK_HOME: join(cli.home.root, 'x'.repeat(20)) })
    for (const check of Object.values(by))
      expect(check.state === 'good' || check.fix !== undefined).toBe(true)
  })
})
