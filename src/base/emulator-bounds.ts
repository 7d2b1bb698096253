import type { Terminal } from '@xterm/headless'

/** What the most expensive control sequence takes per cell of the screen, in nanoseconds. */
const NS_PER_CELL = 30
/**
 * What one slice may take, in nanoseconds, if it holds nothing but the most expensive sequences.
 */
const SLICE_NS = 5e6
const SLICE_BYTES = 4096
/** Characters in one cell, including combining marks. Writing systems need up to eight. */
const CELL_CHARS = 32
/**
 * Longest status request (DECRQSS) that is read. Those that have an answer take three characters.
 */
const STATUS_REQUEST_CHARS = 16
/**
 * Titles, colours and links: nothing here shows them, and the emulator would store up to 10 MB of
 * each, and any number of links.
 */
const UNUSED_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 104, 110, 111, 112] as const

/**
 * Bounds what output can cost. Programs in pods are hostile: a repeat count may be 2³¹, a cell may
 * collect combining marks without end, and an error in the emulator's parser would be thrown from a
 * timer and leave it stuck.
 */
export function boundCosts(terminal: Terminal): void {
  const core = (terminal as unknown as { _core: Core })._core
  const input = core._inputHandler
  resetAfterErrors(input)
  boundCounts(terminal, input._parser)
  boundStrings(input)
  boundCells(Object.getPrototypeOf(core.buffers.active.lines.get(0)) as LinePrototype)
  const write = terminal.write.bind(terminal)
  // The emulator checks the time between two writes, and yields to others.
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

/**
 * The end of the slice that begins at `from`: whatever it holds, reading it takes a few
 * milliseconds.
 */
export function sliceEnd(terminal: Terminal, data: Uint8Array, from: number): number {
  const end = Math.min(data.length, from + SLICE_BYTES)
  let sequences = Math.max(1, Math.floor(SLICE_NS / (terminal.cols * terminal.rows * NS_PER_CELL)))
  for (let at = from; at < end; at++) {
    const byte = data[at]
    // ESC, or possibly the last byte of the one-character CSI (U+009B).
    if ((byte === 0x1b || byte === 0x9b) && sequences-- === 0) return at
  }
  return end
}

/** Reads bytes synchronously. The caller passes slices (see `sliceEnd`). */
export function readNow(terminal: Terminal, data: Uint8Array): void {
  ;(terminal as unknown as { _core: Core })._core._inputHandler.parse(data)
}

function resetAfterErrors(input: Input): void {
  const parse = input.parse.bind(input)
  input.parse = (data, promised) => {
    try {
      return parse(data, promised)
    } catch {
      input._parser.reset()
    }
  }
}

/** Repeating more often than the screen has room for changes nothing on it, but costs time. */
function boundCounts(terminal: Terminal, parser: Parser): void {
  const limit = (finals: string, max: () => number): void => {
    for (const final of finals) {
      parser.registerCsiHandler({ final }, ({ params }) => {
        if ((params[0] ?? 0) > max()) params[0] = max()
        return false
      })
    }
  }
  limit('LMST', () => terminal.rows)
  limit('@PXIZ', () => terminal.cols)
  limit('b', () => terminal.cols * terminal.rows)
}

function boundStrings(input: Input): void {
  for (const kind of UNUSED_OSC) input._parser.clearOscHandler(kind)
  const statusRequest = { intermediates: '$', final: 'q' }
  let text = ''
  let requestParams: unknown
  input._parser.clearDcsHandler(statusRequest)
  input._parser.registerDcsHandler(statusRequest, {
    hook: (params) => {
      text = ''
      requestParams = params
    },
    put: (data, start, end) => {
      if (text.length <= STATUS_REQUEST_CHARS)
        text += String.fromCodePoint(
          ...data.subarray(start, Math.min(end, start + STATUS_REQUEST_CHARS + 1)),
        )
    },
    unhook: (complete) =>
      !complete ||
      text.length > STATUS_REQUEST_CHARS ||
      input.requestStatusString(text, requestParams),
  })
}

/** All emulators share the prototype of lines, so it is changed only once. */
function boundCells(line: LinePrototype): void {
  const add = line.addCodepointToCell
  if (add.name === 'addWithinBound') return
  line.addCodepointToCell = function addWithinBound(index, codePoint, width) {
    if ((this._combined[index]?.length ?? 0) < CELL_CHARS) add.call(this, index, codePoint, width)
  }
}

/**
 * Internals of the emulator that are used here. Its version is pinned; tests fail if one is
 * missing.
 */
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
      unhook(complete: boolean): boolean
    },
  ): void
  clearDcsHandler(id: { final: string; intermediates: string }): void
  clearOscHandler(kind: number): void
}

interface LinePrototype {
  _combined: Record<number, string | undefined>
  addCodepointToCell(this: LinePrototype, index: number, codePoint: number, width: number): void
}
