import { count } from '../../../base/text.ts'
import { MARKDOWN_FILES, type MarkdownFile } from '../../../clawpolicy/markdown/sections.ts'
import type { StoredPlaybook } from '../types.ts'
import { readFound } from './locate.ts'
import { parseLog, type ReadLog } from './log.ts'
import { notesOf, parsePlaybooks, parseRules, type ReadRule } from './parse.ts'

/** Everything that a path holds, read and understood. */
export interface Incoming {
  source: string
  /** A sentence for each file. */
  found: string[]
  rules: Map<string, ReadRule>
  playbooks: Map<string, StoredPlaybook>
  log: ReadLog | undefined
  markdown: Partial<Record<MarkdownFile, string>>
  notes: string[]
}

/** Reads a path whole. Faults: `not.found`, `input.invalid`, `not.possible`, and `policies.invalid` with file, place and key. */
export async function readIncoming(path: string, breathe: () => Promise<void>): Promise<Incoming> {
  const { source, rules, playbooks, events, markdown, notes } = await readFound(path)
  const made: Incoming = {
    source,
    found: [],
    rules: new Map(),
    playbooks: new Map(),
    log: undefined,
    markdown,
    notes: [...notes],
  }
  if (rules !== undefined) {
    const read = await parseRules(rules, breathe)
    made.rules = read.records
    made.found.push(`${rules.name}: ${count(read.records.size, 'rule')}`)
    made.notes.push(...notesOf(read, rules))
  }
  if (playbooks !== undefined) {
    const read = await parsePlaybooks(playbooks, breathe)
    made.playbooks = read.records
    made.found.push(`${playbooks.name}: ${count(read.records.size, 'playbook')}`)
    made.notes.push(...notesOf(read, playbooks))
  }
  if (events !== undefined) {
    made.log = await parseLog(events, breathe)
    made.found.push(`${events.name}: ${count(made.log.lines.length, 'line')}`)
    made.notes.push(...made.log.notes)
  }
  for (const file of MARKDOWN_FILES)
    if (markdown[file] !== undefined)
      made.found.push(`${file}: ${count(markdown[file].length, 'character')}`)
  return made
}
