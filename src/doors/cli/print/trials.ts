import { ago, count, plain } from '../../../base/text.ts'
import { WOULD, becauseText } from '../../text/rules.ts'
import { facts, table, type Tone } from '../terminal.ts'
import { risk } from './approvals.ts'
import { timeOf } from './events.ts'
import { type Page, type Printers } from './page.ts'
import type { Flip, Simulation } from '../../../domain/rules/trials/types.ts'
import type { Why, Turn, WhyRule } from '../../../domain/rules/why/types.ts'

const WIDTH = 80
/** Flips that are printed; `--json` has them all. */
const PRINTED = 20

const TONES: Record<Flip['would'], Tone> = {
  allow: 'good',
  warn: 'good',
  require_approval: 'careful',
  block: 'bad',
}

function simulated(answer: Simulation, page: Page): string {
  const { paint } = page
  const {
    change,
    questions,
    changed,
    toAllow,
    toAsk,
    toBlock,
    grave,
    leftOut,
    notes,
    from,
    until,
  } = answer
  const when = from === null || until === null ? '' : `, ${timeOf(from)} to ${timeOf(until)}`
  const head = `${paint('strong', 'If')} ${block(change, 3)}${count(questions, 'recorded question')} looked at${when}\n`
  const rest = [
    ...(leftOut === 0
      ? []
      : [
          `${count(leftOut, 'question')} left out: the agent is gone, and nobody knows any more what bound it`,
        ]),
    ...notes,
  ]
    .map((note) => paint('dim', `note  ${block(plain(note, 500), 6)}`))
    .join('')
  if (changed === 0)
    return `${head}${paint('good', 'Nothing would have been answered otherwise.')}\n${rest}`
  const words = [
    [toAllow, 'allowed'],
    [toAsk, 'asked'],
    [toBlock, 'denied'],
  ]
    .filter(([n]) => n !== 0)
    .map(([n, what]) => `${n} ${what}`)
  const sum = `${changed} would have been answered otherwise: ${words.join(' · ')}\n${grave === 0 ? '' : `${paint('bad', `! ${grave} of them of high risk, or against a person's no`)}\n`}`
  const agents = table(
    paint,
    ['AGENT', 'ALLOWED', 'ASKED', 'DENIED'],
    answer.byAgent
      .slice(0, PRINTED)
      .map((one) => [one.agent, String(one.toAllow), String(one.toAsk), String(one.toBlock)]),
    '',
  )
  return `${head}${sum}\n${agents}\n${answer.flips
    .slice(0, PRINTED)
    .map((flip) => flipText(flip, page))
    .join('')}${more(answer, paint)}${rest}`
}

function flipText(
  { seq, at, agent, type, target, risk: score, was, would, reason, grave, times }: Flip,
  { paint, now }: Page,
): string {
  const cell = risk(score)
  const number =
    typeof cell === 'string' ? cell.padStart(3) : paint(cell.tone, cell.text.padStart(3))
  return `${grave ? paint('bad', '!') : ' '} ${number}  ${plain(agent, 32)}  ${was} → ${paint(TONES[would], WOULD[would])}${times === 1 ? '' : `  ${times}×`}${paint('dim', `  event ${seq}, ${ago(at, now)}`)}
       ${block(plain(`${type} ${target}`, 300), 7)}${paint('dim', `       ${block(plain(reason, 300), 7)}`)}`
}

function more({ flips, changed }: Simulation, paint: Page['paint']): string {
  const shown = flips.slice(0, PRINTED).reduce((n, { times }) => n + times, 0)
  return changed <= shown
    ? ''
    : paint('dim', `  and ${changed - shown} more; --json has up to 200 kinds of them\n`)
}

function why(answer: Why | WhyRule, page: Page): string {
  return answer.about === 'rule' ? whyRule(answer, page) : whyAnswer(answer, page)
}

function whyAnswer(
  { id, seq, at, agent, became, path, rules, now, limits, turns }: Why,
  { paint, now: today }: Page,
): string {
  const tone = TONES[now.decision]
  const steps = path.map(
    ({ layer, id: which, text, decided }) =>
      `${decided ? paint('strong', '▸ ') : '  '}${paint('dim', layer.padEnd(10))}  ${block(plain(`${which === undefined || text.includes(which) ? '' : `${which}  `}${text}`, 1000), 14)}`,
  )
  return `${facts(paint, [
    ['asked', `${id}, event ${seq}`],
    ['by', `${agent}, ${ago(at, today)}`],
    ['became', became],
  ])}${paint('strong', 'how')}\n${steps.join('')}${
    rules.length === 0
      ? ''
      : `${paint('strong', 'learned rules that speak of it')}\n${rules.map((rule) => `  ${plain(rule.id, 64)}  ${rule.status}${rule.decision === '' ? '' : `, ${rule.decision}`}\n    ${block(plain(rule.text, 300), 4)}`).join('')}`
  }${paint('strong', 'asked again now')}  ${paint(tone, WOULD[now.decision])}\n${now.reasons.map(({ text }) => `  ${block(plain(text, 500), 2)}`).join('')}${limits.map((text) => paint('careful', `  ${block(plain(text, 500), 2)}`)).join('')}${turned(turns, 'what would turn it', paint)}`
}

function whyRule(
  { rule, summary, seq, at, actor, from, to, because, evidence, turns }: WhyRule,
  { paint, now }: Page,
): string {
  const rows = evidence.map(
    (one) =>
      `  ${paint('dim', `${String(one.seq).padStart(6)}  ${ago(one.at, now).padEnd(8)}`)}  ${block(plain(one.text, 400), 20)}`,
  )
  return `${facts(paint, [
    ['rule', rule],
    ['says', summary],
    ['event', `${seq}, ${ago(at, now)}, by ${actor}`],
    ['moved', from === null ? `made a ${to}` : from === to ? `stayed ${to}` : `${from} → ${to}`],
    ['because', becauseText(because, from !== to)],
  ])}${
    rows.length === 0
      ? ''
      : `${paint('strong', 'evidence up to then, latest first')}\n${rows.join('')}`
  }${turned(turns, 'what can be done with it now', paint)}`
}

function turned(turns: readonly Turn[], heading: string, paint: Page['paint']): string {
  return turns.length === 0
    ? ''
    : `${paint('strong', heading)}\n${turns.map(({ text, command }) => `  · ${block(plain(text, 500), 4)}    ${paint('dim', plain(command, 5000))}\n`).join('')}`
}

/** Text in lines that fit behind `indent` characters, the first of which is already there; a longer word stands over. */
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
  simulation: simulated,
  why: why,
} satisfies Partial<Printers>
