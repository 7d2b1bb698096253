import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { bytes } from '../print/page.ts'
import type { Cli } from '../cli.ts'
import { bad, good, output, poor, type Check } from './check.ts'

const ENOUGH_DISK = 1024 ** 3
const LITTLE_DISK = 100 * 1024 ** 2
const OLDEST_CLOCK = Date.UTC(2025, 0, 1)

/** This machine, apart from what runs pods: Node, disk, clock, terminal. */
export async function machineChecks(cli: Cli): Promise<Check[]> {
  return [good('node', `${process.versions.node}`), await disk(cli), clock(), ...terminal(cli)]
}

async function disk({ home }: Cli): Promise<Check> {
  let folder = home.root
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const what = `${bytes(free)} free at ${folder}`
  if (free < LITTLE_DISK)
    return bad('disk', what, 'Make room: a journal that cannot be written stops every decision.')
  return free < ENOUGH_DISK
    ? poor('disk', what, 'Make room soon: images and journals grow.')
    : good('disk', what)
}

function clock(): Check {
  const now = Date.now()
  return now < OLDEST_CLOCK
    ? bad(
        'clock',
        `the clock says ${new Date(now).toISOString()}`,
        'Set the clock: expiries and signatures depend on it.',
      )
    : good('clock', new Date(now).toISOString())
}

function terminal({ streams: { stdout }, env }: Cli): Check[] {
  if (stdout.isTTY !== true)
    return [good('terminal', 'none here; the console needs one, commands do not')]
  const { columns = 0, rows = 0 } = stdout
  const size =
    columns < 80 || rows < 24
      ? poor(
          'terminal',
          `${columns}×${rows}`,
          'Enlarge it to 80×24 or more: the console cannot show everything.',
        )
      : good('terminal', `${columns}×${rows}, ${set(env, 'TERM') ?? 'TERM is not set'}`)
  return [size, ...surroundings(env)]
}

/** What the environment says of the terminal, where it is a hindrance. */
function surroundings(env: NodeJS.ProcessEnv): Check[] {
  const term = set(env, 'TERM')
  const locale = set(env, 'LC_ALL') ?? set(env, 'LC_CTYPE') ?? set(env, 'LANG') ?? 'C.UTF-8'
  return [
    ...(term === undefined || term === 'dumb'
      ? [
          poor(
            'colours',
            `TERM is ${term ?? 'not set'}`,
            'Set TERM, as xterm-256color: without it there are no colours and no cursor.',
          ),
        ]
      : []),
    ...(/utf-?8/i.test(locale)
      ? []
      : [
          poor(
            'characters',
            `the locale is ${locale}, not UTF-8`,
            'Set LANG=C.UTF-8: frames and marks look broken otherwise.',
          ),
        ]),
    ...(set(env, 'CI') === undefined
      ? []
      : [
          poor(
            'CI',
            'CI is set in the environment',
            'Unset CI if you are a person: many programs, in pods too, fall silent because of it.',
          ),
        ]),
  ]
}

function set(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return (env[name] ?? '') === '' ? undefined : env[name]
}

/** What runs pods: Podman and what it needs, else bubblewrap, else bare processes. */
export async function engineChecks(cli: Cli, image: string): Promise<Check[]> {
  const [podman, bubblewrap] = await Promise.all([
    output('podman', ['--version'], cli.env),
    output('bwrap', ['--version'], cli.env),
  ])
  if (podman === undefined && (cli.env['CONTAINER_HOST'] ?? '') === '')
    return [noPodman(), local(bubblewrap)]
  return [
    ...(await podmanChecks(cli, podman ?? 'remote', image)),
    ...(bubblewrap === undefined ? [] : [good('bubblewrap', bubblewrap)]),
  ]
}

function noPodman(): Check {
  return poor(
    'podman',
    'not installed: agents run in local sandboxes instead of containers',
    `Install it: ${process.platform === 'darwin' ? 'brew install podman && podman machine init && podman machine start' : "apt-get install podman uidmap (or your system's own way)"}`,
  )
}

function local(bubblewrap: string | undefined): Check {
  if (bubblewrap !== undefined)
    return good('bubblewrap', `${bubblewrap}: local agents are sandboxed`)
  return poor(
    'bubblewrap',
    'not installed: without it and without Podman, local agents are not isolated',
    process.platform === 'linux'
      ? 'Install it: apt-get install bubblewrap'
      : 'Use Podman on this system: bubblewrap is for Linux.',
  )
}

interface Host {
  security?: { rootless?: boolean; seccompEnabled?: boolean }
  cgroupVersion?: string
  cgroupControllers?: string[] | null
  ociRuntime?: { name?: string }
}
interface Info {
  host?: Host
}

async function podmanChecks({ env }: Cli, version: string, image: string): Promise<Check[]> {
  const text = await output('podman', ['info', '--format', 'json'], env)
  if (text === undefined)
    return [
      bad(
        'podman',
        `${version} does not answer`,
        'See what `podman info` says; `podman system migrate` heals many upgrades.',
      ),
    ]
  const { host = {} } = JSON.parse(text) as Info
  const rootless = host.security?.rootless === true
  const there = await output('podman', ['image', 'exists', image], env)
  return [
    good(
      'podman',
      `${version}, ${rootless ? 'rootless' : 'rootful'}, ${host.ociRuntime?.name ?? 'no runtime named'}`,
    ),
    ...(rootless
      ? [subordinate('/etc/subuid', env), subordinate('/etc/subgid', env)]
      : [
          poor(
            'rootless',
            'Podman runs as root',
            'Run clawdeck as an ordinary user: a pod that breaks out is then nobody.',
          ),
        ]),
    host.security?.seccompEnabled === false
      ? bad(
          'seccomp',
          'Podman has no seccomp',
          'Install a Podman with seccomp: without it a pod may make user namespaces.',
        )
      : good('seccomp', 'enabled'),
    limits(rootless, host),
    there === undefined
      ? poor('image', `${image} is not there`, 'Build it: clawdeck image build')
      : good('image', image),
  ]
}

function subordinate(path: string, env: NodeJS.ProcessEnv): Check {
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
    /* A missing file has no ids either. */
  }
  if ((env['CONTAINER_HOST'] ?? '') !== '')
    return good(name, 'is the concern of the machine that CONTAINER_HOST names')
  return bad(
    name,
    `no ids for ${user.username}`,
    `Add some: sudo usermod --add-sub${name.slice(3)}s 100000-165535 ${user.username} && podman system migrate`,
  )
}

function limits(
  rootless: boolean,
  { cgroupVersion: version, cgroupControllers: controllers }: Host,
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
