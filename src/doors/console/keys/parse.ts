import { StringDecoder } from 'node:string_decoder'

/** One key. `text` is what it types, if anything; a paste is one key with all its text. */
export interface Key {
  name: string
  text: string
}

const PASTE_START = '\u001b[200~'
const PASTE_END = '\u001b[201~'
const MAX_PASTE = 65_536
/** So many characters that arrive together were pasted, in a terminal without bracketed paste. */
const MIN_PASTE = 16

const SEQUENCES: Record<string, string> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[3~': 'delete',
  '[2~': 'insert',
  '[Z': 'shift-tab',
}

/**
 * Turns bytes into keys, however they are split into chunks. A lone Esc is a key only if nothing
 * follows it: then `late()` returns it.
 */
export class KeyParser {
  private readonly decoder = new StringDecoder('utf8')
  private rest = ''
  private pasting: string | null = null

  /** The keys that these bytes complete. */
  feed(bytes: Buffer): Key[] {
    this.rest += this.decoder.write(bytes)
    if (this.pasting === null && looksPasted(this.rest)) {
      const text = this.rest
      this.rest = ''
      return [{ name: 'paste', text }]
    }
    const keys: Key[] = []
    for (let key = this.next(); key !== undefined; key = this.next())
      if (key !== null) keys.push(key)
    return keys
  }

  /** Whether an Esc waits for the rest of a sequence. */
  get waiting(): boolean {
    return this.rest !== '' && this.pasting === null
  }

  /** Nothing followed: the Esc is a key. */
  late(): Key[] {
    if (!this.waiting) return []
    const text = this.rest.slice(1)
    this.rest = ''
    return [{ name: 'esc', text: '' }, ...[...text].map(plainKey)]
  }

  /** The next key, null for a sequence that is not a key, undefined if more bytes are needed. */
  private next(): Key | null | undefined {
    if (this.pasting !== null) return this.paste()
    if (this.rest === '') return undefined
    if (this.rest[0] === '\u001b') return this.escape()
    const char = String.fromCodePoint(this.rest.codePointAt(0) as number)
    this.rest = this.rest.slice(char.length)
    return plainKey(char)
  }

  private paste(): Key | undefined {
    const end = this.rest.indexOf(PASTE_END)
    const piece =
      end < 0
        ? this.rest.slice(0, Math.max(0, this.rest.length - PASTE_END.length))
        : this.rest.slice(0, end)
    this.pasting = ((this.pasting ?? '') + piece).slice(0, MAX_PASTE)
    if (end < 0) {
      this.rest = this.rest.slice(piece.length)
      return undefined
    }
    const text = this.pasting
    this.pasting = null
    this.rest = this.rest.slice(end + PASTE_END.length)
    return { name: 'paste', text }
  }

  private escape(): Key | null | undefined {
    if (this.rest.startsWith(PASTE_START)) {
      this.rest = this.rest.slice(PASTE_START.length)
      this.pasting = ''
      return null
    }
    if (this.rest.length === 1) return undefined
    const kind = this.rest[1] as string
    if (kind === ']' || kind === 'P' || kind === '_' || kind === '^') return this.skipReply()
    if (kind !== '[' && kind !== 'O') {
      this.rest = this.rest.slice(1)
      return { name: 'esc', text: '' }
    }
    return this.control()
  }

  /** A control sequence; most are no keys. */
  private control(): Key | null | undefined {
    // An old report of the mouse: three characters follow, and none of them is a key.
    if (this.rest.startsWith('\u001b[M')) return this.rest.length < 6 ? undefined : this.drop(6)
    const match = /^\u001b(\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/.exec(this.rest)
    if (match === null) return this.rest.length < 32 ? undefined : this.drop(this.rest.length)
    this.rest = this.rest.slice(match[0].length)
    const name = SEQUENCES[(match[1] as string).replace(/^\[1;\d+/, '[')]
    return name === undefined ? null : { name, text: '' }
  }

  /** A terminal's answer to a query (OSC, DCS …) is not a key. */
  private skipReply(): null | undefined {
    const end = /[\u0007]|\u001b\\/.exec(this.rest.slice(2))
    if (end === null) return this.rest.length < 4096 ? undefined : this.drop(this.rest.length)
    return this.drop(2 + end.index + end[0].length)
  }

  private drop(length: number): null {
    this.rest = this.rest.slice(length)
    return null
  }
}

function looksPasted(chunk: string): boolean {
  if (chunk.length < MIN_PASTE || chunk.includes('\u001b')) return false
  // One key held down repeats the same character.
  return new Set(chunk).size > 3
}

const CONTROL: Record<string, string> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'esc',
  '\u0000': 'ctrl-space',
}

function plainKey(char: string): Key {
  const named = CONTROL[char]
  if (named !== undefined) return { name: named, text: '' }
  if (char < ' ') return { name: `ctrl-${String.fromCharCode(char.charCodeAt(0) + 96)}`, text: '' }
  return { name: char === ' ' ? 'space' : char, text: char }
}
