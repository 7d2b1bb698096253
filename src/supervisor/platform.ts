import type { Deck } from '../commands/deck.ts'
import { shipped } from '../config/data.ts'
import type { Home } from '../config/home.ts'
import type { Settings } from '../config/settings.ts'
import { openBackends } from './backends.ts'
import type { DemoPods } from './demo/demo.ts'
import type { Backends } from '../ports/backends.ts'

/** What the supervisor stands on: its backends, and in the demo the life that is played on them. */
export interface SupervisorGround {
  backends: Backends
  startDemo(deck: Deck): Promise<void>
  endDemo(): Promise<void>
}

export async function openGround(options: {
  home: Home
  env: NodeJS.ProcessEnv
  settings: Settings
  demo: boolean
  log: (what: string) => void
}): Promise<SupervisorGround> {
  return options.demo ? demoGround(options) : realGround(options)
}

async function realGround({
  home,
  env,
  settings,
  log,
}: Parameters<typeof openGround>[0]): Promise<SupervisorGround> {
  const { localBackend } = await import('../adapters/local/backend.ts')
  // `plain` leaves bubblewrap aside: to see what a machine without it gives, or where it is no help.
  const local = localBackend({
    root: home.root,
    run: home.run,
    env,
    plain: env['CLAWDECK_LOCAL_PLAIN'] === '1',
  })
  // An operator who wants the local backend wants no engine looked for, started or kept.
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
  const backends = await openBackends([...engines, local], settings.backend)
  return {
    backends,
    async startDemo() {
      /* only in the demo */
    },
    async endDemo() {
      /* only in the demo */
    },
  }
}

async function demoGround({
  home,
  log,
}: Parameters<typeof openGround>[0]): Promise<SupervisorGround> {
  const { memoryBackend } = await import('../adapters/memory/backend.ts')
  const { backend, pods }: { backend: Parameters<typeof openBackends>[0][number]; pods: DemoPods } =
    memoryBackend({})
  const backends = await openBackends([backend], 'memory')
  const ended = new AbortController()
  return {
    backends,
    async startDemo(deck) {
      const { runDemo } = await import('./demo/demo.ts')
      runDemo(deck, pods, (agent) => home.agent(agent).door, ended.signal).catch(
        (thrown: unknown) => log(`the demo ended: ${String(thrown)}`),
      )
    },
    async endDemo() {
      ended.abort()
    },
  }
}
