import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { findDrift, type AgentFiles } from '../../../src/domain/templates/find-drift.ts'
import { compileAndLock } from '../../../src/domain/templates/lock.ts'
import { ephemeralHostKey } from '../../support/host-key.ts'
import { DIGEST, NOW, sampleAgent } from './sample.ts'

describe('findDrift', () => {
  let found: AgentFiles
  beforeAll(async () => {
    const { folder, key, compiled } = await sampleAgent()
    const { template, spec, openclaw, lock } = compiled
    found = {
      manifest: {
        value: { name: 'a1', template: 'coder', backend: 'podman', createdAt: lock.createdAt },
      },
      template: { value: template },
      spec: { value: spec },
      openclaw: { value: openclaw },
      lock: { value: lock },
    }
    expected = { agent: 'a1', imageDigest: DIGEST, key, folder }
  })
  let expected: Parameters<typeof findDrift>[1]

  /** Every path to a leaf of a JSON value. */
  function leaves(value: unknown, path: string[] = []): string[][] {
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
      return [path]
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
  }

  function changed(value: unknown, path: string[], alter: (leaf: unknown) => unknown): unknown {
    const [key, ...rest] = path
    if (key === undefined) return alter(value)
    const copy = structuredClone(value) as Record<string, unknown>
    copy[key] = changed(copy[key], rest, alter)
    return copy
  }

  it.each(['spec', 'openclaw', 'template', 'lock'] as const)(
    'finds any one changed value of %s',
    (file) => {
      const value = found[file].value
      const paths = leaves(value)
      expect(findDrift(found, expected)).toEqual([])
      fc.assert(
        fc.property(
          fc.constantFrom(...paths),
          fc.constantFrom<(leaf: unknown) => unknown>(
            alteredLeaf,
            () => null,
            () => 'other',
            () => ({}),
          ),
          (path, alter) => {
            const now = changed(value, path, alter)
            if (JSON.stringify(now) === JSON.stringify(value)) return
            // What has not even the shape of a template or a lock is refused when it is read.
            if (file === 'template' || file === 'lock')
              fc.pre(
                path.at(-1) !== 'keyId' &&
                  typeof alter('x') === 'string' &&
                  typeof path.reduce<unknown>(
                    (v, k) => (v as Record<string, unknown>)[k],
                    value,
                  ) === 'string',
              )
            expect(
              findDrift({ ...found, [file]: { value: now } }, expected).length,
            ).toBeGreaterThan(0)
          },
        ),
        { numRuns: 150 },
      )
    },
  )

  it('finds a folder that was compiled and signed with another key', () => {
    const other = ephemeralHostKey()
    const template = { ...found.template.value!, gated: [] }
    const { spec, openclaw, lock } = compileAndLock(
      template,
      { agent: 'a1', backend: 'podman', imageDigest: DIGEST, folder: expected.folder },
      NOW,
      other,
    )
    const files = {
      manifest: found.manifest,
      template: { value: template },
      spec: { value: spec },
      openclaw: { value: openclaw },
    }
    expect(
      findDrift({ ...files, lock: { value: lock } }, expected).map(({ what }) => what),
    ).toEqual(['key'])
    expect(
      findDrift(
        { ...files, lock: { value: { ...lock, keyId: expected.key.keyId } } },
        expected,
      ).map(({ what }) => what),
    ).toEqual(['signature'])
  })
})

function alteredLeaf(leaf: unknown): unknown {
  if (typeof leaf === 'number') return leaf + 1
  return typeof leaf === 'boolean' ? !leaf : `${String(leaf)}x`
}
