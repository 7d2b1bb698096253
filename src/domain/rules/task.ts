import { posix } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { canonical } from '../../base/canonical.ts'
import { quote } from '../../base/quote.ts'
import { authorityOf } from '../policy/matching/address.ts'
import { PolicyEngine } from '../../clawpolicy/engine.ts'
import { programs } from '../../config/programs.ts'
import { higher, type TaskRisk } from '../../clawpolicy/risk/level.ts'
import { structuralRisk } from '../../clawpolicy/risk/structural.ts'
import { clockSources } from '../../clawpolicy/times.ts'
import type { RiskLevel, Task } from '../../clawpolicy/types.ts'
import { readNetTarget } from '../egress/matching/target.ts'
import type { Action, AgentIdentity, Risk } from '../policy/types.ts'

/** The learner's kind of work for the agents of a template. */
const DOMAINS: Record<string, string> = {
  coder: 'code',
  reviewer: 'review',
  security: 'analysis',
  devops: 'ops',
}

/** The kind of work of a template's agents; `code` for other templates. */
export function domainOfTemplate(template: string): string {
  return Object.hasOwn(DOMAINS, template) ? (DOMAINS[template] as string) : 'code'
}

/**
 * An action as the learner compares it. It consists of what will be done: an agent cannot choose
 * its scope or kind of work, and its own words about the action are left out. What is not a command
 * is written as one, whose first words are what a wider rule can match.
 */
export function taskOf(action: Action, { template }: AgentIdentity): Task {
  return { task_type: action.type, command: commandOf(action), domain: domainOfTemplate(template) }
}

function commandOf(action: Action): string {
  const { type, target, cwd, extra } = action
  if (type === 'exec') return commandFrom(action)
  // Unknown fields may be part of the action: arguments of a tool, the body of a request, an
  // amount.
  const details = Object.keys(extra).length === 0 ? [] : [canonical(extra)]
  if (action.gate !== undefined) return quote(flowWords(action, action.gate.domain))
  if (type === 'net') {
    const { method, authority } = authorityOf(target)
    return quote([type, authority, method, target, ...details])
  }
  if (type !== 'file') return quote([type, target, ...details])
  const [, verb = '', path = target] = /^([a-z]+) +(.*)$/is.exec(target) ?? []
  const isAbsolute = path.startsWith('/') || cwd === ''
  const absolute = isAbsolute ? path : `${cwd.replace(/\/$/, '')}/${path}`
  return quote([type, verb.toLowerCase(), folderOf(absolute), target, ...details])
}

/**
 * What the gate asks, as a statement: `net domain:npmjs.org:443 host:registry.npmjs.org:443 CONNECT
 * registry.npmjs.org:443`. Its first words are what a wider rule can match.
 */
function flowWords({ type, target }: Action, domain: string): string[] {
  const { host = target, port = 0, method = 'CONNECT' } = readNetTarget(target) ?? {}
  const [, what = target] = /^[A-Z]+ (.*)$/.exec(target) ?? []
  return [type, `domain:${domain}:${port}`, `host:${host}:${port}`, method, what]
}

/** A relative path of a program is made absolute: it is another program in another folder. */
function commandFrom({ target, argv: [program = '', ...words], cwd }: Action): string {
  return cwd === '' || program.startsWith('/') || !program.includes('/')
    ? target
    : quote([posix.join(cwd, program), ...words])
}

/** The folder of a path. A path that ends in `.` or `..` is a folder itself. */
function folderOf(path: string): string {
  if (path === '/') return ''
  const named = path.endsWith('/') ? path.slice(0, -1) : path
  const last = named.slice(named.lastIndexOf('/') + 1)
  return last === '.' || last === '..'
    ? `${named}/`
    : named.slice(0, named.lastIndexOf('/') + 1) || './'
}

/** The lowest score of each risk level. */
const LEVELS: readonly [score: number, level: RiskLevel][] = [
  [80, 'critical'],
  [50, 'high'],
  [25, 'medium'],
  [0, 'low'],
]

export function levelOf(score: number): RiskLevel {
  return LEVELS.find(([lowest]) => score >= lowest)?.[1] ?? 'critical'
}

/** The risk of an action for the learner: that of its structure, but at least the deck's score. */
export function taskRisk(action: Action, risk: Risk): TaskRisk {
  const scored: TaskRisk = {
    level: levelOf(risk.score),
    basis: risk.factors.map(({ label, points }) => `${label} +${points}`),
  }
  if (action.type !== 'exec') return scored
  const structural = structuralRisk({ command: action.target }, programs())
  return {
    level: higher(structural.level, scored.level),
    basis: [...structural.basis, ...scored.basis],
  }
}

/** The engine for one agent: what it learns applies to that agent, unless a person widens it. */
export function engineFor(agent: AgentIdentity, clock: Clock, risk?: () => TaskRisk): PolicyEngine {
  return new PolicyEngine({
    sources: clockSources(clock),
    project: agent.name,
    programs: programs(),
    ...(risk === undefined ? {} : { risk }),
  })
}
