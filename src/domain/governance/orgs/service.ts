import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { apiKeyHash, BUILT_IN_ORGS, newApiKey, PODS_ORG } from './rules.ts'
import type { ApiKey, ApiKeyRow, KeyRole, Org, OrgService } from './types.ts'

/** A use of a key is written down at most this often. */
const USE_NOTED_EVERY_MS = 60 * 60_000

/** Keys that are kept ready. */
const MOST_LIVE = 10_000

interface OrgParts {
  journal: Journal
  store: Store
  clock: Clock
}

/** Organisations of the governance API and their keys. */
export class Orgs implements OrgService {
  readonly #parts: OrgParts
  readonly #usedAt = new Map<string, number>()
  /** Keys that were used, by their hash, until they change. */
  readonly #live = new Map<string, ApiKey>()
  readonly #orgs = new Map<string, Org>()
  readonly #statements

  constructor(parts: OrgParts) {
    this.#parts = parts
    const { store, journal } = parts
    // Within the transaction that changes a key: whoever is asked next reads it again.
    journal.rows.watch('api_key', () => this.#live.clear())
    journal.rows.watch('org', () => this.#orgs.clear())
    this.#statements = {
      orgs: store.prepare<[], { row: string }>('SELECT row FROM org'),
      keys: store.prepare<[{ org: string | null }], { row: string }>(
        'SELECT row FROM api_key WHERE @org IS NULL OR org = @org',
      ),
      byHash: store.prepare<[string], { row: string }>('SELECT row FROM api_key WHERE hash = ?'),
    }
  }

  list(): Org[] {
    const made = this.#statements.orgs.all().map(({ row }) => JSON.parse(row) as Org)
    const builtIn = BUILT_IN_ORGS.filter(({ id }) => !made.some((org) => org.id === id))
    return [...builtIn, ...made].toSorted((a, b) => a.createdAt - b.createdAt)
  }

  get(id: string): Org {
    const known =
      this.#orgs.get(id) ?? this.#parts.journal.rows.get<Org>('org', id) ?? builtInOrg(id)
    if (known !== undefined) {
      this.#orgs.set(id, known)
      return known
    }
    throw new Fault('not.found', `there is no organisation ${id}`, {
      hint: 'clawdeck orgs list shows them.',
    })
  }

  named(idOrSlug: string): Org {
    return this.list().find(({ slug }) => slug === idOrSlug) ?? this.get(idOrSlug)
  }

  async create({ name, slug }: { name: string; slug: string }, actor: string): Promise<Org> {
    const id = `org_${randomUUID()}`
    await this.#append(() => {
      if (this.list().some((org) => org.slug === slug))
        throw new Fault('name.taken', `an organisation has the slug ${slug}`)
      return [{ type: 'org.created', actor, subject: '', body: { id, name, slug } }]
    })
    return this.get(id)
  }

  async rename(id: string, name: string, actor: string): Promise<Org> {
    await this.#append(() => {
      const { slug } = this.get(id)
      const renamed: Draft = { type: 'org.renamed', actor, subject: '', body: { id, name } }
      // The one that every deck has is written down once it differs.
      return builtInOrg(id) !== undefined && this.#parts.journal.rows.get('org', id) === undefined
        ? [{ type: 'org.created', actor, subject: '', body: { id, name, slug } }]
        : [renamed]
    })
    return this.get(id)
  }

  keys(org: string | null): ApiKeyRow[] {
    return this.#statements.keys
      .all({ org })
      .map(({ row }) => shown(JSON.parse(row) as ApiKey))
      .toSorted((a, b) => b.createdAt - a.createdAt)
  }

  async createKey(
    { org, label, role }: { org: string; label: string; role: KeyRole },
    actor: string,
  ): Promise<{ key: ApiKeyRow; secret: string }> {
    this.get(org)
    if (org === PODS_ORG.id && role !== 'readonly')
      throw new Fault('not.possible', 'agents in pods need no key: their doors know them', {
        hint: 'To read what they record, make one with --role readonly.',
      })
    const { secret, ...kept } = newApiKey()
    const body = { ...kept, org, label, role }
    await this.#append(() => [{ type: 'api_key.created', actor, subject: '', body }])
    return { key: shown(this.#key(kept.id, org)), secret }
  }

  async revokeKey(id: string, org: string | null, actor: string): Promise<ApiKeyRow> {
    await this.#append(() => {
      const key = this.#key(id, org)
      if (key.revokedAt !== null)
        throw new Fault('not.possible', `the key ${id} was revoked before`)
      return [{ type: 'api_key.revoked', actor, subject: '', body: { id, org: key.org } }]
    })
    return shown(this.#key(id, org))
  }

  withSecret(secret: string): ApiKey | undefined {
    const hash = apiKeyHash(secret)
    const known = this.#live.get(hash)
    if (known !== undefined) return known
    const found = this.#statements.byHash.get(hash)
    const key = found === undefined ? undefined : (JSON.parse(found.row) as ApiKey)
    if (key?.revokedAt !== null) return undefined
    if (this.#live.size >= MOST_LIVE) this.#live.clear()
    this.#live.set(hash, key)
    return key
  }

  used({ id, lastUsedAt }: ApiKey): void {
    const now = this.#parts.clock.now()
    const latest = Math.max(this.#usedAt.get(id) ?? 0, lastUsedAt ?? 0)
    if (now - latest < USE_NOTED_EVERY_MS) return
    this.#usedAt.set(id, now)
    this.#append(() => [
      { type: 'api_key.used', actor: 'supervisor', subject: '', body: { id } },
    ]).catch(() => undefined)
  }

  #key(id: string, org: string | null): ApiKey {
    const key = this.#parts.journal.rows.get<ApiKey>('api_key', id)
    if (key !== undefined && (org === null || key.org === org)) return key
    throw new Fault('not.found', `there is no key ${id}`, {
      hint: 'clawdeck keys list shows them.',
    })
  }

  #append(decide: () => Draft[]) {
    return this.#parts.journal.append(decide)
  }
}

function builtInOrg(id: string): Org | undefined {
  return BUILT_IN_ORGS.find((org) => org.id === id)
}

function shown({ hash: _hash, ...key }: ApiKey): ApiKeyRow {
  return key
}
