import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ephemeralHostKey } from '../../support/host-key.ts'
import { deckHome } from '../../../src/config/home.ts'
import { verifyFolder } from '../../../src/domain/templates/verify-folder.ts'
import { relock } from '../../../src/domain/templates/folder.ts'
import type { Drift } from '../../../src/domain/templates/types.ts'
import { DIGEST, NOW, sampleAgent, type Sample } from './sample.ts'

let sample: Sample
beforeEach(async () => {
  sample = await sampleAgent()
})

async function drift(imageDigest: string | undefined = DIGEST): Promise<Drift[]> {
  return (await verifyFolder(sample.folder, 'a1', async () => imageDigest, sample.key)).drift
}

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  await writeFile(path, changed)
}

describe('verifyFolder', () => {
  it('finds no drift right after locking, and returns the contents', async () => {
    expect(await verifyFolder(sample.folder, 'a1', async () => DIGEST, sample.key)).toEqual({
      drift: [],
      compiled: sample.compiled,
    })
  })

  it('ignores comments, spaces and the order of keys', async () => {
    await edit(sample.folder.template, /^/, '# a note\n')
    const spec = JSON.parse(await readFile(sample.folder.spec, 'utf8')) as Record<string, unknown>
    await writeFile(
      sample.folder.spec,
      JSON.stringify(Object.fromEntries(Object.entries(spec).toReversed())),
    )
    expect(await drift()).toEqual([])
  })

  it('names a changed limit of the template, with old and new value', async () => {
    await edit(sample.folder.template, 'pids: 512', 'pids: 9999')
    expect(await drift()).toEqual([
      { what: 'template', from: 'limits.pids = 512', to: 'limits.pids = 9999' },
    ])
  })

  it('names a changed bound of the template', async () => {
    await edit(sample.folder.template, 'maxAutoRisk: 40', 'maxAutoRisk: 100')
    expect(await drift()).toEqual([
      { what: 'template', from: 'guard.maxAutoRisk = 40', to: 'guard.maxAutoRisk = 100' },
    ])
  })

  it('finds a change of the template that is visible nowhere else', async () => {
    await edit(sample.folder.template, 'description: Writes', 'description: Deletes')
    expect(await drift()).toEqual([
      {
        what: 'template',
        from: expect.stringMatching(/^sha256:/),
        to: expect.stringMatching(/^sha256:/),
      },
    ])
  })

  it('names a changed value of the spec', async () => {
    await edit(sample.folder.spec, '"network": "none"', '"network": "host"')
    expect(await drift()).toEqual([
      { what: 'spec', from: 'network = "none"', to: 'network = "host"' },
    ])
  })

  it('names a changed value of openclaw.json', async () => {
    await edit(sample.folder.openclaw, '"mode": "ask"', '"mode": "full"')
    expect(await drift()).toEqual([
      { what: 'openclaw.json', from: 'tools.exec.mode = "ask"', to: 'tools.exec.mode = "full"' },
    ])
  })

  it('names a changed, a missing and an unexpected image', async () => {
    expect(await drift('sha256:b')).toEqual([{ what: 'image', from: DIGEST, to: 'sha256:b' }])
    expect(
      (await verifyFolder(sample.folder, 'a1', async () => undefined, sample.key)).drift,
    ).toEqual([{ what: 'image', from: DIGEST, to: 'not on this engine' }])
    expect(await drift('')).toEqual([{ what: 'image', from: DIGEST, to: 'no image' }])
  })

  it('names a changed lock and an unknown key', async () => {
    await edit(sample.folder.lock, '"maxAutoRisk":40', '"maxAutoRisk":90')
    expect((await drift()).map(({ what }) => what)).toContain('signature')
    const { folder } = await sampleAgent()
    const found = await verifyFolder(folder, 'a1', async () => DIGEST, ephemeralHostKey())
    expect(found.drift).toEqual([
      {
        what: 'key',
        from: expect.stringMatching(/^ed25519:/),
        to: expect.stringContaining('does not know'),
      },
    ])
  })

  it('names the lock of another agent, and a changed agent.yaml', async () => {
    expect(
      (await verifyFolder(sample.folder, 'a2', async () => DIGEST, sample.key)).drift,
    ).toContainEqual({ what: 'lock', from: 'agent a2', to: 'agent a1' })
    await edit(sample.folder.manifest, 'backend: podman', 'backend: local')
    expect(await drift()).toEqual([
      { what: 'lock', from: 'backend podman', to: 'backend local in agent.yaml' },
    ])
  })

  it('names folders of another deck home', async () => {
    const moved = deckHome({ CLAWDECK_HOME: `${dirname(dirname(sample.folder.root))}-moved` })
    await mkdir(moved.agents, { recursive: true })
    await rename(sample.folder.root, moved.agent('a1').root)
    const found = await verifyFolder(moved.agent('a1'), 'a1', async () => DIGEST, sample.key)
    expect(found.drift.map(({ what }) => what)).toEqual(['spec', 'spec', 'spec', 'spec'])
  })

  it.each(['manifest', 'template', 'spec', 'openclaw', 'lock'] as const)(
    'finds a missing, unreadable, empty or garbage %s, and never crashes',
    async (file) => {
      const path = sample.folder[file]
      const garbage = [
        '',
        '\u0000',
        '{',
        '[]',
        'null',
        '42',
        '"x"',
        '{"mounts":7}',
        '['.repeat(100_000),
        '{"guard":'.repeat(50_000),
        'x'.repeat(2_000_000),
        '{"a":"\\ud800"}',
      ]
      for (const text of garbage) {
        await writeFile(path, text)
        expect((await drift()).length).toBeGreaterThan(0)
      }
      await rm(path)
      expect((await drift()).some(({ to }) => to.includes('is missing'))).toBe(true)
      await mkdir(path)
      expect((await drift()).some(({ to }) => to.includes('cannot be read'))).toBe(true)
    },
  )

  it('shows no control characters', async () => {
    await edit(
      sample.folder.spec,
      '"workdir": "/workspace"',
      '"workdir": "\\u001b]0;x\\u0007", "\\u001b[2J": 1',
    )
    for (const { from, to } of await drift())
      expect(from + to).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })
})

describe('relock', () => {
  it('signs the current files, after which there is no drift', async () => {
    await edit(sample.folder.template, 'pids: 512', 'pids: 256')
    await edit(sample.folder.spec, '"network": "none"', '"network": "host"')
    await rm(sample.folder.lock)
    const compiled = await relock(sample.folder, {
      agent: 'a1',
      imageDigest: 'sha256:b',
      key: sample.key,
      now: NOW + 1000,
    })
    expect(compiled.spec).toMatchObject({
      network: 'none',
      limits: { pids: 256 },
      imageDigest: 'sha256:b',
    })
    expect(await verifyFolder(sample.folder, 'a1', async () => 'sha256:b', sample.key)).toEqual({
      drift: [],
      compiled,
    })
  })

  it('does not sign a refused template', async () => {
    await edit(sample.folder.template, /^/, 'privileged: true\n')
    const options = { imageDigest: DIGEST, key: sample.key, now: NOW }
    await expect(relock(sample.folder, { ...options, agent: 'a1' })).rejects.toMatchObject({
      code: 'template.invalid',
      message: expect.stringContaining('privileged: refused'),
    })
    await expect(relock(sample.folder, { ...options, agent: 'a2' })).rejects.toMatchObject({
      code: 'lock.invalid',
    })
  })
})
