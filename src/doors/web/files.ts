import { readFile } from 'node:fs/promises'
import { shipped } from '../../config/data.ts'

interface PageFile {
  type: string
  body: Buffer
}

const SOURCES: Record<string, { type: string; path: readonly string[] }> = {
  '/': { type: 'text/html; charset=utf-8', path: ['web', 'index.html'] },
  '/page.css': { type: 'text/css; charset=utf-8', path: ['web', 'page.css'] },
  '/icon.svg': { type: 'image/svg+xml', path: ['web', 'icon.svg'] },
  '/icon.png': { type: 'image/png', path: ['web', 'icon.png'] },
  '/manifest.webmanifest': {
    type: 'application/manifest+json',
    path: ['web', 'manifest.webmanifest'],
  },
  '/page.js': { type: 'text/javascript; charset=utf-8', path: ['dist', 'web', 'page.js'] },
}

/** The files of the page, by their addresses. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const read = async ([address, { type, path }]: [string, (typeof SOURCES)[string]]) =>
    [address, { type, body: await readFile(shipped(...path)) }] as const
  return new Map(await Promise.all(Object.entries(SOURCES).map(read)))
}

/** What a browser is told with everything: nothing from elsewhere, in no frame, kept nowhere. */
export const STRICT_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
