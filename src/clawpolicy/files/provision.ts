import { jsonObject, writeJson, type Json, type JsonObject } from './json.ts'
import { markdownText, type MarkdownFile } from '../markdown/sections.ts'

/** The version of the files' format, as `config.json` names it. */
const FORMAT_VERSION = '3.0.0'

const bullets = (...lines: string[]) => lines.map((line) => `- ${line}`).join('\n')
const principle = (n: number, title: string, ...lines: string[]) =>
  `${n}. **${title}**\n${lines.map((line) => `   - ${line}`).join('\n')}`

/** The placeholders of the sections, by heading. */
export const PLACEHOLDERS: Record<MarkdownFile, readonly { heading: string; body: string }[]> = {
  'USER.md': [
    {
      heading: 'Basic Information',
      body: bullets(
        'Name: (yours)',
        'Role: (what you do)',
        'Primary stack: (languages and frameworks)',
      ),
    },
    {
      heading: 'Working Preferences',
      body: bullets(
        'Communication style: concise / detailed / interactive',
        'Automation: low / medium / high',
        'Review depth: light / standard / strict',
      ),
    },
    { heading: 'Notes', body: bullets('What every task must respect') },
  ],
  'SOUL.md': [
    {
      heading: 'Core Principles',
      body: [
        principle(
          1,
          'Safety first',
          'Stop and ask before anything that cannot be undone',
          'Prefer the step that can be taken back',
        ),
        principle(
          2,
          'Transparency and control',
          'Say what will be done, and why',
          'Leave the last word with the person',
          'Keep a record that can be read later',
        ),
        principle(
          3,
          'Continuous learning',
          'Learn from decisions and their outcomes',
          'Treat a correction as worth more than a habit',
        ),
        principle(
          4,
          'Quality assurance',
          'Test what was changed',
          'Leave nothing half done without saying so',
        ),
      ].join('\n'),
    },
    {
      heading: 'Prohibited Actions',
      body: bullets(
        'Destroying data without confirmation',
        'Network access or export of data that was not authorised',
        'Disclosing secrets',
      ),
    },
    {
      heading: 'Reward Signals',
      body: bullets(
        'Positive: accepted work, passing tests, no surprises',
        'Negative: rollbacks, repeated corrections, ignored boundaries',
      ),
    },
  ],
  'AGENTS.md': [
    {
      heading: 'Tool Dispatch',
      body: bullets(
        'Codex: contained changes with a clear test',
        'Claude Code: work across files, design, review',
        'Gemini: long documents and research',
      ),
    },
    {
      heading: 'Operation Rules',
      body: bullets(
        'Run the tests before and after a change',
        'Keep each change small and whole',
        'Validate the result before calling it done',
      ),
    },
    { heading: 'Escalation', body: bullets('Ask when unsure') },
  ],
}

/** The text of a Markdown file in a fresh store. */
export function templateText(file: MarkdownFile): string {
  return markdownText(file, PLACEHOLDERS[file])
}

/** Policy files belong into the repository; files of one machine do not. */
export const GITIGNORE = `# Settings of this machine
config.json
# Copies and caches
*.backup
*.cache
`

interface ConfigFacts {
  /** ISO 8601. */
  initializedAt: string
  /** The folder that the store was made in, and the store itself. */
  initializedIn: string
  memoryPath: string
}

/** The text of `config.json`. Nothing reads its features. */
export function configText({ initializedAt, initializedIn, memoryPath }: ConfigFacts): string {
  return writeJson(
    jsonObject({
      version: FORMAT_VERSION,
      initialized_at: initializedAt,
      initialized_in: initializedIn,
      memory_path: memoryPath,
      features: jsonObject({
        auto_learning: true,
        safety_checks: true,
        policy_engine: 'autonomous_execution',
      }),
    }),
    { indent: 2 },
  )
}

/** A configuration with the preferences that an analysis found; everything else in it stays. */
export function withPreferences(
  config: JsonObject,
  learned: Json,
  lastUpdated: string,
): JsonObject {
  return new Map<string, Json>([
    ...config,
    ['learned_preferences', learned],
    ['last_updated', lastUpdated],
  ])
}

/** The texts of empty policy files. */
export const EMPTY_FILES = {
  'rules.json': '{}',
  'playbooks.json': '{}',
  'policy_events.jsonl': '',
} as const
