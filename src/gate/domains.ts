import { getDomain } from 'tldts'

/** The domain that somebody registered: `npmjs.org` of `registry.npmjs.org`; or the host itself. */
export function registeredDomain(host: string): string {
  return getDomain(host, { allowPrivateDomains: true }) ?? host
}
