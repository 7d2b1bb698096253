import type { Deck } from '../commands/deck.ts'
import { outsideBackend } from '../adapters/outside/backend.ts'
import { shipped } from '../config/data.ts'
import type { Home } from '../config/home.ts'
import type { Settings } from '../config/settings.ts'
import { openBackends } from './backends.ts'
import type { DemoPods } from './demo/demo.ts'
import type { Backends } from '../ports/backends.ts'

/** What a supervisor runs agents on, and for a demo the fleet that is simulated there. */
export interface Platform {
  backends: Backends
  demo?: DemoFleet
}

export interface DemoFleet extends AsyncDisposable {
  start(deck: Deck): Promise<void>
}

interface PlatformOptions {
  home: Home
  env: NodeJS.ProcessEnv
  settings: Settings
  log: (what: string) => void
}

export async function openPlatform({
  demo,
  ...options
}: PlatformOptions & { demo: boolean }): Promise<Platform> {
  return demo ? demoPlatform(options) : realPlatform(options)
}

async function realPlatform({ home, env, settings, log }: PlatformOptions): Promise<Platform> {
  const { localBackend } = await import('../adapters/local/backend.ts')
  // `plain` does without bubblewrap: to see what a machine without it offers, or where it fails.
  const local = localBackend({
    root: home.root,
    run: home.run,
    env,
    plain: env['CLAWDECK_LOCAL_PLAIN'] === '1',
  })
  // With `backend: local` no engine is looked for or started.
  const engines =
    settings.backend === 'local'
      ? []
      : [
          (await import('../adapters/podman/backend.ts')).podmanBackend({
            home: home.root,
            run: home.run,
            imageFiles: shipped('templates', 'image'),
            env,
            log,
          }),
        ]
  const outside = outsideBackend({ root: home.root, door: settings.access.socket })
  return { backends: await openBackends([...engines, local, outside], settings.backend) }
}

async function demoPlatform({ home, log }: PlatformOptions): Promise<Platform> {
  const { memoryBackend } = await import('../adapters/memory/backend.ts')
  const { backend, pods }: { backend: Parameters<typeof openBackends>[0][number]; pods: DemoPods } =
    memoryBackend({})
  const ended = new AbortController()
  const demo: DemoFleet = {
    async start(deck) {
      const { runDemo } = await import('./demo/demo.ts')
      runDemo(deck, pods, (agent) => home.agent(agent).door, ended.signal).catch(
        (thrown: unknown) => log(`the demo ended: ${String(thrown)}`),
      )
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
    },
  }
  return { backends: await openBackends([backend], 'memory'), demo }
}
