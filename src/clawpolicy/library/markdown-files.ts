import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { MarkdownExporter } from '../markdown/export.ts'
import { MarkdownImporter, type MarkdownTexts } from '../markdown/import.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../markdown/sections.ts'
import type { Playbook, Rule } from '../types.ts'
import { PolicyStore } from './policy-store.ts'
import { replaceFile } from './replace-file.ts'

export interface MarkdownConverterOptions {
  /** Which mistakes of the original are corrected; all by default. */
  corrections?: Corrections
  /** Microseconds since 1970; by default the system's time. */
  now?: () => number
}

/** Turns `USER.md`, `SOUL.md` and `AGENTS.md` into rules and a playbook. */
export class MarkdownToPolicyConverter {
  readonly #importer: MarkdownImporter
  readonly #now: () => number

  constructor({
    corrections = CORRECTED,
    now = () => systemClock.now() * 1000,
  }: MarkdownConverterOptions = {}) {
    this.#importer = new MarkdownImporter(corrections)
    this.#now = now
  }

  /** The rules of a `USER.md` by key; none if the file is missing. Throws Fault `input.invalid`. */
  convertUserMdToRules(path: string): Map<string, Rule> {
    return this.#converted('USER.md', path).rules
  }

  /**
   * The rules of an `AGENTS.md` by key; none if the file is missing. Throws Fault `input.invalid`.
   */
  convertAgentsMdToRules(path: string): Map<string, Rule> {
    return this.#converted('AGENTS.md', path).rules
  }

  /**
   * The playbook of a `SOUL.md`; undefined if the file is missing. Throws Fault `input.invalid`.
   */
  convertSoulMdToPlaybook(path: string): Playbook | undefined {
    return [...this.#converted('SOUL.md', path).playbooks.values()][0]
  }

  /** Imports the Markdown files of a memory folder into a store. Returns notes for the user. */
  migrateAll(memoryDir: string, store: PolicyStore): string[] {
    const texts = Object.fromEntries(
      MARKDOWN_FILES.map((file) => [file, textAt(join(memoryDir, file))]),
    ) as MarkdownTexts
    const assets = { rules: store.loadRules(), playbooks: store.loadPlaybooks() }
    const { rules, playbooks, events, notes } = this.#importer.import(texts, assets, this.#now())
    store.appendEvents(events)
    store.saveRules(rules)
    store.savePlaybooks(playbooks)
    return notes
  }

  #converted(file: MarkdownFile, path: string) {
    const empty = { rules: new Map<string, Rule>(), playbooks: new Map<string, Playbook>() }
    return this.#importer.import({ [file]: textAt(path) }, empty, this.#now())
  }
}

/**
 * Writes rules into `USER.md`, `SOUL.md` and `AGENTS.md`. What an existing file says besides the
 * rules stays, where `advice-returns` is corrected. Throws Fault `input.invalid` where an existing
 * file is too long.
 */
export class PolicyToMarkdownExporter {
  readonly #exporter: MarkdownExporter
  readonly #corrections: Corrections

  constructor({ corrections = CORRECTED }: Pick<MarkdownConverterOptions, 'corrections'> = {}) {
    this.#corrections = corrections
    this.#exporter = new MarkdownExporter(corrections)
  }

  exportRulesToUserMd(rules: ReadonlyMap<string, Rule>, path: string): void {
    this.#write('USER.md', rules, path)
  }

  exportRulesToAgentsMd(rules: ReadonlyMap<string, Rule>, path: string): void {
    this.#write('AGENTS.md', rules, path)
  }

  /**
   * The sections of a soul are rules that its playbook names, where `soul-returns` is corrected;
   * without them, and in the original always, it is the template.
   */
  exportPlaybookToSoulMd(
    playbook: Playbook | undefined,
    path: string,
    rules: ReadonlyMap<string, Rule> = new Map(),
  ): void {
    const used = new Set(playbook?.rules_used)
    this.#write('SOUL.md', new Map([...rules].filter(([, { id }]) => used.has(id))), path)
  }

  /** All three files, from the store of a policy folder. */
  exportAll(policyDir: string, outputDir: string): void {
    const rules = new PolicyStore(policyDir, { corrections: this.#corrections }).loadRules()
    for (const file of MARKDOWN_FILES) this.#write(file, rules, join(outputDir, file))
  }

  #write(file: MarkdownFile, rules: ReadonlyMap<string, Rule>, path: string): void {
    mkdirSync(dirname(path), { recursive: true })
    replaceFile(path, this.#exporter.exportFile(file, rules, textAt(path)))
  }
}

function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
