import type { Operator, OperatorRole, Rights } from './types.ts'

/**
 * What somebody must be allowed to do. `see` what is there; `ask` whether an action is allowed, as
 * an agent; `decide` on what agents ask; `operate` agents, policies and the deck; `own` what
 * concerns the deck's trust; `pair` a device, with the token of an offer; `vouch` for whose account
 * takes an offer. Over the governance API, `read` what an organisation has recorded, `record` in
 * it, `administer` it.
 */
export type Right =
  | 'see'
  | 'ask'
  | 'decide'
  | 'operate'
  | 'own'
  | 'pair'
  | 'vouch'
  | 'read'
  | 'record'
  | 'administer'

/**
 * A guest is whoever has reached a door and is nobody known. A chat is the door to a chat service,
 * which knows the account of whoever writes. The last three hold keys of the governance API.
 */
export type Role = OperatorRole | 'agent' | 'guest' | 'chat' | 'admin' | 'member' | 'readonly'

export const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  owner: new Set<Right>(['see', 'decide', 'operate', 'own']),
  operator: new Set<Right>(['see', 'decide', 'operate']),
  viewer: new Set<Right>(['see']),
  agent: new Set<Right>(['ask']),
  guest: new Set<Right>(['pair']),
  chat: new Set<Right>(['pair', 'vouch']),
  admin: new Set<Right>(['read', 'record', 'administer']),
  member: new Set<Right>(['read', 'record']),
  readonly: new Set<Right>(['read']),
}

/**
 * As events name who did something, through which door and with which device:
 * `operator:maya/console/dev_…`.
 */
export function operatorActor(id: string, door: string, device?: string): string {
  return ['operator:' + id, door, ...(device === undefined ? [] : [device])].join('/')
}

/** Which operator an actor is; undefined for agents, the supervisor, and events of old versions. */
export function operatorOf(actor: string): string | undefined {
  return /^operator:([^/]+)\//.exec(actor)?.[1]
}

/** An actor as tables show it: `maya/console/dev_…`. */
export function shownActor(actor: string): string {
  return actor.replace(/^operator:/, '')
}

/** The paired device that an actor used; undefined without one. */
export function deviceOf(actor: string): string | undefined {
  return /^operator:[^/]+\/[^/]+\/([^/]+)$/.exec(actor)?.[1]
}

/** The name of a person from that of their user account. */
export function operatorId(account: string): string {
  const id = account
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)
  return id === '' ? 'owner' : id
}

/** Why rights cannot be changed so, or nothing. */
export const operatorCan = {
  be(operator: Operator, { role, agents }: Rights): string | undefined {
    if (operator.state === 'removed') return `${operator.id} was removed`
    if (operator.local && (role !== 'owner' || agents !== null))
      return `${operator.id} runs this deck: its files are theirs, so they stay its owner`
    if (role === 'owner' && agents !== null) return 'an owner is an owner of the whole deck'
    if (role === 'owner' && operator.kind === 'key') return 'a key cannot own the deck'
    return undefined
  },
  leave(operator: Operator): string | undefined {
    if (operator.state === 'removed') return `${operator.id} was removed before`
    if (operator.local) return `${operator.id} runs this deck: its files are theirs`
    return undefined
  },
}
