import type { Backend, BackendKind, BackendReport, PodFacts } from './pods.ts'
/** The backends of this machine with what each can do here. */
export interface Backends {
  of(kind: BackendKind): Backend
  report(kind: BackendKind): BackendReport
  /** Where new agents go when nobody says. */
  preferred(): BackendKind
  all(): Backend[]
  /** Every pod there is, by agent, with one question to each backend; one that does not answer is logged and left out. */
  pods(log: (what: string) => void): Promise<Map<string, PodFacts>>
  /** Looks again: an engine may have come or gone. */
  probe(): Promise<void>
  close(): Promise<void>
}
