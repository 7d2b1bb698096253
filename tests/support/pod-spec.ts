import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PodSpec } from '../../src/ports/pods.ts'

/** A spec as templates compile to, with the agent's folders made under `root`. Its init exists in images only. */
export function podSpec(root: string, agent: string, change: Partial<PodSpec> = {}): PodSpec {
  const folder = join(root, 'agents', agent)
  for (const name of ['workspace', 'state', 'bin'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'openclaw.json'), '{}')
  return {
    agent,
    image: 'clawdeck/agent',
    imageDigest: '',
    argv: ['/sbin/deck-init'],
    env: {
      PATH: '/opt/deck/bin:/usr/local/bin:/usr/bin:/bin',
      HOME: '/state/home',
      CLAWDECK_AGENT: agent,
    },
    workdir: '/workspace',
    mounts: [
      { source: join(folder, 'workspace'), target: '/workspace', readOnly: false },
      { source: join(folder, 'state'), target: '/state', readOnly: false },
      { source: join(folder, 'bin'), target: '/opt/deck/bin', readOnly: true },
      { source: join(folder, 'openclaw.json'), target: '/policy/openclaw.json', readOnly: true },
    ],
    tmpfs: [{ target: '/tmp', sizeMiB: 16 }],
    limits: { memoryMiB: 256, cpus: 1, pids: 128 },
    user: 'keep-id',
    readOnlyRoot: true,
    network: 'none',
    capabilities: [],
    noNewPrivileges: true,
    seccomp: 'deck-default',
    labels: {},
    ...change,
  }
}
