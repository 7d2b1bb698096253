import { actionEndpoints } from './resources/actions.ts'
import { guardEndpoints } from './resources/guard.ts'
import { streamEndpoints } from './resources/stream.ts'
import type { Endpoint } from './endpoint.ts'

/** Every endpoint of the governance API, by resource. */
export const apiEndpoints: readonly Endpoint[] = [
  ...guardEndpoints,
  ...actionEndpoints,
  ...streamEndpoints,
]
