import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempFolder } from '../../support/journal.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const undo: (() => unknown)[] = []
let home = ''

/** An empty folder outside of the repository, with the packed library and nothing else. */
beforeAll(() => {
  home = tempFolder((end) => undo.push(end))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  ) as [{ filename: string }]
  const target = join(home, 'node_modules', 'clawdeck')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['xzf', join(home, packed.filename), '-C', target, '--strip-components=1'])
  writeFileSync(join(home, 'package.json'), '{"type": "module"}')
})
afterAll(() => {
  for (const end of undo) end()
})

function run(name: string, text: string): unknown {
  writeFileSync(join(home, name), text)
  const out = execFileSync(process.execPath, [name], { cwd: home, encoding: 'utf8' })
  return JSON.parse(out.trim().split('\n').at(-1) as string)
}

describe('a stranger with the packed library', () => {
  test('makes a store, confirms a rule by feedback, and takes Markdown in and out', () => {
    const seen = run(
      'round-trip.js',
      `
      import { readFileSync, writeFileSync } from 'node:fs'
      import {
        MarkdownToPolicyConverter, PolicyStore, PolicyToMarkdownExporter,
        createApi, createRule, initMemory,
      } from 'clawdeck/policy'
      const created = initMemory('project').map((path) => path.split('/').at(-1))
      const memory = 'project/.clawpolicy'
      const api = createApi(memory)
      const task = { task_type: 'T2', task_description: 'Build', command: 'make all' }
      const answers = []
      for (let i = 0; i < 4; i++) {
        const [auto, , { decisionId }] = api.shouldAutoExecute(task)
        answers.push(auto)
        const said = auto ? {} : { userOverride: 'confirmed_after_prompt' }
        api.recordExecutionResult(task, true, auto, { decisionId, ...said })
      }
      writeFileSync(memory + '/USER.md', '# USER\\n\\n## Notes\\n\\n- Be kind\\n')
      const store = PolicyStore.bootstrap(memory)
      new MarkdownToPolicyConverter().migrateAll(memory, store)
      const strategy = '- Ask Ada'
      store.saveRule(createRule({ id: 'rule_escalation', summary: 'Escalation policy', strategy }))
      new PolicyToMarkdownExporter().exportAll(store.baseDir, 'out')
      const { status_counts } = store.getPolicyStatusSnapshot()
      console.log(JSON.stringify({
        created, answers, status_counts,
        explanation: api.getExplanation(task).split('\\n')[0],
        decisions: api.getRecentDecisions().decisions.length,
        history: api.getConfidenceHistory('T2').rules.map((rule) => rule.status),
        user: readFileSync('out/USER.md', 'utf8').includes('- Be kind'),
        agents: readFileSync('out/AGENTS.md', 'utf8').includes('- Ask Ada'),
      }))
      `,
    )
    expect(seen).toEqual({
      created: [
        'rules.json',
        'playbooks.json',
        'policy_events.jsonl',
        'USER.md',
        'SOUL.md',
        'AGENTS.md',
        'config.json',
        '.gitignore',
      ],
      answers: [false, false, false, true],
      status_counts: { hint: 2, candidate: 0, confirmed: 1, suspended: 0, archived: 0 },
      explanation: 'Auto-execute: Confirmed project rule allows auto execution',
      decisions: 4,
      history: ['confirmed'],
      user: true,
      agents: true,
    })
  })

  test('trains a little, on threads too, and tunes', () => {
    const seen = run(
      'train.js',
      `
      import {
        freshActorCritic, freshRewardModel, linearAgent, quantize, readModel, seededRandom,
        train, trainProjects, trainingMonitor, tuneHyperparameters, writeModel,
      } from 'clawdeck/policy/optional'
      const random = seededRandom(1)
      const agent = linearAgent(freshActorCritic(random), random)
      const monitor = trainingMonitor({ now: Date.now })
      const { stats, steps } = train(agent, { episodes: 60, random, reward: freshRewardModel() })
      for (const [step, { total_return }] of stats.entries())
        monitor.scalar('return', total_return, step)
      const model = writeModel(agent.networks(), { episodes: 60, steps })
      const report = await trainProjects(['a', 'b'], { episodes: 20, seed: 1, threads: 2 }).report
      const { best } = await tuneHyperparameters({
        space: { x: { low: 0, high: 1 } },
        objective: ({ x }) => -((x - 0.5) ** 2),
        trials: 30,
        random: seededRandom(2),
      })
      console.log(JSON.stringify({
        count: monitor.summary('return').count,
        episodes: readModel(model).counts.episodes,
        mode: report.mode,
        projects: report.projects.map(({ project, episodes }) => [project, episodes]),
        near: Math.abs(best.settings.x - 0.5) < 0.1,
        small: quantize([0, 1]).values.length,
      }))
      `,
    )
    expect(seen).toEqual({
      count: 60,
      episodes: 60,
      mode: 'threads',
      projects: [
        ['a', 20],
        ['b', 20],
      ],
      near: true,
      small: 2,
    })
  })

  test('runs the examples of its page', () => {
    const page = readFileSync(join(home, 'node_modules/clawdeck/src/clawpolicy/README.md'), 'utf8')
    const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code)
    expect(examples).toHaveLength(3)
    for (const [i, code] of examples.entries()) {
      const given = code.includes('dir,') ? "const dir = '.clawpolicy'\n" : ''
      writeFileSync(join(home, `example-${i}.js`), `${given}${code}`)
      const out = execFileSync(process.execPath, [`example-${i}.js`], {
        cwd: home,
        encoding: 'utf8',
      })
      if (i === 0) expect(out).toMatch(/^false No confirmed rule; confirmation required\n/)
    }
  })

  test('loads nothing of the deck, nor any other package', () => {
    const loaded = run(
      'loaded.js',
      `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({
        resolve(name, context, next) {
          if (!/^(?:\\.|node:)/.test(name)) seen.push(name)
          return next(name, context)
        },
      })
      await import('clawdeck/policy')
      await import('clawdeck/policy/optional')
      console.log(JSON.stringify(seen))
      `,
    )
    expect(loaded).toEqual(['clawdeck/policy', 'clawdeck/policy/optional'])
  })

  test('is checked by its types', () => {
    writeFileSync(
      join(home, 'typed.ts'),
      `
      import { CORRECTED, PolicyStore, createApi } from 'clawdeck/policy'
      import type { DecisionDetails, Rule } from 'clawdeck/policy'
      import { linearAgent, freshActorCritic, seededRandom } from 'clawdeck/policy/optional'
      import type { TrainingResult } from 'clawdeck/policy/optional'
      const api = createApi('memory', { corrections: { ...CORRECTED, 'one-hint': false } })
      const answer: [boolean, string, DecisionDetails] = api.shouldAutoExecute({ command: 'ls' })
      const [auto, reason, details] = answer
      const rules: Map<string, Rule> = new PolicyStore('policy').loadRules()
      export const level: string = details.decision.risk_level + reason + String(auto) + rules.size
      export const pick = (result: TrainingResult) => result.stats[0]?.total_return ?? 0
      linearAgent(freshActorCritic(seededRandom(1)), seededRandom(2))
      // @ts-expect-error a status is one of five
      api.policyStore.getRulesByStatus('loud')
      // @ts-expect-error a correction has to exist
      createApi('memory', { corrections: { ...CORRECTED, 'no-such': true } })
      // @ts-expect-error the results of a decision are typed
      const wrong: number = reason
      export { wrong }
      `,
    )
    const check = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext']
    execFileSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      [...check, '--types', '', '--ignoreConfig', 'typed.ts'],
      { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    )
  })
})
