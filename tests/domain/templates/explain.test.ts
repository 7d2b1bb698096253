import { describe, expect, it } from 'vitest'
import { explain, unenforced } from '../../../src/domain/templates/explain.ts'
import type { BackendReport } from '../../../src/ports/pods.ts'
import { sampleAgent } from './sample.ts'

const whole: BackendReport = {
  kind: 'podman',
  ready: true,
  title: 'podman 5 rootless',
  version: '5.0.0',
  rootless: true,
  isolation: 'container',
  enforces: {
    memory: true,
    cpu: true,
    pids: true,
    seccomp: true,
    network: true,
    readOnlyRoot: true,
  },
  problems: [],
}
const weak: BackendReport = {
  ...whole,
  title: 'podman 4 rootless',
  enforces: { ...whole.enforces, memory: false, pids: false },
  problems: [{ what: 'cgroup v1', fix: 'boot with cgroup v2' }],
}
const none: BackendReport = {
  ...whole,
  kind: 'local',
  title: 'local, not isolated',
  isolation: 'none',
  enforces: {
    memory: false,
    cpu: false,
    pids: false,
    seccomp: false,
    network: false,
    readOnlyRoot: false,
  },
}

const coder = (await sampleAgent('coder')).compiled
const security = (await sampleAgent('security')).compiled

describe('explain', () => {
  it('says what an agent can, what is asked and what it cannot', () => {
    const told = explain(coder, whole)
    expect(told.agent).toBe('a1')
    expect(told.can.join('\n')).toContain('read and write its workspace')
    expect(told.can.join('\n')).toContain('2048 MiB of memory, 2 CPUs and 512 processes')
    expect(told.can.join('\n')).toContain('exec git status')
    expect(told.asks.join('\n')).toContain('git push')
    expect(told.cannot.join('\n')).toContain(
      'be allowed exec sudo *, by anyone (There are no other rights to be had in the pod)',
    )
    expect(told.cannot.join('\n')).toContain('reach any network')
  })

  it('always says that a wrapper is a courtesy, and that the egress list is not reachable yet', () => {
    const { notEnforced } = explain(coder, whole)
    expect(notEnforced).toHaveLength(2)
    expect(notEnforced[0]).toContain('courtesy')
    expect(notEnforced[1]).toContain('there is no egress proxy')
  })

  it('names the limits that this engine cannot enforce, and its problems', () => {
    const text = explain(coder, weak).notEnforced.join('\n')
    expect(text).toContain('the memory limit of 2048 MiB: podman 4 rootless cannot enforce it here')
    expect(text).toContain('the limit of 512 processes')
    expect(text).not.toContain('2 CPUs')
    expect(text).toContain('boot with cgroup v2')
  })

  it('promises nothing that a plain process does not keep', () => {
    const told = explain(security, none)
    expect(told.notEnforced[0]).toContain('plain process of yours')
    expect(told.cannot.join('\n')).not.toMatch(/network|SSH|change its workspace|become root/)
    expect(told.notEnforced.join('\n')).toContain('egress list is not enforced')
    expect(told.notEnforced.join('\n')).not.toContain('nothing leaves')
  })

  it("says that a security agent's every act is a person's decision, on a read-only workspace", () => {
    const told = explain(security, whole)
    expect(told.asks[0]).toContain('always a person, whatever policies say: everything')
    expect(told.can[0]).toContain('read, but not change, its workspace')
    expect(told.cannot).toContain('change its workspace')
  })
})

describe('unenforced', () => {
  it.each([
    [whole, []],
    [weak, ['memory limit', 'process limit']],
  ])('names what does not hold', (report, expected) => {
    expect(unenforced(report)).toEqual(expected)
  })

  it('begins with isolation where there is none', () => {
    expect(unenforced(none)).toEqual([
      'isolation',
      'network',
      'memory limit',
      'CPU limit',
      'process limit',
      'read-only root',
      'system-call filter',
    ])
  })
})
