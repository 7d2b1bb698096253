import type { Confirmation } from './confirmation.ts'

/**
 * Every failure that an operator may meet: the exit code of the command line, and what it means.
 * 1 failed · 2 usage · 3 not found · 4 refused by policy · 5 supervisor or backend unavailable.
 */
export const FAULTS = {
  usage: [2, 'the command line cannot be understood'],
  'input.invalid': [2, 'a value is not allowed; the message names the key'],
  'config.invalid': [2, '`config.yaml` or the host key is not right'],
  'template.invalid': [2, 'a template is wrong, or asks for what is never given'],
  'policies.invalid': [2, '`policies.yaml` has a mistake; the last good one stays in force'],
  'name.taken': [1, 'the name is in use'],
  'not.found': [3, 'it does not exist'],
  'agent.unknown': [3, 'no agent of that name'],
  'template.unknown': [3, 'no template of that name'],
  'approval.unknown': [3, 'no approval with that id'],
  'approval.decided': [1, 'it was decided before, or expired'],
  'not.possible': [1, 'not possible in its present state'],
  drift: [4, 'what is there is not what was locked'],
  'lock.invalid': [4, 'the lock is broken, or signed by an unknown key'],
  refused: [4, 'the caller has not the right'],
  'confirmation.needed': [4, 'a person must confirm it first; the message says what'],
  'supervisor.unavailable': [5, 'the background process is not there and could not be started'],
  'supervisor.taken': [5, 'another supervisor runs this deck already'],
  'supervisor.stopping': [5, 'the supervisor is about to end'],
  'backend.unavailable': [5, 'no engine to run pods'],
  'backend.failed': [1, 'the engine refused; the message has its own words'],
  'image.missing': [1, 'the agent image is not built'],
  'journal.corrupt': [1, 'the journal was changed, or is damaged'],
  'journal.unwritable': [5, 'nothing can be written down, so nothing is allowed'],
  'node.old': [5, 'a newer Node is needed'],
  'shell.ended': [1, 'the shell has ended'],
  'terminal.missing': [2, 'this needs a terminal'],
  expired: [1, 'it was not used in time'],
  timeout: [1, 'it took too long'],
  bug: [1, 'a defect of clawdeck'],
} as const satisfies Record<string, readonly [exit: number, means: string]>

export type FaultCode = keyof typeof FAULTS

/** What happened (`message`), what to do next (`hint`) and the cause. Only doors display it. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly hint: string | undefined
  /** With `confirmation.needed`: what a person has to confirm. */
  readonly confirm: readonly Confirmation[]

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = options.hint
    this.confirm = options.confirm ?? []
  }

  /** The Fault that another process or thread sent. */
  static fromJson({ code, message, ...options }: FaultJson): Fault {
    return new Fault(code, message, options)
  }

  get exitCode(): number {
    return FAULTS[this.code][0]
  }

  toJSON(): FaultJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.confirm.length === 0 ? {} : { confirm: this.confirm }),
    }
  }
}

/** A Fault as it is sent to another process or thread. */
export interface FaultJson {
  code: FaultCode
  message: string
  hint?: string
  confirm?: readonly Confirmation[]
}

interface FaultOptions {
  hint?: string
  confirm?: readonly Confirmation[]
  cause?: unknown
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
