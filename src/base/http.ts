import type * as Http from 'node:http'

/**
 * Loads `node:http` on first use. An `import` of it would read every export, and one of them loads
 * a WebSocket client (25 ms, 5 MB).
 */
export const http = (): typeof Http => process.getBuiltinModule('node:http')
