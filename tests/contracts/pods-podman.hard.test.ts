import { statSync } from 'node:fs'
import { describe, it } from 'vitest'
import { MODES, openDeck, reach, skipReason } from '../support/podman.ts'
import type { PodFixture } from './pod-fixture.ts'
import { describePods } from './pods.ts'

for (const mode of MODES) {
  const reached = reach(mode)
  const reason = skipReason(reached)
  if (typeof reached === 'string')
    describe.skip(`pods: podman ${mode} (${reason})`, () => {
      it('needs an engine', () => undefined)
    })
  else
    describePods(
      `podman ${mode}`,
      async (): Promise<PodFixture> => {
        const deck = await openDeck(reached)
        return {
          backend: deck.backend,
          spec: (agent) => deck.spec(agent),
          async crash(agent) {
            process.kill((await deck.backend.lifecycle.inspect(agent))?.pid ?? 0, 'SIGKILL')
          },
          doorPath: (agent) => `${deck.run}/${agent}.sock`,
          async logBytes(agent) {
            const format = '{{.HostConfig.LogConfig.Path}}'
            const { id = '' } = (await deck.backend.lifecycle.inspect(agent)) ?? {}
            const path = deck.podman('inspect', '--format', format, id).trim()
            return statSync(path).size
          },
          asking: (address, path) => ['wget', '-qO-', `${address}${path}`],
          dispose: () => deck.dispose(),
        }
      },
      { processes: true, maxLogBytes: (32 << 20) + 8192 },
    )
}
