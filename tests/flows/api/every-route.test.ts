import { describe, expect, test } from 'vitest'
import { CLIENT_ROUTES } from '../../../src/client/routes/table.ts'
import { apiEndpoints } from '../../../src/commands/api/endpoints.ts'
import { openApi } from '../../../src/commands/api/openapi.ts'
import { callName } from '../../support/api-rows.ts'
import { comparable, PROTOCOL_ENDPOINTS } from '../../support/protocol-endpoints.ts'

const served = new Set(apiEndpoints.map((row) => comparable(callName(row))))
const called = new Set(Object.values(CLIENT_ROUTES).map(({ call }) => comparable(call)))

/** What is served besides the protocol, for clients of this deck. */
const OWN = new Set([
  'GET /context/threads/:/entries',
  'GET /content',
  'GET /relationships',
  'GET /calendar',
  'GET /inspiration',
  'GET /capabilities/health',
  'GET /routing/tasks/:',
  'PATCH /agent-schedules/:',
  'DELETE /agent-schedules/:',
])

function missing(wanted: Iterable<string>, there: ReadonlySet<string>): string[] {
  return [...wanted].filter((call) => !there.has(call)).toSorted()
}

describe('the API has', () => {
  test('every endpoint of the protocol', () => {
    expect(missing(PROTOCOL_ENDPOINTS, served).filter(isNotPending)).toEqual([])
  })

  test('every route of the client library', () => {
    expect(missing(called, served).filter(isNotPending)).toEqual([])
  })

  test('nothing else', () => {
    expect(missing(served, new Set([...PROTOCOL_ENDPOINTS, ...called, ...OWN]))).toEqual([])
  })

  test('each endpoint once', () => {
    expect(apiEndpoints.length).toBe(served.size)
  })
})

describe('the client library has a method for', () => {
  /** Other addresses of the same, and what only operators look at. */
  const WITHOUT_METHOD = new Set([
    'DELETE /actions',
    'DELETE /workflows/templates/:',
    'GET /actions/loops/:',
    'GET /capabilities/health',
    'GET /assumptions',
    'GET /assumptions/:',
    'GET /context/threads/:',
    'GET /goals',
    'GET /learning',
    'GET /messages/docs',
    'GET /security/prompt-injection',
    'GET /signals',
    'GET /stream',
    'GET /tokens',
    'PATCH /assumptions/:',
    'POST /approvals/:',
  ])

  test('every endpoint of the protocol that the original clients call', () => {
    expect(missing(PROTOCOL_ENDPOINTS, new Set([...called, ...WITHOUT_METHOD]))).toEqual([])
  })
})

describe('the description in OpenAPI', () => {
  test('names every endpoint, with what it takes and who may', () => {
    const { paths } = openApi(apiEndpoints, { version: '1', url: 'http://x' }) as {
      paths: Record<string, Record<string, { operationId: string; parameters: { in: string }[] }>>
    }
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    )
    expect(operations.length).toBe(apiEndpoints.length)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    for (const { path, parameters } of operations) {
      const named = parameters.filter((parameter) => parameter.in === 'path')
      expect(named.length, path).toBe((path.match(/\{/g) ?? []).length)
    }
    expect(paths['/actions']?.['post']).toMatchObject({
      requestBody: {
        content: {
          'application/json': {
            schema: {
              required: ['agent_id', 'action_type', 'declared_goal'],
              properties: { agent_id: { type: 'string', maxLength: 128 } },
            },
          },
        },
      },
    })
  })
})

/** Resources that are being built. */
const PENDING = /^\w+ \/(actions\/signals|signals|agents|sessions|memory|tokens|digest)\b/

function isNotPending(call: string): boolean {
  return !PENDING.test(call)
}
