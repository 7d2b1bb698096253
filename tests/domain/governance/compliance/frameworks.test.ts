import { describe, expect, test } from 'vitest'
import { complianceFrameworks } from '../../../../src/config/frameworks.ts'
import { frameworkRow } from '../../../../src/domain/governance/compliance/rules.ts'

const frameworks = await complianceFrameworks()

/** Relevance and number of recommendations, as they are published. */
const PUBLISHED: Record<string, string> = {
  soc2: 'CC6.1 high 3, CC6.2 high 3, CC6.3 medium 3, CC6.6 critical 3, CC6.7 critical 3, CC7.1 high 4, CC7.2 critical 4, CC7.3 high 3, CC8.1 high 4, CC9.1 high 3',
  'nist-ai-rmf':
    'GOVERN-1.1 high 3, GOVERN-1.5 critical 3, GOVERN-4.1 high 3, MAP-1.5 high 3, MEASURE-2.6 critical 4, MEASURE-2.9 high 4, MANAGE-2.1 high 3, MANAGE-4.1 critical 4',
  'imda-agentic':
    'IMDA-1.1 critical 3, IMDA-1.2 critical 3, IMDA-2.1 critical 4, IMDA-3.1 critical 4, IMDA-3.2 high 4, IMDA-4.1 critical 4, IMDA-4.2 critical 4, IMDA-5.1 high 4',
}

describe('frameworks', () => {
  test('are five, each control with recommendations that no other has', () => {
    expect(frameworks.map(({ id }) => id)).toEqual([
      'soc2',
      'iso27001',
      'gdpr',
      'nist-ai-rmf',
      'imda-agentic',
    ])
    for (const { id, controls } of frameworks) {
      expect(new Set(controls.map((each) => each.id)).size, id).toBe(controls.length)
      for (const each of controls)
        expect(new Set(each.recommendations).size, each.id).toBe(each.recommendations.length)
    }
    expect(frameworkRow(frameworks[0] as (typeof frameworks)[number])).toMatchObject({
      id: 'soc2',
      control_count: 10,
    })
  })

  test.each(Object.entries(PUBLISHED))('%s has its controls', (id, controls) => {
    expect(
      frameworks
        .find((each) => each.id === id)
        ?.controls.map((each) => `${each.id} ${each.relevance} ${each.recommendations.length}`)
        .join(', '),
    ).toBe(controls)
  })
})

const LETTERS: Record<string, string> = {
  require_approval: 'A',
  block: 'B',
  allowlist: 'L',
  rate_limit: 'R',
  risk_threshold: 'T',
  dry_run: 'D',
  any_active_policy: 'any',
}

/** Which policies cover a control, as it is published. */
const MAPPINGS: Record<string, string> = {
  'CC6.1': 'B[exec.*, fs.delete, fs.rmdir, db.drop, db.truncate]f; L[exec.*]f',
  'CC6.2': 'A[*]p',
  'CC6.3': 'B[*]p',
  'CC6.6': 'A[message.send, email.send, web.post, slack.post, sms.send]f; B[web.fetch, web.post]f',
  'CC6.7': 'B[data.export, data.download]f; A[data.export, report.generate]f',
  'CC7.1': 'R[*]p',
  'CC7.2': 'any[*]p',
  'CC7.3': '',
  'CC8.1': 'D[*]f',
  'CC9.1': 'T[*]f',
  'GOVERN-1.1': 'any[*]p',
  'GOVERN-1.5': 'T[*]f; B[*]p',
  'GOVERN-4.1': 'A[*]p',
  'MAP-1.5': 'A[message.send, email.send, social.post, support.reply]f',
  'MEASURE-2.6': 'R[*]f; any[*]p',
  'MEASURE-2.9': 'B[exec.*, shell.*, code.eval]f',
  'MANAGE-2.1': 'B[*]p; A[*]p',
  'MANAGE-4.1': 'any[*]p',
  'IMDA-1.1': 'A[*]f',
  'IMDA-1.2': 'B[*]p',
  'IMDA-2.1': 'any[*]p',
  'IMDA-3.1': 'B[exec.*, shell.*, code.eval, code.run]f; L[*]f',
  'IMDA-3.2': 'A[message.send, slack.send, discord.send]p',
  'IMDA-4.1': 'B[exec.*, shell.*, code.eval]f',
  'IMDA-4.2': 'A[email.send, payment.*, billing.*, deploy.*]f; B[fs.delete, db.drop, db.truncate]f',
  'IMDA-5.1': 'any[*]p',
}

test.each(Object.entries(MAPPINGS))('%s is covered by %s', (id, mappings) => {
  const control = frameworks.flatMap(({ controls }) => controls).find((each) => each.id === id)
  expect(
    control?.mappings
      .map(({ policy, tools, coverage }) => `${LETTERS[policy]}[${tools.join(', ')}]${coverage[0]}`)
      .join('; '),
  ).toBe(mappings)
})
