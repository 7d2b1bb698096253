import type * as z from 'zod'
import type { Face } from '../../commands/face.ts'

/** One argument of a command. `raw`: everything after `--`, unchanged. */
export interface Param {
  key: string
  required: boolean
  many: boolean
  raw: boolean
}

/** How a face is typed: its words, then its arguments. */
export interface CliCommand {
  face: Face
  words: string[]
  params: Param[]
}

/** Reads the `cli` of a face: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`. */
function cliCommandOf(face: Face & { cli: string }): CliCommand {
  const words: string[] = []
  const params: Param[] = []
  let raw = false
  for (const part of face.cli.split(' ')) {
    const match = /^([<[])(\w+)(\.\.\.)?[>\]]$/.exec(part)
    if (part === '--') raw = true
    else if (match === null) words.push(part)
    else
      params.push({
        key: match[2] as string,
        required: match[1] === '<',
        many: match[3] !== undefined,
        raw,
      })
  }
  return { face, words, params }
}

/** The commands of all faces that can be typed. */
export function cliCommands(faces: readonly Face[]): CliCommand[] {
  return faces
    .filter((face): face is Face & { cli: string } => face.cli !== undefined)
    .map(cliCommandOf)
}

/** `riskAtLeast` is typed `--risk-at-least`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `clawdeck create <template> <agent> [options]`. */
export function usageOf({ face }: CliCommand): string {
  return `clawdeck ${face.cli}${face.flags === undefined ? '' : ' [options]'}`
}

/** The schema of one key of a face's input. */
export function schemaAt(face: Face, key: string): z.ZodType | undefined {
  return face.input !== undefined && 'shape' in face.input
    ? (face.input.shape as Record<string, z.ZodType>)[key]
    : undefined
}

interface Wrapper {
  options?: unknown
  unwrap?: () => Wrapper
}

/** The same, without what makes it optional or gives it a default. */
export function bareSchemaAt(face: Face, key: string): unknown {
  let at = schemaAt(face, key) as Wrapper | undefined
  while (at?.options === undefined && at?.unwrap !== undefined) at = at.unwrap()
  return at
}

/** The values that an argument or a flag can have, if they can be listed. */
export function choicesOf(face: Face, key: string): string[] {
  const { options } = (bareSchemaAt(face, key) ?? {}) as Wrapper
  return Array.isArray(options)
    ? options.filter((option): option is string => typeof option === 'string')
    : []
}
