import { describe, expect, it } from 'vitest'
import { normalise } from '../../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../../src/domain/policy/risk/risk.ts'
import { question } from '../question.ts'
import { judge, policy } from '../judge.ts'

describe('addresses and paths', () => {
  it.each([
    ['file', 'read docs/*', 'read docs/../../etc/shadow'],
    ['exec', 'cat docs/*', 'cat docs/../x'],
    ['net', 'https://a.test/pub/*', 'https://a.test/pub/%2e%2e/priv'],
    ['net', 'https://a.test*', 'https://a.test@evil.test/'],
  ])('a permission for %s %s does not cover %s', (type, pattern, target) => {
    expect(
      judge({ type, target }, { policies: [policy('allow', { type, target: pattern })] }).decision,
    ).toBe('require_approval')
  })
  it.each<readonly [string, string, boolean]>([
    ['GET https://*.github.com/*', 'GET https://api.github.com/x', true],
    ['GET https://*.github.com/*', 'GET https://a.b.github.com/x', true],
    ['*.github.com/*', 'GET https://api.github.com/x', true],
    ['https://*', 'https://a.test/x?y', true],
    ['https://*/ok', 'https://a.test/ok', true],
    ['*', 'GET https://a.test/x', true],
    ['https://a.test*', 'https://a.test/x', true],
    ['https://a.test*', 'https://a.test:8443/x', true],
    ['https://a.test*', 'https://a.test.evil.test/', false],
    ['https://a.test*', 'https://a.testing/', false],
    ['https://10.0.*', 'https://10.0.1.2/x', true],
    ['https://a.test/*', 'https://a.test/x?y=https://b/', true],
    ['https://a.test\\?x=*', 'https://a.test?x=1', true],
    ['https://*/ok', 'https://a.test/x/ok', false],
    ['* https://a.test/*', 'POST https://a.test/x', true],
    ['*://a.test/*', 'https://a.test/x', true],
    ...[
      'evil.com/x.github.com/',
      'evil.com?x.github.com/',
      'evil.com#.github.com/',
      'evil.com\\.github.com/',
      'evil.com:443/a.github.com/b',
      'evil.com%2f.github.com/',
      'evil.com .github.com/',
      'x@evil.com/.github.com/',
    ].map((rest) => ['GET https://*.github.com/*', `GET https://${rest}`, false] as const),
    ...['evil.com/x.github.com/', 'evil.com/?https://api.github.com/'].map(
      (rest) => ['*.github.com/*', `GET https://${rest}`, false] as const,
    ),
  ])('a permission for net %s: %s %s', (pattern, target, yes) => {
    expect(
      judge(
        { type: 'net', target },
        { policies: [policy('allow', { type: 'net', target: pattern })] },
      ).decision,
    ).toBe(yes ? 'allow' : 'require_approval')
  })
  it.each([
    'http://2852039166/latest',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]:80/x',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://①69.254.169.254/',
    'http://169。254。169。254/',
    'http://169.254.169.254./',
    'http://%3169.254.169.254/',
    'GET http://a:b@2852039166/',
    '2852039166/latest',
    'PUT 0xa9fea9fe:80',
    'http:\\\\0xa9fea9fe/',
  ])('a restriction of an address covers %s', (target) => {
    for (const pattern of ['*169.254.169.254*', '169.254.169.254*'])
      expect(
        judge({ type: 'net', target }, { bounds: { block: [{ type: 'net', target: pattern }] } })
          .decision,
      ).toBe('block')
    expect(
      assessRisk(normalise(question({ type: 'net', target }))).factors.map((f) => f.label),
    ).toContain('asks for machine credentials (metadata service)')
  })
  it.each([
    ['file', '/policy/*', 'write /policy/x', ''],
    ['file', '/policy/*', 'write ../policy/x', '/workspace'],
    ['file', '/policy/*', '/a/../policy/x', ''],
    ['net', 'evil.test/*', 'POST HTTPS://EVIL.test/x', ''],
    ['net', 'evil.test/*', 'https://good.test@evil.test/x', ''],
    ['net', '*secret*', 'https://a.test/%73ecret', ''],
  ])('a restriction of %s %s covers %s', (type, pattern, target, cwd) => {
    expect(
      judge({ type, target, cwd }, { bounds: { block: [{ type, target: pattern }] } }).decision,
    ).toBe('block')
  })
})
