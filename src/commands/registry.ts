import { nounsOf } from '../journal/noun.ts'
import type { Act } from './act.ts'
import { agentPodsRoom } from './agent-pods.ts'
import { agentsRoom } from './agents.ts'
import { approvalsRoom } from './approvals.ts'
import { auditRoom } from './audit.ts'
import { budgetRoom } from './budget.ts'
import { deckHomeRoom } from './deck-home.ts'
import { guardRoom } from './guard.ts'
import { imagesRoom } from './images.ts'
import { labRoom } from './lab.ts'
import { leasesRoom } from './leases.ts'
import { packsRoom } from './packs.ts'
import { playbooksRoom } from './playbooks.ts'
import { policiesRoom } from './policies.ts'
import { ruleFilesRoom } from './rule-files.ts'
import { ruleQuestionsRoom } from './rule-questions.ts'
import { rulesRoom } from './rules.ts'
import { screenRoom } from './screen.ts'
import { shellsRoom } from './shells.ts'
import { supervisorRoom } from './supervisor.ts'
import { templatesRoom } from './templates.ts'
import { trialsRoom } from './trials.ts'
import { isFace, type Face } from './face.ts'
import type { Room } from './room.ts'

/** Every room of the deck. Events are folded, and help is printed, in this order. */
export const rooms: readonly Room[] = [
  agentsRoom,
  agentPodsRoom,
  templatesRoom,
  approvalsRoom,
  guardRoom,
  leasesRoom,
  shellsRoom,
  policiesRoom,
  packsRoom,
  budgetRoom,
  ruleQuestionsRoom,
  rulesRoom,
  ruleFilesRoom,
  playbooksRoom,
  trialsRoom,
  labRoom,
  auditRoom,
  deckHomeRoom,
  imagesRoom,
  supervisorRoom,
  screenRoom,
]

/** Every noun of the deck, as the journal uses them. */
export const nouns = nounsOf(rooms.flatMap((room) => room.nouns))

const commands = rooms.flatMap((room) => room.commands)

/** Everything that people meet: keys, hints, palette, help and command line are printed from it. */
export const faces: readonly Face[] = commands.filter(isFace)

/** Every act of the deck by its id. */
export const acts: ReadonlyMap<string, Act> = new Map(
  commands.flatMap((command): [string, Act][] => {
    const act = isFace(command) ? command.act : command
    return act === undefined ? [] : [[act.id, act]]
  }),
)

const byId = new Map(faces.map((face) => [face.id, face]))

export function findFace(id: string): Face | undefined {
  return byId.get(id)
}
