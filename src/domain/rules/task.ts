import { posix } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { canonical } from '../../base/canonical.ts'
import { authorityOf } from '../policy/address.ts'
import { PolicyEngine } from '../../clawpolicy/engine.ts'
import { programs } from '../../config/programs.ts'
import { higher, type TaskRisk } from '../../clawpolicy/risk/level.ts'
import { structuralRisk } from '../../clawpolicy/risk/structural.ts'
import { clockSources } from '../../clawpolicy/times.ts'
import type { RiskLevel, Task } from '../../clawpolicy/types.ts'
import type { Action, Risk, Doer } from '../policy/types.ts'
import { quote } from '../../base/quote.ts'
/** What kind of work the agents of a template do, in the learner's five words. */
const DOMAINS: Record<string, string> = {
  coder: 'code',
  reviewer: 'review',
  security: 'analysis',
  devops: 'ops',
}

/** The kind of work of a template's agents; `code` where nothing says more. */
export function domainOfTemplate(template: string): string {
  return Object.hasOwn(DOMAINS, template) ? (DOMAINS[template] as string) : 'code'
}

/**
 * An action as the learner compares it. Nothing in it is the agent's to choose but what will be done: neither scope nor
 * kind of work, and no words about it. What is no command becomes one whose first words are what a wider rule can be about.
 */
export function taskOf(action: Action, { template }: Doer): Task {
  return { task_type: action.type, command: commandOf(action), domain: domainOfTemplate(template) }
}

function commandOf(action: Action): string {
  const { type, target, cwd, extra } = action
  if (type === 'exec') return placed(action)
  // What else is said of it may be what it is given: the arguments of a tool, the body of a request, an amount.
  const given = Object.keys(extra).length === 0 ? [] : [canonical(extra)]
  if (type === 'net') {
    const { method, authority } = authorityOf(target)
    return quote([type, authority, method, target, ...given])
  }
  if (type !== 'file') return quote([type, target, ...given])
  const [, verb = '', path = target] = /^([a-z]+) +(.*)$/is.exec(target) ?? []
  const whole = path.startsWith('/') || cwd === '' ? path : `${cwd.replace(/\/$/, '')}/${path}`
  return quote([type, verb.toLowerCase(), folderOf(whole), target, ...given])
}

/** A program named by a way from where one stands is another one elsewhere. */
function placed({ target, argv: [program = '', ...words], cwd }: Action): string {
  return cwd === '' || program.startsWith('/') || !program.includes('/')
    ? target
    : quote([posix.join(cwd, program), ...words])
}

/** The folder that a path is in. One that ends in `..` leads out of the folder that stands before it. */
function folderOf(path: string): string {
  if (path === '/') return ''
  const named = path.endsWith('/') ? path.slice(0, -1) : path
  const last = named.slice(named.lastIndexOf('/') + 1)
  return last === '.' || last === '..'
    ? `${named}/`
    : named.slice(0, named.lastIndexOf('/') + 1) || './'
}

/** From which of the deck's own scores a level is at least so high. */
const BANDS: readonly [score: number, level: RiskLevel][] = [
  [80, 'critical'],
  [50, 'high'],
  [25, 'medium'],
  [0, 'low'],
]

export function levelOf(score: number): RiskLevel {
  return BANDS.find(([from]) => score >= from)?.[1] ?? 'critical'
}

/** How risky an action is to the learner: what its structure says, and never less than the deck's own score. */
export function taskRisk(action: Action, risk: Risk): TaskRisk {
  const scored: TaskRisk = {
    level: levelOf(risk.score),
    basis: risk.factors.map(({ label, points }) => `${label} +${points}`),
  }
  if (action.type !== 'exec') return scored
  const read = structuralRisk({ command: action.target }, programs())
  return { level: higher(read.level, scored.level), basis: [...read.basis, ...scored.basis] }
}

/** The engine as it serves one agent: what it learns there holds there, unless a person says otherwise. */
export function engineFor(doer: Doer, clock: Clock, risk?: () => TaskRisk): PolicyEngine {
  return new PolicyEngine({
    sources: clockSources(clock),
    project: doer.name,
    programs: programs(),
    ...(risk === undefined ? {} : { risk }),
  })
}
