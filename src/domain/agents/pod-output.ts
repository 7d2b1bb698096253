import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Backend, BackendKind } from '../../ports/pods.ts'
import type { AgentReader } from './read.ts'
import { agentCan } from './rules.ts'
import type { AgentService } from './types.ts'

export interface PodOutputParts {
  journal: Journal
  backend: (kind: BackendKind) => Backend
  reader: AgentReader
}

/** Streams what pods print, and what commands in them print. */
export function podOutput({
  journal,
  backend,
  reader,
}: PodOutputParts): Pick<AgentService, 'logs' | 'exec'> {
  return {
    async *logs(name, options) {
      yield* backend(reader.get(name).backend).logs.read(name, options)
    },

    async *exec(name, argv, actor, { signal, stdin }) {
      const agent = reader.get(name)
      const reason = agentCan.attach(agent)
      if (reason !== undefined) throw new Fault('not.possible', reason)
      await journal.append(() => [
        { type: 'agent.command_run', actor, subject: name, body: { argv } },
      ])
      const options = { signal, ...(stdin === undefined ? {} : { stdin }) }
      for await (const chunk of backend(agent.backend).exec.run(name, argv, options)) {
        if ('exitCode' in chunk) yield chunk
        else yield { stream: chunk.stream, base64: base64Of(chunk.data) }
      }
    },
  }
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}
