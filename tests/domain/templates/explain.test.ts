import { describe, expect, it } from 'vitest'
import { explain } from '../../../src/domain/templates/explain.ts'
import type { BackendReport } from '../../../src/ports/pods.ts'
import { sampleAgent } from './sample.ts'

const strong: BackendReport = {
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
  ...strong,
  title: 'podman 4 rootless',
  enforces: { ...strong.enforces, memory: false, pids: false },
  problems: [{ what: 'cgroup v1', fix: 'boot with cgroup v2' }],
}
const none: BackendReport = {
  ...strong,
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
  it('reports what an agent can do, what needs approval and what it cannot do', () => {
    const told = explain(coder, strong)
    expect(told.agent).toBe('a1')
    expect(told.can.join('\n')).toContain('read and write its workspace')
    expect(told.can.join('\n')).toContain('2048 MiB of memory, 2 CPUs and 512 processes')
    expect(told.can.join('\n')).toContain('exec git status')
    expect(told.asks.join('\n')).toContain('git push')
    expect(told.cannot.join('\n')).toContain(
      'be allowed exec sudo *, even by an operator (There are no other rights to be had in the pod)',
    )
    expect(told.cannot.join('\n')).toContain('reach any network')
  })

  it('always reports what gated commands and the egress list do not stop', () => {
    const { notEnforced } = explain(coder, strong)
    expect(notEnforced).toHaveLength(2)
    expect(notEnforced[0]).toContain('not a program that runs the real file')
    expect(notEnforced[1]).toContain('the gate knows the host, not the method, path or content')
  })

  it('names the limits that this engine cannot enforce, and its problems', () => {
    const text = explain(coder, weak).notEnforced.join('\n')
    expect(text).toContain('the memory limit of 2048 MiB: podman 4 rootless cannot enforce it here')
    expect(text).toContain('the limit of 512 processes')
    expect(text).not.toContain('2 CPUs')
    expect(text).toContain('boot with cgroup v2')
  })

  it('promises nothing that does not hold for a plain process', () => {
    const told = explain(security, none)
    expect(told.notEnforced[0]).toContain('plain process of your account')
    expect(told.cannot.join('\n')).not.toMatch(/network|SSH|change its workspace|become root/)
    expect(told.notEnforced.join('\n')).toContain('the egress list: there is no closed network')
    expect(told.notEnforced.join('\n')).not.toContain('nothing leaves')
  })

  it('reports that all actions of a security agent need approval, on a read-only workspace', () => {
    const told = explain(security, strong)
    expect(told.asks[0]).toContain('whatever policies say, for everything')
    expect(told.can[0]).toContain('read, but not change, its workspace')
    expect(told.cannot).toContain('change its workspace')
  })
})
