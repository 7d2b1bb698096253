import type { Verification } from './types.ts'

export type Problem = Verification['problems'][number]

const MOST_TOLD = 20

/** What was found, as an answer: it holds if nothing was. `began` is of `performance.now()`. */
export function verdict(parts: {
  events: number
  head: string
  checkpoints: number
  mirrors: number
  deep: boolean
  problems: Problem[]
  began: number
}): Verification {
  const { problems, began, ...rest } = parts
  const seqs = problems.map((p) => p.seq).filter((seq) => seq !== null)
  return {
    ok: problems.length === 0,
    ...rest,
    firstBad: seqs.length === 0 ? null : Math.min(...seqs),
    problems: problems.slice(0, MOST_TOLD),
    took: Math.round(performance.now() - began),
  }
}
