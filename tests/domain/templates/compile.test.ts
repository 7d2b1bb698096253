import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { deckHome } from '../../../src/config/home.ts'
import { readTemplate } from '../../../src/domain/templates/catalog.ts'
import { compile } from '../../../src/domain/templates/compile.ts'
import { BUILT_IN, DIGEST } from './sample.ts'

/** Configurations that the real OpenClaw (2026.9.6) accepted without a warning and started with. */
const validated = JSON.parse(
  await readFile(new URL('validated-openclaw.json', import.meta.url), 'utf8'),
) as Record<string, unknown>
const folder = deckHome({ CLAWDECK_HOME: '/deck' }).agent('a1')

async function compiled(name: string, agent = 'a1') {
  const { template } = await readTemplate(BUILT_IN, name)
  return compile(template, { agent, backend: 'podman', imageDigest: DIGEST, folder })
}

describe.each(['coder', 'reviewer', 'security', 'devops'])('the template %s', (name) => {
  it('compiles to the openclaw.json that OpenClaw accepts', async () => {
    expect((await compiled(name, name)).openclaw).toEqual(validated[name])
  })

  it('compiles to a spec that opens nothing', async () => {
    const { spec, template } = await compiled(name)
    expect(spec).toMatchObject({
      agent: 'a1',
      image: 'localhost/clawdeck-agent:latest',
      imageDigest: DIGEST,
      argv: ['/sbin/deck-init'],
      workdir: '/workspace',
      limits: { memoryMiB: 2048, cpus: 2, pids: 512 },
      user: 'keep-id',
      readOnlyRoot: true,
      network: 'none',
      capabilities: [],
      noNewPrivileges: true,
      seccomp: 'deck-default',
    })
    expect(spec.mounts).toEqual([
      {
        source: '/deck/agents/a1/workspace',
        target: '/workspace',
        readOnly: template.workspace === 'ro',
      },
      { source: '/deck/agents/a1/state', target: '/state', readOnly: false },
      { source: '/deck/agents/a1/bin', target: '/opt/deck/bin', readOnly: true },
      { source: '/deck/agents/a1/openclaw.json', target: '/policy/openclaw.json', readOnly: true },
    ])
    expect(spec.env).toMatchObject({
      HOME: '/state/home',
      CLAWDECK_AGENT: 'a1',
      OPENCLAW_STATE_DIR: '/state',
      OPENCLAW_CONFIG_PATH: '/policy/openclaw.json',
      OPENCLAW_SUPERVISOR_MODE: 'external',
      OPENCLAW_CONFIG_READONLY: '1',
      OPENCLAW_NO_RESPAWN: '1',
    })
    expect(spec.env['PATH']).toMatch(/^\/opt\/deck\/bin:/)
  })

  it('has small limits', async () => {
    const { template } = await compiled(name)
    expect(template.guard.types).not.toContain('*')
    expect(template.guard.maxAutoRisk).toBeLessThanOrEqual(40)
    expect(template.gated).toContain('git push')
  })
})

describe('compile', () => {
  it("keeps the deck's own variables whatever the template holds", async () => {
    const { template } = await readTemplate(BUILT_IN, 'coder')
    const { spec } = compile(
      { ...template, env: { LANG: 'C', PATH: '/evil', OPENCLAW_CONFIG_READONLY: '0' } },
      { agent: 'a1', backend: 'local', imageDigest: '', folder },
    )
    expect(spec.env).toMatchObject({ LANG: 'C', OPENCLAW_CONFIG_READONLY: '1' })
    expect(spec.env['PATH']).not.toContain('evil')
  })

  it('leaves the workspace of a reviewer and of a security agent read-only', async () => {
    const modes = await Promise.all(
      ['coder', 'reviewer', 'security', 'devops'].map(
        async (name) => (await compiled(name)).spec.mounts[0]?.readOnly,
      ),
    )
    expect(modes).toEqual([false, true, true, false])
  })
})
