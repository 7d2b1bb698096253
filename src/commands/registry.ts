import { nounsOf } from '../journal/noun.ts'
import type { Act } from './act.ts'
import { accessRoom } from './rooms/access.ts'
import { agentKeysRoom } from './rooms/agent-keys.ts'
import { agentPodsRoom } from './rooms/agent-pods.ts'
import { agentsRoom } from './rooms/agents.ts'
import { alertsRoom } from './rooms/alerts.ts'
import { apiRoom } from './rooms/governance/api.ts'
import { apiKeysRoom } from './rooms/governance/api-keys.ts'
import { approvalsRoom } from './rooms/approvals.ts'
import { auditRoom } from './rooms/audit.ts'
import { budgetRoom } from './rooms/rules/budget.ts'
import { chatsRoom } from './rooms/chats.ts'
import { deckHomeRoom } from './rooms/deck-home.ts'
import { egressRoom } from './rooms/egress.ts'
import { devicesRoom } from './rooms/devices.ts'
import { doorsRoom } from './rooms/doors.ts'
import { freezingRoom } from './rooms/freezing.ts'
import { guardRoom } from './rooms/guard.ts'
import { imagesRoom } from './rooms/images.ts'
import { labRoom } from './rooms/rules/lab.ts'
import { leasesRoom } from './rooms/leases.ts'
import { ledgerRoom } from './rooms/governance/ledger.ts'
import { lookingRoom } from './rooms/looking.ts'
import { operatorsRoom } from './rooms/operators.ts'
import { packsRoom } from './rooms/rules/packs.ts'
import { playbooksRoom } from './rooms/rules/playbooks.ts'
import { policiesRoom } from './rooms/policies.ts'
import { ruleFilesRoom } from './rooms/rules/rule-files.ts'
import { ruleQuestionsRoom } from './rooms/rules/rule-questions.ts'
import { rulesRoom } from './rooms/rules/rules.ts'
import { screenRoom } from './rooms/screen.ts'
import { shellsRoom } from './rooms/shells.ts'
import { complianceRoom } from './rooms/governance/compliance.ts'
import { signalsRoom } from './rooms/governance/signals.ts'
import { supervisorRoom } from './rooms/supervisor.ts'
import { templatesRoom } from './rooms/templates.ts'
import { trialsRoom } from './rooms/rules/trials.ts'
import { webhooksRoom } from './rooms/webhooks.ts'
import { isFace, type Face } from './face.ts'
import type { Room } from './room.ts'

/** Every room of the deck. Events are folded and help is listed in this order. */
export const rooms: readonly Room[] = [
  agentsRoom,
  freezingRoom,
  agentPodsRoom,
  templatesRoom,
  approvalsRoom,
  alertsRoom,
  lookingRoom,
  guardRoom,
  leasesRoom,
  egressRoom,
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
  operatorsRoom,
  accessRoom,
  devicesRoom,
  agentKeysRoom,
  chatsRoom,
  webhooksRoom,
  doorsRoom,
  apiRoom,
  apiKeysRoom,
  ledgerRoom,
  signalsRoom,
  complianceRoom,
  auditRoom,
  deckHomeRoom,
  imagesRoom,
  supervisorRoom,
  screenRoom,
]

/** Every noun of the deck, for the journal. */
export const nouns = nounsOf(rooms.flatMap((room) => room.nouns))

const commands = rooms.flatMap((room) => room.commands)

/** Every face of the deck: keys, hints, palette, help and command line come from these. */
export const faces: readonly Face[] = commands.filter(isFace)

/** Every act of the deck by id. */
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
