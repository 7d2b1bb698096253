import { open } from 'node:fs/promises'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { newId } from '../../../base/ids.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import type { Agent } from '../types.ts'
import {
  agentKeyCan,
  isTooLate,
  MOST_KEY_CHARACTERS,
  keyFingerprint,
  MOST_REQUESTS,
  parseKey,
  REQUEST_MS,
} from './rules.ts'
import type { AgentKey, AgentKeyService, AgentKeyTrust, KeyOffer, SigningKey } from './types.ts'

interface AgentKeyParts {
  journal: Journal
  store: Store
  clock: Clock
  /** Ends what doors do for a key that is not trusted any more. */
  cutOff: (id: string, why: string) => void
}

/** The keys of agents outside of pods: asked for, trusted, revoked. */
export class AgentKeys implements AgentKeyService, AgentKeyTrust {
  readonly #parts: AgentKeyParts
  readonly #rows: Record<'open' | 'all', () => AgentKey[]>

  constructor(parts: AgentKeyParts) {
    this.#parts = parts
    const reading = (where: string) => {
      const query = parts.store
        .prepare<[], string>(`SELECT row FROM agent_key ${where} ORDER BY id`)
        .pluck()
      return () => query.all().map((row) => JSON.parse(row) as AgentKey)
    }
    this.#rows = { open: reading("WHERE state IN ('requested', 'trusted')"), all: reading('') }
  }

  async request({ agent, key: text }: KeyOffer, actor: string): Promise<AgentKey> {
    const { journal, clock } = this.#parts
    const key = parseKey(text)
    const id = newId('key')
    await journal.append(() => {
      const now = clock.now()
      const waiting = this.#rows.open().filter(({ state }) => state === 'requested')
      const late = waiting.filter(({ expiresAt }) => isTooLate(expiresAt, now))
      // Who asks is nobody yet, and is not told which agents there are.
      if (this.#cannotBelong(agent) !== undefined || waiting.length - late.length >= MOST_REQUESTS)
        throw new Fault('refused', `a key for ${agent} cannot be trusted here now`, {
          hint: 'Ask an owner of the deck to create the agent with --backend outside, and to look at the requests that wait.',
        })
      const body = { id, key, fingerprint: keyFingerprint(key), expiresAt: now + REQUEST_MS }
      return [
        ...late.map((one) => ended('agent_key.expired', one, 'supervisor')),
        { type: 'agent_key.requested', actor, subject: agent, body },
      ]
    })
    return this.#known(id)
  }

  async add(agent: string, path: string, actor: string): Promise<AgentKey> {
    const key = parseKey(await keyFile(path))
    const id = newId('key')
    await this.#parts.journal.append(() => {
      return this.trusting({ id, agent, key }, actor)
    })
    return this.#known(id)
  }

  async confirm(id: string, actor: string): Promise<AgentKey> {
    const { journal, clock } = this.#parts
    await journal.append(() => {
      const key = this.#known(id)
      const reason = agentKeyCan.beTrusted(key, clock.now())
      if (reason !== undefined) throw new Fault('not.possible', reason)
      return this.trusting(key, actor)
    })
    return this.#known(id)
  }

  async end(id: string, actor: string): Promise<AgentKey> {
    await this.#parts.journal.append(() => {
      const key = this.#known(id)
      const reason = agentKeyCan.end(key)
      if (reason !== undefined) throw new Fault('not.possible', reason)
      const type = key.state === 'trusted' ? 'agent_key.revoked' : 'agent_key.refused'
      return [ended(type, key, actor)]
    })
    this.#parts.cutOff(id, `the key ${id} is not trusted any more`)
    return this.#known(id)
  }

  async get(id: string): Promise<AgentKey> {
    return this.#known(id)
  }

  async list(state: 'open' | 'all'): Promise<AgentKey[]> {
    return this.#rows[state]()
  }

  trusted(id: string): AgentKey | undefined {
    const key = this.#parts.journal.rows.get<AgentKey>('agent_key', id)
    return key?.state === 'trusted' ? key : undefined
  }

  /**
   * What trusts a key. Fault `not.possible` for one that is trusted: to revoke it under one of two
   * ids would leave it trusted.
   */
  trusting(key: { id: string; agent: string; key: SigningKey }, actor: string): Draft[] {
    this.requireOutside(key.agent)
    const same = this.#rows
      .open()
      .find(({ state, key: { spki } }) => state === 'trusted' && spki === key.key.spki)
    if (same !== undefined)
      throw new Fault('not.possible', `this key is ${same.id} of ${same.agent} already`, {
        hint: `To trust it anew, revoke it first: clawdeck agent-keys revoke ${same.id}`,
      })
    return [trusted(key, actor)]
  }

  retire(agent: string, actor: string): Draft[] {
    return this.#rows
      .open()
      .filter((key) => key.agent === agent)
      .map((key) => ended('agent_key.revoked', key, actor))
  }

  #known(id: string): AgentKey {
    const key = this.#parts.journal.rows.get<AgentKey>('agent_key', id)
    if (key !== undefined) return key
    throw new Fault('not.found', `no key ${id}`, {
      hint: '`clawdeck agent-keys list` shows those that are trusted or wait.',
    })
  }

  /** Fault `not.possible` for an agent that needs no key, or does not exist. */
  requireOutside(agent: string): void {
    const reason = this.#cannotBelong(agent)
    if (reason !== undefined)
      throw new Fault('not.possible', reason, {
        hint: 'Create it: clawdeck create <template> <agent> --backend outside',
      })
  }

  #cannotBelong(agent: string): string | undefined {
    return agentKeyCan.belongTo(this.#parts.journal.rows.get<Agent>('agent', agent), agent)
  }
}

/** The text of a file, as far as it can be a key. Fault `not.found`. */
async function keyFile(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MOST_KEY_CHARACTERS + 1) })
    return buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    throw new Fault('not.found', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Name the file of the public key, as the supervisor can read it.',
    })
  }
}

function trusted(
  { id, agent, key }: { id: string; agent: string; key: SigningKey },
  actor: string,
): Draft {
  const body = { id, key, fingerprint: keyFingerprint(key) }
  return { type: 'agent_key.trusted', actor, subject: agent, body }
}

function ended(
  type: 'agent_key.expired' | 'agent_key.refused' | 'agent_key.revoked',
  { id, agent }: AgentKey,
  actor: string,
): Draft {
  return { type, actor, subject: agent, body: { id } }
}
