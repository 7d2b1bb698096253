import { LOOP_PRIORITIES } from '../types.ts'
import type { RecordData } from './types.ts'

/** Kinds whose lists begin with what matters most, and how much a record matters. */
const RANKS: Readonly<Record<string, (data: RecordData) => number>> = {
  approach: ({ success_count: count }) => Number(count),
  context_point: ({ importance }) => Number(importance),
  idea: ({ score }) => Number(score),
  loop: ({ priority }) => (LOOP_PRIORITIES as readonly unknown[]).indexOf(priority),
  preference: ({ confidence }) => Number(confidence),
  snippet: ({ use_count: count }) => Number(count),
}

export function isRanked(kind: string): boolean {
  return Object.hasOwn(RANKS, kind)
}

/** Where a record stands in lists of its kind: higher ones come first. */
export function rankOf(kind: string, data: RecordData): number {
  return isRanked(kind) ? (RANKS[kind]?.(data) ?? 0) : 0
}
