import { count } from '../../../base/text.ts'
import type {
  EvaluateReport,
  LabData,
  TrainReport,
  TuneReport,
  TuneTrial,
} from '../../../domain/rules/lab/types.ts'
import type { Paint } from '../terminal.ts'
import { timeOf } from './events.ts'

/** What a run of the lab found. */
export function labReport(report: TrainReport | EvaluateReport | TuneReport, paint: Paint): string {
  const lines = [...dataLines(report.data), ...findings(report, paint)]
  if (report.stopped)
    lines.push(paint('careful', 'It ended early, as its time was over: --seconds allows more.'))
  return `${lines.join('\n')}\n`
}

function dataLines({ questions, allowed, refused, training, heldOut, from, until }: LabData) {
  return [
    `${count(questions, 'decision')} of people, ${timeOf(from)} to ${timeOf(until)}: ${allowed} allowed, ${refused} refused`,
    `trained on the first ${training}; the last ${heldOut} held out`,
    '',
  ]
}

function findings(report: TrainReport | EvaluateReport | TuneReport, paint: Paint): string[] {
  if ('confusion' in report) return evaluation(report, paint)
  return 'trials' in report ? tuning(report, paint) : training(report, paint)
}

function training({ plot, episodes, saved }: TrainReport, paint: Paint): string[] {
  return [
    rewardLine(plot, episodes),
    saved === null
      ? paint('dim', 'The model was not kept: --save <path> writes it into a folder.')
      : `Saved in ${saved}`,
  ]
}

function evaluation(
  { plot, episodes, table, agreement, alwaysAsk }: EvaluateReport,
  paint: Paint,
): string[] {
  return [
    rewardLine(plot, episodes),
    '',
    ...table,
    '',
    `${paint('strong', `The model agrees with people in ${percent(agreement)}`)} of the decisions that were held out; asking about everything, in ${percent(alwaysAsk)}.`,
  ]
}

function tuning(
  { plot, trials, table, best, importance, heldOutScore, defaultScore }: TuneReport,
  paint: Paint,
): string[] {
  const shares = Object.entries(importance).map(([name, share]) => `${name} ${percent(share)}`)
  return [
    `score   ${plot}   over ${count(trials.length, 'trial')}`,
    '',
    ...table,
    '',
    ...(shares.length === 0 ? [] : [`What made the difference: ${shares.join(' · ')}`]),
    `${paint('strong', `Best: ${trialText(best)}`)}`,
    `On the decisions that were held out it scores ${heldOutScore.toFixed(3)}, the defaults ${defaultScore.toFixed(3)}.`,
    paint(
      'dim',
      'A score of 1 is always right; a needless question counts half, a wrong yes nothing.',
    ),
  ]
}

function trialText({ actorRate, criticRate, prioritised }: TuneTrial): string {
  const replay = prioritised ? 'prioritised' : 'uniform'
  return `actor rate ${actorRate.toFixed(4)}, critic rate ${criticRate.toFixed(4)}, ${replay} replay`
}

function rewardLine(plot: string, episodes: number): string {
  return `reward  ${plot}   over ${count(episodes, 'episode')}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
