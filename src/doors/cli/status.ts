import { existsSync, readdirSync } from 'node:fs'
import { count, jsonLine } from '../../base/text.ts'
import type { SupervisorStatus } from '../../commands/deck.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Cli } from './cli.ts'
import { answers } from './ensure.ts'
import { fleet } from './print/agents.ts'
import { supervisorText } from './print/deck.ts'

/** The deck as it is: running, asleep or not made yet. Starts nothing and never throws for what is absent. */
export async function statusText(cli: Cli): Promise<string> {
  const { home, beyond, json } = cli
  if (await answers(home.socket)) return awake(cli)
  const agents = existsSync(home.agents) ? readdirSync(home.agents).length : undefined
  if (json)
    return jsonLine({
      version: beyond.version,
      home: home.root,
      initialised: agents !== undefined,
      running: false,
      agents: agents ?? 0,
    })
  const where =
    agents === undefined
      ? `no deck at ${home.root} yet`
      : `deck at ${home.root}, ${count(agents, 'agent')}, supervisor not running`
  return `clawdeck ${beyond.version}: ${where}\n${agents === undefined ? 'Make one with `clawdeck init`, or look around with `clawdeck demo`.' : 'Open it with `clawdeck` in a terminal, or start it with `clawdeck supervisor start`.'}\n`
}

async function awake({ linkIfThere, json, beyond, paint }: Cli): Promise<string> {
  const link = linkIfThere()
  const [status, agents] = await Promise.all([
    link.do('supervisor.status') as Promise<SupervisorStatus>,
    link.do('agent.list') as Promise<Agent[]>,
  ])
  if (json) return jsonLine({ ...status, running: true, fleet: agents })
  const page = { paint, now: Date.now() }
  return `clawdeck ${beyond.version}\n${supervisorText(status, page)}\n${fleet(agents, page)}`
}
