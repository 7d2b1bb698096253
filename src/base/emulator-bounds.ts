import type { Terminal } from '@xterm/headless'

/** Nanoseconds that the costliest control sequence takes for each cell of the screen, at most. */
const NS_PER_CELL = 30
/** What one slice may take, in nanoseconds, should all in it be of the costliest kind. */
const SLICE_NS = 5e6
const SLICE_BYTES = 4096
/** Characters of one cell, accents and all. Writing systems need up to eight. */
const CELL_CHARS = 32
/** The longest question about a setting (DECRQSS) that has an answer has three. */
const QUESTION_CHARS = 16
/** Titles, colours, links: nothing here shows them, and the emulator would keep up to 10 MB of each, of links any number. */
const UNUSED_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 104, 110, 111, 112] as const

/**
 * Bounds what output can cost. Programs in pods are hostile: a repeat count may say 2³¹, a cell take accents without end, and
 * an error of the emulator's parser would be thrown from a timer and leave it stuck.
 */
export function boundCosts(terminal: Terminal): void {
  const core = (terminal as unknown as { _core: Core })._core
  const input = core._inputHandler
  survive(input)
  boundCounts(terminal, input._parser)
  boundStrings(input)
  boundCells(Object.getPrototypeOf(core.buffers.active.lines.get(0)) as LinePrototype)
  const write = terminal.write.bind(terminal)
  // Between two slices the emulator looks at the time, and lets others go first.
  terminal.write = (data, done) => {
    if (typeof data === 'string') {
      write(data, done)
      return
    }
    let from = 0
    for (
      let to = sliceEnd(terminal, data, from);
      to < data.length;
      to = sliceEnd(terminal, data, from)
    ) {
      write(data.subarray(from, to))
      from = to
    }
    write(from === 0 ? data : data.subarray(from), done)
  }
}

/** Where a slice that begins at `from` ends, so that reading it takes a few milliseconds at most, whatever stands in it. */
export function sliceEnd(terminal: Terminal, data: Uint8Array, from: number): number {
  const end = Math.min(data.length, from + SLICE_BYTES)
  let sequences = Math.max(1, Math.floor(SLICE_NS / (terminal.cols * terminal.rows * NS_PER_CELL)))
  for (let at = from; at < end; at++) {
    const byte = data[at]
    // ESC, and what may be the end of the one-character CSI.
    if ((byte === 0x1b || byte === 0x9b) && sequences-- === 0) return at
  }
  return end
}

/** Reads bytes at once. Give it slices. */
export function readNow(terminal: Terminal, data: Uint8Array): void {
  ;(terminal as unknown as { _core: Core })._core._inputHandler.parse(data)
}

function survive(input: Input): void {
  const parse = input.parse.bind(input)
  input.parse = (data, promised) => {
    try {
      return parse(data, promised)
    } catch {
      input._parser.reset()
    }
  }
}

/** What is repeated more often than the screen has room for looks the same, and is paid for each time. */
function boundCounts(terminal: Terminal, parser: Parser): void {
  const most = (finals: string, of: () => number): void => {
    for (const final of finals) {
      parser.registerCsiHandler({ final }, ({ params }) => {
        if ((params[0] ?? 0) > of()) params[0] = of()
        return false
      })
    }
  }
  most('LMST', () => terminal.rows)
  most('@PXIZ', () => terminal.cols)
  most('b', () => terminal.cols * terminal.rows)
}

function boundStrings(input: Input): void {
  for (const kind of UNUSED_OSC) input._parser.clearOscHandler(kind)
  const question = { intermediates: '$', final: 'q' }
  let text = ''
  let asked: unknown
  input._parser.clearDcsHandler(question)
  input._parser.registerDcsHandler(question, {
    hook: (params) => {
      text = ''
      asked = params
    },
    put: (data, start, end) => {
      if (text.length <= QUESTION_CHARS)
        text += String.fromCodePoint(
          ...data.subarray(start, Math.min(end, start + QUESTION_CHARS + 1)),
        )
    },
    unhook: (whole) =>
      !whole || text.length > QUESTION_CHARS || input.requestStatusString(text, asked),
  })
}

/** The class of lines is common to all emulators, so this is done once. */
function boundCells(line: LinePrototype): void {
  const add = line.addCodepointToCell
  if (add.name === 'addWithinBound') return
  line.addCodepointToCell = function addWithinBound(index, codePoint, width) {
    if ((this._combined[index]?.length ?? 0) < CELL_CHARS) add.call(this, index, codePoint, width)
  }
}

/** What is reached for within the emulator. Its version is pinned, and tests notice when any of this is not there. */
interface Core {
  _inputHandler: Input
  buffers: { active: { lines: { get(index: number): object } } }
}

interface Input {
  _parser: Parser
  parse(data: string | Uint8Array, promised?: boolean): void | Promise<boolean>
  requestStatusString(text: string, params: unknown): boolean
}

interface Parser {
  reset(): void
  registerCsiHandler(id: { final: string }, take: (params: { params: Int32Array }) => boolean): void
  registerDcsHandler(
    id: { final: string; intermediates: string },
    handler: {
      hook(params: unknown): void
      put(data: Uint32Array, start: number, end: number): void
      unhook(whole: boolean): boolean
    },
  ): void
  clearDcsHandler(id: { final: string; intermediates: string }): void
  clearOscHandler(kind: number): void
}

interface LinePrototype {
  _combined: Record<number, string | undefined>
  addCodepointToCell(this: LinePrototype, index: number, codePoint: number, width: number): void
}
