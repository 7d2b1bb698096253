import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseSettings, readSettings, SETTINGS_TEXT } from '../../src/config/settings.ts'

test('the file that init writes and a missing file both give the defaults', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deck-settings-'))
  const defaults = await readSettings(join(folder, 'config.yaml'))
  expect(defaults).toEqual({
    backend: 'auto',
    image: 'localhost/clawdeck-agent:latest',
    approvals: { expiryMinutes: 5 },
    deadMan: { minutes: null, warnMinutes: 5, response: 'freeze' },
    access: { socket: null },
    telegram: { apiRoot: 'https://api.telegram.org', digestAt: '08:00' },
    console: { theme: 'dark', bell: true, notify: true, quietHours: null },
    quietHours: { hours: null, urgentRisk: 70 },
    notify: { command: null, timeoutSeconds: 10 },
    escalation: [],
    api: {
      requestsPerMinute: 600,
      scanInjection: true,
      riskFromHistory: false,
      closedEnrolment: false,
      actionsPerMonth: 0,
      publicUrl: null,
      signatures: 'known',
      allowPrivate: [],
    },
    webhooks: { allowPrivate: [] },
  })
  expect(parseSettings(SETTINGS_TEXT)).toEqual(defaults)
})

test('every commented value that init writes is the default', () => {
  const live = SETTINGS_TEXT.split('\n')
    .filter((line) => /^# ( {2})?\w+:/.test(line))
    .map((line) => line.slice(2))
    .join('\n')
  expect(parseSettings(live)).toEqual(parseSettings(''))
})

test('one key leaves the others at their defaults', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'deck-settings-')), 'config.yaml')
  await writeFile(path, 'console:\n  quietHours: "22:00-07:00"\n')
  expect(await readSettings(path)).toMatchObject({
    backend: 'auto',
    console: { theme: 'dark', quietHours: '22:00-07:00' },
  })
})

test.each([
  ['backend: docker\n', /config\.yaml:1:\d+: backend.*docker/, /auto, podman, local/],
  [
    'telegram: { apiRoot: "http://bots.example.org" }\n',
    /config\.yaml:1:\d+: telegram\.apiRoot: write an https address/,
    /Change/,
  ],
  ['# first\nconsole:\n  thema: dark\n', /config\.yaml:3:\d+: console\.thema/, /theme/],
  [
    'approvals: { expiryMinutes: soon }\n',
    /approvals\.expiryMinutes: this must be a number/,
    /number/,
  ],
  ['console:\n  quietHours: late\n', /quiet hours as/, /./],
  [
    'escalation:\n  - { after: 2, to: [pager] }\n',
    /config\.yaml:2:\d+: escalation.*to.*write notify, console, webhook:<name>/,
    /./,
  ],
  [
    'escalation: [{ after: 4, to: [notify] }, { after: 2, to: [console] }]\n',
    /order the steps by `after`/,
    /./,
  ],
  ['notify: { command: notify-send }\n', /config\.yaml:1:\d+: notify\.command/, /list/],
  ['a: [\n', /not valid YAML/, /./],
])('%j names file, line, key and what is allowed', (text, message, hint) => {
  expect(() => parseSettings(text)).toThrow(
    expect.objectContaining({
      code: 'config.invalid',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    }),
  )
})
