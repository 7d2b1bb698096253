import type * as Http from 'node:http'

/** `node:http`, late: an `import` of it reads each of its exports, one of which loads a whole WebSocket client (25 ms, 5 MB). */
export const http = (): typeof Http => process.getBuiltinModule('node:http')
