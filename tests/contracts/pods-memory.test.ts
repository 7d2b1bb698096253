import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryBackend } from '../../src/adapters/memory/backend.ts'
import { podSpec } from '../support/pod-spec.ts'
import { describePods } from './pods.ts'

describePods(
  'memory',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'deck-'))
    const { backend, pods } = memoryBackend()
    return {
      backend,
      spec: (agent) => podSpec(root, agent),
      async crash(agent) {
        pods.crash(agent)
      },
      doorPath: (agent) => join(root, `${agent}.sock`),
      logBytes: async () => 0,
      asking: (address, path) => ['wget', '-qO-', `${address}${path}`],
      async dispose() {
        await backend[Symbol.asyncDispose]()
        rmSync(root, { recursive: true, force: true })
      },
    }
  },
  { processes: false, maxLogBytes: 0 },
)
