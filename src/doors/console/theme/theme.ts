import * as z from 'zod'
import { cut, width } from '../text/width.ts'

/** What a piece of text means. Views use only these; a theme defines how each looks. */
export const THEME_ROLES = [
  'text',
  'dim',
  'faint',
  'strong',
  'brand',
  'title',
  'title-focus',
  'rule',
  'rule-focus',
  'cursor',
  'cursor-idle',
  'mark',
  'key',
  'hint',
  'good',
  'warn',
  'bad',
  'info',
  'risk-low',
  'risk-mid',
  'risk-high',
  'number',
  'field',
  'field-focus',
  'placeholder',
  'badge',
  'alert',
  'json-key',
  'json-text',
  'json-value',
  'agent',
  'event',
] as const
export type ThemeRole = (typeof THEME_ROLES)[number]

const ANSI_NAMES = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'gray',
  'bright-red',
  'bright-green',
  'bright-yellow',
  'bright-blue',
  'bright-magenta',
  'bright-cyan',
  'bright-white',
] as const
const Hex = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour is #rrggbb')
const Style = z.strictObject({
  fg: Hex.optional(),
  bg: Hex.optional(),
  ansi: z.enum(ANSI_NAMES).optional(),
  'ansi-bg': z.enum(ANSI_NAMES).optional(),
  bold: z.boolean().optional(),
  dim: z.boolean().optional(),
  italic: z.boolean().optional(),
  underline: z.boolean().optional(),
  inverse: z.boolean().optional(),
})
export const ThemeFile = z.strictObject({
  name: z.string().max(32),
  about: z.string().max(200).optional(),
  roles: z.partialRecord(z.enum(THEME_ROLES), Style),
})

export type ThemeFile = z.output<typeof ThemeFile>
type Style = z.output<typeof Style>

/**
 * How many colours the terminal has. `none` keeps bold, underline and inverse, so that nothing is
 * shown by colour alone.
 */
type Depth = 'none' | '16' | '256' | 'rgb'

export function colourDepth(env: NodeJS.ProcessEnv): Depth {
  if ((env['NO_COLOR'] ?? '') !== '') return 'none'
  if (/truecolor|24bit/.test(env['COLORTERM'] ?? '')) return 'rgb'
  const term = env['TERM'] ?? ''
  if (term === 'dumb') return 'none'
  return /256|direct|kitty|alacritty|ghostty/.test(term) ? '256' : '16'
}

/** A piece of a line: its role, and its text, which is safe to show. */
export type StyledText = readonly [ThemeRole, string]

/** A theme prepared for one terminal. */
export interface Painter {
  readonly name: string
  readonly depth: Depth
  /** `text` in a role, on the background of the role `under`. */
  paint(role: ThemeRole, text: string, under?: ThemeRole): string
  /** One line of exactly `cells` cells. Text that does not fit ends with `…`. */
  row(cells: number, pieces: readonly StyledText[], under?: ThemeRole): string
}

export function makePainter(theme: ThemeFile, depth: Depth): Painter {
  const cache = new Map<string, readonly [string, string]>()
  const codes = (role: ThemeRole, under: ThemeRole | undefined): readonly [string, string] => {
    const key = under === undefined ? role : `${role}/${under}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const base = theme.roles[role] ?? {}
    const below = under === undefined ? undefined : theme.roles[under]
    const pair = escapes(below === undefined ? base : over(base, below), depth)
    cache.set(key, pair)
    return pair
  }
  const paint = (role: ThemeRole, text: string, under?: ThemeRole): string => {
    if (text === '') return ''
    const [open, close] = codes(role, under)
    return open + text + close
  }
  const row = (cells: number, pieces: readonly StyledText[], under?: ThemeRole): string => {
    let out = ''
    let used = 0
    for (const [role, text] of pieces) {
      const room = cells - used
      if (room <= 0) break
      const wide = width(text)
      out += paint(role, wide > room ? cut(text, room) : text, under)
      used += wide > room ? width(cut(text, room)) : wide
    }
    if (used >= cells) return out
    const blank = ' '.repeat(cells - used)
    return out + (under === undefined ? blank : paint(under, blank))
  }
  return { name: theme.name, depth, paint, row }
}

function over(style: Style, below: Style): Style {
  const flags: Style = {
    ...(below.bold === undefined ? {} : { bold: below.bold }),
    ...(below.underline === undefined ? {} : { underline: below.underline }),
    ...(below.inverse === undefined ? {} : { inverse: below.inverse }),
  }
  const background: Style = {
    ...(below.bg === undefined ? {} : { bg: below.bg }),
    ...(below['ansi-bg'] === undefined ? {} : { 'ansi-bg': below['ansi-bg'] }),
  }
  return { ...style, ...background, ...flags }
}

function escapes(style: Style, depth: Depth): readonly [string, string] {
  const open: string[] = []
  const close: string[] = []
  const add = (on: string, off: string): void => {
    open.push(`\u001b[${on}m`)
    close.unshift(`\u001b[${off}m`)
  }
  if (style.bold === true) add('1', '22')
  if (style.dim === true) add('2', '22')
  if (style.italic === true) add('3', '23')
  if (style.underline === true) add('4', '24')
  if (style.inverse === true && (depth === 'none' || style.bg === undefined)) add('7', '27')
  const fg = colour({ hex: style.fg, ansi: style.ansi }, depth, 30)
  if (fg !== undefined) add(fg, '39')
  const bg = colour({ hex: style.bg, ansi: style['ansi-bg'] }, depth, 40)
  if (bg !== undefined) add(bg, '49')
  return [open.join(''), close.join('')]
}

function colour(
  { hex, ansi }: { hex: Style['fg']; ansi: Style['ansi'] },
  depth: Depth,
  base: 30 | 40,
): string | undefined {
  if (depth === 'none') return undefined
  if (depth === '16' || hex === undefined) {
    if (ansi === undefined) return undefined
    const index = ANSI_NAMES.indexOf(ansi)
    return String(index < 8 ? base + index : base + 60 + index - 8)
  }
  const value = Number.parseInt(hex.slice(1), 16)
  const [r, g, b] = [(value >> 16) & 255, (value >> 8) & 255, value & 255] as const
  return depth === 'rgb' ? `${base + 8};2;${r};${g};${b}` : `${base + 8};5;${nearest256(r, g, b)}`
}

/** The nearest of the 256 colours: on the grey ramp for greys, else in the 6×6×6 cube. */
function nearest256(r: number, g: number, b: number): number {
  if (Math.max(r, g, b) - Math.min(r, g, b) < 12) return nearestGrey(r)
  return 16 + 36 * cubeStep(r) + 6 * cubeStep(g) + cubeStep(b)
}

function nearestGrey(value: number): number {
  if (value < 8) return 16
  return value > 246 ? 231 : 232 + Math.round(((value - 8) / 247) * 23)
}

function cubeStep(value: number): number {
  if (value < 48) return 0
  return value < 115 ? 1 : Math.floor((value - 35) / 40)
}
