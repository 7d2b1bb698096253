import { readdirSync, readFileSync } from 'node:fs'

/** How long a count of open descriptors is used. */
const COUNT_MS = 250
/** The least and the most that is kept for operators, pods and files. */
const RESERVE = { least: 32, most: 512 }

interface DescriptorsOptions {
  /** The limit of this process; Infinity when it is not known. */
  limit: number
  /** How many descriptors are open. */
  open: () => number
  now?: () => number
}

/**
 * Divides the file descriptors that this process may open: agents share what is left after a
 * reserve with which operators can always connect, pods be started and files be read.
 */
export class Descriptors {
  readonly #options: DescriptorsOptions
  #agents = 0
  #others = 0
  #countedAt = -Infinity

  constructor(options: DescriptorsOptions = { limit: descriptorLimit(), open: openDescriptors }) {
    this.#options = options
  }

  /** Descriptors that are left for all connections of agents together, open ones included. */
  forAgents(): number {
    const { limit, open, now = () => performance.now() } = this.#options
    if (limit === Infinity) return Infinity
    if (now() - this.#countedAt > COUNT_MS) {
      this.#countedAt = now()
      this.#others = open() - this.#agents
    }
    const reserve = Math.min(Math.max(Math.floor(limit / 4), RESERVE.least), RESERVE.most)
    return Math.max(0, limit - reserve - this.#others)
  }

  /** Connections that one of so many doors may have open now, `open` of which there are. */
  forDoor(doors: number, open: number): number {
    const all = this.forAgents()
    return Math.min(Math.max(1, Math.floor(all / doors)), open + Math.max(0, all - this.#agents))
  }

  /** Counts a connection of an agent. Returns what to do when it was closed. */
  opened(): () => void {
    this.#agents++
    return () => {
      this.#agents--
    }
  }
}

function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}
