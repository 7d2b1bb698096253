import { expect, test } from 'vitest'
import { readJson, type JsonObject } from '../../src/clawpolicy/files/json.ts'
import {
  EMPTY_FILES,
  GITIGNORE,
  configText,
  templateText,
} from '../../src/clawpolicy/files/provision.ts'
import { writeJson } from '../../src/clawpolicy/files/json.ts'
import { CORRECTED, ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { readPlaybooks, readRules } from './parts.ts'

const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'))

test.each([
  ['USER.md', ['# USER', '## Basic Information', '## Working Preferences', '## Notes']],
  ['SOUL.md', ['# SOUL', '## Core Principles', '## Prohibited Actions', '## Reward Signals']],
  ['AGENTS.md', ['# AGENTS', '## Tool Dispatch', '## Operation Rules', '## Escalation']],
] as const)('%s has its headings, and ends with one line feed', (file, expected) => {
  expect(headings(templateText(file))).toEqual(expected)
  expect(templateText(file)).toMatch(/[^\n]\n$/)
})

test('the settings name what was made, where and when', () => {
  const config = readJson(
    configText({
      initializedAt: '2026-03-07T12:00:00+00:00',
      initializedIn: '/p',
      memoryPath: '/p/.clawpolicy',
    }),
  ) as JsonObject
  expect([...config.keys()]).toEqual([
    'version',
    'initialized_at',
    'initialized_in',
    'memory_path',
    'features',
  ])
  expect(writeJson(config.get('features') ?? null)).toBe(
    '{"auto_learning": true, "safety_checks": true, "policy_engine": "autonomous_execution"}',
  )
})

test('the policy files are not ignored', () => {
  expect(GITIGNORE.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'config.json',
    '*.backup',
    '*.cache',
  ])
})

test('fresh files are read as empty', () => {
  for (const corrections of [ORIGINAL, CORRECTED]) {
    expect([
      readRules(EMPTY_FILES['rules.json'], corrections).records.size,
      readPlaybooks(EMPTY_FILES['playbooks.json'], corrections).records.size,
    ]).toEqual([0, 0])
  }
})
