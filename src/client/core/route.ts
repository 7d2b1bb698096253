/** A JSON object whose keys nobody promised. */
export type JsonRecord = Record<string, unknown>

/** A method that takes nothing by name. */
export type NoFields = Record<never, never>

/** Who calls: what fills in fields that were not given. */
export interface ClientIdentity {
  readonly agentId: string
  readonly agentName: string | undefined
  readonly swarmId: string | undefined
  readonly parentActionId: string | undefined
}

interface RouteOptions {
  /** Other names that callers use for a field. */
  readonly also?: Readonly<Record<string, string>>
  /** Fields of a POST or PATCH that travel in the query. */
  readonly query?: readonly string[]
  /** Sent whatever the caller gives. */
  readonly fixed?: Readonly<JsonRecord>
  /** Sent where the caller gives nothing. */
  readonly fill?: (caller: ClientIdentity) => JsonRecord
  /** A request that has no body at all. */
  readonly bodyless?: true
  /** The names on the wire are camelCase. */
  readonly camel?: true
  /** `text` and `file`: answers that need not be JSON. */
  readonly gives?: 'json' | 'text' | 'file'
}

/** One method of the API as it is at run time. Addresses are below `/api/`. */
export interface RouteShape extends RouteOptions {
  readonly call: string
  /** Empty for a method that is called by name alone. */
  readonly signature?: string | undefined
}

/** A row of the table, with the types that are derived from it. */
export interface Route<Call, Signature, Fields, Answer, Also> extends RouteShape {
  readonly call: Call & string
  readonly signature?: (Signature & string) | undefined
  readonly types?: { fields: Fields; answer: Answer; also: Also }
}

/**
 * Writes a row: `route<Fields, Answer>()('POST actions/:action_id/approve', 'decision:allow/deny
 * reasoning?', options)`. Arguments may come by position: first what the path names, then the
 * signature; the rest follows by name, in an object. In the signature a name is text unless a kind
 * follows it, and has to be given unless `?` ends it. Of what is not in the path, GET and DELETE
 * put all into the query, POST and PATCH all but `query` into the body. Optional fields stand in
 * the type alone, which keeps the library small; what they may hold is the server's to say.
 */
export function route<Fields extends object, Answer>() {
  return <const C extends string, const S extends string = '', const A extends Also<Fields> = {}>(
    call: C,
    signature?: S & Matching<S, C, Fields>,
    options?: RouteOptions & { readonly also?: A },
  ): Route<C, S, Fields, Answer, A> => ({ call, signature, ...options })
}

type Also<Fields> = Readonly<Record<string, keyof Fields & string>>

type Pieces<S extends string> = S extends `${infer Head} ${infer Tail}`
  ? [Head, ...Pieces<Tail>]
  : S extends ''
    ? []
    : [S]
type NameOf<Piece> = Piece extends `${infer Name}:${string}`
  ? Name
  : Piece extends `${infer Name}?`
    ? Name
    : Piece
type InPath<C> = C extends `${string}:${infer Name}/${infer Rest}`
  ? [Name, ...InPath<Rest>]
  : C extends `${string}:${infer Name}`
    ? [Name]
    : []
type RequiredOf<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]

/** A signature names fields that exist, and all that are required. */
type Matching<S extends string, C, Fields> =
  Exclude<NameOf<Pieces<S>[number]>, keyof Fields> extends never
    ? Exclude<RequiredOf<Fields>, NameOf<Pieces<S>[number]> | InPath<C>[number]> extends never
      ? S
      : never
    : never

type Loose<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | null | undefined : T[K] }
/**
 * A field with another name may come under that one, so only the call itself can tell whether it is
 * missing.
 */
type Renamed<Fields, A> = Omit<Fields, A[keyof A] & keyof Fields> &
  Partial<Pick<Fields, A[keyof A] & keyof Fields>> & {
    [N in keyof A]?: Fields[A[N] & keyof Fields]
  }
type Snake<C, Fields, A> = { [N in InPath<C>[number] & string]: string | number } & Loose<
  Renamed<Fields, A>
>
type Ids<Names> = { [N in keyof Names]: string | number }
type CamelName<N> = N extends `${infer Head}_${infer Tail}`
  ? Head extends ''
    ? N
    : `${Head}${Capitalize<CamelName<Tail>>}`
  : N
type Camel<T> = { [K in keyof T as CamelName<K>]: T[K] }

/** The fields of a row by name, as on the wire or in camelCase. */
export type FieldsOf<R> =
  R extends Route<infer C, infer _Signature, infer Fields, infer _Answer, infer A>
    ? Snake<C, Fields, A> | Camel<Snake<C, Fields, A>>
    : never
type MoreOf<R> = Partial<FieldsOf<R>>
/** The fields that are not in the path. */
type OthersOf<R> =
  R extends Route<infer _Call, infer _Signature, infer Fields, infer _Answer, infer A>
    ? Loose<Renamed<Fields, A>> | Camel<Loose<Renamed<Fields, A>>>
    : never

type ByPosition<R, Fields, Names> = Names extends readonly [infer Piece, ...infer Rest]
  ? Piece extends `${string}?`
    ? [
        (NonNullable<Fields[NameOf<Piece> & keyof Fields]> | MoreOf<R> | null)?,
        ...ByPosition<R, Fields, Rest>,
      ]
    : [
        NameOf<Piece> extends keyof Fields ? Fields[NameOf<Piece>] : string | number,
        ...ByPosition<R, Fields, Rest>,
      ]
  : [MoreOf<R>?]

type Positions<C, S extends string> = [...InPath<C>, ...Pieces<S>]

type CallOf<R, C, S extends string, Fields, Answer> =
  Positions<C, S> extends []
    ? keyof Fields extends never
      ? () => Promise<Answer>
      : (fields?: FieldsOf<R> | null, more?: MoreOf<R>) => Promise<Answer>
    : {
        (fields: FieldsOf<R>, more?: MoreOf<R>): Promise<Answer>
        (...fields: [...Ids<InPath<C>>, OthersOf<R>, MoreOf<R>?]): Promise<Answer>
        (...fields: ByPosition<R, Fields, Positions<C, S>>): Promise<Answer>
      }

/** The methods that a table of routes stands for. */
export type MethodsOf<T> = {
  readonly [M in keyof T]: T[M] extends Route<
    infer C,
    infer S extends string,
    infer Fields,
    infer Answer,
    infer _Also
  >
    ? CallOf<T[M], C, S, Fields, Answer>
    : never
}
