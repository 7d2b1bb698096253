import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { podmanBackend } from '../../src/adapters/podman/backend.ts'
import type { Backend, PodFacts, PodSpec } from '../../src/ports/pods.ts'

/**
 * How the suites reach real engines. Each variable names a folder with a `podman` program in it, which is put first on
 * the PATH of the backend under test and may be a wrapper that enters another account (`.ci/podman.sh` writes both):
 *
 *   CLAWDECK_TEST_PODMAN_ROOTLESS   a rootless Podman
 *   CLAWDECK_TEST_PODMAN_ROOTFUL    a rootful one
 *   CLAWDECK_REQUIRE_PODMAN=1       an engine that is not reachable fails the suite instead of skipping it
 *
 * Without them the `podman` on the PATH is used, for whichever of the two it is.
 */
export type Mode = 'rootless' | 'rootful'
export const MODES: readonly Mode[] = ['rootless', 'rootful']

export interface Reached {
  mode: Mode
  env: NodeJS.ProcessEnv
  uid: number
  gid: number
}

/** The way to an engine, or in plain words why there is none here. */
export function reach(mode: Mode): Reached | string {
  const env = environment(process.env[`CLAWDECK_TEST_PODMAN_${mode.toUpperCase()}`])
  const asked = spawnSync(
    'podman',
    ['info', '--format', '{{.Host.Security.Rootless}} {{.Host.IDMappings.UIDMap}}'],
    { env, encoding: 'utf8', cwd: '/' },
  )
  if (asked.error) return 'podman is not installed'
  if (asked.status !== 0)
    return `podman does not work here: ${asked.stderr.trim().split('\n').at(-1)}`
  const rootless = asked.stdout.startsWith('true')
  if (rootless !== (mode === 'rootless'))
    return `the podman of this account is ${rootless ? 'rootless' : 'rootful'}`
  return { mode, env, ...accountOf(asked.stdout) }
}

function environment(folder: string | undefined): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: folder ? `${folder}:${process.env['PATH']}` : process.env['PATH'],
  }
  delete env['CONTAINER_HOST']
  if (folder) delete env['XDG_RUNTIME_DIR']
  return env
}

/** A rootless engine maps its own account to the namespace's root: `[{0 1001 1} …]`. */
function accountOf(info: string): { uid: number; gid: number } {
  const [own, group] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const uid = Number(/\{0 (\d+) /.exec(info)?.[1] ?? own)
  return { uid, gid: uid === own ? group : uid }
}

/** The reason for a skip. Where Podman is required there is none: the suite fails instead. */
export function skipReason(reached: Reached | string): string | undefined {
  if (typeof reached !== 'string') return undefined
  if (process.env['CLAWDECK_REQUIRE_PODMAN'] === '1')
    throw new Error(`Podman is required here, but ${reached}`)
  return reached
}

export const TEST_IMAGE = 'localhost/clawdeck-agent:test'

/** One deck home on an engine, in a folder of its own that is removed with everything in it. */
export interface PodmanDeck {
  backend: ReturnType<typeof podmanBackend>
  folder: string
  run: string
  said: string[]
  env: NodeJS.ProcessEnv
  /** A second backend of the same deck home, as after a restart of the supervisor. */
  again(env?: NodeJS.ProcessEnv): Backend & Required<Pick<Backend, 'images'>>
  spec(agent: string, change?: Partial<PodSpec>): PodSpec
  /** The engine's own command line, as the engine's account. */
  podman(...words: string[]): string
  dispose(): Promise<void>
}

export async function openDeck(reached: Reached): Promise<PodmanDeck> {
  // The engine's account must be able to enter these folders, and socket paths must be short.
  const folder = mkdtempSync('/tmp/cd-')
  chmodSync(folder, 0o755)
  const run = join(folder, 'run')
  mkdirSync(run, { mode: 0o700 })
  if (process.getuid?.() === 0) chownSync(run, reached.uid, reached.gid)
  const imageFiles = join(folder, 'image')
  cpSync(new URL('../../templates/image', import.meta.url).pathname, imageFiles, {
    recursive: true,
  })
  // However private files are made here, the engine's account reads these.
  execFileSync('chmod', ['-R', 'a+rX', imageFiles])
  const said: string[] = []
  const again = (env = reached.env) =>
    podmanBackend({
      home: folder,
      run,
      imageFiles,
      env,
      log: (text) => {
        said.push(text)
      },
    })
  const backend = again()
  await ensureImage(backend, imageFiles)
  const digest = (await backend.images.digest(TEST_IMAGE)) ?? ''
  return {
    backend,
    folder,
    run,
    said,
    again,
    env: reached.env,
    spec: (agent, change = {}) => ({ ...specOf(agent, folder, digest), ...change }),
    podman: (...words) =>
      execFileSync('podman', words, { env: reached.env, encoding: 'utf8', cwd: '/' }),
    async dispose() {
      for (const pod of await backend.lifecycle.list().catch(() => []))
        await backend.lifecycle.remove(pod.agent)
      await backend.sweep().catch(() => undefined)
      await backend[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ensureImage(
  backend: Required<Pick<Backend, 'images'>>,
  contextDir: string,
): Promise<void> {
  if (await backend.images.digest(TEST_IMAGE)) return
  const said: string[] = []
  try {
    for await (const line of backend.images.build(
      { tag: TEST_IMAGE, base: 'scratch', noCache: false, contextDir },
      new AbortController().signal,
    ))
      said.push(line)
  } catch (cause) {
    throw new Error(`the agent image could not be built:\n${said.join('\n')}`, { cause })
  }
}

function specOf(agent: string, folder: string, imageDigest: string): PodSpec {
  const workspace = join(folder, 'workspaces', encodeURIComponent(agent).slice(0, 40))
  mkdirSync(workspace, { recursive: true })
  execFileSync('chmod', ['a+rX', dirname(workspace), workspace])
  return {
    agent,
    image: TEST_IMAGE,
    imageDigest,
    argv: ['/sbin/deck-init'],
    env: {},
    workdir: '/workspace',
    mounts: [{ source: workspace, target: '/workspace', readOnly: false }],
    tmpfs: [{ target: '/tmp', sizeMiB: 16 }],
    limits: { memoryMiB: 128, cpus: 1, pids: 64 },
    user: 'keep-id',
    readOnlyRoot: true,
    network: 'none',
    capabilities: [],
    noNewPrivileges: true,
    seccomp: 'deck-default',
    labels: {},
  }
}

/** One suite per engine; a missing engine is a skip that says why, or a failure where Podman is required. */
export function describeEngines(
  name: string,
  suite: (deck: () => PodmanDeck, mode: Mode) => void,
  modes: readonly Mode[] = MODES,
): void {
  for (const mode of modes) {
    const reached = reach(mode)
    const reason = skipReason(reached)
    describe.skipIf(reason !== undefined)(
      `${name}: podman ${mode}${reason === undefined ? '' : ` (${reason})`}`,
      () => {
        let deck: PodmanDeck | undefined
        beforeAll(async () => {
          deck = await openDeck(reached as Reached)
        })
        afterAll(() => deck?.dispose())
        suite(() => deck as PodmanDeck, mode)
      },
    )
  }
}

/** Creates and starts a pod, and answers its facts. */
export async function up(
  deck: PodmanDeck,
  agent: string,
  change: Partial<PodSpec> = {},
): Promise<PodFacts> {
  await deck.backend.lifecycle.create(deck.spec(agent, change))
  return deck.backend.lifecycle.start(agent)
}

/** Runs a shell line in a pod; both streams together, and the exit code. */
export async function sh(
  backend: Backend,
  agent: string,
  line: string,
): Promise<{ text: string; exitCode: number }> {
  const said = { text: '', exitCode: -1 }
  for await (const chunk of backend.exec.run(agent, ['sh', '-c', line], {
    signal: new AbortController().signal,
  })) {
    if ('exitCode' in chunk) said.exitCode = chunk.exitCode
    else said.text += Buffer.from(chunk.data).toString()
  }
  return said
}
