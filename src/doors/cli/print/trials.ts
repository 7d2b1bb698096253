import { ago, count, plain } from '../../../base/text.ts'
import type { Decision } from '../../../domain/policy/types.ts'
import type { ChangedAnswer, Simulation } from '../../../domain/rules/trials/types.ts'
import type { Alternative, Why, WhyRule } from '../../../domain/rules/why/types.ts'
import { becauseText, DECISION_WORDS } from '../../text/rules.ts'
import { facts, table, type Paint } from '../terminal.ts'
import { riskCell } from './approvals.ts'
import { timeOf } from './events.ts'
import { DECISION_TONES, type Page, type Printers } from './page.ts'

const WIDTH = 80
/** Flips and agents that are printed; `--json` has all. */
const MAX_PRINTED = 20

function simulation(answer: Simulation, page: Page): string {
  const { paint } = page
  const { change, questions, changed, byAgent, flips, from, until } = answer
  const period = from === null || until === null ? '' : `, ${timeOf(from)} to ${timeOf(until)}`
  const replayed = `${count(questions, 'recorded question')} replayed${period}\n`
  const head = `${paint('strong', 'If')} ${block(change, 3)}${replayed}`
  if (changed === 0)
    return `${head}${paint('good', 'No answer would change.')}\n${simulationNotes(answer, paint)}`
  const agents = table(
    paint,
    ['AGENT', 'ALLOWED', 'ASKED', 'DENIED'],
    byAgent
      .slice(0, MAX_PRINTED)
      .map((one) => [one.agent, String(one.toAllow), String(one.toAsk), String(one.toBlock)]),
    '',
  )
  const list = flips.slice(0, MAX_PRINTED).map((flip) => flipText(flip, page))
  const parts = [
    head,
    `${changesText(answer, paint)}\n`,
    `${agents}\n`,
    ...list,
    more(answer, paint),
    simulationNotes(answer, paint),
  ]
  return parts.join('')
}

function changesText(
  { changed, toAllow, toAsk, toBlock, severe }: Simulation,
  paint: Paint,
): string {
  const counts: [n: number, what: string][] = [
    [toAllow, 'allowed'],
    [toAsk, 'asked'],
    [toBlock, 'denied'],
  ]
  const parts = counts.filter(([n]) => n !== 0).map(([n, what]) => `${n} ${what}`)
  const warning =
    severe === 0
      ? ''
      : `${paint('bad', `! ${severe} of them have high risk, or were denied by a person`)}\n`
  return `${count(changed, 'answer')} would change: ${parts.join(' · ')}\n${warning}`
}

function simulationNotes({ leftOut, notes }: Simulation, paint: Paint): string {
  const omitted =
    leftOut === 0
      ? []
      : [`${count(leftOut, 'question')} omitted: the agent's bounds are unknown, as it was deleted`]
  return [...omitted, ...notes]
    .map((note) => paint('dim', `note  ${block(plain(note, 500), 6)}`))
    .join('')
}

function flipText(flip: ChangedAnswer, { paint, now }: Page): string {
  const { seq, at, agent, type, target, was, would, reason, severe, times } = flip
  const cell = riskCell(flip.risk)
  const score =
    typeof cell === 'string' ? cell.padStart(3) : paint(cell.tone, cell.text.padStart(3))
  const change = `${was} → ${decisionText(would, paint)}`
  const repeated = times === 1 ? '' : `  ${times}×`
  const source = paint('dim', `  event ${seq}, ${ago(at, now)}`)
  const what = block(plain(`${type} ${target}`, 300), 7)
  const why = paint('dim', `       ${block(plain(reason, 300), 7)}`)
  const mark = severe ? paint('bad', '!') : ' '
  return `${mark} ${score}  ${plain(agent, 32)}  ${change}${repeated}${source}\n       ${what}${why}`
}

function more({ flips, changed }: Simulation, paint: Paint): string {
  const shown = flips.slice(0, MAX_PRINTED).reduce((n, { times }) => n + times, 0)
  return changed <= shown
    ? ''
    : paint('dim', `  and ${changed - shown} more; --json lists up to 200 different ones\n`)
}

function why(answer: Why | WhyRule, page: Page): string {
  return answer.about === 'rule' ? whyRule(answer, page) : whyAnswer(answer, page)
}

function whyAnswer(
  { id, seq, at, agent, became, path, rules, now, limits, turns }: Why,
  { paint, now: today }: Page,
): string {
  const parts = [
    facts(paint, [
      ['asked', `${id}, event ${seq}`],
      ['by', `${agent}, ${ago(at, today)}`],
      ['outcome', became],
    ]),
    `${paint('strong', 'how it was decided')}\n`,
    ...path.map((step) => pathLine(step, paint)),
    rules.length === 0 ? '' : `${paint('strong', 'learned rules about it')}\n`,
    ...rules.map(matchingRule),
    `${paint('strong', 'the answer now')}  ${decisionText(now.decision, paint)}\n`,
    ...now.reasons.map(({ text }) => `  ${block(plain(text, 500), 2)}`),
    ...limits.map((text) => paint('careful', `  ${block(plain(text, 500), 2)}`)),
    turnList(turns, 'what would change it', paint),
  ]
  return parts.join('')
}

function decisionText(decision: Decision, paint: Paint): string {
  return paint(DECISION_TONES[decision], DECISION_WORDS[decision])
}

function pathLine({ layer, id, text, decided }: Why['path'][number], paint: Paint): string {
  const mark = decided ? paint('strong', '▸ ') : '  '
  const source = id === undefined || text.includes(id) ? '' : `${id}  `
  return `${mark}${paint('dim', layer.padEnd(10))}  ${block(plain(`${source}${text}`, 1000), 14)}`
}

function matchingRule({ id, status, decision, text }: Why['rules'][number]): string {
  const effect = decision === '' ? '' : `, ${decision}`
  return `  ${plain(id, 64)}  ${status}${effect}\n    ${block(plain(text, 300), 4)}`
}

function whyRule(
  { rule, summary, seq, at, actor, from, to, because, evidence, turns }: WhyRule,
  { paint, now }: Page,
): string {
  const rows = evidence.map((one) => {
    const source = paint('dim', `${String(one.seq).padStart(6)}  ${ago(one.at, now).padEnd(10)}`)
    return `  ${source}  ${block(plain(one.text, 400), 22)}`
  })
  const parts = [
    facts(paint, [
      ['rule', rule],
      ['says', summary],
      ['event', `${seq}, ${ago(at, now)}, by ${actor}`],
      ['change', changeText(from, to)],
      ['because', becauseText(because, from !== to)],
    ]),
    rows.length === 0 ? '' : `${paint('strong', 'evidence until then, latest first')}\n`,
    ...rows,
    turnList(turns, 'what you can do with it', paint),
  ]
  return parts.join('')
}

function changeText(from: WhyRule['from'], to: WhyRule['to']): string {
  if (from === null) return `created as ${to}`
  return from === to ? `stayed ${to}` : `${from} → ${to}`
}

function turnList(turns: readonly Alternative[], heading: string, paint: Paint): string {
  if (turns.length === 0) return ''
  const lines = turns.map(
    ({ text, command }) =>
      `  · ${block(plain(text, 500), 4)}    ${paint('dim', plain(command, 5000))}\n`,
  )
  return `${paint('strong', heading)}\n${lines.join('')}`
}

/**
 * Wraps text that begins after `indent` characters, and indents its other lines. Long words are not
 * split.
 */
function block(text: string, indent: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - indent) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return `${[...lines, line].join(`\n${' '.repeat(indent)}`)}\n`
}

export const trialPrinters = {
  simulation,
  why,
} satisfies Partial<Printers>
