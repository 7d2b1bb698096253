import type * as z from 'zod'
import type { Face } from '../../commands/face.ts'

/** One place after the words of a command. `raw`: everything behind `--`, untouched. */
export interface Param {
  key: string
  required: boolean
  many: boolean
  raw: boolean
}

/** How a face is typed: its words, then its places. */
export interface Spelling {
  face: Face
  words: string[]
  params: Param[]
}

/** Reads a face's `cli`: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`. */
export function spellingOf(face: Face & { cli: string }): Spelling {
  const words: string[] = []
  const params: Param[] = []
  let raw = false
  for (const part of face.cli.split(' ')) {
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
  return { face, words, params }
}

/** How each face that can be typed is typed. */
export function spellings(faces: readonly Face[]): Spelling[] {
  return faces
    .filter((face): face is Face & { cli: string } => face.cli !== undefined)
    .map(spellingOf)
}

/** `riskAtLeast` is typed `--risk-at-least`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `clawdeck create <template> <agent> [options]`. */
export function usageOf({ face }: Spelling): string {
  return `clawdeck ${face.cli}${face.flags === undefined ? '' : ' [options]'}`
}

/** The schema of one key of the face's input. */
export function schemaAt(face: Face, key: string): z.ZodType | undefined {
  return face.input !== undefined && 'shape' in face.input
    ? (face.input.shape as Record<string, z.ZodType>)[key]
    : undefined
}

/** The same without what only makes it optional or gives it a default. */
export function bareSchemaAt(face: Face, key: string): unknown {
  let at = schemaAt(face, key) as Wrapper | undefined
  while (at?.options === undefined && at?.unwrap !== undefined) at = at.unwrap()
  return at
}

interface Wrapper {
  options?: unknown
  unwrap?: () => Wrapper
}

/** The values that a place or flag of the face may have, when they can be counted; otherwise none. */
export function choicesOf(face: Face, key: string): string[] {
  const { options } = (bareSchemaAt(face, key) ?? {}) as Wrapper
  return Array.isArray(options)
    ? options.filter((option): option is string => typeof option === 'string')
    : []
}
