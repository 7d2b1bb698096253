import { count, plain } from '../../../base/text.ts'
import type { Layer, TextLine } from '../store/layer.ts'
import { fit } from '../text/width.ts'
import { centred, type Canvas } from './frame.ts'
import type { View } from './view.ts'
import { textLines } from './text-view.ts'
import type { ChangedAnswer, Simulation } from '../../../domain/rules/trials/types.ts'

type Preview = Extract<Layer, { kind: 'preview' }>

const line = (tone: TextLine['tone'], text: string): TextLine => ({ tone, text })

/** What a change of rules would have changed of the recorded past: the grave first, and loud. */
export function previewView(layer: Preview, room: Canvas): View {
  const { found, problem } = layer
  const right = found === null ? '' : `${found.changed} of ${found.questions} would change`
  if (found === null && problem === '')
    return {
      title: layer.title,
      right,
      lines: centred(room, [['dim', 'replaying what was recorded…']]),
      scroll: 0,
    }
  const lines = [
    line('dim', ''),
    ...layer.says.map((text) => line('command', text)),
    ...keysOf(layer),
    ...(found === null
      ? [line('dim', ''), line('warn', `△ It could not be replayed: ${problem}`)]
      : simulationLines(found)),
  ]
  return { title: layer.title, right, lines: textLines(room, lines), scroll: layer.scroll }
}

/** Whether saying yes takes the second, different key. */
export function takesSecondKey({ found }: Pick<Preview, 'found'>): boolean {
  return (found?.grave ?? 0) > 0
}

function keysOf(layer: Preview): TextLine[] {
  if (layer.act === null)
    return [line('dim', ''), line('dim', 'Looking changes nothing. Esc comes back.')]
  const { unit } = layer
  return [
    line('dim', ''),
    takesSecondKey(layer)
      ? line('bad', '⚠ a  yes, I mean it      Esc  leave it as it is')
      : line('good', '✓ y  yes, do it      Esc  leave it as it is'),
    ...(unit === undefined
      ? []
      : [
          line(
            'text',
            `  P  look at all of “${plain(unit.summary, 60)}” instead: ${count(unit.rules.length, 'rule')}, ${unit.confirmed} confirmed`,
          ),
        ]),
  ]
}

/** A simulation in words, the grave first. */
export function simulationLines(found: Simulation): TextLine[] {
  const grave = found.flips.filter((flip) => flip.grave)
  const others = found.flips.filter((flip) => !flip.grave)
  return [
    line('dim', ''),
    line('head', `In the past, ${spanOf(found)}`),
    summary(found),
    ...(found.grave === 0 ? [] : [line('bad', `⚠ ${graveText(found)}`)]),
    ...(found.byAgent.length === 0
      ? []
      : [
          line('dim', ''),
          line('head', 'By agent'),
          ...found.byAgent
            .slice(0, 50)
            .map((a) => line('text', `${fit(plain(a.agent, 40), 14)}  ${tally(a)}`)),
        ]),
    ...(grave.length === 0
      ? []
      : [
          line('dim', ''),
          line('head', 'Look at these first'),
          ...grave.flatMap((flip) => flipLines(flip)),
        ]),
    ...(others.length === 0
      ? []
      : [
          line('dim', ''),
          line('head', grave.length === 0 ? 'What would have changed' : 'The others'),
          ...others.flatMap((flip) => flipLines(flip)),
        ]),
    ...[
      ...found.notes,
      ...(found.leftOut === 0
        ? []
        : [
            `${count(found.leftOut, 'question was', 'questions were')} left out: their agents are gone`,
          ]),
    ].map((text) => line('dim', `• ${text}`)),
  ]
}

function summary(found: Simulation): TextLine {
  if (found.questions === 0)
    return line('dim', 'Nothing like this was ever asked: there is no past to compare with.')
  if (found.changed === 0)
    return line('good', `✓ Nothing would have changed in ${count(found.questions, 'question')}.`)
  return line(
    'text',
    `${found.changed} of ${count(found.questions, 'question')} would have been answered otherwise: ${tally(found)}.`,
  )
}

export function graveText({ grave }: Pick<Simulation, 'grave'>): string {
  return `${grave} of them ${grave === 1 ? 'is' : 'are'} grave: of high risk, or allowed against a person's no.`
}

function tally({
  toAllow,
  toAsk,
  toBlock,
}: Pick<Simulation, 'toAllow' | 'toAsk' | 'toBlock'>): string {
  const parts = [
    [toAllow, 'allowed unasked'],
    [toAsk, 'asked'],
    [toBlock, 'blocked'],
  ] as const
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, words]) => `${n} ${words}`)
      .join(', ') || 'nothing'
  )
}

function spanOf({ from, until }: Simulation): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
  return from === null || until === null
    ? 'as far as it is recorded'
    : day(from) === day(until)
      ? day(from)
      : `${day(from)} to ${day(until)}`
}

const WOULD: Record<ChangedAnswer['would'], string> = {
  allow: 'allowed unasked',
  warn: 'allowed with a warning',
  require_approval: 'asked',
  block: 'blocked',
}

function flipLines(flip: ChangedAnswer): TextLine[] {
  const times = flip.times > 1 ? ` ×${flip.times}` : ''
  return [
    line(
      flip.grave ? 'bad' : 'text',
      `${flip.grave ? '⚠' : '•'} ${plain(flip.agent, 40)}: ${plain(flip.type, 20)} ${plain(flip.target, 400)}${times}`,
    ),
    line(
      flip.grave ? 'warn' : 'dim',
      `    risk ${flip.risk} · was ${flip.was} → would be ${WOULD[flip.would]} · ${plain(flip.reason, 300)}`,
    ),
  ]
}
