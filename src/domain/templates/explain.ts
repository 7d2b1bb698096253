import { count } from '../../base/text.ts'
import { grantText } from '../../command-analysis/patterns/grant-text.ts'
import { programs } from '../../config/programs.ts'
import type { BackendReport } from '../../ports/pods.ts'
import { boundMatch, boundWords } from '../egress/rules.ts'
import type { EgressBound } from '../egress/matching/types.ts'
import { namedPeopleText, peopleRule } from '../operators/people/rules.ts'
import type { PeopleKeys } from '../operators/people/types.ts'
import type { BoundPattern, Compiled, Explanation, Template } from './types.ts'

/** What a compiled agent can and cannot do, and what this backend does not enforce. Pure. */
export function explain(compiled: Omit<Compiled, 'lock'>, report: BackendReport): Explanation {
  return {
    agent: compiled.spec.agent,
    can: can(compiled, report),
    asks: asks(compiled, report),
    cannot: cannot(compiled, report),
    notEnforced: notEnforced(compiled, report),
  }
}

function can(compiled: Omit<Compiled, 'lock'>, { isolation }: BackendReport): string[] {
  const { allow, maxAutoRisk } = compiled.template.guard
  return [
    ...(isolation === 'elsewhere'
      ? ['ask before it acts, with requests that its own key signs']
      : canInPod(compiled)),
    ...(allow.length === 0
      ? []
      : [`do this without approval, up to risk ${maxAutoRisk}: ${patterns(allow)}`]),
  ]
}

function canInPod({ template, spec, openclaw }: Omit<Compiled, 'lock'>): string[] {
  const { memoryMiB, cpus, pids } = spec.limits
  const tools = (openclaw['tools'] as { allow: string[] }).allow
  return [
    `${template.workspace === 'rw' ? 'read and write' : 'read, but not change,'} its workspace (/workspace)`,
    'read and write its own state (/state)',
    `use up to ${memoryMiB} MiB of memory, ${count(cpus, 'CPU')} and ${count(pids, 'process', 'processes')}`,
    `use these OpenClaw tools: ${tools.join(', ')}`,
  ]
}

function asks({ template }: Omit<Compiled, 'lock'>, report: BackendReport): string[] {
  const { types, ask, allow, maxAutoRisk } = template.guard
  return [
    ...ask.map(
      (pattern) =>
        `whatever policies say, for ${patterns([pattern])}${because(pattern)}${agreeing(pattern)}`,
    ),
    ...allow.flatMap(goesFurther),
    `for actions with a risk over ${maxAutoRisk} of 100`,
    'for commands of which not all that they would run is known, or not all is allowed',
    ...asksToGo(template, report),
    `for other actions of type ${types.join(', ')} that no policy or lease answers`,
    ...(template.gated.length === 0
      ? []
      : [`before these commands, when they are run by name: ${template.gated.join(', ')}`]),
    ...(agreeing(template.guard) === ''
      ? []
      : [
          `for whatever no policy allows${agreeing(template.guard)}; nothing learned answers instead`,
        ]),
  ]
}

/** Who has to agree, if one person is not enough. */
function agreeing(keys: PeopleKeys): string {
  const rule = peopleRule(keys)
  if (rule === undefined) return ''
  return `: ${namedPeopleText(rule)} ${rule.atLeast === 1 ? 'has' : 'have'} to agree`
}

/** What else an allowed command could do. A person is asked about it nevertheless. */
function goesFurther({ type, target }: BoundPattern): string[] {
  if (type !== 'exec' && type !== '*') return []
  const { except } = grantText(target, false, programs())
  return except.length === 0 ? [] : [`for ${target} where it goes further: ${except.join('; ')}`]
}

function cannot({ template, spec }: Omit<Compiled, 'lock'>, report: BackendReport): string[] {
  const { types, block } = template.guard
  const contained = isContained(report)
  return [
    ...(types.includes('*')
      ? []
      : [`take actions of other types than ${types.join(', ')}: they are blocked`]),
    ...block.map(
      (pattern) => `be allowed ${patterns([pattern])}, even by an operator${because(pattern)}`,
    ),
    'approve its own requests: the guard door takes no decisions',
    ...(contained
      ? [
          ...(report.enforces.network ? [reachable(template)] : []),
          'see your home folder, your SSH keys, other agents or the container engine',
          'become root, gain capabilities, or use setuid programs',
        ]
      : []),
    ...(contained && report.enforces.readOnlyRoot
      ? ["change the programs in its pod, the guard's client or its own policy"]
      : []),
    ...(spec.mounts.some(({ target, readOnly }) => target === '/workspace' && readOnly) && contained
      ? ['change its workspace']
      : []),
  ]
}

function reachable({ egress }: Template): string {
  return egress.length === 0
    ? 'reach any network: its pod has only loopback'
    : 'reach any network but through the gate: its pod has only loopback, and names are resolved outside'
}

function notEnforced({ template }: Omit<Compiled, 'lock'>, report: BackendReport): string[] {
  if (report.isolation === 'elsewhere')
    return [
      'anything but its own questions: it runs outside of this deck, where it can do whatever its machine lets it, without asking.',
      ...report.problems.map(problemText),
    ]
  return [
    ...(report.isolation === 'none'
      ? [
          'isolation: on this backend the agent is a plain process of your account. It can read and change whatever you can, reach any network, and bypass the guard. Use it only to try things out.',
        ]
      : []),
    ...missingLimits(template.limits, report),
    'gated commands: they only stop a command that is run by name, not a program that runs the real file by its path. ' +
      (hasClosedNetwork(report)
        ? 'Such a program still reaches no network but through the gate.'
        : 'Such a program can also reach the network here.'),
    waysOut(template.egress, report),
    ...(template.openclaw.exec['mode'] === 'allowlist'
      ? [
          "OpenClaw's own command list: it is empty at first. Until you fill it in the pod, the exec tool runs nothing but its safe programs.",
        ]
      : []),
    ...report.problems.map(problemText),
  ]
}

function problemText({ what, fix }: BackendReport['problems'][number]): string {
  return `${what} (${fix})`
}

/** Whether a pod holds the agent. */
function isContained({ isolation }: BackendReport): boolean {
  return isolation === 'container' || isolation === 'sandbox'
}

function missingLimits(
  { memoryMiB, cpus, pids }: Compiled['template']['limits'],
  { enforces, isolation, title }: BackendReport,
): string[] {
  const limits: [enforced: boolean, what: string][] = [
    [enforces.memory, `the memory limit of ${memoryMiB} MiB`],
    [enforces.cpu, `the limit of ${count(cpus, 'CPU')}`],
    [enforces.pids, `the limit of ${pids} processes`],
    [enforces.seccomp, 'the system-call filter that forbids user namespaces'],
    // The missing isolation, which is reported as a whole, includes these two.
    [
      enforces.network || isolation === 'none',
      'the closed network: the pod can reach what this machine can',
    ],
    [enforces.readOnlyRoot || isolation === 'none', 'the read-only root'],
  ]
  return limits.flatMap(([enforced, what]) =>
    enforced ? [] : [`${what}: ${title} cannot enforce it here`],
  )
}

function waysOut(bounds: readonly EgressBound[], report: BackendReport): string {
  if (!hasClosedNetwork(report))
    return 'the egress list: there is no closed network on this backend, so nothing has to go through the gate.'
  if (bounds.length === 0) return 'the egress list: it is empty, so nothing leaves the pod.'
  return 'what is sent through a tunnel, as for https: the gate knows the host, not the method, path or content.'
}

/** Where it may ask to go, as far as there is a gate. */
function asksToGo({ egress }: Template, report: BackendReport): string[] {
  const open = egress.filter((bound) => boundMatch(bound).effect !== 'block')
  if (open.length === 0 || !hasClosedNetwork(report)) return []
  return [`to go out through the gate, where no policy answers: ${open.map(boundWords).join(', ')}`]
}

function hasClosedNetwork(report: BackendReport): boolean {
  return report.enforces.network && isContained(report)
}

function patterns(all: readonly BoundPattern[]): string {
  return all.map(patternText).join(' · ')
}

function patternText({ type, target }: BoundPattern): string {
  if (type !== '*') return `${type} ${target}`
  return target === '*' ? 'everything' : `any ${target}`
}

function because({ reason }: BoundPattern): string {
  return reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`
}
