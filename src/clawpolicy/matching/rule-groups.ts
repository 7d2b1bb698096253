import { comparisonKey } from './book.ts'
import { without } from './keywords.ts'
import { archival } from '../evidence/transitions.ts'
import type { Rule } from '../types.ts'

/** A stored rule, its key, and the group of rules that it is comparable to. */
export interface GroupMember {
  readonly key: string
  rule: Rule
  group: RuleGroup
}

/** Comparable rules, and how many of them are confirmed or suspended. */
interface RuleGroup {
  readonly members: GroupMember[]
  /** The keys of confirmed rules by what they decide. */
  readonly decided: Map<string, Set<string>>
  confirmed: number
  suspended: number
}

/**
 * Rules by what they are comparable to, so that conflicts and superseded rules are found without a
 * scan.
 */
export class RuleGroups {
  readonly #groups = new Map<string, RuleGroup>()
  /** Groups in which a confirmed rule may supersede a suspended one. */
  readonly #mixed = new Set<RuleGroup>()
  /** Suspended rules with enough evidence against them to be archived. */
  readonly #condemned = new Set<GroupMember>()

  /** The group of a rule; empty if it is the first. */
  groupOf(rule: Rule): RuleGroup {
    const key = comparisonKey(rule)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group: RuleGroup = { members: [], decided: new Map(), confirmed: 0, suspended: 0 }
    this.#groups.set(key, group)
    return group
  }

  membersLike(rule: Rule): readonly GroupMember[] {
    return this.#groups.get(comparisonKey(rule))?.members ?? []
  }

  join(member: GroupMember): void {
    member.group.members.push(member)
  }

  leave(member: GroupMember): void {
    const { group, rule } = member
    without(group.members, member)
    if (group.members.length === 0) this.#groups.delete(comparisonKey(rule))
  }

  /** Adds a rule's status to the counts of its group, or removes it. */
  count(member: GroupMember, by: 1 | -1): void {
    const { group, rule } = member
    if (rule.status === 'confirmed') {
      group.confirmed += by
      const keys = group.decided.get(rule.policy_decision) ?? new Set()
      group.decided.set(rule.policy_decision, keys)
      if (by === 1) keys.add(member.key)
      else keys.delete(member.key)
    }
    if (rule.status === 'suspended') group.suspended += by
    if (group.confirmed > 0 && group.suspended > 0) this.#mixed.add(group)
    else this.#mixed.delete(group)
    const condemned = rule.status === 'suspended' && archival(rule, false) !== undefined
    if (by === 1 && condemned) this.#condemned.add(member)
    else this.#condemned.delete(member)
  }

  /** Keys of confirmed, comparable rules that decide otherwise, at most `limit`. */
  opposing(rule: Rule, limit: number): string[] {
    const found: string[] = []
    for (const [decision, keys] of this.#groups.get(comparisonKey(rule))?.decided ?? []) {
      if (decision === rule.policy_decision) continue
      for (const key of keys) if (key !== rule.id && found.push(key) >= limit) return found
    }
    return found
  }

  /** Suspended rules that the archive gate may archive. */
  archivable(): GroupMember[] {
    const superseded = [...this.#mixed].flatMap(({ members }) => members)
    return [...new Set([...this.#condemned, ...superseded])].filter(
      ({ rule }) => rule.status === 'suspended',
    )
  }
}
