/**
 * How files are imported. Without `replace` or `keep`, a rule that exists and differs stops the
 * import.
 */
export interface ImportInput {
  path: string
  /** Reports what would happen and changes nothing. */
  dryRun?: boolean | undefined
  /** Rules that allow stay confirmed, with the evidence that the files hold for them. */
  trust?: boolean | undefined
  /** Rules of the files replace existing ones that differ. */
  replace?: boolean | undefined
  /** Existing rules that differ stay. */
  keep?: boolean | undefined
}

export interface ImportReport {
  source: string
  /** A sentence for each file that was found. */
  found: string[]
  dryRun: boolean
  /** `kept`: existing rules, or playbooks, that differ from the files and stay as they are. */
  rules: { made: number; changed: number; same: number; kept: number }
  /** Playbooks made or changed. */
  playbooks: number
  /** New lines of the log. */
  events: number
  /** Confirmed rules that were imported as candidates. */
  candidates: string[]
  /** Existing rules and playbooks that differ, and in which fields. */
  conflicts: { id: string; differs: string[] }[]
  notes: string[]
}

/** Where files are written. By default the original ClawPolicy can read them. */
export interface ExportInput {
  path: string
  /** Includes what only the deck knows: expiry and author of rules, and unknown keys. */
  facts?: boolean | undefined
}

export interface ExportReport {
  path: string
  files: { name: string; bytes: number; sha256: string }[]
  rules: number
  playbooks: number
  events: number
}

/** Rules in files. */
export interface RuleFileService {
  /**
   * Imports a folder, or one file of it, completely or not at all. Faults: `not.found`,
   * `policies.invalid`, `input.invalid`, `not.possible` where existing rules differ.
   */
  import(input: ImportInput, actor: string): Promise<ImportReport>
  /** Writes all files or none. Faults: `not.possible`, `input.invalid`. */
  export(input: ExportInput, actor: string): Promise<ExportReport>
  /** Learns weak hints from the history of a repository. Faults: `not.found`, `not.possible`. */
  analyze(input: { path: string; commits: number }, actor: string): Promise<ImportReport>
}
