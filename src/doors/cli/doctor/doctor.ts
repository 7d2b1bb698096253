import { count } from '../../../base/text.ts'
import type { Cli } from '../cli.ts'
import { table, write, type Tone } from '../terminal.ts'
import { jsonLine, plain } from '../../../base/text.ts'
import type { Check } from './check.ts'
import { homeChecks, settingsCheck, supervisorChecks } from './deck.ts'
import { engineChecks, machineChecks } from './machine.ts'
import { wordChecks } from './word.ts'

const MARKS: Record<Check['state'], { mark: string; tone: Tone }> = {
  good: { mark: '✓', tone: 'good' },
  poor: { mark: '!', tone: 'careful' },
  bad: { mark: '✗', tone: 'bad' },
}

/**
 * Checks this machine and the deck, with a fix for each problem. Returns the exit code. Starts
 * nothing.
 */
export async function doctor(cli: Cli): Promise<number> {
  const { check, settings } = await settingsCheck(cli)
  const [machine, engine, supervisor, word] = await Promise.all([
    machineChecks(cli),
    engineChecks(cli, settings?.image ?? 'localhost/clawdeck-agent:latest'),
    supervisorChecks(cli),
    wordChecks(cli, settings),
  ])
  const checks = [...machine, ...homeChecks(cli), check, ...engine, ...supervisor, ...word]
  const wrong = checks.filter(({ state }) => state === 'bad').length
  await write(
    cli.streams.stdout,
    cli.json ? jsonLine({ ok: wrong === 0, checks }) : report(cli, checks, wrong),
  )
  return wrong === 0 ? 0 : 1
}

function report({ paint }: Cli, checks: readonly Check[], wrong: number): string {
  const all = table(
    paint,
    ['', 'CHECK', 'RESULT'],
    checks.map(({ state, name, what }) => [
      { text: MARKS[state].mark, tone: MARKS[state].tone },
      name,
      what,
    ]),
    '',
  )
  const fixes = checks
    .filter(({ fix }) => fix !== undefined)
    .map(
      ({ state, name, fix }) =>
        `${paint(MARKS[state].tone, MARKS[state].mark)} ${name}: ${plain(fix ?? '')}\n`,
    )
    .join('')
  const warnings = checks.filter(({ state }) => state === 'poor').length
  const limits = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`
  const summary = wrong === 0 ? `No errors${limits}.` : `${count(wrong, 'error')} to fix${limits}.`
  return `${all}\n${fixes}${summary}\n`
}
