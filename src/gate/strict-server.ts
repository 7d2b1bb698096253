import type { Server } from 'node:http'
import { http } from '../base/http.ts'
import type { GateLimits } from './types.ts'

/** Reads requests as the standard says, and nothing else. */
export function strictServer(limits: GateLimits): Server {
  const server = http().createServer({
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.idleMs,
    insecureHTTPParser: false,
    // Whether there is one is looked at with everything else, and answered alike.
    requireHostHeader: false,
    noDelay: true,
  })
  server.maxHeadersCount = limits.headers
  return server
}
