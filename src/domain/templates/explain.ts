import { count } from '../../base/text.ts'
import type { BackendReport } from '../../ports/pods.ts'
import type { BoundPattern, Compiled, Explanation } from './types.ts'

/** What a compiled agent can and cannot do on this backend, in plain words; above all what is *not* enforced here. Pure. */
export function explain(compiled: Omit<Compiled, 'lock'>, report: BackendReport): Explanation {
  return {
    agent: compiled.spec.agent,
    can: can(compiled),
    asks: asks(compiled),
    cannot: cannot(compiled, report),
    notEnforced: notEnforced(compiled, report),
  }
}

/** The limits and guards of a spec that this backend cannot enforce, in a word or two each; [] when all hold. */
export function unenforced({
  enforces,
  isolation,
}: Pick<BackendReport, 'enforces' | 'isolation'>): string[] {
  if (isolation === 'none')
    return [
      'isolation',
      'network',
      'memory limit',
      'CPU limit',
      'process limit',
      'read-only root',
      'system-call filter',
    ]
  const names: [keyof BackendReport['enforces'], string][] = [
    ['network', 'network'],
    ['memory', 'memory limit'],
    ['cpu', 'CPU limit'],
    ['pids', 'process limit'],
    ['readOnlyRoot', 'read-only root'],
    ['seccomp', 'system-call filter'],
  ]
  return names.flatMap(([key, name]) => (enforces[key] ? [] : [name]))
}

function can({ template, spec, openclaw }: Omit<Compiled, 'lock'>): string[] {
  const { memoryMiB, cpus, pids } = spec.limits
  const { allow, maxAutoRisk } = template.guard
  const tools = (openclaw['tools'] as { allow: string[] }).allow
  return [
    `${template.workspace === 'rw' ? 'read and write' : 'read, but not change,'} its workspace (/workspace), and keep state of its own (/state)`,
    `use up to ${memoryMiB} MiB of memory, ${count(cpus, 'CPU')} and ${count(pids, 'process', 'processes')}`,
    `use these OpenClaw tools: ${tools.join(', ')}`,
    ...(allow.length === 0
      ? []
      : [`do this without asking, while the risk is at most ${maxAutoRisk}: ${patterns(allow)}`]),
  ]
}

function asks({ template }: Omit<Compiled, 'lock'>): string[] {
  const { types, ask, maxAutoRisk } = template.guard
  return [
    ...ask.map(
      (pattern) =>
        `always a person, whatever policies say: ${patterns([pattern])}${because(pattern)}`,
    ),
    `anything riskier than ${maxAutoRisk} of 100`,
    `anything else of type ${types.join(', ')} that no policy or lease of yours answers`,
    ...(template.gated.length === 0
      ? []
      : [
          `before these commands run, when typed or started by name in the pod: ${template.gated.join(', ')}`,
        ]),
  ]
}

function cannot({ template, spec }: Omit<Compiled, 'lock'>, report: BackendReport): string[] {
  const { types, block } = template.guard
  const contained = report.isolation !== 'none'
  return [
    ...(types.includes('*')
      ? []
      : [`ask about anything but ${types.join(', ')}: the rest is blocked`]),
    ...block.map((pattern) => `be allowed ${patterns([pattern])}, by anyone${because(pattern)}`),
    'approve its own questions: the door in its pod only takes questions',
    ...(contained
      ? [
          ...(report.enforces.network ? ['reach any network: its pod has loopback only'] : []),
          'see your home, your SSH keys, other agents, or the container engine',
          'become root, gain capabilities, or make use of setuid programs',
        ]
      : []),
    ...(contained && report.enforces.readOnlyRoot
      ? ["change the programs in its pod, the guard's client, or its own policy"]
      : []),
    ...(spec.mounts.some(({ target, readOnly }) => target === '/workspace' && readOnly) && contained
      ? ['change its workspace']
      : []),
  ]
}

function notEnforced({ template }: Omit<Compiled, 'lock'>, report: BackendReport): string[] {
  return [
    ...(report.isolation === 'none'
      ? [
          'isolation: on this backend the agent is a plain process of yours. It can read and change whatever you can, reach any network, and go around the guard. Use it for trying things out only.',
        ]
      : []),
    ...missingLimits(template.limits, report),
    'gated commands are a courtesy: they stop whoever types the name, not a program that calls the real file by its path. ' +
      (walled(report)
        ? 'The wall is that nothing leaves the pod.'
        : 'The network would be the wall behind them, and it is open here.'),
    egress(template.egress, report),
    ...(template.openclaw.exec['mode'] === 'allowlist'
      ? [
          'OpenClaw keeps an allow list of commands of its own, which starts empty: until it is filled in the pod, its exec tool runs nothing but its safe programs.',
        ]
      : []),
    ...report.problems.map(({ what, fix }) => `${what} (${fix})`),
  ]
}

function missingLimits(
  { memoryMiB, cpus, pids }: Compiled['template']['limits'],
  { enforces, isolation, title }: BackendReport,
): string[] {
  const said: [boolean, string][] = [
    [enforces.memory, `the memory limit of ${memoryMiB} MiB`],
    [enforces.cpu, `the limit of ${count(cpus, 'CPU')}`],
    [enforces.pids, `the limit of ${pids} processes`],
    [enforces.seccomp, 'the system-call filter that forbids user namespaces'],
    // Without isolation these two are said already, and in stronger words.
    [
      enforces.network || isolation === 'none',
      'the closed network: the pod can reach what this machine can',
    ],
    [enforces.readOnlyRoot || isolation === 'none', 'the read-only root'],
  ]
  return said.flatMap(([holds, what]) =>
    holds ? [] : [`${what}: ${title} cannot enforce it here`],
  )
}

function egress(hosts: readonly string[], report: BackendReport): string {
  if (!walled(report))
    return 'the egress list is not enforced: there is no closed network on this backend.'
  if (hosts.length === 0) return 'egress: the list is empty, and nothing leaves the pod.'
  return `the egress list (${hosts.join(', ')}) cannot be reached yet: there is no egress proxy, so nothing leaves the pod, not even to these.`
}

function walled({ enforces, isolation }: BackendReport): boolean {
  return enforces.network && isolation !== 'none'
}

function patterns(all: readonly BoundPattern[]): string {
  return all
    .map(({ type, target }) =>
      type === '*' ? (target === '*' ? 'everything' : `any ${target}`) : `${type} ${target}`,
    )
    .join(' · ')
}

function because({ reason }: BoundPattern): string {
  return reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`
}
