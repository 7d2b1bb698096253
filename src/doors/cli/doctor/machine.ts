import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { bytes } from '../../../base/text.ts'
import type { Cli } from '../cli.ts'
import { bad, good, output, poor, type Check } from './check.ts'

const LOW_DISK_BYTES = 1024 ** 3
const FULL_DISK_BYTES = 100 * 1024 ** 2
/** A clock before this is wrong. */
const EARLIEST_TIME = Date.UTC(2025, 0, 1)

/** This machine, except what runs pods: Node, disk, clock, terminal. */
export async function machineChecks(cli: Cli): Promise<Check[]> {
  return [good('node', `${process.versions.node}`), await disk(cli), clock(), ...terminal(cli)]
}

async function disk({ home }: Cli): Promise<Check> {
  let folder = home.root
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const what = `${bytes(free)} free at ${folder}`
  if (free < FULL_DISK_BYTES)
    return bad('disk', what, 'Free disk space: without it the journal stops every decision.')
  return free < LOW_DISK_BYTES
    ? poor('disk', what, 'Free disk space soon: images and the journal grow.')
    : good('disk', what)
}

function clock(): Check {
  const now = Date.now()
  return now < EARLIEST_TIME
    ? bad(
        'clock',
        `it shows ${new Date(now).toISOString()}`,
        'Set the clock: expiry times and signatures depend on it.',
      )
    : good('clock', new Date(now).toISOString())
}

function terminal({ streams: { stdout }, env }: Cli): Check[] {
  if (stdout.isTTY !== true) return [good('terminal', 'none; only the console needs one')]
  const { columns = 0, rows = 0 } = stdout
  const size =
    columns < 80 || rows < 24
      ? poor(
          'terminal',
          `${columns}×${rows}`,
          'Enlarge it to 80×24 or more: the console cannot show everything.',
        )
      : good('terminal', `${columns}×${rows}, ${set(env, 'TERM') ?? 'TERM is not set'}`)
  return [size, ...environmentChecks(env)]
}

/** Environment variables that limit what the terminal shows. */
function environmentChecks(env: NodeJS.ProcessEnv): Check[] {
  const term = set(env, 'TERM')
  const locale = set(env, 'LC_ALL') ?? set(env, 'LC_CTYPE') ?? set(env, 'LANG') ?? 'C.UTF-8'
  return [
    ...(term === undefined || term === 'dumb'
      ? [
          poor(
            'colours',
            `TERM is ${term ?? 'not set'}`,
            'Set TERM, for example to xterm-256color: without it there are no colours and no cursor.',
          ),
        ]
      : []),
    ...(/utf-?8/i.test(locale)
      ? []
      : [
          poor(
            'characters',
            `the locale is ${locale}, not UTF-8`,
            'Set LANG=C.UTF-8: otherwise frames and symbols are not shown correctly.',
          ),
        ]),
    ...(set(env, 'CI') === undefined
      ? []
      : [
          poor(
            'CI',
            'CI is set in the environment',
            'Unset CI, unless this is a CI job: many programs print less because of it.',
          ),
        ]),
  ]
}

function set(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return (env[name] ?? '') === '' ? undefined : env[name]
}

/** What runs pods: Podman and what it needs, or bubblewrap, or plain processes. */
export async function engineChecks(cli: Cli, image: string): Promise<Check[]> {
  const [podman, bubblewrap] = await Promise.all([
    output('podman', ['--version'], cli.env),
    output('bwrap', ['--version'], cli.env),
  ])
  if (podman === undefined && (cli.env['CONTAINER_HOST'] ?? '') === '')
    return [noPodman(), bubblewrapCheck(bubblewrap)]
  return [
    ...(await podmanChecks(cli, podman ?? 'remote', image)),
    ...(bubblewrap === undefined ? [] : [good('bubblewrap', bubblewrap)]),
  ]
}

function noPodman(): Check {
  return poor(
    'podman',
    'not installed: agents run in local sandboxes instead of containers',
    process.platform === 'darwin'
      ? 'Install it: brew install podman && podman machine init && podman machine start'
      : 'Install it: apt-get install podman uidmap (or with another package manager)',
  )
}

function bubblewrapCheck(bubblewrap: string | undefined): Check {
  if (bubblewrap !== undefined)
    return good('bubblewrap', `${bubblewrap}: local agents are sandboxed`)
  return poor(
    'bubblewrap',
    'not installed: without it and without Podman, local agents are not isolated',
    process.platform === 'linux'
      ? 'Install it: apt-get install bubblewrap'
      : 'Use Podman: bubblewrap works on Linux only.',
  )
}

/** The part of `podman info` that is checked. */
interface PodmanHost {
  security?: { rootless?: boolean; seccompEnabled?: boolean }
  cgroupVersion?: string
  cgroupControllers?: string[] | null
  ociRuntime?: { name?: string }
}

async function podmanChecks({ env }: Cli, version: string, image: string): Promise<Check[]> {
  const text = await output('podman', ['info', '--format', 'json'], env)
  if (text === undefined)
    return [
      bad(
        'podman',
        `${version} does not answer`,
        'Run `podman info` for details. After an upgrade, `podman system migrate` often helps.',
      ),
    ]
  const { host = {} } = JSON.parse(text) as { host?: PodmanHost }
  const rootless = host.security?.rootless === true
  const imageExists = (await output('podman', ['image', 'exists', image], env)) !== undefined
  const runtime = host.ociRuntime?.name ?? 'unknown runtime'
  return [
    good('podman', `${version}, ${rootless ? 'rootless' : 'rootful'}, ${runtime}`),
    ...(rootless
      ? [subordinateIds('/etc/subuid', env), subordinateIds('/etc/subgid', env)]
      : [
          poor(
            'rootless',
            'Podman runs as root',
            'Run clawdeck as an ordinary user, so that leaving the sandbox gives no root access.',
          ),
        ]),
    host.security?.seccompEnabled === false
      ? bad(
          'seccomp',
          'Podman has no seccomp',
          'Install a Podman with seccomp: without it pods can create user namespaces.',
        )
      : good('seccomp', 'enabled'),
    limits(rootless, host),
    imageExists
      ? good('image', image)
      : poor('image', `${image} does not exist`, 'Build it: clawdeck image build'),
  ]
}

function subordinateIds(path: string, env: NodeJS.ProcessEnv): Check {
  const user = userInfo()
  const name = `${path.slice('/etc/'.length)}`
  try {
    if (
      readFileSync(path, 'utf8')
        .split('\n')
        .some((line) => line.startsWith(`${user.username}:`) || line.startsWith(`${user.uid}:`))
    )
      return good(name, `has ids for ${user.username}`)
  } catch {
    /* a missing file has no ids either */
  }
  if ((env['CONTAINER_HOST'] ?? '') !== '')
    return good(name, 'not needed here: CONTAINER_HOST names another machine')
  return bad(
    name,
    `no ids for ${user.username}`,
    `Add some: sudo usermod --add-sub${name.slice(3)}s 100000-165535 ${user.username} && podman system migrate`,
  )
}

function limits(
  rootless: boolean,
  { cgroupVersion: version, cgroupControllers: controllers }: PodmanHost,
): Check {
  const missing = ['cpu', 'memory', 'pids'].filter((name) => !(controllers ?? []).includes(name))
  if (version === 'v2' && missing.length === 0)
    return good('limits', 'memory, CPU and process limits are enforced')
  if (version !== 'v2' && !rootless) return good('limits', 'cgroup v1, enforced for root')
  const fix =
    version === 'v2'
      ? 'Delegate the controllers to your user: systemctl edit user@.service, with Delegate=cpu memory pids.'
      : 'Boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1).'
  return poor(
    'limits',
    version === 'v2'
      ? `not delegated: ${missing.join(', ')}`
      : 'rootless on cgroup v1: memory, CPU and process limits are not enforced',
    fix,
  )
}
