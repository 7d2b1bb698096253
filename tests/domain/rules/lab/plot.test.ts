import { expect, it } from 'vitest'
import { confusionTable, sparkline, trialTable } from '../../../../src/domain/rules/lab/plot.ts'

it.each<[number[], number | undefined, string]>([
  [[], undefined, ''],
  [[0.5], undefined, '0.50 █ 0.50'],
  [[0, 1], undefined, '0.00 ▁█ 1.00'],
  [[0, 0, 0.5, 0.5, 1, 1], 3, '0.00 ▁▅█ 1.00'],
])('%j in a width of %s is drawn as %s', (values, width, text) =>
  expect(sparkline(values, width)).toBe(text),
)

it('is never wider than asked for', () => {
  const bars = sparkline(Array.from({ length: 1000 }, (_, i) => i)).split(' ')[1] as string
  expect([...bars]).toHaveLength(48)
})

it('shows where people and the model agree', () => {
  const confusion = { allowedRun: 12, allowedAsked: 3, refusedRun: 1, refusedAsked: 107 }
  expect(confusionTable(confusion)).toEqual([
    '                   model runs it  model asks',
    'people allowed it             12           3',
    'people refused it              1         107',
  ])
})

it('lists the best trials', () => {
  const trial = (score: number) => ({ actorRate: 0.01, criticRate: 0.02, prioritised: true, score })
  expect(trialTable([trial(0.1), trial(0.3), trial(0.2)], 2)).toEqual([
    'score  actor rate  critic rate       replay',
    '0.300      0.0100       0.0200  prioritised',
    '0.200      0.0100       0.0200  prioritised',
  ])
})
