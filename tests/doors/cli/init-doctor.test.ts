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

  test('every check that is not good has a fix', async () => {
    const { by } = await checks({ CLAWDECK_HOME: join(cli.home.root, 'x'.repeat(20)) })
    for (const check of Object.values(by))
      expect(check.state === 'good' || check.fix !== undefined).toBe(true)
  })
})
