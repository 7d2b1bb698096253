import type { Draft } from '../../journal/types.ts'
import type { Action, AgentIdentity, Learned, Risk } from '../policy/types.ts'
import type { Lesson } from '../rules/learning/lessons.ts'

/** What learns from decisions and outcomes, and answers where nothing else does. */
export interface Learner {
  /** Resolves when the rules are read: until then they are not used, and nothing is learned. */
  ready: Promise<void>
  judge(agent: AgentIdentity, action: Action, risk: Risk): Learned
  learn(lesson: Lesson): Draft[]
}
