import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../../src/base/canonical.ts'
import {
  createAgentFolder,
  readManifest,
  readSnapshot,
} from '../../../src/domain/templates/folder.ts'
import { sampleAgent } from './sample.ts'

const manifest = {
  name: 'a1',
  template: 'coder',
  backend: 'podman' as const,
  createdAt: '2026-01-02T03:04:05.000Z',
}

describe("an agent's folder", () => {
  it('is private, and can be read back', async () => {
    const { folder, compiled } = await sampleAgent()
    expect((await readdir(folder.root)).toSorted()).toEqual([
      'agent.yaml',
      'bin',
      'container-spec.json',
      'logs',
      'openclaw.json',
      'policy.lock.json',
      'state',
      'template.yaml',
      'workspace',
    ])
    for (const path of [
      folder.root,
      folder.workspace,
      folder.state,
      folder.logs,
      join(folder.state, 'home'),
    ])
      expect((await stat(path)).mode & 0o777).toBe(0o700)
    for (const path of [folder.manifest, folder.template, folder.spec, folder.lock])
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    // These two are read by the pod's user, behind a folder that nobody else on the machine can
    // pass.
    expect([
      (await stat(folder.bin)).mode & 0o777,
      (await stat(folder.openclaw)).mode & 0o777,
    ]).toEqual([0o755, 0o644])
    expect(await readManifest(folder)).toEqual(manifest)
    expect(await readSnapshot(folder)).toEqual(compiled.template)
    expect(await readFile(folder.template, 'utf8')).toContain('# Writes code in its own workspace.')
    expect(await readFile(folder.lock, 'utf8')).toBe(`${canonical(compiled.lock)}\n`)
  })

  it('is created by one of many concurrent creators, and nothing else remains', async () => {
    const { folder, compiled } = await sampleAgent('coder', 'other')
    const home = dirname(folder.root)
    const mine = {
      ...folder,
      ...Object.fromEntries(
        Object.entries(folder).map(([key, path]) => [
          key,
          path.replace('/agents/other', '/agents/a1'),
        ]),
      ),
    }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => createAgentFolder(mine, manifest, 'name: x', compiled)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'name.taken' })
    expect((await readdir(home)).toSorted()).toEqual(['a1', 'other'])
  })

  it('names the broken file', async () => {
    const { folder } = await sampleAgent()
    await chmod(folder.root, 0o700)
    await mkdir(join(folder.root, 'x'))
    await expect(
      readManifest({ ...folder, manifest: join(folder.root, 'x') }),
    ).rejects.toMatchObject({ code: 'config.invalid' })
    await expect(readManifest({ ...folder, manifest: folder.template })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('this key is not known'),
    })
    await expect(
      readSnapshot({ ...folder, template: join(folder.root, 'none') }),
    ).rejects.toMatchObject({ code: 'template.invalid' })
  })
})
