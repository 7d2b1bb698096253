import { DeadMan } from '../../domain/agents/freezing/dead-man.ts'
import type { Freezing } from '../../domain/agents/freezing/service.ts'
import { RIGHTS } from '../../domain/operators/rules.ts'
import type { OperatorAccess, OperatorRow } from '../../domain/operators/types.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

interface AbsenceContext {
  operators: Pick<OperatorAccess, 'rows' | 'active' | 'onChange'>
  freezing: Pick<Freezing, 'freezeAll'>
  served: Promise<void>
}

/** Sees whether there are operators, for what is to be done while there are none. */
export interface Attendance {
  /** An operator asked for something, at any door. A program with a key is nobody to be seen. */
  saw(operator: string, actor: string): void
}

export function composeAbsence(
  { settings: { deadMan: terms, escalation }, clock, log, parts }: DeckContext,
  { journal, store }: DeckRecord,
  { operators, freezing, served }: AbsenceContext,
): Attendance {
  const people = () => operators.rows().filter(mayAct)
  const here = () => people().reduce((sum, one) => sum + one.here.length, 0)
  const to = () => [
    ...new Set([
      ...escalation.flatMap((step) => step.to),
      ...people().map(({ id }) => `operator:${id}`),
    ]),
  ]
  const deadMan = parts.use(
    new DeadMan({
      journal,
      store,
      clock,
      terms,
      to,
      isSomebodyHere: () => here() > 0,
      freezeAll: (why, actor) => freezing.freezeAll(why, actor),
      problem: log,
    }),
  )
  let before = here()
  operators.onChange(() => {
    const now = here()
    if (now !== before) deadMan.saw('supervisor')
    before = now
  })
  void served.then(() => deadMan.start())
  return {
    saw(operator, actor) {
      const one = operators.active(operator)
      if (one !== undefined && mayAct(one)) deadMan.saw(actor)
    },
  }
}

/** Whether this is a person who could step in. */
function mayAct({ kind, role }: Pick<OperatorRow, 'kind' | 'role'>): boolean {
  return kind === 'person' && RIGHTS[role].has('operate')
}
