import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import type { Home } from '../../src/config/home.ts'
import { tempFolder } from './journal.ts'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const path = PATHS.find(existsSync)

/** Why tests with a real browser cannot run here; undefined where they can, or have to. */
export const withoutChromium: string | undefined =
  path === undefined && process.env['CLAWDECK_REQUIRE_CHROMIUM'] !== '1'
    ? 'no Chromium is installed: apt-get install chromium'
    : undefined

/** A browser of the size of a phone that trusts the certificate of this deck, and no other one. */
export async function openChromium(
  home: Home,
  onEnd: (act: () => unknown) => void,
  options: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<BrowserContext> {
  const pem = readFileSync(join(home.secrets, 'web.pem'), 'utf8')
  const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')))
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  const { width = 360, height = 740, colorScheme = 'light' } = options
  const context = await chromium.launchPersistentContext(tempFolder(onEnd), {
    executablePath: path ?? PATHS[0] ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`,
    ],
    viewport: { width, height },
    colorScheme,
    hasTouch: true,
    serviceWorkers: 'block',
  })
  onEnd(() => context.close())
  return context
}
