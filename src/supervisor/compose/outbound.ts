import type { Outbound } from '../../ports/outbound.ts'

/** What posts to addresses outside, loaded with the first that there is something for. */
export function lazyOutbound(allowed: {
  allowPrivate: readonly string[]
}): () => Promise<Outbound> {
  let outbound: Promise<Outbound> | undefined
  return () =>
    (outbound ??= import('../../adapters/outbound/post.ts').then(({ outboundPost }) =>
      outboundPost(allowed),
    ))
}
