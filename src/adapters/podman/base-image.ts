import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { errno, Fault } from '../../base/fault.ts'

const run = promisify(execFile)
const FOLDERS = [
  'bin',
  'dev',
  'etc',
  'home/agent',
  'opt/deck/bin',
  'proc',
  'run',
  'sbin',
  'sys',
  'tmp',
  'usr/bin',
  'usr/local/bin',
  'usr/share/git-core/templates',
  'var/tmp',
  'workspace',
]
const FILES = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000:agent:/home/agent:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'etc/os-release': 'NAME="clawdeck base"\nID=clawdeck\n',
}

/**
 * Useful programs that are copied if this machine has them. Git's helpers are links to git itself.
 */
const OPTIONAL_PROGRAMS = [
  { name: 'bash', source: '/bin/bash', links: [] },
  {
    name: 'git',
    source: '/usr/bin/git',
    links: ['usr/bin/git-receive-pack', 'usr/bin/git-upload-pack', 'usr/bin/git-upload-archive'],
  },
]

/**
 * Assembles a base image without a registry: this machine's static busybox and this Node, bash and
 * git if available, and the libraries they need. Yields a line per step and returns the folder,
 * which the caller removes.
 */
export async function* assembleBase(env: NodeJS.ProcessEnv): AsyncGenerator<string, string> {
  const busybox = await staticBusybox(env)
  const root = mkdtempSync(join(tmpdir(), 'clawdeck-base-'))
  try {
    chmodSync(root, 0o755)
    for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true })
    for (const folder of ['tmp', 'var/tmp']) chmodSync(join(root, folder), 0o1777)
    for (const [path, text] of Object.entries(FILES)) writeFileSync(join(root, path), text)
    cpSync(busybox, join(root, 'bin/busybox'), { dereference: true })
    const { stdout } = await run(busybox, ['--list'])
    const applets = stdout
      .split('\n')
      .filter((name) => /^[\w[\].-]+$/.test(name) && name !== 'busybox')
    for (const name of applets) symlinkSync('busybox', join(root, 'bin', name))
    symlinkSync('/bin/env', join(root, 'usr/bin/env'))
    yield `busybox with ${applets.length} commands, from ${busybox}`
    const nodeLibraries = await copyProgram(root, process.execPath, '/usr/local/bin/node')
    yield `Node ${process.versions.node} with ${nodeLibraries} libraries`
    for (const { name, source, links } of OPTIONAL_PROGRAMS) {
      if (!existsSync(source)) {
        yield `without ${name}: ${source} does not exist on this machine`
        continue
      }
      const libraries = await copyProgram(root, source, source)
      for (const link of links) symlinkSync(source, join(root, link))
      yield `${name} with ${libraries} libraries`
    }
    return root
  } catch (thrown) {
    rmSync(root, { recursive: true, force: true })
    throw thrown
  }
}

/** Copies a program, and its libraries to the same paths. Returns the number of libraries. */
async function copyProgram(root: string, program: string, target: string): Promise<number> {
  const libraries = await librariesOf(program)
  for (const [from, to] of [
    [program, target],
    ...libraries.map((library) => [library, library]),
  ] as [string, string][]) {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    cpSync(realpathSync(from), join(root, to))
  }
  return libraries.length
}

/** A folder as a tar stream; all files are owned by root and readable by the pod's user. */
export function tarOf(folder: string): Readable {
  // Only GNU tar can change modes. Elsewhere files keep theirs.
  const modes = process.platform === 'linux' ? ['--mode=a+rX'] : []
  const child = spawn(
    'tar',
    [...modes, '--owner=0', '--group=0', '--numeric-owner', '-C', folder, '-cf', '-', '.'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  child.on('error', (cause) =>
    child.stdout.destroy(
      new Fault('backend.failed', '`tar` cannot be run', {
        cause,
        hint: 'Install it: apt install tar',
      }),
    ),
  )
  child.on('exit', (code) => {
    if (code !== 0)
      child.stdout.destroy(new Fault('backend.failed', `\`tar\` of ${folder} failed (${code})`))
  })
  return child.stdout
}

async function staticBusybox(env: NodeJS.ProcessEnv): Promise<string> {
  if (process.platform !== 'linux') {
    throw new Fault('backend.failed', "A base made of this machine's programs requires Linux", {
      hint: 'Use a base image: `clawdeck image build --base docker.io/library/node:24-slim`',
    })
  }
  const path = (env['PATH'] ?? '')
    .split(':')
    .concat('/bin', '/usr/bin')
    .map((folder) => join(folder, 'busybox'))
    .find((file) => existsSync(file))
  if (path !== undefined && (await librariesOf(path)).length === 0) return path
  throw new Fault(
    'backend.failed',
    path === undefined
      ? 'busybox is not installed'
      : `${path} is not static, so it would not run in the image`,
    {
      hint: 'Install it (apt install busybox-static), or use a base image: `clawdeck image build --base docker.io/library/node:24-slim`',
    },
  )
}

/** The shared libraries of a program, including the loader; none for a static program. */
async function librariesOf(program: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [program])
    return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] as string)
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT')
      throw new Fault('backend.failed', '`ldd` is not installed', {
        cause: thrown,
        hint: 'Install it: apt install libc-bin',
      })
    return []
  }
}
