import { candidateFor, type Origin } from './create.ts'
import { rehashed } from './records.ts'
import { structureOf } from './structure.ts'
import { textOf } from './task.ts'
import type { Rule, Task } from './types.ts'

/** How much a rule is to be about: exactly this, this kind, this family. */
export type WidthName = 'exact' | 'kind' | 'family'

/** A rule that could be made, by its triggers. */
export interface Width { name: WidthName; trigger: string[]; says: string }

/** A verb as programs have them: `push` of `git push`. */
const VERB = /^[a-z][a-z0-9:_-]*$/

/** What a task's command is one of. Only a command that runs one program, plainly, has a kind or a family; none is offered for others. */
export function kindsOf(task: Task): Width[] {
  const { runs, writes, unclear } = structureOf(textOf(task, 'command'))
  const [run] = runs
  if (run === undefined || runs.length > 1 || writes.length > 0 || unclear.length > 0 || run.environment) return []
  const [program, verb] = run.words
  if (program === undefined || program === '' || program.includes(' ')) return []
  const family: Width = { name: 'family', trigger: [`runs:${program}`], says: `every ${program}` }
  if (verb === undefined || !VERB.test(verb)) return [family]
  return [{ name: 'kind', trigger: [`runs:${program} ${verb}`], says: `every ${program} ${verb}` }, family]
}

/** The rules that a person's word about a task could make, narrowest first: candidates, with what each would be about. */
export function proposals(origin: Origin): { width: WidthName; says: string; rule: Rule }[] {
  const exact = candidateFor(origin, 'explicit_preference')
  const wider = kindsOf(origin.task).map(({ name, trigger, says }) => {
    const id = candidateFor(origin, 'explicit_preference').id
    return { width: name, says, rule: rehashed({ ...exact, id, trigger, summary: `${verbFor(exact)} ${says}`, strategy: '' }) }
  })
  return [{ width: 'exact', says: 'exactly this', rule: exact }, ...wider]
}

function verbFor({ policy_decision }: Rule): string {
  return policy_decision === 'auto_execute' ? 'Auto execute' : 'Require confirmation for'
}
