import type { Corrections } from '../../src/clawpolicy/corrections.ts'
import { PolicyFileReader } from '../../src/clawpolicy/files/read.ts'
import { DecisionHistory, type EventLines } from '../../src/clawpolicy/evidence/history.ts'
import { AgentRuleLearner, type CompletedTask } from '../../src/clawpolicy/learner/agent-rule.ts'
import { HintLearner, type HintOptions } from '../../src/clawpolicy/learner/hint.ts'
import { GitLogParser } from '../../src/clawpolicy/learner/history.ts'
import type { Preferences } from '../../src/clawpolicy/learner/preferences.ts'
import { MarkdownExporter } from '../../src/clawpolicy/markdown/export.ts'
import { MarkdownImporter, type MarkdownTexts } from '../../src/clawpolicy/markdown/import.ts'
import type { Rule } from '../../src/clawpolicy/types.ts'

// Parts of the engine as functions of what they are given: tests compare them under different
// corrections.

type Rules = ReadonlyMap<string, Rule>
type ExistingMarkdown = NonNullable<Parameters<MarkdownExporter['export']>[1]>
export type PolicyAssets = Parameters<MarkdownImporter['import']>[1]

export const readRules = (text: string, corrections: Corrections) =>
  new PolicyFileReader(corrections).readRules(text)

export const readPlaybooks = (text: string, corrections: Corrections) =>
  new PolicyFileReader(corrections).readPlaybooks(text)

export const readEvents = (text: string, corrections: Corrections) =>
  new PolicyFileReader(corrections).readEvents(text)

export const withKeysAsIds = (rules: Rules, corrections: Corrections) =>
  new PolicyFileReader(corrections).withKeysAsIds(rules)

export const recentDecisions = (lines: EventLines, limit: number, corrections: Corrections) =>
  new DecisionHistory(corrections).recentDecisions(lines, limit)

export const parseGitLog = (text: string, corrections: Corrections) =>
  new GitLogParser(corrections).parse(text)

export const withHint = (
  rules: Rules,
  preferences: Preferences,
  { corrections, ...options }: HintOptions & { corrections: Corrections },
) => new HintLearner(corrections).withHint(rules, preferences, options)

export const withAgentRule = (
  rules: Rules,
  { corrections, ...task }: CompletedTask & { corrections: Corrections },
) => new AgentRuleLearner(corrections).withAgentRule(rules, task)

export const importMarkdown = (
  texts: MarkdownTexts,
  assets: PolicyAssets,
  { now, corrections }: { now: number; corrections: Corrections },
) => new MarkdownImporter(corrections).import(texts, assets, now)

export const exportMarkdown = (
  rules: Rules,
  { corrections, existing }: { corrections: Corrections; existing?: ExistingMarkdown },
) => new MarkdownExporter(corrections).export(rules, existing)
