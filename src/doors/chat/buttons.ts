import type { ChatButton } from '../../ports/chat-bot.ts'

/**
 * What a button asks for. Buttons carry no authority: anybody can make up what a tap gives back, so
 * it only names what is meant, and whoever taps is asked for their rights.
 */
export type Asked =
  | { verb: 'allow'; approval: string; digest: string }
  | { verb: 'deny'; approval: string; digest: string }
  | { verb: 'details'; approval: string; digest: string }
  | { verb: 'back'; approval: string; digest: string }
  | { verb: 'risk'; approval: string; digest: string; score: string }
  | { verb: 'show'; approval: string }
  /** `agent` is `*` for all. */
  | { verb: AgentVerb; agent: string }
  /** `at`: when the question was asked, in seconds. */
  | { verb: 'sure-stop' | 'sure-thaw'; agent: string; at: number }

/** What can be done to agents. */
export type AgentVerb = 'freeze' | 'thaw' | 'stop'

const APPROVAL = String.raw`apr_\w{1,30}`
const DIGEST = '[0-9a-f]{16}'
const AGENT = String.raw`(?:[a-z0-9-]{1,32}|\*)`
const DATA = new RegExp(
  `^(?:(?:allow|deny|details|back):${APPROVAL}:${DIGEST}|risk:${APPROVAL}:${DIGEST}:\\d{1,3}` +
    `|show:${APPROVAL}|(?:freeze|thaw|stop):${AGENT}|sure-(?:stop|thaw):${AGENT}:\\d{1,12})$`,
)

export function button(label: string, asked: Asked): ChatButton {
  const { verb, ...rest } = asked
  return { label, data: [verb, ...Object.values(rest)].join(':') }
}

/** What a tap asks for; undefined for what no button of the deck says. */
export function readTap(data: string): Asked | undefined {
  if (!DATA.test(data)) return undefined
  const [verb, first = '', second = '', score = ''] = data.split(':')
  switch (verb) {
    case 'show':
      return { verb, approval: first }
    case 'freeze':
    case 'thaw':
    case 'stop':
      return { verb, agent: first }
    case 'sure-stop':
    case 'sure-thaw':
      return { verb, agent: first, at: Number(second) }
    case 'risk':
      return { verb, approval: first, digest: second, score }
    default:
      return { verb: verb as 'allow', approval: first, digest: second }
  }
}
