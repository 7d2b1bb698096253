import { age } from '../../../base/text.ts'
import type { Paint } from '../terminal.ts'

/** What a printer needs besides the answer. `now` in Unix milliseconds. */
export interface Page { paint: Paint; now: number }

/** Printers by row id: answer → text that ends with a newline. */
export type Printers = Record<string, (answer: never, page: Page) => string>

/** `5m ago`; `–` for what never was. */
export function ago(at: number | null | undefined, now: number): string {
  return at === null || at === undefined ? '–' : `${age(now - at)} ago`
}

/** Bytes as people read them: `212M`. */
export function bytes(n: number): string {
  const units = ['B', 'K', 'M', 'G', 'T']
  let at = 0
  let left = n
  while (left >= 1024 && at < units.length - 1) { left /= 1024; at++ }
  return `${left >= 10 || at === 0 ? Math.round(left) : left.toFixed(1)}${units[at] ?? ''}`
}

/** Bulleted lines under a heading; nothing for none. */
export function bullets(paint: Paint, heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${paint('strong', heading)}\n${lines.map((line) => `  · ${line}\n`).join('')}`
}
