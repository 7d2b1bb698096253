import { count, plain } from '../../../base/text.ts'
import type { ChangedAnswer, Simulation } from '../../../domain/rules/trials/types.ts'
import { DECISION_WORDS } from '../../text/rules.ts'
import { changeCounts, severeText, simulationNotes } from '../../text/simulation.ts'
import { needsSecondKey, type LayerOf, type TextLine } from '../store/layer.ts'
import { fit } from '../text/width.ts'
import { centred, type Canvas } from './frame.ts'
import { BLANK_LINE, headingLines, sectionLines, textLine } from './lines.ts'
import { textLines } from './text-view.ts'
import type { BodyView } from './view.ts'

type Preview = LayerOf<'preview'>

/** What a change of rules would have changed of the recorded past: the severe changes first. */
export function previewView(layer: Preview, room: Canvas): BodyView {
  const { title, found, problem, says } = layer
  if (found === null && problem === '') {
    const lines = centred(room, [['dim', 'Replaying the recorded past…']])
    return { title, right: '', lines, scroll: 0 }
  }
  const lines = [
    BLANK_LINE,
    ...says.map((text) => textLine('command', text)),
    ...keyLines(layer),
    ...(found === null
      ? [BLANK_LINE, textLine('warn', `△ The past could not be replayed: ${problem}`)]
      : simulationLines(found)),
  ]
  const right = found === null ? '' : `${found.changed} of ${found.questions} would change`
  return { title, right, lines: textLines(room, lines), scroll: layer.scroll }
}

function keyLines(layer: Preview): TextLine[] {
  const { act, unit } = layer
  if (act === null) return [BLANK_LINE, textLine('dim', 'This changes nothing. Esc goes back.')]
  return [
    BLANK_LINE,
    needsSecondKey(layer)
      ? textLine('bad', '⚠ a  confirm      Esc  cancel')
      : textLine('good', '✓ y  confirm      Esc  cancel'),
    ...(unit === undefined
      ? []
      : [
          textLine(
            'text',
            `  P  show all of “${plain(unit.summary, 60)}” instead: ${count(unit.rules.length, 'rule')}, ${unit.confirmed} confirmed`,
          ),
        ]),
  ]
}

const MAX_AGENTS = 50

/** A simulation in words, the severe changes first. */
export function simulationLines(found: Simulation): TextLine[] {
  const severe = found.flips.filter((flip) => flip.severe)
  const others = found.flips.filter((flip) => !flip.severe)
  const agents = found.byAgent
    .slice(0, MAX_AGENTS)
    .map((one) => textLine('text', `${fit(plain(one.agent, 40), 14)}  ${changeCounts(one)}`))
  return [
    ...headingLines(`In the past, ${periodOf(found)}`),
    summaryLine(found),
    ...(found.severe === 0 ? [] : [textLine('bad', `⚠ ${severeText(found)}`)]),
    ...sectionLines('By agent', agents),
    ...sectionLines('Review these first', severe.flatMap(flipLines)),
    ...sectionLines(
      severe.length === 0 ? 'What would have changed' : 'Others',
      others.flatMap(flipLines),
    ),
    ...simulationNotes(found).map((text) => textLine('dim', `• ${text}`)),
  ]
}

function summaryLine(found: Simulation): TextLine {
  if (found.questions === 0)
    return textLine('dim', 'Nothing like this was ever asked, so there is nothing to compare.')
  const questions = count(found.questions, 'question')
  if (found.changed === 0) return textLine('good', `✓ None of ${questions} would have changed.`)
  return textLine(
    'text',
    `${found.changed} of ${questions} would have changed: ${changeCounts(found)}`,
  )
}

function periodOf({ from, until }: Simulation): string {
  if (from === null || until === null) return 'as far as recorded'
  const [first, last] = [from, until].map((at) => new Date(at).toISOString().slice(0, 10))
  return first === last ? String(first) : `${first} to ${last}`
}

function flipLines(flip: ChangedAnswer): TextLine[] {
  const { severe, risk, was, would } = flip
  const times = flip.times > 1 ? ` ×${flip.times}` : ''
  const action = `${plain(flip.type, 20)} ${plain(flip.target, 400)}${times}`
  const change = `was ${was} → would be ${DECISION_WORDS[would]}`
  return [
    textLine(severe ? 'bad' : 'text', `${severe ? '⚠' : '•'} ${plain(flip.agent, 40)}: ${action}`),
    textLine(severe ? 'warn' : 'dim', `    risk ${risk} · ${change} · ${plain(flip.reason, 300)}`),
  ]
}
