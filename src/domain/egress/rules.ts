import type { EgressBound, EgressMatch } from './matching/types.ts'

/** What a rule is about, in words: `GET, HEAD *.npmjs.org:443/**`. */
export function matchWords({ host, port, method, path, ...limits }: EgressMatch): string {
  const where = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port.join(',')}`}`
  const what = `${method === undefined ? '' : `${method.join(',')} `}${where}${path ?? ''}`
  return `${what}${limitWords(limits)}`
}

function limitWords({ maxMiB, perMinute }: Pick<EgressMatch, 'maxMiB' | 'perMinute'>): string {
  const size = maxMiB === undefined ? '' : `, up to ${maxMiB} MiB a flow`
  return `${size}${perMinute === undefined ? '' : `, up to ${perMinute} a minute`}`
}

/** An entry of a template's list as a rule. Its text is `host:port`. */
export function boundMatch(bound: EgressBound): Exclude<EgressBound, string> {
  if (typeof bound !== 'string') return bound
  const colon = bound.lastIndexOf(':')
  return { host: bound.slice(0, colon), port: [Number(bound.slice(colon + 1))] }
}

export function boundWords(bound: EgressBound): string {
  return typeof bound === 'string' ? bound : matchWords(bound)
}
