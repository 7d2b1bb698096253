import type { Question } from '../../domain/policy/types.ts'
import type { Outcome } from '../../domain/approvals/types.ts'
import { innerAct, type Caller } from '../act.ts'
import type { Room } from '../room.ts'

/** Whose door it is. The door knows; nothing that is sent there counts. */
function agentOf({ agent }: Caller): string {
  if (agent === undefined) throw new TypeError('only guard doors ask for agents')
  return agent
}

/** What agents do at their guard doors. */
export const guardRoom: Room = {
  nouns: [],
  commands: [
    innerAct({
      id: 'guard.ask',
      needs: 'ask',
      audit: 'own',
      run: (deck, question: Question, caller) => deck.guard.ask(agentOf(caller), question),
    }),
    innerAct({
      id: 'guard.foresee',
      needs: 'ask',
      audit: 'none',
      run: (deck, question: Question, caller) => deck.guard.foresee(agentOf(caller), question),
    }),
    innerAct({
      id: 'guard.wait',
      needs: 'ask',
      audit: 'none',
      run: (deck, { id, waitMs }: { id: string; waitMs: number }, caller) =>
        deck.guard.wait(agentOf(caller), id, waitMs, caller.signal),
    }),
    innerAct({
      id: 'guard.report',
      needs: 'ask',
      audit: 'own',
      run: (deck, { id, outcome }: { id: string; outcome: Omit<Outcome, 'at'> }, caller) =>
        deck.guard.report(agentOf(caller), id, outcome),
    }),
    innerAct({
      id: 'guard.refused',
      needs: 'ask',
      audit: 'own',
      run: (deck, { reason, what }: { reason: string; what: string }, caller) =>
        deck.guard.refused(agentOf(caller), reason, what),
    }),
    innerAct({
      id: 'guard.whoami',
      needs: 'ask',
      audit: 'none',
      run: (deck, _input: object, caller) => deck.guard.whoami(agentOf(caller)),
    }),
  ],
}
