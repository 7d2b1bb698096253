import type { Table } from '../command-analysis/programs/table.ts'
import type { CandidateFactory, RuleOrigin } from './evidence/candidates.ts'
import { CommandLine } from './command.ts'
import { rehashed } from './files/records.ts'
import { DEFAULT_TYPE, textOf } from './task.ts'
import { AUTO, type ExecutionMode, type Rule, type Task } from './types.ts'

/**
 * How much a rule covers: exactly one task; a program with its verb, a method at a host, a verb in
 * a folder; or a whole program or host.
 */
type ProposalWidth = 'exact' | 'kind' | 'family'

/** A rule that a person's decision could make, and what it would cover, in words. */
export interface CandidateProposal {
  width: ProposalWidth
  covers: string
  rule: Rule
}

/** The triggers of a wider rule. */
interface TriggerProposal {
  width: ProposalWidth
  trigger: string[]
  covers: string
}

interface CommandPrefix {
  width: ProposalWidth
  /** The words that a command must begin with. */
  words: string
  covers: string
}

/** A verb of a program: `push` of `git push`. */
const VERB = /^[a-z][a-z0-9:_-]*$/
/**
 * Words that may stand in a trigger and on a screen: no spaces, quotes, shell syntax or invisible
 * characters.
 */
const SAFE_WORD = /^[\p{L}\p{N}_@%+:,./[\]~-]+$/u
/** Where a request goes: scheme, host, port. */
const AUTHORITY =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::[0-9]+)?$/
const FLOW_DOMAIN = /^domain:([a-z0-9_.:-]+:[0-9]+)$/
const FLOW_HOST = /^host:([a-z0-9_.:-]+:[0-9]+)$/
/**
 * Programs that run what they are given: a rule about one covers no more than one thing that is
 * given.
 */
const LAUNCHERS = new Set(
  (
    'python python2 python3 node deno bun perl ruby php lua npx pnpx bunx uvx pipx ' +
    'env xargs sudo doas ssh sh bash dash ash zsh ksh'
  ).split(' '),
)

/**
 * Triggers of rules that cover more than a task, narrowest first. Commands have them that run one
 * program with constant words, and statements of the types `net` and `file`. Triggers that the task
 * itself would not match are left out: a rule that allows covers less than one that asks.
 */
export function widerTriggers(
  task: Task,
  desired: ExecutionMode,
  programs?: Table,
): TriggerProposal[] {
  const type = textOf(task, 'task_type') || DEFAULT_TYPE
  const command = new CommandLine(textOf(task, 'command'), type, programs)
  const matches = ({ words }: CommandPrefix) =>
    desired === AUTO ? command.runsOnly(words) : command.runsAny(words)
  return prefixesOf(command, type)
    .filter(matches)
    .map(({ width, words, covers }) => ({
      width,
      trigger: [`task_type:${type}`, `runs:${words}`],
      covers,
    }))
}

function prefixesOf(command: CommandLine, type: string): CommandPrefix[] {
  const words = leadingWords(command)
  if (!command.isStatement) return programPrefixes(words)
  if (type === 'net') return requestPrefixes(words)
  return type === 'file' ? filePrefixes(words) : []
}

/** The words of the only program that is run, up to the first that cannot stand in a trigger. */
function leadingWords(command: CommandLine): string[] {
  const words = command.onlyWords ?? []
  const end = words.findIndex((word) => word === undefined || !SAFE_WORD.test(word))
  return words.slice(0, end < 0 ? undefined : end) as string[]
}

function programPrefixes([program, ...rest]: readonly string[]): CommandPrefix[] {
  if (program === undefined) return []
  const launches = LAUNCHERS.has(program.slice(program.lastIndexOf('/') + 1))
  const start = launches ? launchedPrefix(program, rest) : [program]
  if (start === undefined) return []
  const prefix = (width: ProposalWidth, words: readonly string[]): CommandPrefix => ({
    width,
    words: words.join(' '),
    covers: `every ${words.join(' ')}`,
  })
  if (start.length > 1) return [prefix('kind', start)]
  const verb = rest[start.length - 1]
  return verb === undefined || !VERB.test(verb)
    ? [prefix('family', start)]
    : [prefix('kind', [...start, verb]), prefix('family', start)]
}

/** `python -m pytest`, `node build.js`: the words up to what is launched. */
function launchedPrefix(program: string, [first, second]: readonly string[]): string[] | undefined {
  if (first === '-m' && second !== undefined && !second.startsWith('-'))
    return [program, first, second]
  return first === undefined || first.startsWith('-') ? undefined : [program, first]
}

/** `net <domain> <host> <method> <target>`, as a gate asks about what it lets out. */
function flowPrefixes(program: string, domain: string, host: string | undefined): CommandPrefix[] {
  const [name, address] = [FLOW_DOMAIN.exec(domain)?.[1], FLOW_HOST.exec(host ?? '')?.[1]]
  if (name === undefined || address === undefined) return []
  const whole: CommandPrefix = {
    width: 'kind',
    words: `${program} ${domain} ${host}`,
    covers: `anything at ${address}`,
  }
  // An address has no domain: a wider rule would be the same.
  if (/^[0-9.]+:[0-9]+$|:.*:/.test(name)) return [whole]
  const covers = `anything at ${name} and below it`
  return [whole, { width: 'family', words: `${program} ${domain}`, covers }]
}

/** `net <authority> <method> <target>` */
function requestPrefixes([program, authority, method]: readonly string[]): CommandPrefix[] {
  if (program !== undefined && authority?.startsWith('domain:') === true)
    return flowPrefixes(program, authority, method)
  if (program === undefined || authority === undefined || !AUTHORITY.test(authority)) return []
  const host: CommandPrefix = {
    width: 'family',
    words: `${program} ${authority}`,
    covers: `anything at ${authority}`,
  }
  if (method === undefined || !/^[A-Z]+$/.test(method)) return [host]
  return [
    {
      width: 'kind',
      words: `${program} ${authority} ${method}`,
      covers: `every ${method} to ${authority}`,
    },
    host,
  ]
}

/** `file <verb> <folder/> <target>`: nothing wider, since folders hold folders. */
function filePrefixes([program, verb, folder]: readonly string[]): CommandPrefix[] {
  const isFolder = folder?.endsWith('/') === true && !folder.split('/').includes('..')
  if (program === undefined || verb === undefined || !VERB.test(verb) || !isFolder) return []
  return [
    {
      width: 'kind',
      words: `${program} ${verb} ${folder}`,
      covers: `every ${verb} in ${folder}`,
    },
  ]
}

/** The candidates that a person's decision about a task could make, narrowest first. */
export function ruleProposals(
  origin: RuleOrigin,
  factory: CandidateFactory,
  programs?: Table,
): CandidateProposal[] {
  const exact = factory.candidate(origin, 'explicit_preference')
  const title = origin.desired === AUTO ? 'Auto execute' : 'Require confirmation for'
  const wider = widerTriggers(factory.taskOf(origin), origin.desired, programs).map(
    ({ width, trigger, covers }): CandidateProposal => {
      const { id } = factory.candidate(origin, 'explicit_preference')
      const summary = `${title} ${covers}`
      return { width, covers, rule: rehashed({ ...exact, id, trigger, summary, strategy: '' }) }
    },
  )
  return [{ width: 'exact', covers: 'exactly this', rule: exact }, ...wider]
}
