import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT } from './fill.ts'

interface ScanAnswer {
  clean: boolean
  findings_count: number
  critical_count: number
  categories: string[]
  findings: { pattern: string; category: string; severity: string; preview: string }[]
  redacted_text: string
  destination: string | null
}

interface PairingAnswer {
  pairing: AgentPairing
  /** Where an operator approves it. */
  pairing_url?: string
}

/** A key that an operator has approved for an agent, or not yet. */
export interface AgentPairing {
  id: string
  agent_id: string
  agent_name: string | null
  algorithm: string
  status: 'pending' | 'approved' | 'expired' | (string & {})
  created_at: string
  expires_at: string
}

interface AgentIdentity {
  agent_id: string
  algorithm: string
  created_at: string
  updated_at: string
}

interface ScanFields {
  text: string
  destination?: string
  agent_id?: string
}
interface KeyFields {
  public_key: string
  algorithm?: string
}
const RSA_ALGORITHM = 'RSASSA-PKCS1-v1_5'

/** Scanners, pairing and identities. */
export const securityRoutes = {
  /** Looks for secrets in a text, and gives it back with them masked. Nothing is stored. */
  scanContent: route<ScanFields, ScanAnswer>()('POST security/scan', 'text destination?', {
    ...AS_AGENT,
    fixed: { store: false },
  }),
  /** The same, with what was found (never the text) stored for the audit trail. */
  reportSecurityFinding: route<ScanFields, ScanAnswer>()(
    'POST security/scan',
    'text destination?',
    { ...AS_AGENT, fixed: { store: true } },
  ),
  /** Looks for prompt injection; `recommendation` is `allow`, `warn` or `block`. */
  scanPromptInjection: route<
    { text: string; source?: string; agent_id?: string; store?: boolean },
    {
      clean: boolean
      risk_level: string
      recommendation: 'allow' | 'warn' | 'block' | (string & {})
      findings_count: number
      critical_count: number
      categories: string[]
      findings: {
        pattern: string
        category: string
        severity: string
        matched: string
        position: number
      }[]
      source: string | null
    }
  >()('POST security/prompt-injection', 'text source?', AS_AGENT),
  /** Asks an operator to trust this agent's public key (SPKI PEM). Errors: 400. */
  createPairing: route<{ agent_name?: string; agent_id?: string } & KeyFields, PairingAnswer>()(
    'POST pairings',
    'public_key algorithm? agent_name?',
    {
      also: { public_key_pem: 'public_key' },
      fill: ({ agentId, agentName }) => ({
        agent_id: agentId,
        agent_name: agentName,
        algorithm: RSA_ALGORITHM,
      }),
    },
  ),
  /** The state of a pairing as of now. Errors: 404. */
  getPairing: route<NoFields, { pairing: AgentPairing }>()('GET pairings/:pairing_id'),
  /** Pairings of the org; needs an admin key. Errors: 403. */
  listPairings: route<
    { status?: string; limit?: number; offset?: number },
    { pairings: AgentPairing[] }
  >()('GET pairings'),
  /** Trusts a key; needs an admin key. Errors: 403; 404; 409; 410 expired. */
  approvePairing: route<NoFields, { identity: AgentIdentity }>()(
    'POST pairings/:pairing_id/approve',
    '',
    { bodyless: true },
  ),
  /** Registers a public key without pairing; needs an admin key. Errors: 403; 400. */
  registerIdentity: route<{ agent_id: string } & KeyFields, { identity: AgentIdentity }>()(
    'POST identities',
    'agent_id public_key algorithm?',
    { fill: () => ({ algorithm: RSA_ALGORITHM }) },
  ),
  /** Keys that are trusted. */
  getIdentities: route<NoFields, { identities: AgentIdentity[] }>()('GET identities'),
  /** Trusts a key no longer; needs an admin key. Errors: 403; 404. */
  revokeIdentity: route<NoFields, JsonRecord>()('DELETE identities/:agent_id'),
}
