import { canonical } from '../../../base/canonical.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { PolicyFileReader, type ParsedRecords } from '../../../clawpolicy/files/read.ts'
import type { Carried, Playbook, Rule } from '../../../clawpolicy/types.ts'
import { toStored, toStoredPlaybook } from '../stored.ts'
import type { StoredPlaybook, StoredRule } from '../types.ts'
import { BY_IMPORT, takeDeckKeys } from './deck-keys.ts'
import type { FileText } from './locate.ts'
import { lineAndColumn, recordOffsets } from './record-offsets.ts'

/** A rule of a file, in the form in which it is stored. */
export interface ParsedRule {
  stored: StoredRule
  /** Whether the file says when the rule expires and who made it. */
  hasDeckKeys: boolean
}

/** Rules or playbooks of a file by id, in the order of the file. */
export interface ParsedFile<T> {
  records: Map<string, T>
  notes: string[]
  /** Notes beyond the limit, which are only counted. */
  moreNotes: number
}

/** Characters of an id: it has to be typed on a command line. */
const MAX_ID = 64
/** Records of one file: all of them are appended together. */
const MAX_RECORDS = 50_000
/** Characters of one record: it is one event of the journal. */
const MAX_RECORD = 256 * 1024
const MAX_NOTES = 20

/** The rules of a file. Fault `policies.invalid` with file, place and key. */
export async function parseRules(
  file: FileText,
  yieldIfBusy: () => Promise<void>,
): Promise<ParsedFile<ParsedRule>> {
  const reader = new PolicyFileReader()
  const parsed = parseText(file, 'rules.json', (text) => reader.readRules(text))
  const result = emptyFile<ParsedRule>()
  for (const [key, read] of reader.withKeysAsIds(parsed.records)) {
    const place = placeOf(file.name, parsed, key)
    const { rule, keys } = takeDeckKeys(read, place)
    const stored = toStored(rule, keys ?? { expiresAt: null, by: BY_IMPORT })
    const record = { stored, hasDeckKeys: keys !== undefined }
    addRecord(result, { key, id: rule.id, place, content: stored }, record)
    noteUnknownKeys(result, place, rule)
    await yieldIfBusy()
  }
  return result
}

/** The playbooks of a file. Fault `policies.invalid` with file, place and key. */
export async function parsePlaybooks(
  file: FileText,
  yieldIfBusy: () => Promise<void>,
): Promise<ParsedFile<StoredPlaybook>> {
  const parsed = parseText(file, 'playbooks.json', (text) =>
    new PolicyFileReader().readPlaybooks(text),
  )
  const result = emptyFile<StoredPlaybook>()
  for (const [key, playbook] of parsed.records) {
    const place = placeOf(file.name, parsed, key)
    const stored = toStoredPlaybook(playbook)
    addRecord(result, { key, id: playbook.id, place, content: stored }, stored)
    noteUnknownKeys(result, place, playbook)
    await yieldIfBusy()
  }
  return result
}

/** A file as the reader of the format understood it, and where its records begin. */
interface ParsedText<T> {
  text: string
  offsets: ReadonlyMap<string, number>
  records: ReadonlyMap<string, T>
}

/** Faults of the reader are repeated with the file's own name and with the line. */
function parseText<T extends Rule | Playbook>(
  { name, text }: FileText,
  usualName: string,
  read: (text: string) => ParsedRecords<T>,
): ParsedText<T> {
  try {
    const { records } = read(text)
    if (records.size > MAX_RECORDS)
      throw new Fault(
        'policies.invalid',
        `${usualName} holds ${records.size} records; the limit is ${MAX_RECORDS}`,
        { hint: 'Remove some of them. Nothing was changed.' },
      )
    return { text, records, offsets: recordOffsets(name, text) }
  } catch (thrown) {
    const { code, message, hint } = asFault(thrown)
    if (code !== 'policies.invalid') throw thrown
    const [, key = ''] = new RegExp(`^${usualName}: ([^:]*)`).exec(message) ?? []
    const rest = message.startsWith(usualName) ? message.slice(usualName.length) : `: ${message}`
    throw new Fault(code, plain(`${name}${lineOf(name, text, key)}${rest}`, 500), {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

/** The line of the record that a fault names as `key` or `key.field`; '' where it names none. */
function lineOf(name: string, text: string, named: string): string {
  try {
    const offsets = [...recordOffsets(name, text)].filter(
      ([key]) => named === key || named.startsWith(`${key}.`),
    )
    const longest = offsets.sort(([a], [b]) => b.length - a.length)[0]
    return longest === undefined ? '' : ` ${lineAndColumn(text, longest[1])}`
  } catch {
    // The text is not JSON, which the fault says already.
    return ''
  }
}

/** Where a record begins, in words. A function, as counting lines of a long file takes a while. */
type Place = () => string

function placeOf(
  name: string,
  { text, offsets }: Pick<ParsedText<unknown>, 'text' | 'offsets'>,
  key: string,
): Place {
  return () => `${name} ${lineAndColumn(text, offsets.get(key) ?? 0)}: ${plain(key, 80)}`
}

interface RecordEntry {
  key: string
  id: string
  place: Place
  content: object
}

function addRecord<T>(file: ParsedFile<T>, entry: RecordEntry, record: T): void {
  const { key, id, place } = entry
  const problem = problemOf(file, entry)
  if (problem !== undefined)
    throw new Fault('policies.invalid', `${place()}: ${problem}`, {
      hint: 'Correct the file, or restore it from a copy. Nothing was changed.',
    })
  file.records.set(id, record)
  if (key !== id) addNote(file, () => `${place()}: it is stored under its id, ${id}`)
}

function problemOf(
  { records }: ParsedFile<unknown>,
  { id, content }: RecordEntry,
): string | undefined {
  if (id === '' || id.length > MAX_ID || plain(id, MAX_ID) !== id)
    return `its id should have 1 to ${MAX_ID} visible characters`
  return records.has(id) ? `the id ${id} is used twice` : unwritableReason(content)
}

/** Why a record cannot be written to the journal. */
function unwritableReason(content: object): string | undefined {
  try {
    const { length } = canonical(content)
    return length > MAX_RECORD
      ? `it has ${length} characters; the limit is ${MAX_RECORD}`
      : undefined
  } catch {
    return 'it contains half of a surrogate pair, which cannot be written'
  }
}

function emptyFile<T>(): ParsedFile<T> {
  return { records: new Map(), notes: [], moreNotes: 0 }
}

function addNote(file: ParsedFile<unknown>, text: () => string): void {
  if (file.notes.length < MAX_NOTES) file.notes.push(text())
  else file.moreNotes++
}

function noteUnknownKeys(file: ParsedFile<unknown>, place: Place, { extra }: Carried): void {
  if (extra === undefined) return
  const keys = [...extra.keys()].map((key) => JSON.stringify(plain(key, 80))).join(', ')
  addNote(file, () => `${place()} has unknown keys, which are kept unchanged: ${keys}`)
}

/** The notes on a file, and how many more there are. */
export function notesOf({ notes, moreNotes }: ParsedFile<unknown>, { name }: FileText): string[] {
  return moreNotes === 0
    ? notes
    : [...notes, `${name}: ${count(moreNotes, 'more note')} of these kinds`]
}
