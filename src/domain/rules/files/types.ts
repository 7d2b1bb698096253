/** How files are taken in. Without `replace` or `keep`, a rule that is here already and differs is a reason to take nothing. */
export interface ImportInput {
  path: string
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean | undefined
  /** Rules that allow stay confirmed, with the evidence that the files hold for them. */
  trust?: boolean | undefined
  replace?: boolean | undefined
  keep?: boolean | undefined
}
export interface ImportReport {
  source: string
  /** What was found there, a file each. */
  found: string[]
  dryRun: boolean
  /** `kept`: they, or playbooks, differ from what is here, which stays. */
  rules: { made: number; changed: number; same: number; kept: number }
  /** Made or changed. */
  playbooks: number
  /** Lines of the log that were not here yet. */
  events: number
  /** Confirmed rules that came in as candidates. */
  candidates: string[]
  /** What is here already and differs, and in which fields. */
  conflicts: { id: string; differs: string[] }[]
  notes: string[]
}
/** Where files are written. By default the original ClawPolicy can read them. */
export interface ExportInput {
  path: string
  /** With what only the deck knows: until when rules hold, who made them, and unknown keys. */
  facts?: boolean | undefined
}
export interface ExportReport {
  path: string
  files: { name: string; bytes: number; sha256: string }[]
  rules: number
  playbooks: number
  events: number
}
/** Rules that travel. */
export interface RuleFiles {
  /** From a folder, or one file of it; all or nothing. Faults: `not.found`, `policies.invalid`, `input.invalid`, `not.possible` where what is here differs. */
  import(input: ImportInput, actor: string): Promise<ImportReport>
  /** All files or none. Faults: `not.possible`, `input.invalid`. */
  export(input: ExportInput, actor: string): Promise<ExportReport>
  /** Weak hints from the history of a repository. */
  analyze(input: { path: string; commits: number }, actor: string): Promise<ImportReport>
}
