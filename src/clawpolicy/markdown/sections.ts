/** The Markdown files that policies are read from and written to. */
export const MARKDOWN_FILES = ['USER.md', 'SOUL.md', 'AGENTS.md'] as const
export type MarkdownFile = (typeof MARKDOWN_FILES)[number]

/** A section of one of the files, and the rule that is made of it. */
export interface SectionKind {
  readonly file: MarkdownFile
  /** The heading, and another that is tried where this one is missing or empty. */
  readonly heading: string
  readonly alias: string
  /** The rule's key, and the beginning of its id. */
  readonly stem: string
  readonly summary: string
  readonly category: 'optimize' | 'harden'
  readonly confidence: number
  readonly trigger: readonly string[]
  /** A rule whose lower-cased summary contains one of these is exported into this section. */
  readonly names: readonly string[]
}

const USER_SECTIONS: readonly SectionKind[] = [
  {
    file: 'USER.md',
    heading: 'Basic Information',
    alias: '基本信息',
    stem: 'rule_basic_info',
    summary: 'Basic information',
    category: 'optimize',
    confidence: 0.8,
    trigger: ['task_start', 'user_query'],
    names: ['basic information', 'basic info', '基本信息'],
  },
  {
    file: 'USER.md',
    heading: 'Working Preferences',
    alias: '工作偏好',
    stem: 'rule_work_habits',
    summary: 'Working preferences',
    category: 'optimize',
    confidence: 0.8,
    trigger: ['task_execution', 'workflow_decision'],
    names: ['working preferences', 'work habits', '工作习惯偏好', '工作习惯'],
  },
  {
    file: 'USER.md',
    heading: 'Notes',
    alias: '备注',
    stem: 'rule_project_constraints',
    summary: 'Project constraints',
    category: 'harden',
    confidence: 0.7,
    trigger: ['constraint_check', 'validation'],
    names: ['project constraints', 'project specific constraints', '项目特定约束'],
  },
]

const AGENTS_SECTIONS: readonly SectionKind[] = [
  {
    file: 'AGENTS.md',
    heading: 'Tool Dispatch',
    alias: '工具调度',
    stem: 'rule_tool_dispatch',
    summary: 'Agent tool dispatch',
    category: 'optimize',
    confidence: 0.8,
    trigger: ['agent_selection', 'task_dispatch'],
    names: ['agent tool dispatch', 'tool dispatch', '工具调度策略'],
  },
  {
    file: 'AGENTS.md',
    heading: 'Operation Rules',
    alias: '操作规则',
    stem: 'rule_operation_rules',
    summary: 'Agent operation rules',
    category: 'harden',
    confidence: 0.8,
    trigger: ['operation_check', 'validation'],
    names: ['agent operation rules', 'operation rules', '操作规则'],
  },
  {
    file: 'AGENTS.md',
    heading: 'Escalation',
    alias: '升级策略',
    stem: 'rule_escalation',
    summary: 'Escalation policy',
    category: 'harden',
    confidence: 0.8,
    trigger: ['high_uncertainty', 'escalation_request'],
    names: ['escalation policy', 'escalation', '不确定时升级策略'],
  },
]

/** A section of SOUL.md, with its label in the playbook's summary and the trigger it adds. */
interface SoulSection extends SectionKind {
  readonly label: string
  readonly signal: string
}

/**
 * The original makes no rules of these; stems and summaries serve the correction `soul-returns`.
 */
export const SOUL_SECTIONS: readonly SoulSection[] = [
  {
    file: 'SOUL.md',
    heading: 'Core Principles',
    alias: '核心原则',
    stem: 'rule_core_principles',
    summary: 'Core principles',
    category: 'harden',
    confidence: 0.9,
    trigger: ['safety_check'],
    names: ['core principles'],
    label: 'Core',
    signal: 'core_principles',
  },
  {
    file: 'SOUL.md',
    heading: 'Prohibited Actions',
    alias: '禁止行为',
    stem: 'rule_prohibited_actions',
    summary: 'Prohibited actions',
    category: 'harden',
    confidence: 0.9,
    trigger: ['boundary_validation'],
    names: ['prohibited actions'],
    label: 'Prohibited',
    signal: 'high_risk_operation',
  },
  {
    file: 'SOUL.md',
    heading: 'Reward Signals',
    alias: '奖励信号',
    stem: 'rule_reward_signals',
    summary: 'Reward signals',
    category: 'harden',
    confidence: 0.9,
    trigger: ['reward_adjustment'],
    names: ['reward signals'],
    label: 'Reward',
    signal: 'reward_adjustment',
  },
]

export const SECTIONS: Record<MarkdownFile, readonly SectionKind[]> = {
  'USER.md': USER_SECTIONS,
  'SOUL.md': SOUL_SECTIONS,
  'AGENTS.md': AGENTS_SECTIONS,
}

/** A file's text: its title, then each section under its heading. */
export function markdownText(
  file: MarkdownFile,
  bodies: readonly { heading: string; body: string }[],
): string {
  const title = file.slice(0, -'.md'.length)
  return `# ${title}\n${bodies.map(({ heading, body }) => sectionText(heading, body)).join('')}`
}

export function sectionText(heading: string, body: string): string {
  return `\n## ${heading}\n\n${body}\n`
}
