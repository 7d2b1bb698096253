/** How a template or a policy asks for people. Names are those of the YAML files. */
export interface PeopleKeys {
  /** So many people, or so many of those who are named. */
  people?: number | { of: string[]; atLeast: number }
  /** Whoever started the agent does not count. */
  notStarter?: boolean
}

/** So many people have to agree before something is allowed. */
export interface PeopleRule {
  atLeast: number
  /** Only these operators count; null for every person. An API key counts only where named. */
  of: string[] | null
  notStarter: boolean
}

/** Somebody who agrees. A person with two devices is one. */
export interface Voter {
  operator: string
  kind: 'person' | 'key'
  /** Who made this API key, and may use it. */
  madeBy?: string
}

/** Whose agreement a rule still takes. */
export interface MissingPeople {
  count: number
  /** Those who are named and have not agreed; null for any other person. */
  of: string[] | null
  /** This operator does not count: they started the agent. */
  not: string | null
}
