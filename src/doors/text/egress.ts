import { ago, bytes, count, plain, span } from '../../base/text.ts'
import type { EgressBasis, EgressOverview } from '../../domain/egress/types.ts'

/** A part of what leaves pods: a heading, the titles of columns, and rows of cells. */
export interface EgressPart {
  heading: string
  titles: readonly string[]
  rows: string[][]
}

/** What leaves pods, as tables. `now` in Unix milliseconds. */
export function egressParts(overview: EgressOverview, now: number): EgressPart[] {
  const { rules, open, hosts, grants } = overview
  return [
    {
      heading: 'Rules',
      titles: ['RULE', 'EFFECT', 'WHAT'],
      rows: rules.map(({ id, effect, text }) => [plain(id), effect, plain(text, 200)]),
    },
    {
      heading: 'Open now',
      titles: ['AGENT', 'WHAT', 'SENT', 'RECEIVED', 'FOR', 'BY'],
      rows: open.map(({ agent, target, bytesUp, bytesDown, since, basis }) => [
        plain(agent),
        plain(target, 200),
        bytes(bytesUp),
        bytes(bytesDown),
        span(now - since),
        basisText(basis),
      ]),
    },
    {
      heading: 'Allowed once',
      titles: ['APPROVAL', 'AGENT', 'WHAT', 'BY', 'WHEN'],
      rows: grants.map(({ id, agent, target, by, at }) => [
        plain(id),
        plain(agent),
        plain(target, 200),
        plain(by),
        ago(at, now),
      ]),
    },
    {
      heading: 'Hosts',
      titles: ['AGENT', 'HOST', 'FLOWS', 'REQUESTS', 'SENT', 'RECEIVED', 'REFUSED', 'LAST', 'BY'],
      rows: hosts.map((use) => [
        plain(use.agent),
        plain(use.port === 0 ? use.host : `${use.host}:${use.port}`),
        String(use.flows),
        String(use.requests),
        bytes(use.bytesUp),
        bytes(use.bytesDown),
        String(use.refused),
        ago(use.lastAt, now),
        plain(use.decidedBy, 60),
      ]),
    },
  ]
}

export function egressSummary({ open, hosts }: EgressOverview): string {
  return `${count(open.length, 'open flow')}, ${count(hosts.length, 'host')}`
}

function basisText({ by, ids }: EgressBasis): string {
  return plain(`${by} ${ids.slice(0, 3).join(', ')}`.trim(), 60)
}
