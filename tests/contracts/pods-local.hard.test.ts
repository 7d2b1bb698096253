import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { localBackend } from '../../src/adapters/local/backend.ts'
import { podSpec } from '../support/pod-spec.ts'
import type { PodFixture } from './pod-fixture.ts'
import { describePods } from './pods.ts'

/** Two streams of two files each, and a kilobyte of what comes next. */
const ABILITIES = { processes: true, maxLogBytes: (32 << 20) + 2048 }

const probe = await localBackend({ root: tmpdir(), run: tmpdir(), env: process.env }).probe()

describePods('local, plain processes', () => open(true), ABILITIES)

if (probe.isolation === 'sandbox') describePods('local, bubblewrap', () => open(false), ABILITIES)
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
    async logBytes(agent) {
      const folder = join(root, 'local', 'pods', agent)
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\bstd(out|err)\b/.test(name))
        .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
        .reduce((sum, size) => sum + size, 0)
    },
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
