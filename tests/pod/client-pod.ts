import { execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWrappers } from '../../src/domain/templates/wrappers.ts'
import { guardDoor } from '../../src/doors/guard/guard-door.ts'
import { MemoryGuard } from '../support/memory-guard.ts'

/** What a pod may have: a shell, and one way to speak HTTP. */
export const PODS = [
  { name: 'dash and curl', shell: 'dash', tools: ['curl'] },
  { name: 'dash and GNU wget', shell: 'dash', tools: ['wget'] },
  { name: 'busybox alone', shell: 'busybox', tools: [] },
  { name: 'dash and node', shell: 'dash', tools: ['node'] },
]
const BASICS = ['od', 'tr', 'sed', 'sleep', 'cat', 'env', 'ls']

interface ClientRun {
  code: number | null
  out: string
  err: string
}

export function installed(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** The in-pod client in a folder of this machine, and the door that it speaks to. */
export class ClientPod implements AsyncDisposable {
  readonly guard = new MemoryGuard(() => 'require_approval')
  server: Server = guardDoor(this.guard, 'scout').server
  readonly folder: string
  /** What is mounted into a pod. */
  readonly bin: string

  private constructor(folder: string) {
    this.folder = folder
    this.bin = join(folder, 'bin')
  }

  static async open(): Promise<ClientPod> {
    const pod = new ClientPod(await mkdtemp(join(tmpdir(), 'deck-pod-')))
    await writeWrappers(pod.bin, ['git push', 'git remote add', 'npx'])
    await new Promise<void>((resolve) => {
      pod.server.listen(0, '127.0.0.1', resolve)
    })
    return pod
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => {
      this.server.close(resolve)
    })
    await rm(this.folder, { recursive: true, force: true })
  }

  async program(name: string, script: string): Promise<void> {
    await writeFile(join(this.folder, 'tools', name), `#!/bin/sh\n${script}\n`)
    await chmod(join(this.folder, 'tools', name), 0o755)
  }

  /** A folder that is the pod's whole PATH after ours, so that nothing else of this machine helps. */
  async furnish(pod: (typeof PODS)[number]): Promise<void> {
    await mkdir(join(this.folder, 'tools'))
    const busybox = installed('busybox')
    const link = (name: string, to: string) =>
      execFileSync('ln', ['-s', to, join(this.folder, 'tools', name)])
    if (pod.shell === 'busybox')
      for (const applet of ['sh', 'wget', ...BASICS]) link(applet, busybox as string)
    else {
      link('sh', installed('dash') as string)
      for (const tool of [...BASICS, ...pod.tools.filter((t) => t !== 'node')])
        link(tool, installed(tool) as string)
      if (pod.tools.includes('node')) link('node', process.execPath)
    }
    await this.program(
      'git',
      'printf "real git"; for w in "$@"; do printf " [%s]" "$w"; done; echo; [ "$1" != push ] || exit 3',
    )
  }

  start(argv: string[], options: { env?: Record<string, string>; stdin?: string } = {}) {
    const { port } = this.server.address() as AddressInfo
    const shell = join(this.folder, 'tools', 'sh')
    const child = spawn(shell, ['-c', '"$@"', 'sh', ...argv], {
      cwd: this.folder,
      env: {
        PATH: `${this.bin}:${join(this.folder, 'tools')}`,
        CLAWDECK_GUARD: `http://127.0.0.1:${port}`,
        ...options.env,
      },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (d) => {
      out += String(d)
    })
    child.stderr.on('data', (d) => {
      err += String(d)
    })
    child.stdin.on('error', () => undefined).end(options.stdin ?? '')
    return new Promise<ClientRun>((resolve) =>
      child.on('close', (code) => resolve({ code, out, err })),
    )
  }
}
