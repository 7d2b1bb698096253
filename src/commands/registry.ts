import type { Act } from './act.ts'
import { agentPodsCommands } from './agent-pods.ts'
import { agentsCommands } from './agents.ts'
import { approvalsCommands } from './approvals.ts'
import { auditCommands } from './audit.ts'
import { budgetCommands } from './budget.ts'
import { deckHomeCommands } from './deck-home.ts'
import { isFace, type Face } from './face.ts'
import { guardCommands } from './guard.ts'
import { imagesCommands } from './images.ts'
import { leasesCommands } from './leases.ts'
import { packsCommands } from './packs.ts'
import { playbooksCommands } from './playbooks.ts'
import { policiesCommands } from './policies.ts'
import { ruleFilesCommands } from './rule-files.ts'
import { ruleQuestionsCommands } from './rule-questions.ts'
import { rulesCommands } from './rules.ts'
import { screenCommands } from './screen.ts'
import { shellsCommands } from './shells.ts'
import { supervisorCommands } from './supervisor.ts'
import { templatesCommands } from './templates.ts'
import { trialsCommands } from './trials.ts'

const commands = [
  ...agentsCommands,
  ...agentPodsCommands,
  ...guardCommands,
  ...approvalsCommands,
  ...leasesCommands,
  ...shellsCommands,
  ...templatesCommands,
  ...policiesCommands,
  ...packsCommands,
  ...budgetCommands,
  ...ruleQuestionsCommands,
  ...rulesCommands,
  ...ruleFilesCommands,
  ...playbooksCommands,
  ...trialsCommands,
  ...auditCommands,
  ...deckHomeCommands,
  ...imagesCommands,
  ...supervisorCommands,
  ...screenCommands,
]

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
