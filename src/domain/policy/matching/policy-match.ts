import type { OperatorPolicy } from '../types.ts'

/** A policy that matches an action. */
export interface PolicyMatch {
  readonly policy: OperatorPolicy
  /** For one that asks or blocks: whether the action certainly is what it means. */
  readonly isCertain: boolean
  /** For one that allows or warns: the pieces of the action that it covers. */
  readonly pieces: ReadonlySet<number>
  /** What it does not cover of a command that it matches. */
  readonly missing: string | undefined
}
