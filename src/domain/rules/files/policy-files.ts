import { count } from '../../../base/text.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'
import type { StoredPlaybook } from '../types.ts'
import { locateFiles } from './locate.ts'
import { parseLog, type ParsedLog } from './log.ts'
import { notesOf, parsePlaybooks, parseRules, type ParsedRule } from './parse.ts'

/** Everything that a path holds, read and parsed. */
export interface PolicyFiles {
  source: string
  /** A sentence for each file. */
  found: string[]
  rules: Map<string, ParsedRule>
  playbooks: Map<string, StoredPlaybook>
  log: ParsedLog | undefined
  markdown: Partial<Record<MarkdownFile, string>>
  notes: string[]
}

/**
 * Reads and parses all files of a path. Faults: `not.found`, `input.invalid`, `not.possible`, and
 * `policies.invalid` with file, place and key.
 */
export async function readPolicyFiles(
  path: string,
  yieldIfBusy: () => Promise<void>,
): Promise<PolicyFiles> {
  const { source, rules, playbooks, events, markdown, notes } = await locateFiles(path)
  const files: PolicyFiles = {
    source,
    found: [],
    rules: new Map(),
    playbooks: new Map(),
    log: undefined,
    markdown,
    notes: [...notes],
  }
  if (rules !== undefined) {
    const parsed = await parseRules(rules, yieldIfBusy)
    files.rules = parsed.records
    files.found.push(`${rules.name}: ${count(parsed.records.size, 'rule')}`)
    files.notes.push(...notesOf(parsed, rules))
  }
  if (playbooks !== undefined) {
    const parsed = await parsePlaybooks(playbooks, yieldIfBusy)
    files.playbooks = parsed.records
    files.found.push(`${playbooks.name}: ${count(parsed.records.size, 'playbook')}`)
    files.notes.push(...notesOf(parsed, playbooks))
  }
  if (events !== undefined) {
    files.log = await parseLog(events, yieldIfBusy)
    files.found.push(`${events.name}: ${count(files.log.lines.length, 'line')}`)
    files.notes.push(...files.log.notes)
  }
  for (const file of MARKDOWN_FILES)
    if (markdown[file] !== undefined)
      files.found.push(`${file}: ${count(markdown[file].length, 'character')}`)
  return files
}
