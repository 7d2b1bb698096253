import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  authorityText,
  readAbsoluteUrl,
  readAuthority,
  readHost,
  readNetTarget,
} from '../../../src/domain/egress/matching/target.ts'

describe('a host has one spelling', () => {
  it.each([
    ['Example.COM', 'example.com', false],
    ['example.com.', 'example.com', false],
    ['münchen.example', 'xn--mnchen-3ya.example', false],
    // A Cyrillic а: another name, and it looks like one.
    ['аpple.com', 'xn--pple-43d.com', false],
    ['ｅｘａｍｐｌｅ.com', 'example.com', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.1', '127.0.0.1', true],
    ['0x7f.0.0.1', '127.0.0.1', true],
    ['0177.0.0.1', '127.0.0.1', true],
    ['2130706433', '127.0.0.1', true],
    ['0x7f000001', '127.0.0.1', true],
    ['127.0.0.1.', '127.0.0.1', true],
    ['１２７.0.0.1', '127.0.0.1', true],
    ['[::1]', '::1', true],
    ['[0:0:0:0:0:0:0:1]', '::1', true],
    ['[::ffff:127.0.0.1]', '127.0.0.1', true],
    ['[::ffff:7f00:1]', '127.0.0.1', true],
    ['[2001:DB8::0:1]', '2001:db8::1', true],
  ])('%s is %s', (text, host, isAddress) => {
    expect(readHost(text)).toEqual({ host, isAddress })
  })

  it.each([
    '',
    'a..b',
    'example.com..',
    '.example.com',
    'user@example.com',
    'exa mple.com',
    'exa\tmple.com',
    'exa%6dple.com',
    'example.com/x',
    'example.com\\x',
    'example.com?',
    'example.com#',
    '-a.com',
    'a-.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
    '256.1.1.1',
    '1.2.3.4.5',
    '[::1',
    '::1]',
    '[fe80::1%eth0]',
    '[1.2.3.4]',
    '[]',
    'a\u0000b',
  ])('%j is none', (text) => {
    expect(readHost(text)).toHaveProperty('problem')
  })

  it('is read again as itself, whatever it was written like', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV4Extended(), fc.ipV6()), (text) => {
        const read = readHost(text.includes(':') ? `[${text}]` : text)
        if ('problem' in read) return
        const again = readHost(read.host.includes(':') ? `[${read.host}]` : read.host)
        expect(again).toEqual(read)
      }),
    )
  })

  it('never throws, and is never a host that URL would not connect to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const read = readHost(text)
        if ('problem' in read || read.isAddress) return
        expect(URL.parse(`http://${text}/`)?.hostname.replace(/\.$/, '')).toBe(read.host)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an authority', () => {
  it.each([
    ['example.com:443', 'example.com', 443],
    ['[::1]:80', '::1', 80],
    ['example.com.:443', 'example.com', 443],
  ])('%s', (text, host, port) => {
    expect(readAuthority(text)).toMatchObject({ host, port })
  })

  it.each([
    'example.com',
    'example.com:',
    'example.com:0',
    'example.com:00443',
    'example.com:65536',
    'example.com:44a',
    'example.com:-1',
    'example.com:+443',
    'example.com:4 3',
    'a:b:443',
    '::1:80',
    'http://example.com:443',
    'user:pass@example.com:443',
    '/path:80',
    ':443',
  ])('%j is none', (text) => {
    expect(readAuthority(text)).toHaveProperty('problem')
  })
})

describe('the address of a plain request', () => {
  it.each([
    ['http://example.com', 'example.com', 80, '/'],
    ['HTTP://Example.com:8080/A?b=C', 'example.com', 8080, '/A?b=C'],
    ['http://example.com?x', 'example.com', 80, '/?x'],
    ['http://example.com/a/../b', 'example.com', 80, '/b'],
    ['http://example.com/a/%2e%2E/b', 'example.com', 80, '/b'],
    ['http://example.com//evil.test/x', 'example.com', 80, '//evil.test/x'],
    ['http://[::1]:80/', '::1', 80, '/'],
  ])('%s', (text, host, port, path) => {
    expect(readAbsoluteUrl(text)).toMatchObject({ host, port, path })
  })

  it.each([
    '/path',
    '*',
    'example.com:443',
    'https://example.com/',
    'ftp://example.com/',
    'http:/example.com/',
    'http:example.com',
    'http:\\\\example.com\\',
    'http://user@example.com/',
    'http://a:b@example.com/',
    'http://example.com\\@evil.test/',
    'http://example.com/#fragment',
    'http://example.com/a b',
    'http://example.com/ä',
    'http://example.com:99999/',
    'http:///x',
    `http://example.com/${'a'.repeat(9000)}`,
  ])('%j is none', (text) => {
    expect(readAbsoluteUrl(text)).toHaveProperty('problem')
  })
})

describe('the target of a question', () => {
  it.each([
    ['CONNECT a.test:443', { host: 'a.test', port: 443, method: undefined, path: undefined }],
    ['POST http://a.test/x?y', { host: 'a.test', port: 80, method: 'POST', path: '/x?y' }],
    ['https://a.test', { host: 'a.test', port: 443, method: 'GET', path: '/' }],
    ['a.test/x', { host: 'a.test', port: undefined, method: 'GET', path: '/x' }],
    ['wss://a.test:9/x', { host: 'a.test', port: 9 }],
  ])('%s', (text, read) => {
    expect(readNetTarget(text)).toMatchObject(read)
  })

  it('is none where no host is named', () => {
    for (const text of ['', 'CONNECT a.test', 'https://a@b.test/', 'hello world', 'https:///x'])
      expect(readNetTarget(text), text).toBeUndefined()
  })

  it('puts addresses with colons in brackets', () => {
    expect(authorityText({ host: '::1', port: 80 })).toBe('[::1]:80')
  })
})
