import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EngineFacts } from '../../../src/adapters/podman/engine.ts'
import { namesOf } from '../../../src/adapters/podman/names.ts'
import { processLimits } from '../../../src/adapters/podman/process-limits.ts'
import { containerOf, podUser } from '../../../src/adapters/podman/spec.ts'
import type { PodSpec } from '../../../src/ports/pods.ts'

const facts = (rootless: boolean, controllers: string[] = []): EngineFacts => ({
  local: true,
  uid: rootless ? 1234 : 0,
  gid: rootless ? 1234 : 0,
  info: {
    host: {
      cgroupVersion: 'v2',
      cgroupControllers: controllers,
      hostname: 'h',
      kernel: 'k',
      os: 'linux',
      idMappings: undefined,
      security: { rootless, seccompEnabled: true },
    },
    version: { Version: '5.0.0' },
  },
})

const spec: PodSpec = {
  agent: 'a1',
  image: 'localhost/x',
  imageDigest: `sha256:${'ab'.repeat(32)}`,
  argv: ['/sbin/deck-init'],
  env: { A: 'b' },
  workdir: '/workspace',
  mounts: [
    { source: '/h/ws', target: '/workspace', readOnly: false },
    { source: '/h/bin', target: '/opt/deck/bin', readOnly: true },
  ],
  tmpfs: [{ target: '/tmp', sizeMiB: 64 }],
  limits: { memoryMiB: 256, cpus: 1.5, pids: 99 },
  user: 'keep-id',
  readOnlyRoot: true,
  network: 'none',
  capabilities: [],
  noNewPrivileges: true,
  seccomp: 'deck-default',
  labels: { 'clawdeck.home': 'forged' },
}
const names = namesOf('/home/x/.clawdeck')

describe('the container spec of a pod', () => {
  it('denies everything by default', () => {
    expect(containerOf(spec, facts(true), names, '/s.json')).toMatchObject({
      image: 'ab'.repeat(32),
      user: '1234:1234',
      userns: { nsmode: 'keep-id' },
      netns: { nsmode: 'none' },
      cap_drop: ['ALL'],
      no_new_privileges: true,
      read_only_filesystem: true,
      seccomp_profile_path: '/s.json',
      use_image_hosts: true,
      httpproxy: false,
      env_host: false,
    })
  })

  it('mounts read-only folders read-only', () => {
    const { mounts } = containerOf(spec, facts(true), names, '') as {
      mounts: { destination: string; options: string[] }[]
    }
    const options = Object.fromEntries(mounts.map((mount) => [mount.destination, mount.options]))
    expect(options['/opt/deck/bin']).toContain('ro')
    expect(options['/workspace']).toContain('rw')
    for (const each of Object.values(options))
      expect(each).toEqual(expect.arrayContaining(['nosuid', 'nodev']))
  })

  it('contains only limits that the engine enforces', () => {
    expect(containerOf(spec, facts(true), names, '')['resource_limits']).toEqual({})
    expect(
      containerOf(spec, facts(true, ['memory', 'cpu', 'pids']), names, '')['resource_limits'],
    ).toEqual({
      memory: { limit: 256 * 1024 * 1024, swap: 256 * 1024 * 1024 },
      cpu: { period: 100_000, quota: 150_000 },
      pids: { limit: 99 },
    })
  })

  it('contains no limits above our own', () => {
    expect(
      processLimits(
        'Max processes   96365   96365   processes\nMax open files   1024   4096   files\n',
      ),
    ).toEqual([
      { type: 'nofile', soft: 4096, hard: 4096 },
      { type: 'nproc', soft: 16_384, hard: 16_384 },
    ])
    expect(processLimits('Max open files   unlimited   unlimited   files')[0]).toMatchObject({
      hard: 16_384,
    })
  })

  it('is labelled as ours, whatever labels the spec has', () => {
    const { labels, name } = containerOf(spec, facts(true), names, '') as {
      labels: Record<string, string>
      name: string
    }
    expect(labels).toMatchObject({ 'clawdeck.home': names.home, 'clawdeck.agent': 'a1' })
    expect(name).toMatch(/^clawdeck-[0-9a-f]{8}-a1$/)
  })

  it('is never root on the host, even with a rootful engine', () => {
    expect(podUser(facts(false)).uid).toBeGreaterThan(100_000)
    expect(containerOf(spec, facts(false), names, '')).toMatchObject({
      user: '1000:1000',
      userns: { nsmode: 'private' },
    })
  })
})

describe('the seccomp profile', () => {
  const profile = JSON.parse(
    readFileSync(new URL('../../../templates/image/seccomp.json', import.meta.url), 'utf8'),
  ) as {
    defaultAction: string
    syscalls: { names: string[]; action: string; args?: unknown[] }[]
  }
  const allowed = new Set(
    profile.syscalls
      .filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && !rule.args)
      .flatMap((rule) => rule.names),
  )

  it('allows listed calls only', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO')
    for (const name of ['read', 'write', 'execve', 'futex', 'epoll_wait'])
      expect(allowed).toContain(name)
  })

  it('refuses calls that reach other namespaces, other processes or the kernel', () => {
    for (const name of [
      'unshare',
      'setns',
      'clone3',
      'clone',
      'mount',
      'keyctl',
      'bpf',
      'ptrace',
      'io_uring_setup',
      'socketcall',
      'userfaultfd',
      'process_vm_writev',
    ]) {
      expect(allowed, name).not.toContain(name)
    }
  })
})
