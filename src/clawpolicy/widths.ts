import { candidateFor, originTask, type RuleOrigin } from './create.ts'
import { rehashed } from './files/records.ts'
import { runsAny, runsOnly, structureOf, type Structure } from '../command-analysis/structure.ts'
import { DEFAULT_TYPE, isStatement, textOf } from './task.ts'
import { AUTO, type Rule, type Task, type ExecutionMode } from './types.ts'

/** How much a rule is to be about: exactly this, this kind, this family. */
export type ProposalWidth = 'exact' | 'kind' | 'family'

/** A rule that could be made, by its triggers. */
export interface TriggerProposal {
  name: ProposalWidth
  trigger: string[]
  says: string
}

type Kind = Omit<TriggerProposal, 'trigger'> & { runs: string }

/** A verb as programs have them: `push` of `git push`. */
const VERB = /^[a-z][a-z0-9:_-]*$/
/** Words that can stand in a trigger and in a sentence: neither spaces nor quotes, nothing that a shell knows, nothing invisible. */
const WORD = /^[\p{L}\p{N}_@%+:,./[\]~-]+$/u
/** Where a request goes: scheme, host, port. */
const AUTHORITY =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::[0-9]+)?$/
/** Programs that run whatever they are given: about them, a rule is at least about what they are given. */
const CARRIERS = new Set(
  'python python2 python3 node deno bun perl ruby php lua npx pnpx bunx uvx pipx env xargs sudo doas ssh sh bash dash ash zsh ksh'.split(
    ' ',
  ),
)

/**
 * What a task is one of, narrowest first. Only a command that runs one program, plainly, has a kind or a family; of what is no
 * command, requests and files have. A width whose rule would not be met by the task itself is left out: one that allows covers
 * less than one that asks.
 */
export function widerTriggers(task: Task, desired: ExecutionMode): TriggerProposal[] {
  const type = textOf(task, 'task_type') || DEFAULT_TYPE
  const structure = structureOf(textOf(task, 'command'))
  const stated = isStatement(type, structure)
  const words = wordsOf(structure)
  const kinds = !stated
    ? ofCommand(words)
    : type === 'net'
      ? ofRequest(words)
      : type === 'file'
        ? ofFile(words)
        : []
  const met = (runs: string) =>
    desired === AUTO ? runsOnly(structure, runs, stated) : runsAny(structure, runs)
  return kinds
    .filter(({ runs }) => met(runs))
    .map(({ name, runs, says }) => ({ name, trigger: [`task_type:${type}`, `runs:${runs}`], says }))
}

/** The words of the one program that is run, up to the first that cannot stand in a trigger. */
function wordsOf({ runs: [run, ...more] }: Structure): string[] {
  if (run === undefined || more.length > 0) return []
  const end = run.words.findIndex((word) => word === undefined || !WORD.test(word))
  return run.words.slice(0, end < 0 ? undefined : end) as string[]
}

function ofCommand([program, ...rest]: readonly string[]): Kind[] {
  if (program === undefined) return []
  const start = CARRIERS.has(program.slice(program.lastIndexOf('/') + 1))
    ? ofCarrier(program, rest)
    : [program]
  if (start === undefined) return []
  const verb = rest[start.length - 1]
  const named = (name: ProposalWidth, words: readonly string[]): Kind => ({
    name,
    runs: words.join(' '),
    says: `every ${words.join(' ')}`,
  })
  if (start.length > 1) return [named('kind', start)]
  return verb === undefined || !VERB.test(verb)
    ? [named('family', start)]
    : [named('kind', [...start, verb]), named('family', start)]
}

/** `python -m pytest`, `node build.js`: what runs is named by the words up to there. */
function ofCarrier(program: string, [first, second]: readonly string[]): string[] | undefined {
  if (first === '-m' && second !== undefined && !second.startsWith('-'))
    return [program, first, second]
  return first === undefined || first.startsWith('-') ? undefined : [program, first]
}

/** `net <authority> <method> <target>` */
function ofRequest([program, authority, method]: readonly string[]): Kind[] {
  if (program === undefined || authority === undefined || !AUTHORITY.test(authority)) return []
  const family: Kind = {
    name: 'family',
    runs: `${program} ${authority}`,
    says: `anything at ${authority}`,
  }
  if (method === undefined || !/^[A-Z]+$/.test(method)) return [family]
  return [
    {
      name: 'kind',
      runs: `${program} ${authority} ${method}`,
      says: `every ${method} to ${authority}`,
    },
    family,
  ]
}

/** `file <verb> <folder/> <target>`: there is no family, since folders hold folders. */
function ofFile([program, verb, folder]: readonly string[]): Kind[] {
  if (
    program === undefined ||
    verb === undefined ||
    !VERB.test(verb) ||
    folder?.endsWith('/') !== true ||
    folder.split('/').includes('..')
  )
    return []
  return [
    { name: 'kind', runs: `${program} ${verb} ${folder}`, says: `every ${verb} in ${folder}` },
  ]
}

/** The rules that a person's word about a task could make, narrowest first: candidates, with what each would be about. */
export function ruleProposals(
  origin: RuleOrigin,
): { width: ProposalWidth; says: string; rule: Rule }[] {
  const exact = candidateFor(origin, 'explicit_preference')
  const wider = widerTriggers(originTask(origin), origin.desired).map(({ name, trigger, says }) => {
    const id = candidateFor(origin, 'explicit_preference').id
    return {
      width: name,
      says,
      rule: rehashed({ ...exact, id, trigger, summary: `${verbFor(exact)} ${says}`, strategy: '' }),
    }
  })
  return [{ width: 'exact', says: 'exactly this', rule: exact }, ...wider]
}

function verbFor({ policy_decision }: Rule): string {
  return policy_decision === AUTO ? 'Auto execute' : 'Require confirmation for'
}
