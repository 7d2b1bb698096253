import { assumptionSums } from '../assumptions/sums.ts'
import { driftAlertSums } from '../drift/sums.ts'
import { evaluationSums, type EvaluationRow } from '../evaluations/stats.ts'
import { goalSums } from '../goals/sums.ts'
import { feedbackSums, type FeedbackRow } from '../feedback/stats.ts'
import { decisionSums, recommendationEventSums } from '../learning/event-sums.ts'
import { guardSums } from '../guard/sums.ts'
import { episodeSums } from '../learning/sums.ts'
import type { LearningEpisode } from '../learning/types.ts'
import { loopSums } from '../loops/sums.ts'
import { promptRunSums } from '../prompts/stats.ts'
import { tokenSums } from '../tokens/sums.ts'
import type { SummedBy } from './sums.ts'
import type { RecordData } from './types.ts'

/** Kinds of records that are added up as they are written. */
const KINDS: Readonly<Record<string, SummedBy>> = {
  assumption: assumptionSums,
  attachment: ({ size_bytes: bytes }) => [{ of: ['all'], sums: { bytes: Number(bytes) } }],
  drift_alert: driftAlertSums,
  evaluation: (data) => evaluationSums(as<EvaluationRow>(data)),
  feedback: (data) => feedbackSums(as<FeedbackRow>(data)),
  goal: goalSums,
  guard_decision: guardSums,
  learning_decision: decisionSums,
  learning_episode: (data) => episodeSums(as<LearningEpisode>(data)),
  loop: loopSums,
  prompt_run: promptRunSums,
  recommendation_event: recommendationEventSums,
  token_usage: tokenSums,
}

/** How records of a kind are added up; undefined if they are not. */
export function summedBy(kind: string): SummedBy | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
}

/** Records of a kind are written as rows of it. */
function as<T>(data: RecordData): T {
  return data as unknown as T
}
