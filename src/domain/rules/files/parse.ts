import { canonical } from '../../../base/canonical.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { PolicyFileReader, type ParsedRecords } from '../../../clawpolicy/files/read.ts'
import type { Carried, Playbook, Rule } from '../../../clawpolicy/types.ts'
import { storedOf, storedPlaybook } from '../stored.ts'
import type { StoredPlaybook, StoredRule } from '../types.ts'
import { BY_IMPORT, takeFacts } from './facts.ts'
import type { FileText } from './locate.ts'
import { lineAndColumn, placesOf } from './places.ts'

/** A rule of a file, as it would be kept. `told`: the file says how long it holds and whose it is. */
export interface ReadRule {
  stored: StoredRule
  told: boolean
}

/** Rules or playbooks of a file by id, in its order, and what is to be said of them. */
export interface ReadFile<T> {
  records: Map<string, T>
  notes: string[]
  /** Notes that were left out. */ more: number
}

/** As long as an id can be that is typed on a command line. */
const LONGEST_ID = 64
/** Records of one file: all of them are appended together. */
const MOST_RECORDS = 50_000
/** Characters of one record: an event of the journal has to be shown and sent around. */
const LONGEST_RECORD = 256 * 1024
const MOST_NOTES = 20

/** The rules of a file. Throws Fault `policies.invalid` with file, place and key. */
export async function parseRules(
  file: FileText,
  breathe: () => Promise<void>,
): Promise<ReadFile<ReadRule>> {
  const reader = new PolicyFileReader()
  const whole = readWhole(file, 'rules.json', (text) => reader.readRules(text))
  const made = emptyFile<ReadRule>()
  for (const [key, read] of reader.withKeysAsIds(whole.records)) {
    const place = placeOf(file.name, whole, key)
    const { rule, facts } = takeFacts(read, place)
    const stored = storedOf(rule, facts ?? { expiresAt: null, by: BY_IMPORT })
    keep(made, { key, id: rule.id, place, text: stored }, { stored, told: facts !== undefined })
    noteExtra(made, place, rule)
    await breathe()
  }
  return made
}

/** The playbooks of a file. Throws Fault `policies.invalid` with file, place and key. */
export async function parsePlaybooks(
  file: FileText,
  breathe: () => Promise<void>,
): Promise<ReadFile<StoredPlaybook>> {
  const whole = readWhole(file, 'playbooks.json', (text) =>
    new PolicyFileReader().readPlaybooks(text),
  )
  const made = emptyFile<StoredPlaybook>()
  for (const [key, playbook] of whole.records) {
    const place = placeOf(file.name, whole, key)
    const stored = storedPlaybook(playbook)
    keep(made, { key, id: playbook.id, place, text: stored }, stored)
    noteExtra(made, place, playbook)
    await breathe()
  }
  return made
}

interface Whole<T> {
  text: string
  places: ReadonlyMap<string, number>
  records: ReadonlyMap<string, T>
}

/** What the reader of the format makes of a file; its faults name the file as it is called, and the line. */
function readWhole<T extends Rule | Playbook>(
  { name, text }: FileText,
  usual: string,
  read: (text: string) => ParsedRecords<T>,
): Whole<T> {
  try {
    const { records } = read(text)
    if (records.size > MOST_RECORDS)
      throw new Fault(
        'policies.invalid',
        `${usual} holds ${records.size} records; at most ${MOST_RECORDS} are taken`,
        { hint: 'Leave some out; nothing was changed.' },
      )
    return { text, records, places: placesOf(name, text) }
  } catch (thrown) {
    const { code, message, hint } = asFault(thrown)
    if (code !== 'policies.invalid') throw thrown
    const [, key = ''] = new RegExp(`^${usual}: ([^:]*)`).exec(message) ?? []
    throw new Fault(
      code,
      plain(
        `${name}${lineIn(name, text, key)}${message.startsWith(usual) ? message.slice(usual.length) : `: ${message}`}`,
        500,
      ),
      { cause: thrown, ...(hint === undefined ? {} : { hint }) },
    )
  }
}

/** The line of the record that a fault names as `key` or `key.field`; nothing where it is about the text as a whole. */
function lineIn(name: string, text: string, named: string): string {
  try {
    const places = [...placesOf(name, text)].filter(
      ([key]) => named === key || named.startsWith(`${key}.`),
    )
    const longest = places.sort(([a], [b]) => b.length - a.length)[0]
    return longest === undefined ? '' : ` ${lineAndColumn(text, longest[1])}`
  } catch {
    // No JSON, which has been said already.
    return ''
  }
}

/** Where a record stands. It is asked for only when it is needed: counting lines takes a while in a long file. */
type Place = () => string

function placeOf(
  name: string,
  { text, places }: Pick<Whole<unknown>, 'text' | 'places'>,
  key: string,
): Place {
  return () => `${name} ${lineAndColumn(text, places.get(key) ?? 0)}: ${plain(key, 80)}`
}

interface Named {
  key: string
  id: string
  place: Place
  text: object
}

function keep<T>(made: ReadFile<T>, { key, id, place, text }: Named, record: T): void {
  const wrong =
    id === '' || id.length > LONGEST_ID || plain(id, LONGEST_ID) !== id
      ? `its id should have 1 to ${LONGEST_ID} characters that can be seen`
      : made.records.has(id)
        ? `the id ${id} is another's already`
        : unwritable(text)
  if (wrong !== undefined)
    throw new Fault('policies.invalid', `${place()}: ${wrong}`, {
      hint: 'Mend the file, or restore it from a copy; nothing was changed.',
    })
  made.records.set(id, record)
  if (key !== id) note(made, () => `${place()}: it is kept under its id, ${id}`)
}

/** Why a record cannot be written into the journal. */
function unwritable(record: object): string | undefined {
  try {
    const { length } = canonical(record)
    return length > LONGEST_RECORD
      ? `it has ${length} characters; at most ${LONGEST_RECORD} are taken`
      : undefined
  } catch {
    return 'it holds half a character, which cannot be written'
  }
}

function emptyFile<T>(): ReadFile<T> {
  return { records: new Map(), notes: [], more: 0 }
}

function note(made: ReadFile<unknown>, say: () => string): void {
  if (made.notes.length < MOST_NOTES) made.notes.push(say())
  else made.more++
}

function noteExtra(made: ReadFile<unknown>, place: Place, { extra }: Carried): void {
  if (extra !== undefined)
    note(
      made,
      () =>
        `${place()} has keys that are not known, kept as they are: ${[...extra.keys()].map((key) => JSON.stringify(plain(key, 80))).join(', ')}`,
    )
}

/** What is to be said of a file, at a length that can be read. */
export function notesOf({ notes, more }: ReadFile<unknown>, { name }: FileText): string[] {
  return more === 0 ? notes : [...notes, `${name}: ${count(more, 'more note')} of these kinds`]
}
