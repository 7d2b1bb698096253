import { execFile } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PodSpec } from '../../ports/pods.ts'
import type { PodRecord } from './record.ts'
import { quote } from '../../base/quote.ts'

const run = promisify(execFile)

/** The programs that make a sandbox, by absolute path. */
export interface Tools {
  bwrap: string
  unshare: string
  nsenter: string
  setpriv: string
  prlimit: string
  script: string
  version: string
}

const PACKAGES = {
  bwrap: 'bubblewrap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  script: 'bsdutils',
} as const
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** The tools, tried with a real sandbox, or why sandboxes do not work and what to do. */
export async function findTools(
  env: NodeJS.ProcessEnv,
): Promise<Tools | { what: string; fix: string }> {
  if (process.platform !== 'linux')
    return { what: 'Sandboxes require Linux', fix: 'Install Podman, to run agents in containers.' }
  const found: Partial<Record<keyof typeof PACKAGES, string>> = {}
  for (const tool of Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]) {
    const path = (env['PATH'] ?? '')
      .split(':')
      .filter((folder) => folder.startsWith('/'))
      .concat(FOLDERS)
      .map((folder) => join(folder, tool))
      .find((file) => existsSync(file))
    if (path === undefined)
      return { what: `${tool} is not installed`, fix: `Run: apt install ${PACKAGES[tool]}` }
    found[tool] = path
  }
  const tools = { ...found, version: '' } as Tools
  try {
    const { stdout } = await run(tools.bwrap, ['--version'], { timeout: 5000 })
    tools.version = stdout.trim().replace(/^bubblewrap /, '')
    await run(
      tools.unshare,
      [...outerNamespace(tools), ...BASE, ...systemMounts(), '--', '/bin/sh', '-c', 'exit 0'],
      { timeout: 5000 },
    )
    return tools
  } catch (thrown) {
    const why =
      thrown instanceof Error && 'stderr' in thrown
        ? String(thrown.stderr).trim().slice(0, 200)
        : String(thrown)
    return {
      what: `bubblewrap is installed but cannot make a sandbox: ${why}`,
      fix: 'Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, or the AppArmor profile of bwrap).',
    }
  }
}

/**
 * A user namespace around bubblewrap's own. Its process stays outside the pod, so that commands,
 * terminals and doors can enter a running pod without root. In the pod's innermost namespace
 * nothing has any capability.
 */
function outerNamespace(tools: Tools): string[] {
  return ['--user', '--map-root-user', tools.bwrap]
}

const BASE = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--disable-userns',
  '--uid',
  '1000',
  '--gid',
  '1000',
  '--cap-drop',
  'ALL',
  '--new-session',
  '--clearenv',
]

/** Mounts the machine's programs read-only, and nothing else of it. */
function systemMounts(): string[] {
  const words = ['--ro-bind', '/usr', '/usr']
  for (const folder of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const stat = lstatSync(folder, { throwIfNoEntry: false })
    if (stat?.isSymbolicLink()) words.push('--symlink', readlinkSync(folder), folder)
    else if (stat) words.push('--ro-bind', folder, folder)
  }
  for (const file of [
    'ld.so.cache',
    'ld.so.conf',
    'ld.so.conf.d',
    'alternatives',
    'ssl/certs',
    'localtime',
  ])
    words.push('--ro-bind-try', `/etc/${file}`, `/etc/${file}`)
  return [...words, '--proc', '/proc', '--dev', '/dev']
}

const ETC = {
  passwd: 'agent:x:1000:1000:agent:/state/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  group: 'agent:x:1000:\nnogroup:x:65534:\n',
  hosts: '',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
}

/**
 * The command that runs `argv` as a sandboxed pod, whose own /etc files are written to the folder
 * `etc`.
 */
export function sandboxCommand(
  tools: Tools,
  spec: PodSpec,
  argv: readonly string[],
  etc: string,
): string[] {
  mkdirSync(etc, { recursive: true, mode: 0o755 })
  const words = [
    tools.unshare,
    ...outerNamespace(tools),
    ...BASE,
    ...systemMounts(),
    '--hostname',
    spec.agent,
  ]
  for (const [name, text] of Object.entries(ETC)) {
    writeFileSync(join(etc, name), text)
    words.push('--ro-bind', join(etc, name), `/etc/${name}`)
  }
  for (const { target, sizeMiB } of spec.tmpfs)
    words.push('--size', String(sizeMiB * 1024 * 1024), '--tmpfs', target)
  for (const { source, target, readOnly } of spec.mounts)
    words.push(readOnly ? '--ro-bind' : '--bind', source, target)
  for (const [name, value] of Object.entries(spec.env)) words.push('--setenv', name, value)
  return [
    ...words,
    '--remount-ro',
    '/',
    '--chdir',
    spec.workdir,
    '--',
    ...limitPrefix(tools, spec),
    ...argv,
  ]
}

/**
 * Sets the limits that need no cgroup. Processes are counted per user namespace, that is, per pod.
 */
function limitPrefix(tools: Tools, spec: PodSpec): string[] {
  return [tools.prlimit, '--core=0', `--nproc=${spec.limits.pids}`, '--']
}

/** Joins the outer user namespace, from which the pod's other namespaces can be entered. */
export function joinPrefix(tools: Tools, record: PodRecord): string[] {
  return [tools.nsenter, '-t', String(record.outer?.pid), '-U', '--preserve-credentials', '--']
}

/**
 * The command that runs `argv` inside a running sandbox. The innermost user namespace is joined
 * last, because nothing else can be entered from it.
 */
export function enterCommand(
  tools: Tools,
  record: PodRecord,
  argv: readonly string[],
  env: Record<string, string>,
): string[] {
  return [
    ...joinPrefix(tools, record),
    tools.nsenter,
    '-t',
    String(record.first?.pid),
    '-m',
    '-p',
    '-n',
    '-i',
    '-u',
    '-r',
    '--',
    tools.nsenter,
    '--user=/proc/1/ns/user',
    '--preserve-credentials',
    '--',
    tools.setpriv,
    '--no-new-privs',
    '--',
    ...limitPrefix(tools, record.spec),
    '/usr/bin/env',
    '-i',
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    '/bin/sh',
    '-c',
    'cd "$1" && shift && exec "$@"',
    'sh',
    record.spec.workdir,
    ...argv,
  ]
}

/**
 * Runs `argv` on a PTY inside the pod, relayed to the outer one. The outer PTY's session leader is
 * outside the pod, invisible to a shell inside, so that job control would fail on it.
 */
export function onOwnPty(tools: Tools, argv: readonly string[]): string[] {
  return [tools.script, '-qec', quote(argv), '/dev/null']
}
