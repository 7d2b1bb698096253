import type { Draft } from '../../journal/types.ts'
import type { Lesson } from '../rules/learning/lessons.ts'

/** What learns from decisions and outcomes. */
export interface Learner {
  /** Resolves when the rules are read: until then they are not used, and nothing is learned. */
  ready: Promise<void>
  learn(lesson: Lesson): Draft[]
}
