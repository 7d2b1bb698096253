import { plain } from '../../base/text.ts'

/** `12:34:56`, by the clock of the deck's machine. */
export function clockTime(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** `2026-01-31`, by the clock of the deck's machine. */
export function calendarDay(at: number): string {
  const date = new Date(at)
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}

/** Who did something, for people: `ada (telegram)` of `operator:ada/telegram/dev_…`. */
export function whoText(by: string): string {
  return by.split(', ').map(oneText).join(' and ')
}

function oneText(actor: string): string {
  const [, name, door] = /^operator:([^/]+)(?:\/([^/]+))?/.exec(actor) ?? []
  if (name === undefined) return plain(actor, 100)
  return door === undefined ? plain(name, 100) : `${plain(name, 100)} (${plain(door, 40)})`
}

export const HELP = `What this bot does:
It shows what agents of your deck ask, with buttons to decide.
To give a reason, reply to the message before you decide.

/approvals – what waits
/agents – the agents and what they do
/freeze – pause an agent, or all
/thaw – let it go on
/stop – end what runs in its pod
/help – this text`
