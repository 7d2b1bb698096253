import type { ChatStatus, SupervisorStatus } from '../commands/deck.ts'
import type { DeckFacts } from '../commands/wire.ts'
import type { MonotonicClock } from '../base/clock.ts'
import type { Home } from '../config/home.ts'
import type { HostKey } from '../base/signing.ts'
import type { ComposedDeck } from './compose/deck.ts'
import type { Backends } from '../ports/backends.ts'

/** The state of the supervisor: a summary for consoles, and all of it for the status command. */
export function supervisorStatus(parts: {
  home: Home
  version: string
  demo: boolean
  key: HostKey
  backends: Backends
  composed: ComposedDeck
  clock: MonotonicClock
  chat: { status(): ChatStatus | null }
}) {
  const { home, version, demo, key, backends, composed, clock } = parts
  const startedAt = Date.now()
  const report = () => backends.report(backends.preferred())
  return {
    facts: (): DeckFacts => ({
      version,
      home: home.root,
      demo,
      startedAt,
      backend: report(),
      events: composed.record.journal.head().seq,
      verified: composed.record.audit.lastVerified,
      journalProblem: composed.record.losses.problem ?? null,
      policyFile: { path: home.policies, problem: composed.policies.file.current().problem },
      rules: composed.rules.reader.counts(),
      budget: composed.rules.budget.summary(),
    }),
    async status(): Promise<SupervisorStatus> {
      const agents = await composed.agents.list()
      const { seq, hash } = composed.record.journal.head()
      return {
        pid: process.pid,
        version,
        home: home.root,
        socket: home.socket,
        startedAt,
        backend: report(),
        memoryBytes: process.memoryUsage.rss(),
        events: seq,
        head: hash,
        journalProblem: composed.record.losses.problem ?? null,
        agents: agents.length,
        up: agents.filter((a) => a.phase === 'up').length,
        waiting: (await composed.services.approvals.list('pending', 10_000)).length,
        shells: (await composed.shells.list()).length,
        keyId: key.keyId,
        clockBehindMs: clock.behind(),
        chat: parts.chat.status(),
      }
    },
  }
}
