import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { EMPTY_FILES } from '../files/provision.ts'
import { PolicyFileReader } from '../files/read.ts'
import { writeEvent, writePlaybooks, writeRules } from '../files/write.ts'
import {
  lastLines,
  policyStatus,
  recentTransitions,
  riskyRules,
  type EventLines,
  type PolicyStatus,
} from '../evidence/history.ts'
import type { Playbook, PolicyEvent, Rule, Status } from '../types.ts'
import { replaceFile } from './replace-file.ts'

export interface PolicyStoreOptions {
  /** Which mistakes of the original are corrected; all by default. */
  corrections?: Corrections
}

export interface BootstrapOptions extends PolicyStoreOptions {
  /** Creates the files that are missing. */
  ensureFiles?: boolean
}

/** Counts and file sizes in bytes. */
export interface PolicyStoreStats {
  totalRules: number
  totalPlaybooks: number
  totalPolicyEvents: number
  rulesFileSize: number
  playbooksFileSize: number
  policyEventsFileSize: number
}

const DECISION_EVENTS = ['decision_evaluated', 'decision_outcome'] as const

/**
 * The three policy files of a folder: `rules.json`, `playbooks.json` and `policy_events.jsonl`.
 * Every call reads or writes the files at once; a JSON file is replaced as a whole. One process
 * should write at a time: the last writer of a file wins.
 *
 * Limits of the event readers count the last lines of the log: 0 reads all of them, a negative
 * number skips so many from the start.
 */
export class PolicyStore {
  readonly baseDir: string
  readonly rulesFile: string
  readonly playbooksFile: string
  readonly policyEventsFile: string
  readonly #reader: PolicyFileReader

  /** Creates the folder if it is missing. */
  constructor(baseDir: string, { corrections = CORRECTED }: PolicyStoreOptions = {}) {
    this.baseDir = baseDir
    this.rulesFile = join(baseDir, 'rules.json')
    this.playbooksFile = join(baseDir, 'playbooks.json')
    this.policyEventsFile = join(baseDir, 'policy_events.jsonl')
    this.#reader = new PolicyFileReader(corrections)
    mkdirSync(baseDir, { recursive: true })
  }

  /** The store of a memory folder, which is its subfolder `policy`. */
  static bootstrap(
    memoryDir: string,
    { ensureFiles = false, ...options }: BootstrapOptions = {},
  ): PolicyStore {
    const store = new PolicyStore(join(memoryDir, 'policy'), options)
    if (ensureFiles) store.createMissingFiles()
    return store
  }

  /** Creates the files that are missing. Returns their paths. */
  createMissingFiles(): string[] {
    const empty: [path: string, text: string][] = [
      [this.rulesFile, EMPTY_FILES['rules.json']],
      [this.playbooksFile, EMPTY_FILES['playbooks.json']],
      [this.policyEventsFile, EMPTY_FILES['policy_events.jsonl']],
    ]
    const missing = empty.filter(([path]) => !existsSync(path))
    for (const [path, text] of missing) replaceFile(path, text)
    return missing.map(([path]) => path)
  }

  /** Rules by key, in file order. Throws Fault `policies.invalid` with the place. */
  loadRules(): Map<string, Rule> {
    const text = readIfThere(this.rulesFile)
    if (text === undefined) return new Map()
    return new Map(this.#reader.withKeysAsIds(this.#reader.readRules(text).records))
  }

  saveRules(rules: ReadonlyMap<string, Rule>): void {
    replaceFile(this.rulesFile, writeRules(rules))
  }

  /** Playbooks by key, in file order. Throws Fault `policies.invalid` with the place. */
  loadPlaybooks(): Map<string, Playbook> {
    const text = readIfThere(this.playbooksFile)
    return text === undefined ? new Map() : this.#reader.readPlaybooks(text).records
  }

  savePlaybooks(playbooks: ReadonlyMap<string, Playbook>): void {
    replaceFile(this.playbooksFile, writePlaybooks(playbooks))
  }

  getRule(id: string): Rule | undefined {
    return this.loadRules().get(id)
  }

  /** Adds a rule, or replaces that of its id. */
  saveRule(rule: Rule): void {
    this.saveRules(this.loadRules().set(rule.id, rule))
  }

  /** Whether there was such a rule. */
  deleteRule(id: string): boolean {
    const rules = this.loadRules()
    const deleted = rules.delete(id)
    if (deleted) this.saveRules(rules)
    return deleted
  }

  getPlaybook(id: string): Playbook | undefined {
    return this.loadPlaybooks().get(id)
  }

  /** Adds a playbook, or replaces that of its id. */
  savePlaybook(playbook: Playbook): void {
    this.savePlaybooks(this.loadPlaybooks().set(playbook.id, playbook))
  }

  /** Whether there was such a playbook. */
  deletePlaybook(id: string): boolean {
    const playbooks = this.loadPlaybooks()
    const deleted = playbooks.delete(id)
    if (deleted) this.savePlaybooks(playbooks)
    return deleted
  }

  getRulesByStatus(status: Status): Rule[] {
    return [...this.loadRules().values()].filter((rule) => rule.status === status)
  }

  /** Confirmed rules that allow tasks of high or critical risk. */
  getRiskyConfirmedRules(): Rule[] {
    return riskyRules(this.loadRules().values())
  }

  appendEvent(event: PolicyEvent): void {
    this.appendEvents([event])
  }

  appendEvents(events: readonly PolicyEvent[]): void {
    appendFileSync(this.policyEventsFile, events.map(writeEvent).join(''))
  }

  /** The log line by line, oldest first; undefined stands for a line that holds no event. */
  loadEventLines(): EventLines {
    const text = readIfThere(this.policyEventsFile)
    return text === undefined ? [] : this.#reader.readEvents(text).lines
  }

  /** Events of the last `limit` lines, latest first. */
  getEvents(limit = 100): PolicyEvent[] {
    return lastLines(this.loadEventLines(), limit)
      .filter((event) => event !== undefined)
      .toReversed()
  }

  /** Events of some types among the last `limit` lines, latest first. */
  getEventsByType(types: Iterable<string>, limit = 100): PolicyEvent[] {
    const wanted = new Set(types)
    return this.getEvents(limit).filter(({ event_type }) => wanted.has(event_type))
  }

  /** Evaluations and outcomes among the last `limit` lines, latest first. */
  getDecisionEvents(limit = 100): PolicyEvent[] {
    return this.getEventsByType(DECISION_EVENTS, limit)
  }

  /** Changes of a rule's status among the last `limit` lines, latest first. */
  getRecentLifecycleEvents(limit = 100): PolicyEvent[] {
    return recentTransitions(this.loadEventLines(), limit)
  }

  /** Rules by status, recent promotions and suspensions, risky and scoped rules. */
  getPolicyStatusSnapshot(): PolicyStatus {
    return policyStatus(this.loadRules().values(), this.loadEventLines())
  }

  getStats(): PolicyStoreStats {
    return {
      totalRules: this.loadRules().size,
      totalPlaybooks: this.loadPlaybooks().size,
      totalPolicyEvents: this.getEvents(0).length,
      rulesFileSize: sizeOf(this.rulesFile),
      playbooksFileSize: sizeOf(this.playbooksFile),
      policyEventsFileSize: sizeOf(this.policyEventsFile),
    }
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}
