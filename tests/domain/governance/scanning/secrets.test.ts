import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SECRET_PATTERNS } from '../../../../src/domain/governance/scanning/secret-patterns.ts'
import { scanRecord } from '../../../../src/domain/governance/scanning/records.ts'
import { redactDeep, scanSecrets } from '../../../../src/domain/governance/scanning/secrets.ts'
import { FRAGMENTS, isUnbounded } from './hostile.ts'

const a = (n: number) => 'aB3'.repeat(n).slice(0, n)
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${a(70)}\n${a(20)}==\n-----END RSA PRIVATE KEY-----`

const SECRETS: [text: string, redacted: string, severity: string][] = [
  [`key sk-${a(20)} end`, 'key [REDACTED:openai_api_key] end', 'critical'],
  [`sk-proj-${a(90)}`, '[REDACTED:openai_api_key]', 'critical'],
  [`sk-ant-${a(20)}`, '[REDACTED:anthropic_api_key]', 'critical'],
  [`sk_live_${a(24)},pk_test_${a(30)}`, '[REDACTED:stripe_key],[REDACTED:stripe_key]', 'critical'],
  ['AKIAIOSFODNN7EXAMPLE', '[REDACTED:aws_access_key_id]', 'critical'],
  [`aws_secret_access_key = "${a(40)}"`, 'aws_[REDACTED:aws_secret_key]"', 'critical'],
  [`ghp_${a(36)}`, '[REDACTED:github_token]', 'critical'],
  [`xoxb-${a(12)}`, '[REDACTED:slack_token]', 'critical'],
  [`API-KEY: '${a(16)}'`, "[REDACTED:api_key]'", 'critical'],
  [`{"apiKey": "${a(32)}"}`, '{"[REDACTED:api_key]"}', 'critical'],
  [`eyJhbGci.${a(10)}.${a(5)}!`, '[REDACTED:jwt]!', 'high'],
  [`Authorization: Bearer ${a(20)}==`, 'Authorization: [REDACTED:bearer_token]', 'high'],
  [PEM, '[REDACTED:private_key]', 'critical'],
  [`x\n${PEM}\ny ${PEM}`, 'x\n[REDACTED:private_key]\ny [REDACTED:private_key]', 'critical'],
  ['-----BEGIN PRIVATE KEY-----\nMIIE"rest', '[REDACTED:private_key]"rest', 'critical'],
  [PEM.replaceAll('\n', '\\n'), '[REDACTED:private_key]', 'critical'],
  ['password = "hunter22"', '[REDACTED:password]', 'high'],
  ["'passwd': 'it is \"x\"'", "'[REDACTED:password]", 'high'],
  ['postgres://u:p@host/db next', '[REDACTED:connection_string] next', 'critical'],
  ['mongodb+srv://u:p@host', '[REDACTED:connection_string]', 'critical'],
]

const CLEAN = [
  '',
  'nothing to see',
  `sk-${a(19)}`,
  `ghp_${a(35)}`,
  'AKIA1234',
  'password = "short"',
  'password = hunter22',
  'password = "no end',
  'password = "two\nlines"',
  'eyJhbGci.only.',
  'bearer of good news everyone',
  'redis://h',
  'api_key = None',
  'the key is under the mat',
]

describe('secrets', () => {
  test.each(SECRETS)('%s', (text, redacted, severity) => {
    const scan = scanSecrets(text)
    expect(scan.redacted_text).toBe(redacted)
    expect(scan.clean).toBe(false)
    expect(scan.findings[0]?.severity).toBe(severity)
    expect(scan.critical_count).toBe(severity === 'critical' ? scan.findings_count : 0)
  })

  test.each(CLEAN)('none in %j', (text) => {
    expect(scanSecrets(text)).toMatchObject({ clean: true, redacted_text: text, categories: [] })
  })

  test('are told by their first eight characters', () => {
    expect(scanSecrets(`sk-${a(30)}`).findings).toEqual([
      {
        pattern: 'openai_api_key',
        category: 'api_key',
        severity: 'critical',
        preview: 'sk-aB3aB***',
      },
    ])
  })

  test('that overlap are one, named by the worst', () => {
    const scan = scanSecrets(`password="x sk-${a(20)} y"!`)
    expect(scan.redacted_text).toBe('[REDACTED:openai_api_key]!')
    expect(scan.findings_count).toBe(1)
  })

  test('are found around what is redacted already', () => {
    const scan = scanSecrets(`[REDACTED:jwt]sk-${a(20)}[REDACTED:nonsense]`)
    expect(scan.redacted_text).toBe('[REDACTED:jwt][REDACTED:openai_api_key][REDACTED:nonsense]')
  })
})

const fragment = fc.oneof(
  fc.constantFrom<string[]>(...FRAGMENTS, ...SECRETS.map(([text]) => text)),
  fc.constantFrom<string[]>('"', "'", '=', ':', '@', '.', '-----END PRIVATE KEY-----', 'pwd', a(8)),
  fc.string(),
)
const text = fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join(''))

describe('redaction', () => {
  test('twice changes nothing', () => {
    fc.assert(
      fc.property(text, (given) => {
        const once = scanSecrets(given).redacted_text
        expect(scanSecrets(once)).toMatchObject({ clean: true, redacted_text: once })
      }),
      { numRuns: 2000 },
    )
  })

  test('leaves no secret that stands alone', () => {
    const between = fc.constantFrom(' ', '\n', ', ', ' "')
    const secret = fc.constantFrom(...SECRETS.map(([each]) => each).filter((each) => each !== PEM))
    fc.assert(
      fc.property(fc.array(fc.tuple(secret, between), { maxLength: 8 }), (parts) => {
        const given = parts.flat().join('')
        const { redacted_text } = scanSecrets(given)
        expect(redacted_text).not.toContain(a(16))
      }),
    )
  })

  test('goes through all of a value, and no deeper than anyone reads', () => {
    const { value, security } = redactDeep({
      a: [1, null],
      b: { [`sk-${a(20)}`]: 'x' },
    })
    expect(value).toEqual({ a: [1, null], b: { '[REDACTED:openai_api_key]': 'x' } })
    expect(security).toEqual({
      clean: false,
      findings_count: 1,
      critical_count: 1,
      categories: ['api_key'],
    })
    let deep: unknown = `sk-${a(20)}`
    for (let i = 0; i < 5000; i++) deep = [deep]
    expect(JSON.stringify(redactDeep(deep).value)).not.toContain('sk-')
  })
})

test('of a scan is kept what was found, and nothing of the text', () => {
  const given = `sk-${a(20)}`
  const scan = scanSecrets(given)
  const by = { agentId: 'scout', source: null, store: true }
  const record = scanRecord(given, scan, by)
  expect(record).toMatchObject({ findings_count: 1, categories: ['api_key'], agent_id: 'scout' })
  expect(JSON.stringify(record)).not.toContain('sk-')
  expect(scanRecord(given, scan, { ...by, store: false })).toBeNull()
  expect(scanRecord('x', scanSecrets('x'), by)).toBeNull()
})

describe('the cost of a scan', () => {
  test('no head repeats anything without a bound', () => {
    expect(SECRET_PATTERNS.filter(({ head }) => isUnbounded(head))).toEqual([])
    expect([/a+/, /(?:ab)*/, /a{2,}/, /[+]x*/].every(isUnbounded)).toBe(true)
    expect([/[+*]/, /\+/, /a{2,3}/].some(isUnbounded)).toBe(false)
  })

  test.each(FRAGMENTS)('grows with the text only, for %j over and over', (each) => {
    const size = 65_536
    const work = { steps: 0 }
    scanSecrets(each.repeat(Math.ceil(size / each.length)), work)
    expect(work.steps).toBeLessThan(4 * size)
  })

  test.each(SECRETS)('is counted: at least the length of what it redacts in %j', (given) => {
    const work = { steps: 0 }
    const { redacted_text } = scanSecrets(given, work)
    const kept = redacted_text.replace(/\[REDACTED:\w+\]/g, '').length
    expect(work.steps).toBeGreaterThan(given.length - kept)
  })

  test('grows with the text only, for any mixture', () => {
    fc.assert(
      fc.property(fc.array(fragment, { minLength: 1, maxLength: 6 }), (parts) => {
        const given = parts.join('').repeat(100)
        const work = { steps: 0 }
        scanSecrets(given, work)
        expect(work.steps).toBeLessThanOrEqual(6 * given.length)
      }),
    )
  })
})
