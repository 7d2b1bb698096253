import { csiPasses, escPasses, linkPasses } from './harmless.ts'

/** Characters that are not just shown: controls except BEL BS TAB LF VT FF CR SI, DEL, and C1. */
const SPECIAL = /[\x00-\x06\x0e\x10-\x1f\x7f-\x9f]/g
const STRING_END = /[\x07\x18\x1a\x1b\x9c]/g
const SHOWN_CONTROL = /[\x07-\x0f]/
/** The most that a sequence can hold. Links are the only strings that pass. */
const SEQUENCE_MAX = 256
const STRING_MAX = 2048

type State = 'ground' | 'escape' | 'csi' | 'osc' | 'string'

/**
 * Between a pod's output and the operator's own terminal. Text, drawing and harmless modes pass.
 * Dropped is whatever reads or writes the clipboard, queries the terminal (its answer would be
 * typed into the pod), changes titles, colours or the keyboard protocol, prints, erases the
 * scrollback, or is unknown. Complete sequences are written again as they were parsed, so the
 * terminal cannot parse them differently; the output does not depend on how the input is split.
 */
export class ControlFilter {
  #decoder = new TextDecoder()
  #state: State = 'ground'
  #held = ''
  readonly #modes = new Map<number, boolean>()
  readonly #leftovers = new Set<Leftover>()

  /** The text for the terminal. Invalid UTF-8 becomes U+FFFD. */
  push(bytes: Uint8Array): string {
    return this.#filter(this.#decoder.decode(bytes, { stream: true }))
  }

  /** Drops an unfinished sequence: other output follows. */
  restart(): void {
    this.#decoder = new TextDecoder()
    this.#state = 'ground'
    this.#held = ''
  }

  /** Sequences that undo what passed and would outlast the pod's output. */
  undo(): string {
    let text = ''
    for (const [mode, on] of this.#modes)
      if (on !== ON_BY_DEFAULT.has(mode)) text += `\x1b[?${mode}${on ? 'l' : 'h'}`
    for (const left of this.#leftovers) text += UNDO[left]
    this.#modes.clear()
    this.#leftovers.clear()
    return `${text}\x1b[0m`
  }

  #filter(text: string): string {
    let out = ''
    let at = 0
    while (at < text.length) {
      if (this.#state === 'ground') {
        SPECIAL.lastIndex = at
        const found = SPECIAL.exec(text)
        const until = found === null ? text.length : found.index
        out += at === 0 && found === null ? text : text.slice(at, until)
        at = until
        if (found !== null) out += this.#step(text, at++)
      } else if (this.#state === 'osc' || this.#state === 'string') {
        STRING_END.lastIndex = at
        const until = STRING_END.exec(text)?.index ?? text.length
        this.#hold(text.slice(at, until), STRING_MAX)
        at = until
        if (at < text.length) out += this.#endString(text.charAt(at++))
      } else out += this.#step(text, at++)
    }
    return out
  }

  /** One character outside of strings; returns what passes. */
  #step(text: string, at: number): string {
    const char = text.charAt(at)
    const code = char.charCodeAt(0)
    if (code === 0x1b) return this.#enter('escape')
    if (code === 0x18 || code === 0x1a) return this.#enter('ground')
    if (code < 0x20) return SHOWN_CONTROL.test(char) ? this.#control(char) : ''
    if (code === 0x7f) return ''
    if (code >= 0x80 && code < 0xa0) {
      this.#enter('escape')
      return this.#escape(String.fromCharCode(code - 0x40))
    }
    if (code >= 0xa0) {
      this.#enter('ground')
      return char
    }
    return this.#state === 'csi' ? this.#csi(char) : this.#escape(char)
  }

  #enter(state: State): '' {
    this.#state = state
    this.#held = ''
    return ''
  }

  #hold(text: string, max: number): void {
    if (this.#held.length <= max) this.#held += text.slice(0, max + 1)
  }

  /** Controls within a sequence take effect at once, as in terminals. */
  #control(char: string): string {
    if (char === '\x0e') this.#leftovers.add('charset')
    return char
  }

  #escape(char: string): string {
    if (char < '0') {
      this.#hold(char, SEQUENCE_MAX)
      return ''
    }
    const opened = this.#held === '' ? OPENS[char] : undefined
    if (opened !== undefined) return this.#enter(opened)
    const sequence = this.#held + char
    this.#enter('ground')
    // A full reset would also undo the operator's own modes: only the pod's are undone.
    if (sequence === 'c') return `${this.undo()}\x1b[H\x1b[2J`
    if (!escPasses(sequence)) return ''
    if (sequence === '=') this.#leftovers.add('keypad')
    if (/^[()*+no]/.test(sequence)) this.#leftovers.add('charset')
    return `\x1b${sequence}`
  }

  #csi(char: string): string {
    if (char < '@') {
      this.#hold(char, SEQUENCE_MAX)
      return ''
    }
    const body = this.#held
    this.#enter('ground')
    if (body.length > SEQUENCE_MAX) return ''
    const passed = csiPasses(body, char)
    if (passed === null) return ''
    this.#note(passed, char)
    return `\x1b[${passed}${char}`
  }

  /** Remembers what has to be undone. */
  #note(body: string, final: string): void {
    if (body.startsWith('?') && (final === 'h' || final === 'l')) {
      for (const mode of body.slice(1).split(';')) this.#modes.set(Number(mode), final === 'h')
    } else if (final === 'r') this.#leftovers.add('margins')
    else if (final === 'h') this.#leftovers.add('insert')
    else if (final === 'q') this.#leftovers.add('cursor')
  }

  #endString(char: string): string {
    // BEL ends an OSC only; in the other strings it is content.
    if (char === '\x07' && this.#state === 'string') return ''
    const body = this.#held
    const isLink =
      this.#state === 'osc' &&
      char !== '\x18' &&
      char !== '\x1a' &&
      body.length <= STRING_MAX &&
      linkPasses(body)
    this.#enter(char === '\x1b' ? 'escape' : 'ground')
    if (!isLink) return ''
    this.#leftovers.add('link')
    return `\x1b]${body}\x1b\\`
  }
}

/** What ESC and a letter begin: CSI, OSC, and the strings DCS, SOS, PM and APC. */
const OPENS: Readonly<Record<string, State>> = {
  '[': 'csi',
  ']': 'osc',
  P: 'string',
  X: 'string',
  '^': 'string',
  _: 'string',
}

type Leftover = 'charset' | 'keypad' | 'margins' | 'insert' | 'cursor' | 'link'

const UNDO: Record<Leftover, string> = {
  charset: '\x0f\x1b(B',
  keypad: '\x1b>',
  margins: '\x1b[r',
  insert: '\x1b[4l',
  cursor: '\x1b[0 q',
  link: '\x1b]8;;\x1b\\',
}

/** Auto-wrap and the visible cursor. */
const ON_BY_DEFAULT: ReadonlySet<number> = new Set([7, 25])
