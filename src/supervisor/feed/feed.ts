import type { DeckFacts } from '../../commands/wire.ts'
import { nouns } from '../../commands/registry.ts'
import type { PodUsage } from '../../ports/pods.ts'
import type { ComposedDeck } from '../compose/deck.ts'
import { listMirror, liveMirror, tableMirror } from './mirrors.ts'
import { ruleMirror } from './rule-mirror.ts'
import { worldFeed, type WorldFeed } from './world.ts'

/**
 * Feeds consoles with what the deck composed of `composed` holds: every mirrored noun, from its
 * table or its service.
 */
export function openFeed({
  composed,
  facts,
  usage,
}: {
  composed: ComposedDeck
  facts: () => DeckFacts
  usage: () => Record<string, PodUsage>
}): WorldFeed {
  const { operators, policies, learning, rules } = composed
  const { journal, store, read } = composed.record
  const people = listMirror('operator', { all: () => operators.rows(), table: 'operator' })
  const written = listMirror('policy', { all: policies.rows, table: 'policy_use' })
  const learned = ruleMirror(
    { book: learning.book, row: rules.reader.shown },
    () => feed.followers() > 0,
  )
  const feed = worldFeed({
    journal,
    read,
    facts,
    usage,
    ruleCounts: () => learning.book.counts(),
    forScreens: nouns.forScreens,
    agentOf: nouns.agentOf,
    mirrors: [
      ...nouns.all
        .filter(({ mirror }) => mirror !== undefined)
        .map((noun) => tableMirror(noun, store, journal.rows)),
      people,
      liveMirror('looking', () => composed.onlookers.rows()),
      liveMirror('signal', () => composed.services.signalBoard.rows()),
      written,
      learned,
    ],
  })
  operators.onChange(() => {
    people.changed()
    feed.changed()
  })
  tellLive(composed, feed)
  policies.onChange(() => {
    written.changed()
    feed.changed()
    const { path, problem } = policies.file.current()
    feed.pulse({ deck: { policyFile: { path, problem } } })
  })
  const { losses, audit } = composed.record
  losses.onChange(() =>
    feed.pulse({
      deck: { journalProblem: losses.problem ?? null, verified: audit.lastVerified },
    }),
  )
  // For consoles that connected before the rules were read.
  void learning.ready.then(() => feed.changed(learned.reset()))
  return feed
}

/** Tells consoles of rows that are in no table. */
function tellLive({ onlookers, services: { signalBoard } }: ComposedDeck, feed: WorldFeed): void {
  onlookers.onChange((id, row) => feed.changed([{ noun: 'looking', id, row }]))
  signalBoard.onChange((changes) =>
    feed.changed(changes.map((change) => ({ noun: 'signal' as const, ...change }))),
  )
}
