import { existsSync, readdirSync } from 'node:fs'
import { count, jsonLine } from '../../base/text.ts'
import type { SupervisorStatus } from '../../commands/deck.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Cli } from './cli.ts'
import { isListening } from '../../wire/listening.ts'
import { fleet } from './print/agents.ts'
import { supervisorText } from './print/deck.ts'

/** The deck: running, not running, or not created yet. Starts nothing. */
export async function statusText(cli: Cli): Promise<string> {
  const { home, program, json } = cli
  if (await isListening(home.socket)) return runningText(cli)
  const agents = existsSync(home.agents) ? readdirSync(home.agents).length : undefined
  if (json)
    return jsonLine({
      version: program.version,
      home: home.root,
      initialised: agents !== undefined,
      running: false,
      agents: agents ?? 0,
    })
  const where =
    agents === undefined
      ? `no deck at ${home.root} yet`
      : `deck at ${home.root}, ${count(agents, 'agent')}, supervisor not running`
  const next =
    agents === undefined
      ? 'To create it: clawdeck init. To look around first: clawdeck demo'
      : 'To open it in a terminal: clawdeck. To start it: clawdeck supervisor start'
  return `clawdeck ${program.version}: ${where}\n${next}\n`
}

async function runningText({ existingLink, json, program, paint }: Cli): Promise<string> {
  const link = await existingLink()
  const [status, agents] = await Promise.all([
    link.do('supervisor.status') as Promise<SupervisorStatus>,
    link.do('agent.list') as Promise<Agent[]>,
  ])
  if (json) return jsonLine({ ...status, running: true, fleet: agents })
  const page = { paint, now: Date.now() }
  return `clawdeck ${program.version}\n${supervisorText(status, page)}\n${fleet(agents, page)}`
}
