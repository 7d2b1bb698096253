import type { Backend, BackendKind, BackendReport, PodFacts } from './pods.ts'

/** The backends of this machine, and what each can do here. */
export interface Backends extends AsyncDisposable {
  of(kind: BackendKind): Backend
  report(kind: BackendKind): BackendReport
  /** The backend for new agents, unless another is chosen. */
  preferred(): BackendKind
  all(): Backend[]
  /**
   * All pods, by agent. Asks each backend once; one that does not answer is logged and left out.
   */
  pods(log: (what: string) => void): Promise<Map<string, PodFacts>>
  /** Updates the reports: an engine may have been started or stopped. */
  probe(): Promise<void>
}
