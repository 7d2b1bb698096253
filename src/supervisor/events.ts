import { body, type BodiesOf } from '../journal/noun.ts'

const events = {
  'supervisor.started': body<{ version: string; pid: number; backend: string }>(),
  'supervisor.stopped': body<{ reason: string }>(),
}

declare module '../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}
