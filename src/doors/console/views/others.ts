import type { ConsoleState } from '../store/state.ts'
import { tableOf } from '../store/world.ts'

/** Other operators who have a question open in a console of theirs. */
export function othersAt({ world, ui }: ConsoleState, approval: string): readonly string[] {
  const looking = tableOf(world, 'looking').get(approval)?.operators ?? []
  return looking.filter((operator) => operator !== ui.me?.operator)
}

/** `ada is looking at this`; '' for nobody. */
export function othersText(others: readonly string[]): string {
  if (others.length === 0) return ''
  return `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} looking at this`
}
