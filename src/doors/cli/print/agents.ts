import { ago, bytes } from '../../../base/text.ts'
import type { SupervisorStatus } from '../../../commands/deck.ts'
import { frozenText } from '../../../domain/agents/freezing/rules.ts'
import type { FrozenAgent } from '../../../domain/agents/freezing/types.ts'
import { ISOLATION_WARNINGS } from '../../../domain/agents/rules.ts'
import type { Agent, AgentPhase, AgentService, TrashedAgent } from '../../../domain/agents/types.ts'
import type { PodUsage } from '../../../ports/pods.ts'
import { facts, table, type Cell, type Paint, type Tone } from '../terminal.ts'
import { supervisorText } from './deck.ts'
import { safeLines, type Page, type Printers } from './page.ts'

const MARKS: Record<AgentPhase, { mark: string; tone: Tone }> = {
  created: { mark: '○', tone: 'dim' },
  starting: { mark: '◌', tone: 'careful' },
  up: { mark: '●', tone: 'good' },
  stopping: { mark: '◌', tone: 'careful' },
  stopped: { mark: '○', tone: 'dim' },
  exited: { mark: '○', tone: 'dim' },
  failed: { mark: '✗', tone: 'bad' },
  drifted: { mark: '!', tone: 'bad' },
}

function phase(agent: Agent): Cell {
  if (agent.frozen !== undefined) return frozenCell(agent, agent.frozen)
  const { mark, tone } = MARKS[agent.phase]
  const what =
    agent.phase === 'drifted'
      ? `drift: ${agent.drift.map((drift) => drift.what).join(', ')}`
      : agent.phase
  return { text: `${mark} ${what}`, tone }
}

function frozenCell({ phase: was }: Agent, frozen: FrozenAgent): Cell {
  const { held, problem } = frozen
  if (problem !== '') return { text: `✗ not paused: ${problem}`, tone: 'bad' }
  const before = was === 'up' ? '' : `, ${was}`
  return { text: held ? `❄ ${frozenText(frozen)}${before}` : '❄ freezing', tone: 'careful' }
}

function runsOn({ backend, isolation }: Agent): Cell {
  const warning = ISOLATION_WARNINGS[isolation]
  return warning === '' ? backend : { text: `${backend}, ${warning}`, tone: 'careful' }
}

/** All agents as a table. */
export function fleet(agents: readonly Agent[], { paint, now }: Page): string {
  const rows = agents.map((agent) => [
    agent.name,
    agent.template,
    phase(agent),
    ago(agent.since, now),
    runsOn(agent),
    agent.asking > 0 ? { text: `${agent.asking} waiting`, tone: 'careful' as const } : '',
    agent.note,
  ])
  return table(
    paint,
    ['AGENT', 'TEMPLATE', 'STATE', 'SINCE', 'RUNS ON', 'APPROVALS', 'NOTE'],
    rows,
    'No agents yet. Create one: clawdeck create coder a1',
  )
}

function agentText(agent: Agent, { paint, now }: Page): string {
  return facts(paint, [
    ['agent', agent.name],
    ['template', agent.template],
    ['state', phase(agent)],
    ['since', ago(agent.since, now)],
    ['runs on', runsOn(agent)],
    ['wanted', agent.wish],
    ['waiting', agent.asking === 0 ? undefined : `${agent.asking}`],
    ['note', agent.note === '' ? undefined : agent.note],
    ['exit code', agent.exitCode === null ? undefined : String(agent.exitCode)],
    ['pod', agent.podId === '' ? undefined : agent.podId],
    ['guard door', agent.door === '' ? 'closed' : agent.door],
    ...agent.drift.map(
      (drift) =>
        ['drift', { text: `${drift.what}: ${drift.from} → ${drift.to}`, tone: 'bad' }] as const,
    ),
    ...agent.unenforced.map((what) => ['not enforced', { text: what, tone: 'careful' }] as const),
  ])
}

function usageTable(usage: Record<string, PodUsage>, paint: Paint): string {
  const rows = Object.entries(usage).map(([agent, { cpuPercent, memoryBytes, pids }]) => [
    agent,
    `${cpuPercent.toFixed(0)}%`,
    bytes(memoryBytes),
    String(pids),
  ])
  return table(paint, ['AGENT', 'CPU', 'MEMORY', 'PROCESSES'], rows, 'No agent is running.')
}

function inspection(
  { agent, pod, spec, lock, usage, folder }: Awaited<ReturnType<AgentService['inspect']>>,
  page: Page,
): string {
  const json = (title: string, value: unknown): string =>
    `\n${page.paint('strong', title)}\n${safeLines(JSON.stringify(value, undefined, 2))}\n`
  return (
    agentText(agent, page) +
    facts(page.paint, [
      ['folder', folder],
      ['usage', usage === null ? undefined : usageText(usage)],
    ]) +
    (pod === null ? '' : json('pod', pod)) +
    json('spec', spec) +
    json('lock', lock)
  )
}

function usageText({ cpuPercent, memoryBytes, pids }: PodUsage): string {
  return `${cpuPercent.toFixed(0)}% CPU, ${bytes(memoryBytes)}, ${pids} processes`
}

export const agentPrinters = {
  agents: fleet,
  'agent-or-deck': (answer: Agent | SupervisorStatus, page) =>
    'pid' in answer ? supervisorText(answer, page) : agentText(answer, page),
  agent: agentText,
  'new-agent': (agent, page) => `${agentText(agent, page)}Start it: clawdeck start ${agent.name}\n`,
  inspection,
  trash: (trash: TrashedAgent[], { paint, now }) =>
    table(
      paint,
      ['AGENT', 'TEMPLATE', 'DELETED', 'FOLDER'],
      trash.map((t) => [t.name, t.template, ago(t.deletedAt, now), t.path]),
      'The trash is empty.',
    ),
  usage: (usage: Record<string, PodUsage>, { paint }) => usageTable(usage, paint),
} satisfies Partial<Printers>
