import type { ScanSeverity } from './types.ts'

/**
 * A kind of secret: a head that has a bounded length, and a tail that is read once, without going
 * back. So the cost of a scan grows with the text only, whatever it says. Heads look at nothing
 * before or after themselves: then what is left between two redactions has no secret either.
 */
export interface SecretPattern {
  name: string
  category: string
  severity: ScanSeverity
  /** Lower-case texts of which one is in every text that has this secret. */
  needs: readonly string[]
  /** With the flag `g`. */
  head: RegExp
  tail(text: string, at: number): SecretTail
}

/** How far a tail reaches, and whether it is one: if not, no head before `end` has one. */
export interface SecretTail {
  end: number
  fits: boolean
}

/** The end of a run of characters. `run` is sticky, and a star over one class. */
function runEnd(run: RegExp, text: string, at: number): number {
  run.lastIndex = at
  run.test(text)
  return run.lastIndex
}

/** All characters of a class that follow. */
function more(run: RegExp): SecretPattern['tail'] {
  return (text, at) => ({ end: runEnd(run, text, at), fits: true })
}

function nothingMore(_text: string, at: number): SecretTail {
  return { end: at, fits: true }
}

/** At least so many characters of a class, then the quote that was opened. */
function quoted(run: RegExp, quote: string, least: number): SecretPattern['tail'] {
  return (text, at) => {
    const end = runEnd(run, text, at)
    const closed = text[end] === quote && end - at >= least
    return closed ? { end: end + 1, fits: true } : { end: at, fits: false }
  }
}

const BASE64URL = /[\w-]*/y

/** The rest of a JSON Web Token: two dots between three parts. */
function tokenParts(text: string, at: number): SecretTail {
  const first = runEnd(BASE64URL, text, at)
  if (text[first] !== '.') return { end: first, fits: false }
  const second = runEnd(BASE64URL, text, first + 1)
  if (text[second] !== '.' || second < first + 5) return { end: first, fits: false }
  const third = runEnd(BASE64URL, text, second + 1)
  return third > second + 1 ? { end: third, fits: true } : { end: first, fits: false }
}

const PEM_BODY = /[\w+/=:,.\s\\]*/y
const PEM_END = /-----END [A-Z ]{0,60}-----/y

/** A key up to its last line; without one, whatever may still belong to it. */
function pemBody(text: string, at: number): SecretTail {
  let end = runEnd(PEM_BODY, text, at)
  while (text[end] === '-' && !text.startsWith('-----', end)) end = runEnd(PEM_BODY, text, end + 1)
  PEM_END.lastIndex = end
  return { end: PEM_END.test(text) ? PEM_END.lastIndex : end, fits: true }
}

const ASSIGN = String.raw`["']?\s{0,20}[:=]\s{0,20}`
const PASSWORD = '(?:password|passwd|pwd)'

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: 'private_key',
    category: 'private_key',
    severity: 'critical',
    needs: ['private key'],
    head: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
    tail: pemBody,
  },
  {
    name: 'anthropic_api_key',
    category: 'api_key',
    severity: 'critical',
    needs: ['sk-ant-'],
    head: /sk-ant-[\w-]{20}/g,
    tail: more(/[\w-]*/y),
  },
  {
    name: 'openai_api_key',
    category: 'api_key',
    severity: 'critical',
    needs: ['sk-'],
    head: /sk-[\w-]{20}/g,
    tail: more(/[\w-]*/y),
  },
  {
    name: 'stripe_key',
    category: 'api_key',
    severity: 'critical',
    needs: ['k_live_', 'k_test_'],
    head: /[sp]k_(?:live|test)_[A-Za-z0-9]{24}/g,
    tail: more(/[A-Za-z0-9]*/y),
  },
  {
    name: 'aws_access_key_id',
    category: 'cloud_credential',
    severity: 'critical',
    needs: ['akia', 'asia'],
    head: /A(?:KI|SI)A[A-Z0-9]{16}/g,
    tail: nothingMore,
  },
  {
    name: 'aws_secret_key',
    category: 'cloud_credential',
    severity: 'critical',
    needs: ['secret'],
    head: new RegExp(String.raw`secret_?(?:access_?)?key${ASSIGN}["']?[A-Za-z0-9/+=]{40}`, 'gi'),
    tail: more(/[A-Za-z0-9/+=]*/y),
  },
  {
    name: 'github_token',
    category: 'token',
    severity: 'critical',
    needs: ['gh', 'github_pat_'],
    head: /gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{36}/g,
    tail: more(/\w*/y),
  },
  {
    name: 'slack_token',
    category: 'token',
    severity: 'critical',
    needs: ['xox'],
    head: /xox[a-z]-[A-Za-z0-9-]{10}/g,
    tail: more(/[A-Za-z0-9-]*/y),
  },
  {
    name: 'api_key',
    category: 'api_key',
    severity: 'critical',
    needs: ['key', 'token', 'secret'],
    head: new RegExp(
      String.raw`(?:api[_-]?(?:key|token|secret)|secret[_-]?key|(?:access|auth)[_-]?token)${ASSIGN}["']?[\w-]{16}`,
      'gi',
    ),
    tail: more(/[\w-]*/y),
  },
  {
    name: 'connection_string',
    category: 'connection_string',
    severity: 'critical',
    needs: ['://'],
    head: /(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|rediss?):\/\/[^\s"'`<>]{6}/gi,
    tail: more(/[^\s"'`<>]*/y),
  },
  {
    name: 'jwt',
    category: 'token',
    severity: 'high',
    needs: ['eyj'],
    head: /eyJ[\w-]{5}/g,
    tail: tokenParts,
  },
  {
    name: 'bearer_token',
    category: 'token',
    severity: 'high',
    needs: ['bearer'],
    head: /bearer\s{1,20}[\w.~+/-]{20}/gi,
    tail: more(/[\w.~+/=-]*/y),
  },
  {
    name: 'password',
    category: 'password',
    severity: 'high',
    needs: ['pass', 'pwd'],
    head: new RegExp(`${PASSWORD}${ASSIGN}"`, 'gi'),
    tail: quoted(/[^"\r\n]*/y, '"', 6),
  },
  {
    name: 'password',
    category: 'password',
    severity: 'high',
    needs: ['pass', 'pwd'],
    head: new RegExp(`${PASSWORD}${ASSIGN}'`, 'gi'),
    tail: quoted(/[^'\r\n]*/y, "'", 6),
  },
]
