import { readFile, rm, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { canonical } from '../../../src/base/canonical.ts'
import { ephemeralHostKey } from '../../support/host-key.ts'
import {
  hashOf,
  lockProblem,
  parseLock,
  readLock,
  compileAndLock,
} from '../../../src/domain/templates/lock.ts'
import type { PolicyLock } from '../../../src/domain/templates/types.ts'
import { DIGEST, NOW, sampleAgent, type Sample } from './sample.ts'

let sample: Sample
beforeAll(async () => {
  sample = await sampleAgent()
})

/** The same value with its keys written in another order, all the way down. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}

describe('hashOf', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(hashOf(reversed(value))).toBe(hashOf(value))
      }),
    )
  })

  it('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(hashOf(a) === hashOf(b)).toBe(canonical(a) === canonical(b))
      }),
    )
  })
})

describe('a lock', () => {
  it('names what was compiled, and is signed by this host', () => {
    const { lock, template, spec, openclaw } = sample.compiled
    expect(lock).toMatchObject({
      version: 1,
      agent: 'a1',
      template: 'coder',
      backend: 'podman',
      imageDigest: DIGEST,
      createdAt: '2026-01-02T03:04:05.000Z',
      keyId: sample.key.keyId,
      templateHash: hashOf(template),
      specHash: hashOf(spec),
      openclawHash: hashOf(openclaw),
      guard: template.guard,
      gated: template.gated,
    })
    expect(lockProblem(lock, sample.key)).toBeUndefined()
  })

  it('is the same for the same template, time and key', () => {
    const { template } = sample.compiled
    expect(
      compileAndLock(
        template,
        { agent: 'a1', backend: 'podman', imageDigest: DIGEST, folder: sample.folder },
        NOW,
        sample.key,
      ),
    ).toEqual(sample.compiled)
  })

  it('is valid in any order of its keys', () => {
    expect(lockProblem(reversed(sample.compiled.lock) as PolicyLock, sample.key)).toBeUndefined()
  })

  it('of another key is refused, even if it claims our key', () => {
    const other = ephemeralHostKey()
    const { template } = sample.compiled
    const { lock } = compileAndLock(
      template,
      { agent: 'a1', backend: 'podman', imageDigest: DIGEST, folder: sample.folder },
      NOW,
      other,
    )
    expect(lockProblem(lock, sample.key)).toBe('key')
    expect(lockProblem({ ...lock, keyId: sample.key.keyId }, sample.key)).toBe('signature')
  })

  it('is invalid after any single change', () => {
    const { lock } = sample.compiled
    const change = fc.constantFrom<(l: PolicyLock) => PolicyLock>(
      (l) => ({ ...l, agent: 'a2' }),
      (l) => ({ ...l, template: 'devops' }),
      (l) => ({ ...l, backend: 'local' }),
      (l) => ({ ...l, imageDigest: '' }),
      (l) => ({ ...l, createdAt: '2026-01-02T03:04:06.000Z' }),
      (l) => ({ ...l, gated: l.gated.slice(1) }),
      (l) => ({ ...l, specHash: '0'.repeat(64) }),
      (l) => ({ ...l, guard: { ...l.guard, maxAutoRisk: 100 } }),
      (l) => ({ ...l, guard: { ...l.guard, block: l.guard.block.slice(1) } }),
      (l) => ({ ...l, guard: { ...l.guard, ask: [] } }),
      (l) => ({ ...l, guard: { ...l.guard, types: ['*'] } }),
      (l) => ({ ...l, guard: { ...l.guard, allow: [{ type: '*', target: '*' }] } }),
      (l) => ({ ...l, signature: Buffer.alloc(64).toString('base64') }),
      (l) => ({ ...l, signature: '' }),
      (l) => ({ ...l, agent: '\ud800' }),
    )
    fc.assert(
      fc.property(change, (alter) => {
        expect(lockProblem(alter(lock), sample.key)).toBe('signature')
      }),
    )
  })
})

describe('parseLock', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another version', (l: PolicyLock) => JSON.stringify({ ...l, version: 2 })],
    ['a key that nobody signed', (l: PolicyLock) => JSON.stringify({ ...l, extra: 1 })],
    ['a missing bound', (l: PolicyLock) => JSON.stringify({ ...l, guard: { types: [] } })],
  ])('refuses %s', (_, text) => {
    expect(() =>
      parseLock(typeof text === 'string' ? text : text(sample.compiled.lock), 'policy.lock.json'),
    ).toThrow(expect.objectContaining({ code: 'lock.invalid' }))
  })
})

describe('readLock', () => {
  it('returns a verified lock, and throws a fault for anything else', async () => {
    const { folder, key, compiled } = await sampleAgent()
    expect(await readLock(folder.lock, 'a1', key)).toEqual(compiled.lock)
    await expect(readLock(folder.lock, 'a2', key)).rejects.toMatchObject({
      code: 'lock.invalid',
      message: expect.stringContaining('another agent'),
    })
    await expect(readLock(folder.lock, 'a1', ephemeralHostKey())).rejects.toMatchObject({
      code: 'lock.invalid',
      message: expect.stringContaining('another key'),
    })
    await writeFile(
      folder.lock,
      (await readFile(folder.lock, 'utf8')).replace('"maxAutoRisk":40', '"maxAutoRisk":41'),
    )
    await expect(readLock(folder.lock, 'a1', key)).rejects.toMatchObject({
      code: 'lock.invalid',
      message: expect.stringContaining('changed after'),
    })
    await rm(folder.lock)
    await expect(readLock(folder.lock, 'a1', key)).rejects.toMatchObject({ code: 'lock.invalid' })
  })
})
