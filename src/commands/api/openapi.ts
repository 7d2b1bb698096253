import * as z from 'zod'
import { KEY_ROLES } from '../../domain/governance/orgs/types.ts'
import { RIGHTS } from '../../domain/operators/rules.ts'
import type { Endpoint } from './endpoint.ts'

interface ObjectSchema {
  properties?: Record<string, object>
  required?: string[]
}

/** Statuses of errors that any endpoint may answer. */
const ERRORS: Readonly<Record<string, string>> = {
  400: 'The input is not valid',
  401: 'No valid key, or a signature that is missing or wrong',
  403: 'Not with this key, or blocked by policy',
  404: 'There is none of this id',
  409: 'In use, or not possible as things are',
  413: 'The body is too large',
  429: 'Too many requests; retry-after says when to go on',
  503: 'The deck cannot write, or is stopping',
}

/** The description of the API in OpenAPI 3.1, printed from its endpoints. */
export function openApi(
  endpoints: readonly Endpoint[],
  { version, url }: { version: string; url: string },
): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([^/]+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'clawdeck governance API', version },
    servers: [{ url: `${url}/api` }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
      schemas: {
        Error: {
          type: 'object',
          properties: {
            error: { type: 'string' },
            details: { type: 'array', items: { type: 'string' } },
            code: { type: 'string' },
            hint: { type: 'string' },
          },
          required: ['error'],
        },
      },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [
          `E${status}`,
          {
            description,
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Error' } },
            },
          },
        ]),
      ),
    },
  }
}

function operationOf({ method, path, about, status, needs, act }: Endpoint): object {
  const { properties = {}, required = [] } = inputSchema(act.input)
  const names = new Set([...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => name))
  const others = Object.entries(properties).filter(([name]) => !names.has(name))
  const inPath = [...names].map((name) => parameter(name, 'path', properties[name]))
  const roles = KEY_ROLES.filter((role) => RIGHTS[role].has(needs))
  const isQuery = method === 'GET' || method === 'DELETE'
  const inQuery = others.map(([name, schema]) => ({
    ...parameter(name, 'query', schema),
    required: required.includes(name),
  }))
  const body = {
    type: 'object',
    properties: Object.fromEntries(others),
    required: required.filter((name) => !names.has(name)),
  }
  return {
    operationId: operationId(method, path),
    summary: about,
    description: `For keys of the roles ${roles.join(', ')}.`,
    parameters: isQuery ? [...inPath, ...inQuery] : inPath,
    ...(isQuery ? {} : { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      [status]: {
        description: 'Done',
        content: { 'application/json': { schema: { type: 'object' } } },
      },
      ...Object.fromEntries(
        Object.keys(ERRORS).map((error) => [error, { $ref: `#/components/responses/E${error}` }]),
      ),
    },
  }
}

function parameter(name: string, where: 'path' | 'query', schema: object = { type: 'string' }) {
  return { name, in: where, required: where === 'path', schema }
}

/** `GET /actions/:id/trace` is `getActionsIdTrace`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '')
  return (
    method.toLowerCase() +
    words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  )
}

/** The JSON schema of what an endpoint takes. */
export function inputSchema(input: z.ZodType | undefined): ObjectSchema {
  if (input === undefined) return {}
  const { $schema: _schema, ...schema } = z.toJSONSchema(input, {
    io: 'input',
    unrepresentable: 'any',
  }) as ObjectSchema & { $schema?: string }
  return schema
}
