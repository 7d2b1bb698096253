import { hasHidden } from '../../../base/text.ts'
import { hostOf } from '../matching/address.ts'
import { commandFactors } from './command-factors.ts'
import { isRoot, ROOT_FACTOR } from './roots.ts'
import { SECRETS, words } from '../../../command-analysis/patterns/risk-words.ts'
import type { Table } from '../../../command-analysis/programs/table.ts'
import { programs } from '../../../config/programs.ts'
import type { Action, Factor, Risk } from '../types.ts'
import { isCommand } from '../matching/view.ts'

/** The first factor of each type of action. */
const BASE: Record<string, Factor> = {
  exec: { label: 'runs a command', points: 20 },
  net: { label: 'reaches the network', points: 20 },
  file: { label: 'touches a file', points: 10 },
  tool: { label: 'uses a tool', points: 20 },
  spend: { label: 'spends money', points: 50 },
  message: { label: 'sends a message', points: 15 },
  security: { label: 'changes security', points: 80 },
  deploy: { label: 'deploys', points: 75 },
  migrate: { label: 'migrates', points: 70 },
  apply: { label: 'applies a change', points: 60 },
  sync: { label: 'synchronises', points: 40 },
  api: { label: 'calls an API', points: 35 },
  config: { label: 'changes settings', points: 30 },
  cleanup: { label: 'cleans up', points: 30 },
  build: { label: 'builds', points: 25 },
  post: { label: 'posts', points: 25 },
  fix: { label: 'fixes', points: 20 },
  refactor: { label: 'refactors', points: 20 },
  test: { label: 'tests', points: 15 },
  monitor: { label: 'monitors', points: 10 },
  alert: { label: 'alerts', points: 10 },
  calendar: { label: 'reads or writes a calendar', points: 10 },
  research: { label: 'researches', points: 10 },
  review: { label: 'reviews', points: 10 },
}

/** Systems that an action may touch. Each group counts once. */
const SYSTEMS: { names: Set<string>; label: string; points: number }[] = [
  { names: new Set(['production', 'prod', 'live']), label: 'touches production', points: 20 },
  {
    names: new Set([
      'database',
      'db',
      'postgres',
      'postgresql',
      'mysql',
      'mariadb',
      'mongodb',
      'neon',
      'redis',
      'sqlite',
    ]),
    label: 'touches a database',
    points: 15,
  },
  { names: new Set(['payments', 'billing', 'stripe']), label: 'touches payments', points: 20 },
  { names: new Set(['filesystem', 'shell']), label: 'touches the file system', points: 5 },
]

/**
 * The risk of an action: a score from 0 to 100, and the factors that add up to it. The agent's own
 * score can only raise it. Words are compared whole: "information" does not contain "format".
 */
export function assessRisk(action: Action, table: Table = programs()): Risk {
  const factors: Factor[] = [
    Object.hasOwn(BASE, action.type)
      ? (BASE[action.type] as Factor)
      : { label: `type ${action.type}`, points: 20 },
  ]
  if (action.reversible === false) factors.push({ label: 'not reversible', points: 25 })
  for (const { names, label, points } of SYSTEMS)
    if (action.systems.some((s) => names.has(s))) factors.push({ label, points })
  factors.push(
    ...targetFactors(action, table),
    ...readingFactors(action),
    ...goalFactors(action.goal),
  )
  const sum = factors.reduce((points, factor) => points + factor.points, 0)
  const score = Math.min(MAX_SCORE, sum)
  // The factors add up to the score.
  if (sum > MAX_SCORE) factors.push({ label: `limited to ${MAX_SCORE}`, points: MAX_SCORE - sum })
  if (action.claimedRisk === null || action.claimedRisk <= score) return { score, factors }
  return {
    score: action.claimedRisk,
    factors: [
      ...factors,
      { label: `the agent claims ${action.claimedRisk}`, points: action.claimedRisk - score },
    ],
  }
}

const MAX_SCORE = 100
/** A person reads that much at a glance. */
const LONG = 1000

/** What makes an action hard to read for whoever decides on it. */
function readingFactors({ target, argv }: Action): Factor[] {
  const text = [target, ...argv].join('\n')
  return [
    ...(target.length > LONG ? [{ label: 'longer than 1,000 characters', points: 10 }] : []),
    ...(hasHidden(text) ? [{ label: 'has characters that cannot be seen', points: 25 }] : []),
  ]
}

function targetFactors(action: Action, table: Table): Factor[] {
  if (isCommand(action.type)) return commandFactors(action, table)
  if (action.type === 'net') return netFactors(action.target)
  return action.type === 'file' ? fileFactors(action) : []
}

function netFactors(target: string): Factor[] {
  const [, method, scheme, userinfo, host, port] =
    /^(?:([A-Z]+) )?(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#@\s]*@)?(\[[0-9a-f:.]*\]|[^/?#:\s]*)(?::(\d+))?/.exec(
      target,
    ) ?? []
  const factors = [
    methodFactor(method ?? 'GET'),
    hostFactor(hostOf(target) ?? host ?? ''),
    portFactor(port),
  ].filter((f) => f !== undefined)
  if (PLAINTEXT.has(scheme ?? '')) factors.push({ label: 'not encrypted', points: 5 })
  if (userinfo !== undefined) factors.push({ label: 'credentials in the address', points: 15 })
  return factors
}

const PLAINTEXT = new Set(['http', 'ws', 'ftp'])

function methodFactor(method: string): Factor | undefined {
  if (method === 'CONNECT')
    return { label: 'opens a tunnel, whose content is not seen', points: 10 }
  if (method === 'DELETE') return { label: 'deletes remotely', points: 25 }
  return ['GET', 'HEAD', 'OPTIONS'].includes(method)
    ? undefined
    : { label: `sends data (${method.slice(0, 12)})`, points: 15 }
}

function portFactor(port: string | undefined): Factor | undefined {
  return port === undefined || port === '443' || port === '80'
    ? undefined
    : { label: `unusual port ${port.slice(0, 5)}`, points: 5 }
}

const METADATA = new Set([
  '169.254.169.254',
  'metadata.google.internal',
  'metadata',
  '[fd00:ec2::254]',
  '100.100.100.200',
])
const PRIVATE =
  /^(?:localhost|.*\.localhost|.*\.local|.*\.internal|0\.0\.0\.0|10\.\d+\.\d+\.\d+|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|\[(?:::1?|f[cde][0-9a-f:.]*|::ffff:[0-9a-f:.]*)\])$/

function hostFactor(host: string): Factor | undefined {
  const name = host.replace(/\.$/, '')
  if (METADATA.has(name))
    return { label: 'asks for machine credentials (metadata service)', points: 60 }
  if (PRIVATE.test(name)) return { label: 'reaches a private address', points: 20 }
  return /^(?:[\d.]+|0x[0-9a-f.x]+|\[.*\])$/.test(name)
    ? { label: 'an address without a name', points: 10 }
    : undefined
}

function fileFactors({ target, cwd }: Action): Factor[] {
  const [, given, path = target] = /^([a-z]+) +(.*)$/is.exec(target) ?? []
  const verb = given?.toLowerCase()
  const factors =
    verb === 'delete' || verb === 'remove' ? deletionFactors(path, cwd) : writingFactors(verb)
  if (SECRETS.test(path)) factors.push({ label: 'touches secrets', points: 25 })
  if (/^\/(?:etc|usr|bin|sbin|lib|lib64|boot|sys|proc|dev|opt|root)(?:\/|$)/.test(path))
    factors.push({ label: 'touches the system', points: 15 })
  if (/(?:^|\/)\.\.(?:\/|$)/.test(path)) factors.push({ label: 'leaves its folder', points: 10 })
  if (/(?:^|\/)\.git\/hooks(?:\/|$)/.test(path))
    factors.push({ label: 'plants code that runs later', points: 20 })
  return factors
}

function deletionFactors(path: string, cwd: string): Factor[] {
  const deletes: Factor = { label: 'deletes', points: 20 }
  return isRoot(path, cwd) ? [deletes, ROOT_FACTOR] : [deletes]
}

const READING_VERBS = new Set(['read', 'list', 'stat'])

function writingFactors(verb: string | undefined): Factor[] {
  return verb === undefined || READING_VERBS.has(verb) ? [] : [{ label: 'writes', points: 10 }]
}

const DESTRUCTIVE = words(
  'wipe',
  'wipes',
  'wiping',
  'truncate',
  'format',
  'destroy',
  'drop table',
  'drop database',
  'delete from',
  'rm -rf',
  'rm -fr',
)
const RELEASES = words(
  'push',
  'pushes',
  'deploy',
  'deploys',
  'deployment',
  'release',
  'releases',
  'ship',
  'ships',
  'migrate',
  'migrates',
  'migration',
  'publish',
)
const CONFIDENTIAL = words(
  'secret',
  'secrets',
  'credential',
  'credentials',
  'password',
  'passwords',
  'token',
  'tokens',
  'api key',
  'private key',
  'api keys',
  'private keys',
  '.env',
)

function goalFactors(goal: string): Factor[] {
  if (goal === '') return []
  const factors: Factor[] = []
  if (DESTRUCTIVE.test(goal)) factors.push({ label: 'the goal is destructive', points: 20 })
  if (RELEASES.test(goal)) factors.push({ label: 'the goal is a release', points: 10 })
  if (CONFIDENTIAL.test(goal)) factors.push({ label: 'the goal names secrets', points: 15 })
  return factors
}
