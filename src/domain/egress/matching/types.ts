/** Where an agent wants to go. In a tunnel, method and path are not seen. */
export interface NetTarget {
  /** A lower-case name in ASCII, or an address in its shortest form, without brackets. */
  host: string
  isAddress: boolean
  /** Undefined where a question names none, which no gate does. */
  port: number | undefined
  method: string | undefined
  /** With its query. */
  path: string | undefined
}

/** Which requests a rule is about. */
export interface EgressMatch {
  /** A name, `*.name` for everything below it, an address, a network (CIDR), or `*`. */
  host: string
  /** Any of these; without them any port, or for a rule that allows 80 and 443. */
  port?: number[]
  method?: string[]
  /** A pattern with `*` over path and query. */
  path?: string
  /** Where it allows: how much one flow may carry both ways together. */
  maxMiB?: number
  /** Where it allows: how many flows and requests an agent may begin in a minute. */
  perMinute?: number
}

/**
 * An entry of a template's egress list: where its agents may ask to go. With an effect it also
 * decides: `ask` is always decided by a person, whatever is learned.
 */
export type EgressBound =
  | string
  | (EgressMatch & { effect?: 'allow' | 'warn' | 'ask' | 'block'; reason?: string })
