import { randomBytes } from 'node:crypto'
import { Fault } from '../../../base/fault.ts'
import type { ImportedEntry } from '../../../config/api-packs.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import { policyImportPlan, type PolicyImportPlan } from '../packs/rules.ts'
import type { RecordAuthor, RecordChanges, RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { MOST_POLICIES } from './rules.ts'
import { readPolicySettings } from './settings.ts'
import type { ApiPolicy, PolicySettings, StoredPolicy } from './types.ts'
import { storableSettings, type ToldPolicy } from './writing.ts'

const KIND = 'policy'

interface PolicyParts {
  records: RecordStore
  /** Refuses addresses that nothing is sent to. */
  outbound: () => Promise<Pick<Outbound, 'check'>>
}

export type PolicyAuthor = Omit<RecordAuthor, 'subject'>

/** What an import added. */
interface ImportedPolicies extends Omit<PolicyImportPlan, 'policies'> {
  policies: StoredPolicy[]
}

/** Writes the API's own policies. No two of an organisation have one name. */
export class ApiPolicies {
  readonly #parts: PolicyParts

  constructor(parts: PolicyParts) {
    this.#parts = parts
  }

  /** The newest first. */
  list(org: string): StoredPolicy[] {
    return this.#parts.records.find<StoredPolicy>(org, KIND, { limit: MOST_POLICIES })
  }

  /** The same, as rules read them. */
  judged(org: string): ApiPolicy[] {
    return this.list(org).map((policy) => ({ ...policy, active: Boolean(policy.active) }))
  }

  /** Faults: `input.invalid`, `name.taken`, `not.possible` for too many. */
  async add(author: PolicyAuthor, told: ToldPolicy): Promise<StoredPolicy> {
    await this.#requirePublic(storableSettings(told))
    return this.#write(author, (changes) => {
      requireFree(changes, told.name)
      requireRoom(changes, 1)
      return made(changes, author, told)
    })
  }

  /** Faults: `not.found`, `input.invalid`, `name.taken`. */
  async change(
    author: PolicyAuthor,
    id: string,
    change: Partial<Omit<ToldPolicy, 'policy_type'>>,
  ): Promise<StoredPolicy> {
    const { records } = this.#parts
    const policy = required(records.get<StoredPolicy>(author.org, KIND, id), `Policy ${id}`)
    const settings = storableSettings({ ...policy, ...change })
    if (change.rules !== undefined) await this.#requirePublic(settings)
    return this.#write(author, (changes) => {
      const before = required(changes.get<StoredPolicy>(KIND, id), `Policy ${id}`)
      if (change.name !== undefined && change.name !== before.name)
        requireFree(changes, change.name)
      const { active, ...texts } = change
      changes.change(KIND, id, {
        ...texts,
        ...(active === undefined ? {} : { active: Number(active) }),
        updated_at: changes.now,
      })
      return changes.get<StoredPolicy>(KIND, id) as StoredPolicy
    })
  }

  /** Those of the ids that there were. */
  remove(author: PolicyAuthor, ids: readonly string[]): Promise<string[]> {
    return this.#write(author, (changes) => {
      const found = [...new Set(ids)].filter((id) => changes.get(KIND, id) !== undefined)
      for (const id of found) changes.remove(KIND, id)
      return found
    })
  }

  /** Adds what an import brings; those whose name is taken are skipped. Fault `not.possible`. */
  async import(author: PolicyAuthor, entries: readonly ImportedEntry[]): Promise<ImportedPolicies> {
    const refused = await this.#refusedOf(entries)
    return this.#write(author, (changes) => {
      const names = changes.find<StoredPolicy>(KIND, { limit: MOST_POLICIES })
      const plan = policyImportPlan(entries, new Set(names.map(({ name }) => name)))
      const why = (policy: (typeof plan.policies)[number]) => refused.get(urlOf(policy) ?? '')
      const wanted = plan.policies.filter((policy) => why(policy) === undefined)
      requireRoom(changes, wanted.length)
      return {
        policies: wanted.map((policy) =>
          made(changes, author, { ...policy, active: true, agent_ids: null }),
        ),
        skipped: plan.skipped,
        errors: [
          ...plan.errors,
          ...plan.policies.flatMap((policy) => {
            const problem = why(policy)
            return problem === undefined ? [] : [`${policy.name}: ${problem}`]
          }),
        ],
      }
    })
  }

  #write<T>({ org, actor }: PolicyAuthor, decide: (changes: RecordChanges) => T): Promise<T> {
    return this.#parts.records.write({ org, actor, subject: '' }, decide)
  }

  /** Addresses of webhooks in an import that nothing is sent to, with why. */
  async #refusedOf(entries: readonly ImportedEntry[]): Promise<Map<string, string>> {
    const { policies } = policyImportPlan(entries, new Set())
    const urls = [...new Set(policies.flatMap((policy) => urlOf(policy) ?? []))]
    const checked = await Promise.all(
      urls.map(async (url) => [url, await this.#whyNotPublic(url)] as const),
    )
    return new Map(checked.filter((one): one is [string, string] => one[1] !== undefined))
  }

  async #requirePublic(settings: PolicySettings): Promise<void> {
    const why = settings.type === 'webhook_check' && (await this.#whyNotPublic(settings.url))
    if (typeof why === 'string') throw new Fault('input.invalid', why)
  }

  /** A name that leads nowhere now may lead somewhere later, when it is checked again. */
  async #whyNotPublic(url: string): Promise<string | undefined> {
    const outbound = await this.#parts.outbound()
    try {
      await outbound.check(url)
      return undefined
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'refused')
        return `rules.url: ${thrown.message}`
      return undefined
    }
  }
}

function urlOf({ policy_type: type, rules }: { policy_type: string; rules: string }) {
  if (type !== 'webhook_check') return undefined
  const read = readPolicySettings(type, rules)
  return 'settings' in read && read.settings.type === 'webhook_check'
    ? read.settings.url
    : undefined
}

function requireFree(changes: RecordChanges, name: string): void {
  if (changes.find(KIND, { where: { name }, limit: 1 }).length > 0)
    throw new Fault('name.taken', `a policy is named ${name}`)
}

function requireRoom(changes: RecordChanges, more: number): void {
  const there = changes.find(KIND, { limit: MOST_POLICIES }).length
  if (there + more > MOST_POLICIES)
    throw new Fault('not.possible', `an organisation has at most ${MOST_POLICIES} policies`, {
      hint: 'Delete some, or name several types of action in one.',
    })
}

function made(changes: RecordChanges, { org }: PolicyAuthor, told: ToldPolicy): StoredPolicy {
  const policy: StoredPolicy = {
    id: `gp_${randomBytes(12).toString('hex')}`,
    org_id: org,
    name: told.name,
    policy_type: told.policy_type,
    rules: told.rules,
    active: told.active ? 1 : 0,
    agent_ids: told.agent_ids,
    created_at: changes.now,
    updated_at: changes.now,
  }
  changes.make(KIND, policy.id, policy)
  return policy
}
