import { describe, expect, it } from 'vitest'
import { networkOf, whyNotPublic } from '../../../src/domain/egress/matching/addresses.ts'

const own = new Set(['203.0.113.7'])

describe('an address that nobody reaches by a name', () => {
  it.each([
    ['127.0.0.1', /itself/],
    ['::1', /itself/],
    ['0.0.0.0', /no address/],
    ['10.1.2.3', /private/],
    ['172.16.0.1', /private/],
    ['192.168.1.1', /private/],
    ['fd00::1', /private/],
    ['169.254.169.254', /credentials/],
    ['fe80::1', /credentials/],
    ['100.100.100.200', /provider/],
    ['224.0.0.1', /multicast/],
    ['255.255.255.255', /broadcast/],
    ['64:ff9b::7f00:1', /reserved/],
    ['2002:7f00:1::', /reserved/],
    ['::ffff:127.0.0.1', /itself/],
    ['203.0.113.7', /itself/],
    ['nonsense', /no address/],
  ])('%s', (address, why) => {
    expect(whyNotPublic(address, own)).toMatch(why)
  })

  it.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111'])('%s is public', (address) => {
    expect(whyNotPublic(address, own)).toBeUndefined()
  })
})

describe('a network', () => {
  it('has a key of its first bits, and is not of the other family', () => {
    expect(networkOf('10.0.0.0/8')?.key).toBe(networkOf('10.255.1.2/8')?.key)
    expect(networkOf('10.0.0.0/9')?.key).not.toBe(networkOf('10.128.0.0/9')?.key)
    expect(networkOf('1.2.3.4')).toEqual(networkOf('1.2.3.4/32'))
    expect(networkOf('::/0')?.key).not.toBe(networkOf('0.0.0.0/0')?.key)
    for (const text of ['example.com', '10.0.0.0/33', '1.2.3/8', ''])
      expect(networkOf(text)).toBe(undefined)
  })
})
