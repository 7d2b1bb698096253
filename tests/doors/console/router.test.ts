import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { InputRouter } from '../../../src/doors/console/keys/router.ts'

const open = () => {
  const real = new PassThrough()
  const keys: string[] = []
  let heard = (): void => undefined
  const router = new InputRouter(real, (more) => {
    keys.push(...more.map((k) => k.name))
    heard()
  })
  return {
    real,
    keys,
    router,
    next: () =>
      new Promise<void>((resolve) => {
        heard = resolve
      }),
  }
}

describe('the owner of the keyboard', () => {
  test('hands raw bytes to a sink until it is taken away; nothing is lost on either side', () => {
    const { real, keys, router } = open()
    const raw: Buffer[] = []
    real.write('j')
    router.route((bytes) => {
      const at = bytes.indexOf(0x1d)
      raw.push(at < 0 ? bytes : bytes.subarray(0, at))
      if (at >= 0) {
        router.route(null)
        router.feed(bytes.subarray(at + 1))
      }
    })
    real.write(Buffer.from([0xff, 0x1b, 0x5b]))
    real.write(Buffer.from('ls\r\u001dkk'))
    expect(keys).toEqual(['j', 'k', 'k'])
    expect(Buffer.concat(raw)).toEqual(
      Buffer.concat([Buffer.from([0xff, 0x1b, 0x5b]), Buffer.from('ls\r')]),
    )
    router.close()
  })
  test('a lone Esc is a key after a moment', async () => {
    const { real, keys, router, next } = open()
    const heard = next()
    real.write('\u001b')
    expect(keys).toEqual([])
    await heard
    expect(keys).toEqual(['esc'])
    router.close()
  })
  test('Ink hears only what is passed to it', () => {
    const { real, router } = open()
    real.write('x')
    router.pass('\r')
    expect(String(router.standIn.read())).toBe('\r')
    router.close()
  })
})
