import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { openHostKey } from '../../src/config/host-key.ts'
import { ephemeralHostKey } from '../support/host-key.ts'

let secrets: string
beforeEach(async () => {
  secrets = join(await mkdtemp(join(tmpdir(), 'deck-key-')), 'secrets')
})

describe('openHostKey', () => {
  it('creates a key once, readable by its owner only, and loads it again', async () => {
    const first = await openHostKey(secrets)
    expect(first.keyId).toMatch(/^ed25519:[0-9a-f]{16}$/)
    expect((await stat(join(secrets, 'host.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(secrets)).mode & 0o777).toBe(0o700)
    expect(await readFile(join(secrets, 'host.pub'), 'utf8')).toBe(first.publicKey)
    const again = await openHostKey(secrets)
    expect(again.keyId).toBe(first.keyId)
    expect(again.verify('lock', first.sign('lock'))).toBe(true)
    expect((await readdir(secrets)).toSorted()).toEqual(['host.key', 'host.pub'])
  })

  it('gives the same key to many who open it at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => openHostKey(secrets)))
    expect(new Set(keys.map((key) => key.keyId)).size).toBe(1)
  })

  it('refuses a key readable by others, and a folder writable by others', async () => {
    await openHostKey(secrets)
    await chmod(join(secrets, 'host.key'), 0o640)
    await expect(openHostKey(secrets)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('mode 640'),
      hint: expect.stringContaining('chmod 600'),
    })
    await chmod(join(secrets, 'host.key'), 0o600)
    await chmod(secrets, 0o770)
    await expect(openHostKey(secrets)).rejects.toMatchObject({
      hint: expect.stringContaining('chmod 700'),
    })
  })

  it.each([
    ['garbage', 'hello'],
    ['nothing', ''],
    [
      'a key of another type',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
    ['a text that is too large', 'x'.repeat(20_000)],
  ])('refuses %s and leaves it there', async (_, text) => {
    await openHostKey(secrets)
    await writeFile(join(secrets, 'host.key'), text)
    await expect(openHostKey(secrets)).rejects.toMatchObject({ code: 'config.invalid' })
    expect(await readFile(join(secrets, 'host.key'), 'utf8')).toBe(text)
  })

  it('does not hang on a pipe in place of the key', async () => {
    await openHostKey(secrets)
    execFileSync('sh', ['-c', 'rm host.key && mkfifo -m 600 host.key'], { cwd: secrets })
    await expect(openHostKey(secrets)).rejects.toMatchObject({ code: 'config.invalid' })
  })

  it('restores a changed public key file', async () => {
    const key = await openHostKey(secrets)
    await writeFile(join(secrets, 'host.pub'), 'another')
    await openHostKey(secrets)
    expect(await readFile(join(secrets, 'host.pub'), 'utf8')).toBe(key.publicKey)
  })
})

describe('a host key', () => {
  const key = ephemeralHostKey()
  const other = ephemeralHostKey()

  it('verifies its own signature of exactly that text, and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, another) => {
        const signature = key.sign(text)
        expect(key.verify(text, signature)).toBe(true)
        expect(other.verify(text, signature)).toBe(false)
        expect(key.verify(another, signature)).toBe(another === text)
        expect(key.verify(text, another)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('accepts only the canonical base64 of a signature', () => {
    const signature = key.sign('x')
    expect(key.verify('x', `${signature} `)).toBe(false)
    expect(key.verify('x', signature.replace('==', ''))).toBe(false)
  })
})
