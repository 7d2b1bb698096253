import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { Agent } from '../agents/types.ts'
import type { OperatorPolicy } from '../policy/types.ts'
import { matchWords } from './rules.ts'
import { hostPattern } from './schema.ts'
import type { EgressGrant, EgressOverview, EgressService, HostUse, OpenFlow } from './types.ts'

/** The gates of running agents, as far as operators look at them and end what goes through. */
export interface GatesInUse {
  flows(): OpenFlow[]
  /** Ends the open flows that fit. Returns how many. */
  cut(fits: (flow: OpenFlow) => boolean): number
}

interface EgressParts {
  journal: Journal
  store: Store
  gates: GatesInUse
  policies: () => readonly OperatorPolicy[]
  addPolicy: (
    policy: Omit<OperatorPolicy, 'id'> & { id?: string | undefined },
    actor: string,
  ) => Promise<OperatorPolicy>
}

const MAX_ROWS = 500

/** What leaves pods: what did, what does now, and what may. */
export function egressService(parts: EgressParts): EgressService {
  const { journal, gates, addPolicy } = parts
  const append = (draft: Draft) => journal.append(() => [draft])
  const grantOf = (id: string) => journal.rows.get<EgressGrant>('egress_grant', id)

  return {
    overview: overviewReader(parts),
    async add({ egress, ...rest }, actor) {
      const match = { ...egress, host: readPattern(egress.host) }
      return addPolicy({ ...rest, type: 'net', target: matchWords(match), egress: match }, actor)
    },
    async refused(agent, flow) {
      const body = { ...flow }
      await append({ type: 'egress.refused', actor: `agent:${agent}`, subject: agent, body })
    },
    async use(agent, id) {
      await journal.append(() => {
        const grant = grantOf(id)
        if (grant?.agent !== agent || grant.state !== 'open')
          throw new Fault('not.possible', `${id} allows no flow of ${agent} any more`)
        return [{ type: 'egress.used', actor: `agent:${agent}`, subject: agent, body: { id } }]
      })
    },
    async revoke(id, actor) {
      await journal.append(() => {
        const { agent } = requireGrant(grantOf(id), id)
        return [{ type: 'egress.revoked', actor, subject: agent, body: { id } }]
      })
      return requireGrant(grantOf(id), id, true)
    },
    async end(agent, host, actor) {
      const fits = (flow: OpenFlow) =>
        flow.agent === agent && (host === undefined || flow.host === host)
      const count = gates.flows().filter(fits).length
      const body = { host: host ?? '', count, why: 'an operator ended them' }
      await append({ type: 'egress.ended', actor, subject: agent, body })
      return { ended: gates.cut(fits) }
    },
  }
}

function readPattern(text: string): string {
  const host = hostPattern(text)
  if (host !== undefined) return host
  throw new Fault('input.invalid', `${plain(text, 80)} is no host`, {
    hint: 'Write a name, *.name for all below it, an address, a network, or *.',
  })
}

function requireGrant(grant: EgressGrant | undefined, id: string, isRevoked = false): EgressGrant {
  if (grant === undefined)
    throw new Fault('not.found', `no approval of a flow ${id}`, {
      hint: '`clawdeck egress list` shows those in force. Leases: `clawdeck leases revoke <id>`.',
    })
  if (grant.state === 'revoked' && !isRevoked)
    throw new Fault('not.possible', `${id} is already revoked`)
  return grant
}

function overviewReader({ journal, store, gates, policies }: EgressParts) {
  const hosts = store.prepare<[number], { row: string }>(
    'SELECT row FROM egress_host ORDER BY lastAt DESC LIMIT ?',
  )
  const grants = store.prepare<[number], { row: string }>(
    "SELECT row FROM egress_grant WHERE state <> 'revoked' ORDER BY at DESC LIMIT ?",
  )
  /** Rows of an agent that is gone are not those of another with its name. */
  const isOfNow = ({ agent }: { agent: string }, at: number) =>
    at >= (journal.rows.get<Agent>('agent', agent)?.createdAt ?? Infinity)
  const parse = <T>(rows: { row: string }[]) => rows.map(({ row }) => JSON.parse(row) as T)

  return async (agent?: string): Promise<EgressOverview> => {
    const wanted = (row: { agent: string }) => agent === undefined || row.agent === agent
    const uses = parse<HostUse>(hosts.all(MAX_ROWS))
    const yeses = parse<EgressGrant>(grants.all(MAX_ROWS))
    return {
      hosts: uses.filter((use) => wanted(use) && isOfNow(use, use.lastAt)),
      grants: yeses.filter((grant) => wanted(grant) && isOfNow(grant, grant.at)),
      open: gates.flows().filter(wanted),
      rules: policies()
        .filter(({ egress }) => egress !== undefined)
        .map(({ id, effect, target = '' }) => ({ id, effect, text: target })),
    }
  }
}
