/**
 * Every failure that an operator may meet, by code, with the exit code of the command line:
 * 1 failed · 2 usage · 3 not found · 4 refused by policy · 5 supervisor or backend unavailable.
 */
export const FAULT_CODES = {
  usage: 2,
  'input.invalid': 2,
  'config.invalid': 2,
  'template.invalid': 2,
  'policies.invalid': 2,
  'name.taken': 1,
  'not.found': 3,
  'agent.unknown': 3,
  'template.unknown': 3,
  'approval.unknown': 3,
  'approval.decided': 1,
  'not.possible': 1,
  drift: 4,
  'lock.invalid': 4,
  refused: 4,
  'supervisor.unavailable': 5,
  'supervisor.taken': 5,
  'supervisor.stopping': 5,
  'backend.unavailable': 5,
  'backend.failed': 1,
  'image.missing': 1,
  'journal.corrupt': 1,
  'journal.unwritable': 5,
  'node.old': 5,
  'shell.ended': 1,
  'terminal.missing': 2,
  timeout: 1,
  bug: 1,
} as const

export type FaultCode = keyof typeof FAULT_CODES

/** What happened (`message`), what to do next (`hint`) and the cause. Only doors display it. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly hint: string | undefined

  constructor(code: FaultCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = options.hint
  }

  /** The Fault that another process or thread sent. */
  static fromJson({ code, message, hint }: FaultJson): Fault {
    return new Fault(code, message, hint === undefined ? {} : { hint })
  }

  get exitCode(): number {
    return FAULT_CODES[this.code]
  }

  toJSON(): FaultJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    }
  }
}

/** A Fault as it is sent to another process or thread. */
export interface FaultJson {
  code: FaultCode
  message: string
  hint?: string
}

/**
 * Turns anything thrown into a Fault: a Fault is returned as it is, a full disk is reported as
 * such, and everything else becomes a `bug` with its cause.
 */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = errno(thrown)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('not.possible', `nothing can be written to disk (${message})`, {
      cause: thrown,
      hint: 'Free disk space, then try again. Existing data is unchanged.',
    })
  return new Fault('bug', message, {
    cause: thrown,
    hint: 'This is a defect in clawdeck. Run `clawdeck supervisor logs` for the details.',
  })
}

/** The system error code of an I/O error (`ENOENT`, `ENOSPC` …), or undefined. */
export function errno(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined
}
