import { CLOCK_TOLERANCE_MS, type MonotonicClock } from '../../base/clock.ts'
import { span } from '../../base/text.ts'
import { nouns } from '../../commands/registry.ts'
import { lastCopy } from '../../journal/checkpoint-files.ts'
import { HeadMark } from '../../journal/head-mark.ts'
import { acceptedBefore } from '../../journal/loss/accepted-part.ts'
import { headIn, lossAtEnd } from '../../journal/loss/evidence.ts'
import { lastMirrored } from '../../journal/mirror-file.ts'
import { latestTime } from '../../journal/read.ts'
import { healNouns } from '../../journal/tables/heal.ts'
import type { Loss } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { DeckContext } from './context.ts'

/**
 * Compares the end of the journal with what else knows of it, and the tables with the journal.
 * `accepted`: the event by which an owner accepted what is found. Otherwise the mark is left as it
 * is.
 */
export async function openEnd(
  { home, key, boot, log, clock }: DeckContext,
  store: Store,
): Promise<{ mark: HeadMark; loss: Loss | undefined; accepted: number | undefined }> {
  const mark = new HeadMark({ path: home.headMark, key, boot })
  const mirrored = lastMirrored(home.mirror)
  const found = lossAtEnd({
    store,
    mark,
    copies: [
      { where: home.lastCheckpoint, head: lastCopy(home.lastCheckpoint, key) },
      // What else is wrong with a mirror is no evidence: it may be rotated, and end in a torn line.
      { where: home.mirror, head: mirrored === 'changed' ? undefined : mirrored },
    ],
  })
  const broken = await healNouns({ store, nouns, log })
  clock.startFrom(Math.max(latestTime(store), mark.time))
  sayClockBehind(clock, log)
  const accepted = found && acceptedBefore(store, mark)
  if (found === undefined) mark.open(headIn(store), clock.now())
  else mark.freeze()
  const changed =
    broken === undefined
      ? undefined
      : { after: broken - 1, lost: null, what: `event ${broken} was changed` }
  return { mark, loss: (accepted === undefined ? found : undefined) ?? changed, accepted }
}

function sayClockBehind(clock: MonotonicClock, log: (what: string) => void): void {
  const behind = clock.behind()
  if (behind > CLOCK_TOLERANCE_MS)
    log(
      `the system clock is ${span(behind)} behind the latest event of the journal; until it has caught up, expiry goes by the time of the journal`,
    )
}
