import { count } from '../../base/text.ts'
import type { Simulation } from '../../domain/rules/trials/types.ts'

/** `2 allowed, 1 asked`: how answers would have changed. */
export function changeCounts({
  toAllow,
  toAsk,
  toBlock,
}: Pick<Simulation, 'toAllow' | 'toAsk' | 'toBlock'>): string {
  const counts: [n: number, what: string][] = [
    [toAllow, 'allowed'],
    [toAsk, 'asked'],
    [toBlock, 'denied'],
  ]
  const parts = counts.filter(([n]) => n !== 0).map(([n, what]) => `${n} ${what}`)
  return parts.join(', ') || 'none'
}

/** Which changes a person should look at first. */
export function severeText({ severe }: Pick<Simulation, 'severe'>): string {
  return `${severe} of them ${severe === 1 ? 'has' : 'have'} high risk, or ${severe === 1 ? 'was' : 'were'} denied by a person`
}

/** What the simulation cannot say, and what it assumes. */
export function simulationNotes({ leftOut, notes }: Simulation): string[] {
  const omitted = `${count(leftOut, 'question')} omitted: the agent's bounds are unknown, as it was deleted`
  return [...(leftOut === 0 ? [] : [omitted]), ...notes]
}
