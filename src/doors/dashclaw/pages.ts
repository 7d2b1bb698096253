import { Reply } from '../../commands/api/endpoint.ts'

/** No script, nothing from elsewhere, and in no frame. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222}' +
  'code,pre{font:14px/1.5 ui-monospace,monospace;background:#f2f2f2;border-radius:4px;padding:.1em .3em}' +
  'pre{padding:.8em;white-space:pre-wrap;word-break:break-all}' +
  '@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}code,pre{background:#2a2a2a}}'

/** What may stand in an address that is repeated on the page. */
const PLAIN_ID = /^[A-Za-z0-9_.:-]{1,128}$/

interface Page {
  title: string
  says: readonly string[]
  commands: readonly string[]
}

/**
 * Pages that links of the API lead to. Whoever opens one in a browser has no key, so it shows
 * nothing that the deck knows: only what to do.
 */
export function apiPage(kind: 'pair' | 'replay', given: string, baseUrl: string): Reply {
  const id = PLAIN_ID.test(given) ? given : undefined
  const { title, says, commands } =
    kind === 'pair'
      ? pairPage(id ?? '<pairing id>', baseUrl)
      : replayPage(id ?? '<action id>', baseUrl)
  const body = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>`,
    ...says.map((line) => `<p>${escaped(line)}</p>`),
    ...commands.map((command) => `<pre>${escaped(command)}</pre>`),
    '</body></html>',
  ].join('')
  return new Reply(200, body, HEADERS)
}

function pairPage(id: string, baseUrl: string): Page {
  return {
    title: 'An agent asks to be trusted',
    says: [
      'An agent has sent its public key to this deck, so that its actions can be signed. An admin approves it within 15 minutes.',
      'Nothing is shown here, because a browser has no key of the API. Whoever has an admin key looks at the pairing, compares its fingerprint with that of the agent, and approves it:',
    ],
    commands: [
      `curl -H "x-api-key: $KEY" '${baseUrl}/api/pairings/${id}'`,
      `curl -X POST -H "x-api-key: $KEY" '${baseUrl}/api/pairings/${id}/approve'`,
    ],
  }
}

function replayPage(id: string, baseUrl: string): Page {
  return {
    title: 'An action of an agent',
    says: [
      'Nothing is shown here, because a browser has no key of the API.',
      'On the machine of the deck, the console shows actions that wait for a decision: y allows, n denies. With a key, the API shows the action and its trace:',
    ],
    commands: [
      'clawdeck',
      `curl -H "x-api-key: $KEY" '${baseUrl}/api/actions/${id}'`,
      `curl -H "x-api-key: $KEY" '${baseUrl}/api/actions/${id}/trace'`,
    ],
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
}
