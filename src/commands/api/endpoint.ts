import type { z } from 'zod'
import type { Right } from '../../domain/operators/rules.ts'
import { act, type Act, type Caller, type Tenant } from '../act.ts'
import type { ApiServices } from './services.ts'

export type ApiMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** One endpoint of the governance API: how it is called, and the act that it is. */
export interface Endpoint {
  method: ApiMethod
  /** Below `/api`, with `:names`: `/actions/:id`. */
  path: string
  act: Act
  /** What the role of a key has to include. */
  needs: Right
  /** One sentence. */
  about: string
  /** The status of an answer that does not say another one. */
  status: number
  /** The most bytes of a body; undefined for the limit of all. */
  maxBytes: number | undefined
}

/** Who calls an endpoint. */
export interface ApiCaller extends Caller {
  tenant: Tenant
}

/** An answer with a status of its own, or that is not JSON. */
export class Reply {
  readonly status: number
  readonly body: object | Uint8Array | ReadableStream<Uint8Array> | string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    body: object | Uint8Array | ReadableStream<Uint8Array> | string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

interface EndpointOptions<S extends z.ZodType> {
  about: string
  /** By default `read` to ask, and `record` for the rest. */
  needs?: Right
  status?: number
  maxBytes?: number
  input: () => S
  run: (api: ApiServices, input: z.output<S>, caller: ApiCaller) => object | Promise<object>
}

/**
 * Describes an endpoint: `endpoint('PATCH /actions/:id', …)`. Its input is the query or the body,
 * with what the path names. No endpoint has a face: the client library is how people use them.
 */
export function endpoint<S extends z.ZodType>(
  call: `${ApiMethod} ${string}`,
  { about, needs, status = 200, maxBytes, input, run }: EndpointOptions<S>,
): Endpoint {
  const [method, path] = call.split(' ') as [ApiMethod, string]
  const isRead = method === 'GET'
  const right = needs ?? (isRead ? 'read' : 'record')
  return {
    method,
    path,
    about,
    status,
    maxBytes,
    needs: right,
    act: act({
      id: call,
      needs: right,
      audit: isRead ? 'none' : 'own',
      input,
      run: async (deck, given, caller) =>
        run(deck as unknown as ApiServices, given, caller as ApiCaller),
    }),
  }
}

/** Who writes over the API, as the services know them. */
export function authorOf({ actor, tenant: { org, slug } }: ApiCaller) {
  return { org, slug, actor }
}
