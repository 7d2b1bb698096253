import { plain } from '../../base/text.ts'

/** How terminals are asked to show a notification. */
type Protocol = 'osc9' | 'osc99' | 'osc777'

const MAX_CHARS = 160
const TITLE = 'clawdeck'

const ESC = '\u001b'
const BEL = '\u0007'
/** Ends a sequence, where a bell might be heard. */
const END = `${ESC}\\`

/** The sequence by which this terminal shows a notification, whatever the text holds. */
export function notificationFor(env: NodeJS.ProcessEnv): (text: string) => string {
  const write = WRITERS[protocolOf(env)]
  const isWrapped = env['TMUX'] !== undefined && env['TMUX'] !== ''
  return (text) => {
    const sequence = write(plain(text, MAX_CHARS))
    return isWrapped ? throughTmux(sequence) : sequence
  }
}

const WRITERS: Record<Protocol, (text: string) => string> = {
  osc9: (text) => `${ESC}]9;${TITLE}: ${text}${BEL}`,
  osc99: (text) =>
    `${ESC}]99;i=${TITLE}:d=0;${TITLE}${END}${ESC}]99;i=${TITLE}:d=1:p=body;${text}${END}`,
  // Here semicolons separate fields.
  osc777: (text) => `${ESC}]777;notify;${TITLE};${text.replaceAll(';', ',')}${BEL}`,
}

/** By what terminals say of themselves. Those that are not known mostly understand OSC 9. */
function protocolOf(env: NodeJS.ProcessEnv): Protocol {
  const { TERM = '', KITTY_WINDOW_ID, VTE_VERSION, KONSOLE_VERSION } = env
  if (TERM === 'xterm-kitty' || KITTY_WINDOW_ID !== undefined) return 'osc99'
  const isOther = VTE_VERSION !== undefined || KONSOLE_VERSION !== undefined
  return isOther || /^(?:rxvt|foot)/.test(TERM) ? 'osc777' : 'osc9'
}

/** For the terminal around tmux, which passes it on if `allow-passthrough` is on there. */
function throughTmux(sequence: string): string {
  return `${ESC}Ptmux;${sequence.replaceAll(ESC, ESC + ESC)}${END}`
}
