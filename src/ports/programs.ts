/**
 * Runs a program of the operator's to its end, without a shell. Faults: `timeout`, `not.possible`
 * with how it ended.
 */
export type RunProgram = (run: ProgramRun) => Promise<void>

export interface ProgramRun {
  /** The program, and its arguments as they are. */
  words: readonly string[]
  /** What it reads. */
  input: string
  timeoutMs: number
  /** Ends it early. */
  signal: AbortSignal
}
