import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import { newEvent, newPlaybook, newRule } from '../../../src/clawpolicy/files/records.ts'
import { savePreferences } from '../../../src/clawpolicy/library/config-file.ts'
import { weakPreferences } from '../../../src/clawpolicy/learner/preferences.ts'
import { createApi } from '../../../src/clawpolicy/library/confirmation-api.ts'
import { initMemory } from '../../../src/clawpolicy/library/init-memory.ts'
import {
  MarkdownToPolicyConverter,
  PolicyToMarkdownExporter,
} from '../../../src/clawpolicy/library/markdown-files.ts'
import { PolicyStore } from '../../../src/clawpolicy/library/policy-store.ts'
import { templateText } from '../../../src/clawpolicy/files/provision.ts'
import { tempFolder } from '../../support/journal.ts'
import { MK, countingSources } from '../engine.ts'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const end of undo.splice(0)) end()
})
const folder = () => tempFolder((end) => undo.push(end))

describe('a policy store', () => {
  it('creates its files, and keeps records in order', () => {
    const store = PolicyStore.bootstrap(folder(), { ensureFiles: true })
    expect(readdirSync(store.baseDir).toSorted()).toEqual([
      'playbooks.json',
      'policy_events.jsonl',
      'rules.json',
    ])
    expect(readFileSync(store.rulesFile, 'utf8')).toBe('{}')
    expect(store.createMissingFiles()).toEqual([])
    const [a, b] = [newRule({ id: 'b' }), newRule({ id: 'a', status: 'suspended' })]
    for (const rule of [a, b]) store.saveRule(rule)
    store.savePlaybook(newPlaybook({ id: 'p', rules_used: ['a'] }))
    expect([...store.loadRules()]).toEqual([
      ['b', a],
      ['a', b],
    ])
    expect(store.getPlaybook('p')?.rules_used).toEqual(['a'])
    expect(store.getRulesByStatus('suspended')).toEqual([b])
    expect([store.deleteRule('b'), store.deleteRule('b'), store.getRule('b')]).toEqual([
      true,
      false,
      undefined,
    ])
    expect([store.deletePlaybook('p'), store.deletePlaybook('p')]).toEqual([true, false])
    expect(readdirSync(store.baseDir)).toHaveLength(3)
  })

  it('reads the latest events first, by lines of the log', () => {
    const store = new PolicyStore(join(folder(), 'policy'))
    const types = ['decision_evaluated', 'rule_promoted', 'decision_outcome', 'rule_updated']
    for (const event_type of types) store.appendEvent(newEvent({ timestamp: 't', event_type }))
    const read = (events: { event_type: string }[]) => events.map(({ event_type }) => event_type)
    expect(read(store.getEvents(2))).toEqual(['rule_updated', 'decision_outcome'])
    expect(read(store.getEvents(0))).toEqual(types.toReversed())
    expect(read(store.getEvents(-3))).toEqual(['rule_updated'])
    expect(read(store.getDecisionEvents())).toEqual(['decision_outcome', 'decision_evaluated'])
    expect(read(store.getRecentLifecycleEvents())).toEqual(['rule_promoted'])
    expect(store.getStats()).toMatchObject({
      totalRules: 0,
      totalPolicyEvents: 4,
      rulesFileSize: 0,
    })
  })

  it('refuses an unreadable file, which the original takes as empty', () => {
    const base = folder()
    writeFileSync(join(base, 'rules.json'), '{"a"')
    expect(() => new PolicyStore(base).loadRules()).toThrow('rules.json: expected a colon')
    expect(new PolicyStore(base, { corrections: ORIGINAL }).loadRules().size).toBe(0)
    expect(readFileSync(join(base, 'rules.json'), 'utf8')).toBe('{"a"')
  })
})

describe('the confirmation API', () => {
  it('decides, logs and learns in files as the original does', () => {
    const memory = join(folder(), '.clawpolicy')
    const api = createApi(memory, { corrections: ORIGINAL, sources: countingSources() })
    for (let i = 0; i < 3; i++) {
      const [auto, reason, details] = api.shouldAutoExecute(MK)
      expect([auto, reason]).toEqual([false, 'No confirmed rule; confirmation required'])
      expect(details.decision.decision_id).toBe(details.decisionId)
      expect([details.relevantRulesCount, details.matchedRules.length]).toEqual(
        i > 0 ? [1, 1] : [0, 0],
      )
      api.recordExecutionResult(MK, true, false, {
        decisionId: details.decisionId,
        userOverride: 'confirmed_after_prompt',
      })
    }
    const [auto, , { confidence, matchedRules }] = api.shouldAutoExecute(MK)
    expect([auto, confidence]).toEqual([true, 0.8999999999999999])
    expect(matchedRules).toMatchObject([{ status: 'confirmed', evidence_count: 4 }])
    const types = api.policyStore.getEvents(0).map(({ event_type }) => event_type)
    expect(types.toReversed()).toEqual([
      'decision_evaluated',
      'rule_updated',
      'decision_outcome',
      'decision_evaluated',
      'rule_updated',
      'decision_outcome',
      'decision_evaluated',
      'rule_promoted',
      'decision_outcome',
      'decision_evaluated',
    ])
    expect(api.getRecentDecisions(1).decisions).toMatchObject([{ final_decision: 'auto_execute' }])
    expect(api.getConfidenceHistory().rules).toMatchObject([{ status: 'confirmed' }])
  })

  it('evaluates a task whose decision is not known', () => {
    const api = createApi(folder(), { sources: countingSources() })
    api.recordExecutionResult(MK, false, true, { executionResult: 'rollback', decisionId: 'dec_x' })
    expect(api.policyStore.getEvents().map(({ event_type }) => event_type)).toEqual([
      'decision_outcome',
      'decision_evaluated',
    ])
  })

  it('explains without a trace', () => {
    const api = createApi(folder())
    expect(api.getExplanation(MK)).toContain('Fallback: first-time task')
    expect(api.policyStore.getEvents()).toEqual([])
  })
})

describe('init', () => {
  it('provisions once, and replaces only when forced, never the log', () => {
    const project = folder()
    const now = () => 1_772_884_800_000_000
    expect(initMemory(project, { now })).toHaveLength(8)
    expect(initMemory(project, { now })).toEqual([])
    const memory = join(project, '.clawpolicy')
    const store = PolicyStore.bootstrap(memory)
    store.saveRule(newRule({ id: 'r' }))
    store.appendEvent(newEvent({ timestamp: 't', event_type: 'e' }))
    expect(initMemory(project, { now, force: true })).toHaveLength(5)
    expect([store.loadRules().size, store.getEvents().length]).toEqual([0, 1])
    expect(JSON.parse(readFileSync(join(memory, 'config.json'), 'utf8'))).toMatchObject({
      initialized_at: '2026-03-07T12:00:00+00:00',
      initialized_in: project,
      memory_path: memory,
    })
  })

  it('original: a second init imports the placeholders', () => {
    const project = folder()
    for (let i = 0; i < 2; i++) initMemory(project, { corrections: ORIGINAL })
    const store = PolicyStore.bootstrap(join(project, '.clawpolicy'))
    const { totalRules, totalPlaybooks, totalPolicyEvents } = store.getStats()
    expect([totalRules, totalPlaybooks, totalPolicyEvents]).toEqual([6, 1, 10])
  })

  it('imports Markdown that is there already', () => {
    const project = folder()
    const memory = join(project, '.clawpolicy')
    mkdirSync(memory)
    writeFileSync(join(memory, 'USER.md'), '## Notes\n\n- Be kind\n')
    initMemory(project)
    expect(PolicyStore.bootstrap(memory).getRule('rule_project_constraints')?.strategy).toBe(
      '- Be kind',
    )
  })
})

describe('preferences', () => {
  it('are merged into a config.json', () => {
    const project = folder()
    initMemory(project)
    const path = join(project, '.clawpolicy', 'config.json')
    savePreferences(path, weakPreferences({}, 'before'))
    savePreferences(path, weakPreferences({ testRatio: 0.4 }, 'now'))
    const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    expect(Object.keys(config).slice(-3)).toEqual([
      'features',
      'learned_preferences',
      'last_updated',
    ])
    expect(config).toMatchObject({
      version: '3.0.0',
      last_updated: 'now',
      learned_preferences: { workflow: { test_ratio: 0.4 } },
    })
    savePreferences(join(project, 'new.json'), weakPreferences({}))
    writeFileSync(path, '[]')
    expect(() => savePreferences(path, weakPreferences({}))).toThrow('it holds no object')
    expect(readFileSync(path, 'utf8')).toBe('[]')
  })
})

describe('Markdown files', () => {
  it.each([
    ['corrected', CORRECTED],
    ['original', ORIGINAL],
  ])('%s: go into records and back', (name, corrections) => {
    const base = folder()
    const at = (file: string) => join(base, file)
    writeFileSync(at('USER.md'), '## Notes\n\n- Be kind\n')
    writeFileSync(at('SOUL.md'), '## Core Principles\n\n- Ask first\n')
    const converter = new MarkdownToPolicyConverter({ corrections, now: () => 0 })
    const rules = converter.convertUserMdToRules(at('USER.md'))
    expect([...rules.values()].map(({ strategy }) => strategy)).toEqual(['- Be kind'])
    expect(converter.convertAgentsMdToRules(at('AGENTS.md')).size).toBe(0)
    const soul = converter.convertSoulMdToPlaybook(at('SOUL.md'))
    expect(soul?.summary).toBe('Core: Ask first')
    expect(converter.convertSoulMdToPlaybook(at('none.md'))).toBeUndefined()

    const store = new PolicyStore(at('policy'), { corrections })
    converter.migrateAll(base, store)
    const exporter = new PolicyToMarkdownExporter({ corrections })
    exporter.exportRulesToUserMd(rules, at('out/USER.md'))
    exporter.exportRulesToAgentsMd(rules, at('out/AGENTS.md'))
    exporter.exportPlaybookToSoulMd(soul, at('out/SOUL.md'), store.loadRules())
    const text = (file: string) => readFileSync(at(`out/${file}`), 'utf8')
    expect(text('USER.md')).toContain('## Notes\n\n- Be kind\n')
    expect(text('AGENTS.md')).toBe(templateText('AGENTS.md'))
    expect(text('SOUL.md').includes('Ask first')).toBe(name === 'corrected')
  })
})
