import type { Settings } from '../../config/settings.ts'
import type { Outbound } from '../../ports/outbound.ts'

/** What posts to addresses outside, loaded with the first that there is something for. */
export function lazyOutbound(
  { allowPrivate }: Pick<Settings['webhooks'], 'allowPrivate'>,
  of: 'webhooks' | 'api',
): () => Promise<Outbound> {
  let outbound: Promise<Outbound> | undefined
  return () =>
    (outbound ??= import('../../adapters/outbound/post.ts').then(({ outboundPost }) =>
      outboundPost({ allowPrivate, setting: `${of}.allowPrivate` }),
    ))
}
