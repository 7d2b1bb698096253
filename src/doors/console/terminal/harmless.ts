/**
 * The control sequences from a pod that may reach the operator's terminal. All others are dropped.
 */

/**
 * Private modes: cursor keys, reverse video, origin, wrap, mouse (9, 1000–1006), blink, visible
 * cursor, keypad, alternate screens, focus reports, bracketed paste, synchronised output. Not among
 * them: 3 (132 columns), 1015/1016 and keyboard protocols, which would change what keys send and so
 * hide the leave key.
 */
const MODES: ReadonlySet<number> = new Set([
  1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1047, 1048, 1049, 2004, 2026,
])

const NUMBERS = /^[0-9;:]*$/
/** A larger count would only keep a terminal busy. */
const COUNTS = /^(?:[0-9]{0,4}(?:[;:]|$))*$/

/** What may be between `ESC [` and the final letter, by that letter; modes (h, l) apart. */
const BODIES: readonly [finals: string, body: RegExp][] = [
  // Move, insert, delete, scroll, repeat, tab, margins.
  ['@ABCDEFGHILMPSXZ`abdefgr', COUNTS],
  // T with several numbers tracks the mouse.
  ['T', /^[0-9]{0,4}$/],
  // Erase. J with 3 erases the scrollback, which holds more than the pod's output.
  ['JK', /^\??[0-2]?$/],
  ['m', NUMBERS],
  // Cursor shape, soft reset, saved cursor.
  ['q', /^[0-6]? $/],
  ['p', /^!$/],
  ['su', /^$/],
]

const BODY_OF: ReadonlyMap<string, RegExp> = new Map(
  BODIES.flatMap(([finals, body]) => [...finals].map((final) => [final, body] as const)),
)

/**
 * The parameters with which a CSI sequence passes, or null. `body` is what is between `ESC [` and
 * the final letter.
 */
export function csiPasses(body: string, final: string): string | null {
  if (final === 'h' || final === 'l') return modesPass(body)
  return BODY_OF.get(final)?.test(body) ? body : null
}

function modesPass(body: string): string | null {
  if (body === '4') return body
  if (!/^\?[0-9]{1,5}(;[0-9]{1,5})*$/.test(body)) return null
  const known = body
    .slice(1)
    .split(';')
    .filter((mode) => MODES.has(Number(mode)))
  return known.length > 0 ? `?${known.join(';')}` : null
}

/**
 * ESC sequences without their ESC: saved cursor, keypad, index, tab stop, single and locking
 * shifts, the alignment test, and character sets. Not among them: 7- and 8-bit controls, other
 * encodings, the terminal's identity.
 */
export function escPasses(sequence: string): boolean {
  return /^(?:[78=>DEHMNOno|}~]|#8|[()*+][0-~])$/.test(sequence)
}

/** The only OSC strings that pass are links to the web, and the end of a link. */
export function linkPasses(body: string): boolean {
  return /^8;(?:[\w=:.-]{0,128});(?:https?:\/\/[!-~]{1,1900})?$/.test(body)
}
