export type ScanSeverity = 'critical' | 'high' | 'medium'

/** What is answered and stored of a scan: never what was found. */
export interface SecuritySummary {
  clean: boolean
  findings_count: number
  critical_count: number
  categories: readonly string[]
}

/** Characters that a scan has looked at, for tests of its cost. */
export interface ScanWork {
  steps: number
}
