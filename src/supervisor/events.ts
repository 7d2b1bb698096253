import { body, type BodiesOf } from '../journal/noun.ts'

const events = {
  'supervisor.started': body<{ version: string; pid: number; backend: string }>(),
  'supervisor.stopped': body<{ reason: string }>(),
  /** Before an act runs. `input`: its input as JSON, shortened if it is long. */
  'act.started': body<{ act: string; door: string; input: string }>(),
  /** `of`: the number of the event of its start. */
  'act.finished': body<{ act: string; of: number }>(),
  'act.failed': body<{ act: string; of: number; code: string; message: string }>(),
  /** `times`: how often, of the same to the same in a minute. */
  'act.refused': body<{
    act: string
    needs: string
    role: string
    door: string
    times: number
  }>(),
}

declare module '../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}
