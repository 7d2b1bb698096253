import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import { apiAgentName } from '../../../../domain/governance/agents/rules.ts'
import { scanInjection } from '../../../../domain/governance/scanning/injection.ts'
import { scanRecord } from '../../../../domain/governance/scanning/records.ts'
import { scanSecrets } from '../../../../domain/governance/scanning/secrets.ts'
import type { SecuritySummary } from '../../../../domain/governance/scanning/types.ts'
import { endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { AgentId, fields, paged, text, YesNo } from '../../inputs.ts'
import type { ApiServices } from '../../services.ts'

/** Characters of a text that is scanned. */
const MOST_TEXT = 1_000_000

const Scanned = () =>
  fields({
    text: text(MOST_TEXT).min(1),
    destination: text(500).optional(),
    source: text(500).optional(),
    agent_id: AgentId.optional(),
    store: YesNo.default(true),
  })

/** Keeps what a scan found, without the text. Clean texts are not kept. */
async function keep(
  { records }: ApiServices,
  { actor, tenant: { org, slug } }: ApiCaller,
  {
    kind,
    asked,
    scan,
  }: { kind: string; asked: z.output<ReturnType<typeof Scanned>> } & {
    scan: SecuritySummary & { risk_level?: string; recommendation?: string }
  },
): Promise<void> {
  const { agent_id: agentId = null, source, destination, store } = asked
  const kept = scanRecord(asked.text, scan, {
    agentId,
    source: source ?? destination ?? null,
    store,
  })
  if (kept === null) return
  const { risk_level, recommendation } = scan
  const subject = agentId === null ? '' : apiAgentName(slug, agentId)
  await records.write({ org, actor, subject }, (changes) => {
    const id = `scan_${randomUUID()}`
    changes.make(kind, id, {
      id,
      org_id: org,
      ...kept,
      ...(risk_level === undefined ? {} : { risk_level, recommendation }),
      created_at: changes.now,
    })
  })
}

/** Scanners of texts. */
export const securityEndpoints: readonly Endpoint[] = [
  endpoint('POST /security/scan', {
    about: 'Looks for secrets in a text, and answers it without them.',
    input: Scanned,
    run: async (api, asked, caller) => {
      const scan = scanSecrets(asked.text)
      await keep(api, caller, { kind: 'secret_scan', asked, scan })
      return { ...scan, redacted: scan.redacted_text, destination: asked.destination ?? null }
    },
  }),
  endpoint('POST /security/prompt-injection', {
    about: 'Looks for attempts to command a model in a text.',
    input: Scanned,
    run: async (api, asked, caller) => {
      const scan = scanInjection(asked.text)
      await keep(api, caller, { kind: 'injection_scan', asked, scan })
      return { ...scan, source: asked.source ?? null }
    },
  }),
  endpoint('GET /security/prompt-injection', {
    about: 'What was found in texts before, newest first; never the texts.',
    input: () => fields({ agent_id: AgentId.optional(), ...paged(200, 50) }),
    run: ({ records }, { agent_id: agent, ...page }, { tenant: { org } }) => {
      const { rows, total } = records.page(org, 'injection_scan', { agent, ...page })
      return { scans: rows, total }
    },
  }),
]
