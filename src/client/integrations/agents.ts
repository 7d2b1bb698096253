import { DeckClientError } from '../core/errors.ts'
import {
  RunRecorder,
  shortText,
  toolRun,
  type DescribeTool,
  type RecordingClient,
} from './run-recorder.ts'

export type { DescribeTool, RecordingClient, RunFacts } from './run-recorder.ts'

interface UsageSoFar {
  readonly inputTokens: number
  readonly outputTokens: number
}
interface NamedAgent {
  readonly name: string
  readonly model?: unknown
}
interface RunEvents {
  agent_start: [context: { usage: UsageSoFar }, agent: NamedAgent, ...rest: unknown[]]
  agent_end: [context: { usage: UsageSoFar }, agent: NamedAgent, output: string, ...rest: unknown[]]
  agent_handoff: [
    context: { usage: UsageSoFar },
    from: NamedAgent,
    to: NamedAgent,
    ...rest: unknown[],
  ]
}

/** A `Runner` of the OpenAI Agents SDK, as far as this listens to it. */
export interface HookedRunner {
  on<K extends keyof RunEvents>(event: K, listener: (...args: RunEvents[K]) => void): unknown
  off<K extends keyof RunEvents>(event: K, listener: (...args: RunEvents[K]) => void): unknown
}

/** Watching can be ended, and waited for before the program exits. */
export interface DeckHooks {
  detach(): void
  /** Ends what is open when a run has thrown: the SDK does not tell. */
  fail(error: unknown): void
  flush(): Promise<void>
}

/** The action of the turn that is open in a context of the SDK: what its tools belong to. */
const actionOfTurn = new WeakMap<object, Promise<string | undefined>>()

/**
 * Hooks for the OpenAI Agents SDK: `const hooks = watchRunner(deck, runner)`. Each turn of an agent
 * becomes an action with its duration, outcome and tokens. The SDK does not wait for hooks, so they
 * record and cannot stop anything: `governAgentTool` does.
 */
export function watchRunner(
  client: RecordingClient,
  runner: HookedRunner,
  { warn }: { warn?: (message: string) => void } = {},
): DeckHooks {
  const recorder = new RunRecorder(client, warn ?? ((message) => console.warn(message)))
  const turns = new Map<object, Turn>()
  const start = (...[context, agent]: RunEvents['agent_start']): void => {
    const key = crypto.randomUUID()
    const facts = {
      action_type: 'planning',
      declared_goal: shortText(`Run the agent ${agent.name}`),
      systems_touched: ['llm', ...modelOf(agent)],
      risk_score: 10,
    }
    const begun = recorder.begin(key, { facts })
    recorder.later(begun)
    actionOfTurn.set(
      context,
      begun.then(() => recorder.actionOf(key)),
    )
    turns.set(context, { key, begun, before: countsOf(context.usage) })
  }
  const end = (context: { usage: UsageSoFar }, agent: NamedAgent, output: string): void => {
    const turn = turns.get(context)
    turns.delete(context)
    if (turn === undefined) return
    const now = countsOf(context.usage)
    const tokens = {
      tokensIn: now.inputTokens - turn.before.inputTokens,
      tokensOut: now.outputTokens - turn.before.outputTokens,
      model: modelOf(agent)[0],
    }
    recorder.later(turn.begun.then(() => recorder.complete(turn.key, output, tokens)))
  }
  const handoff = (...[context, from, to]: RunEvents['agent_handoff']): void =>
    end(context, from, `Handed over to ${to.name}`)
  runner.on('agent_start', start)
  runner.on('agent_end', end)
  runner.on('agent_handoff', handoff)
  return {
    detach() {
      runner.off('agent_start', start)
      runner.off('agent_end', end)
      runner.off('agent_handoff', handoff)
    },
    fail(error) {
      for (const { key, begun } of turns.values())
        recorder.later(begun.then(() => recorder.fail(key, error)))
      turns.clear()
    },
    flush: () => recorder.flush(),
  }
}

interface Turn {
  readonly key: string
  readonly begun: Promise<void>
  readonly before: UsageSoFar
}

/** A function tool of the Agents SDK, as far as this looks at it. */
interface InvokableTool {
  readonly name: string
  invoke: (context: never, input: string, details?: never) => Promise<unknown>
}

/**
 * A tool that only runs when the deck allows it; a held call waits. A block or denial is told to
 * the model as the result of the tool, or thrown with `onDenied: 'throw'`.
 */
export function governAgentTool<T extends InvokableTool>(
  client: RecordingClient,
  tool: T,
  {
    onDenied = 'tell',
    ...options
  }: { actionType?: string; describe?: DescribeTool; onDenied?: 'tell' | 'throw' } = {},
): T {
  const recorder = new RunRecorder(client)
  const invoke: T['invoke'] = async (context, input, details) => {
    const key = crypto.randomUUID()
    const parentAction = await actionOfTurn.get(context)
    try {
      await recorder.begin(key, { ...(await toolRun(tool.name, input, options)), parentAction })
    } catch (error) {
      if (onDenied === 'throw' || !(error instanceof DeckClientError)) throw error
      return `Not allowed to run ${tool.name}: ${shortText(error.message)}`
    }
    try {
      const result = await tool.invoke(context, input, details)
      await recorder.complete(key, result)
      return result
    } catch (error) {
      await recorder.fail(key, error)
      throw error
    }
  }
  return { ...tool, invoke }
}

function modelOf({ model }: NamedAgent): string[] {
  return typeof model === 'string' && model !== '' ? [model] : []
}

/** The SDK counts in place: what is compared later has to be copied. */
function countsOf({ inputTokens, outputTokens }: UsageSoFar): UsageSoFar {
  return { inputTokens, outputTokens }
}
