import type * as z from 'zod'
import type { Face } from '../../commands/face.ts'

/** One place after the words of a command. `raw`: everything behind `--`, untouched. */
export interface Param {
  key: string
  required: boolean
  many: boolean
  raw: boolean
}

/** How a row is typed: its words, then its places. */
export interface Spelling {
  row: Face
  words: string[]
  params: Param[]
}

/** Reads a row's `cli`: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`. */
export function spellingOf(row: Face & { cli: string }): Spelling {
  const words: string[] = []
  const params: Param[] = []
  let raw = false
  for (const part of row.cli.split(' ')) {
    const place = /^([<[])(\w+)(\.\.\.)?[>\]]$/.exec(part)
    if (part === '--') raw = true
    else if (place === null) words.push(part)
    else
      params.push({
        key: place[2] as string,
        required: place[1] === '<',
        many: place[3] !== undefined,
        raw,
      })
  }
  return { row, words, params }
}

/** Every row of the registry that can be typed. */
export function spellings(rows: readonly Face[]): Spelling[] {
  return rows.filter((row): row is Face & { cli: string } => row.cli !== undefined).map(spellingOf)
}

/** `riskAtLeast` is typed `--risk-at-least`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `clawdeck create <template> <agent> [options]`. */
export function usageOf({ row }: Spelling): string {
  return `clawdeck ${row.cli}${row.flags === undefined ? '' : ' [options]'}`
}

/** The schema of one key of the row's input. */
export function schemaAt(row: Face, key: string): z.ZodType | undefined {
  return row.input !== undefined && 'shape' in row.input
    ? (row.input.shape as Record<string, z.ZodType>)[key]
    : undefined
}

/** The same without what only makes it optional or gives it a default. */
export function bareSchemaAt(row: Face, key: string): unknown {
  let at = schemaAt(row, key) as Wrapper | undefined
  while (at?.options === undefined && at?.unwrap !== undefined) at = at.unwrap()
  return at
}

interface Wrapper {
  options?: unknown
  unwrap?: () => Wrapper
}

/** The values that a place or flag of the row may have, when they can be counted; otherwise none. */
export function choicesOf(row: Face, key: string): string[] {
  const { options } = (bareSchemaAt(row, key) ?? {}) as Wrapper
  return Array.isArray(options)
    ? options.filter((option): option is string => typeof option === 'string')
    : []
}
