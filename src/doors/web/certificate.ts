import 'reflect-metadata'
import {
  createPrivateKey,
  createPublicKey,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { errno } from '../../base/fault.ts'
import { readBounded, writeAtomic } from '../../config/files.ts'

/** What the page is served with: PEM of the key and of its certificate. */
export interface PageCertificate {
  key: string
  cert: string
  /** SHA-256 of the certificate, in hexadecimal. */
  fingerprint: string
  /** Unix milliseconds. */
  validUntil: number
}

const DAY_MS = 86_400_000
/** Browsers refuse certificates that are valid for longer. */
const VALID_MS = 397 * DAY_MS
/** One that ends sooner is made anew. */
const RENEW_MS = 60 * DAY_MS
const MAX_PEM_BYTES = 16 * 1024
const MAX_HOSTS = 20
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * The certificate for an address, of `<secrets>/web.pem` (0600). It is made where there is none for
 * that address, or it ends soon; its key stays the same.
 */
export async function openCertificate(
  secrets: string,
  host: string,
  now: number,
): Promise<PageCertificate> {
  const path = join(secrets, 'web.pem')
  const stored = await readBounded(path, MAX_PEM_BYTES).catch((thrown: unknown) => {
    if (errno(thrown) === 'ENOENT') return ''
    throw thrown
  })
  const known = certificateIn(stored)
  if (known !== undefined && fits(known.cert, host, now)) {
    await chmod(path, 0o600)
    return known
  }
  const pem = await newCertificate(stored, host, now)
  await writeAtomic(path, pem)
  const made = certificateIn(pem)
  if (made === undefined) throw new Error('the certificate that was just made cannot be read')
  return made
}

function certificateIn(pem: string): PageCertificate | undefined {
  const [key, cert] = [pemOf(pem, 'PRIVATE KEY'), pemOf(pem, 'CERTIFICATE')]
  if (key === undefined || cert === undefined) return undefined
  try {
    const read = new X509Certificate(cert)
    if (!read.checkPrivateKey(createPrivateKey(key))) return undefined
    return {
      key,
      cert,
      fingerprint: read.fingerprint256.replaceAll(':', '').toLowerCase(),
      validUntil: Date.parse(read.validTo),
    }
  } catch {
    return undefined
  }
}

function pemOf(text: string, label: string): string | undefined {
  return new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`).exec(text)?.[0]
}

function fits(cert: string, host: string, now: number): boolean {
  const read = new X509Certificate(cert)
  return (
    read.checkIP(host) !== undefined &&
    Date.parse(read.validFrom) <= now &&
    Date.parse(read.validTo) - now > RENEW_MS
  )
}

async function newCertificate(stored: string, host: string, now: number): Promise<string> {
  x509.cryptoProvider.set(webcrypto as never)
  const keys = await keysOf(pemOf(stored, 'PRIVATE KEY'))
  // Whoever goes back to an address that it had keeps the certificate.
  const hosts = [...new Set([host, '127.0.0.1', '::1', ...hostsOf(stored)])].slice(0, MAX_HOSTS)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: 'CN=clawdeck',
    // A phone's clock may be behind.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now - DAY_MS + VALID_MS),
    signingAlgorithm: ALGORITHM,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...hosts.map((value) => ({ type: 'ip', value }) as const),
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  return `${key.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate.toString('pem')}\n`
}

/** The addresses of the stored certificate. */
function hostsOf(stored: string): string[] {
  const cert = certificateIn(stored)?.cert
  const names = cert === undefined ? '' : (new X509Certificate(cert).subjectAltName ?? '')
  return [...names.matchAll(/IP Address:([0-9A-Fa-f.:]+)/g)].map(([, host = '']) => host)
}

/** The stored key, or a new one. */
async function keysOf(pem: string | undefined): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto
  if (pem !== undefined)
    try {
      const key = createPrivateKey(pem)
      const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
      return {
        privateKey: await subtle.importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign']),
        publicKey: await subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
      }
    } catch {
      // A key that cannot be used is replaced.
    }
  return subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}
