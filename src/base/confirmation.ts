/** Something that a person confirms before an act is done. */
export interface Confirmation {
  /**
   * - `seen`: the whole of what will run was shown; the value is a digest of it.
   * - `risk`: the risk, by a second key or word; the value is its score.
   * - `count`: how many are decided at once.
   * - `code`: the six digits that a device to be trusted shows too.
   * - `past`: how many recorded questions a policy would have let through.
   */
  what: 'seen' | 'risk' | 'count' | 'code' | 'past'
  /** What is given back to confirm it. */
  value: string
  /** For the person who confirms it, whole. */
  text: string
}

/** What was confirmed, by what it is about. */
export type Confirmed = Partial<Record<Confirmation['what'], string>>

/** What is still to be confirmed: what is missing, and what was confirmed of something else. */
export function unconfirmed(needed: readonly Confirmation[], confirmed: Confirmed): Confirmation[] {
  return needed.filter(({ what, value }) => confirmed[what] !== value)
}

/** All of it, confirmed. */
export function confirmedAs(needed: readonly Confirmation[]): Confirmed {
  return Object.fromEntries(needed.map(({ what, value }) => [what, value]))
}
