/** What the deck answered instead: it did not do it. */
export class Refusal extends Error {
  readonly code: string
  readonly hint: string

  constructor({ code = 'bug', message = '', hint = '' }: Partial<Record<string, string>>) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

interface Call {
  session?: string | undefined
  signal?: AbortSignal | undefined
}

/** Posts to the deck. Rejects with a `Refusal`, or a TypeError where it is not reached. */
export async function post(path: string, body: unknown, call: Call = {}): Promise<Response> {
  const response = await fetch(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(call.session === undefined ? {} : { authorization: `Bearer ${call.session}` }),
    },
    body: JSON.stringify(body),
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
  if (response.ok) return response
  const fault = faultIn(await response.text())
  throw new Refusal(response.status === 429 ? { ...fault, code: WAIT } : fault)
}

export async function ask<T>(path: string, body: unknown, call?: Call): Promise<T> {
  return (await post(path, body, call)).json() as Promise<T>
}

function faultIn(text: string): Partial<Record<string, string>> {
  try {
    return (JSON.parse(text) as { fault: Record<string, string> }).fault
  } catch {
    return { message: 'the deck gave no answer that can be read' }
  }
}

const WAIT = 'wait'

/** Whether it may go well a little later. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof TypeError || (thrown instanceof Refusal && thrown.code === WAIT)
}

/** The lines of an answer, each as JSON. */
export async function* linesOf(response: Response): AsyncGenerator<unknown> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value = '' } = (await reader?.read()) ?? { done: true }
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }
}

/** What went wrong, and what to do, as one text. */
export function wordsFor(thrown: unknown): string {
  if (thrown instanceof Refusal)
    return [thrown.message, thrown.hint].filter((text) => text !== '').join('. ')
  return thrown instanceof TypeError ? 'The deck cannot be reached' : String(thrown)
}
