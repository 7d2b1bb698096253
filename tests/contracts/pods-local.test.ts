import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { localBackend } from '../../src/adapters/local/backend.ts'
import { podSpec } from '../support/pod-spec.ts'
import type { PodFixture } from './pod-fixture.ts'
import { describePods } from './pods.ts'

const probe = await localBackend({ root: tmpdir(), run: tmpdir(), env: process.env }).probe()

describePods('local, plain processes', () => open(true), { processes: true })

if (probe.isolation === 'sandbox')
  describePods('local, bubblewrap', () => open(false), { processes: true })
else
  describe('pods: local, bubblewrap', () => {
    it.skip(probe.problems[0]?.what ?? 'no sandbox here')
  })

async function open(plain: boolean): Promise<PodFixture> {
  const root = mkdtempSync(join(tmpdir(), 'deck-'))
  const run = join(root, 'run')
  mkdirSync(run, { mode: 0o700 })
  const backend = localBackend({ root, run, env: process.env, plain })
  return {
    backend,
    spec: (agent) => podSpec(root, agent),
    async crash(agent) {
      process.kill((await backend.lifecycle.inspect(agent))?.pid ?? 0, 'SIGKILL')
    },
    doorPath: (agent) => join(run, 'doors', `${agent}.sock`),
    asking(address, path) {
      return address.startsWith('unix:')
        ? ['curl', '-s', '--unix-socket', address.slice(5), `http://deck${path}`]
        : ['curl', '-s', `${address}${path}`]
    },
    async dispose() {
      await backend[Symbol.asyncDispose]()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
