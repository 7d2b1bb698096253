import type { AcceptedLoss, Verification } from '../types.ts'

export type VerificationProblem = Verification['problems'][number]

const MAX_REPORTED = 20

/**
 * The answer of a verification. It is ok if there are no problems. `began` is from
 * `performance.now()`.
 */
export function verificationOf(parts: {
  events: number
  signed: number
  losses: AcceptedLoss[]
  head: string
  checkpoints: number
  mirrors: number
  deep: boolean
  problems: VerificationProblem[]
  began: number
}): Verification {
  const { problems, began, ...rest } = parts
  const seqs = problems.map((p) => p.seq).filter((seq) => seq !== null)
  return {
    ok: problems.length === 0,
    ...rest,
    firstBad: seqs.length === 0 ? null : Math.min(...seqs),
    problems: problems.slice(0, MAX_REPORTED),
    took: Math.round(performance.now() - began),
  }
}
