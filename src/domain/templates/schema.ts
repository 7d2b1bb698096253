import * as z from 'zod'
import { parsedAddress, whyNotPublic } from '../egress/matching/addresses.ts'
import { egressMatchFields } from '../egress/schema.ts'
import { peopleFields } from '../operators/people/schema.ts'
import type { Template } from './types.ts'
import { refuseUnsafe } from './unsafe.ts'

const Line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'this must be one line of plain text')

const TemplateName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    'a template name has 1 to 32 of a–z, 0–9 and -, and begins with a letter',
  )

const Image = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9][a-z0-9._/:@-]*$/,
    'this must be an image reference, such as localhost/clawdeck-agent:latest',
  )

const ActionType = z
  .string()
  .regex(
    /^(\*|[a-z][a-z0-9_.-]{0,31})$/,
    'an action type is *, exec, net, file, tool, spend, message, or a name of a–z, 0–9, _, . and -',
  )

const patternFields = {
  type: ActionType,
  target: Line(4096).min(1),
  reason: Line(500).exactOptional(),
}
const Pattern = z.strictObject(patternFields)
const Ask = z.strictObject({ ...patternFields, ...peopleFields })

const Guard = z.strictObject({
  types: z.array(ActionType).max(64),
  block: z.array(Pattern).max(256).default([]),
  ask: z.array(Ask).max(256).default([]),
  allow: z.array(Pattern).max(256).default([]),
  maxAutoRisk: z.number().int().min(0).max(100),
  ...peopleFields,
})

/**
 * Programs that the pod itself needs: a wrapper in their place would break the guard, or call
 * itself.
 */
const NOT_GATED = new Set(['sh', 'guard', 'deck-init', 'busybox', 'env', 'exec', '.', '..'])
const GATED = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}( [A-Za-z0-9@_.+:=-]{1,64}){0,3}$/

const Gated = z
  .string()
  .regex(GATED, 'a gated command is 1 to 4 plain words, such as git push')
  .refine(
    (words) => !NOT_GATED.has(words.split(' ', 1)[0] as string),
    'the pod needs this command itself, so it cannot be gated',
  )

/** Variables that the deck sets, or that change which programs run. */
const RESERVED_ENV =
  /^(PATH|HOME|USER|SHELL|IFS|ENV|BASH_ENV|NODE_OPTIONS|NODE_PATH|LD_.*|OPENCLAW_.*|CLAWDECK_.*|(HTTPS?|ALL|NO)_PROXY|.*_PROXY)$/i
const SECRET_ENV = /(API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|PRIVATE_KEY)$/i

const EnvName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a variable has letters, digits and _')
  .refine(
    (name) => !RESERVED_ENV.test(name),
    'this variable is set by the deck, or changes which programs run',
  )
  .refine(
    (name) => !SECRET_ENV.test(name),
    'templates are copied, shown and signed, so they must not contain secrets',
  )

const HOST =
  /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+:([1-9][0-9]{0,4})$/
const INSIDE =
  /^(127\.|10\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|0\.)|(^|\.)(localhost|internal|local):/

const INSIDE_TEXT =
  'refused: pods never reach addresses of this machine, its network or cloud metadata'

const Destination = z
  .string()
  .max(260)
  .regex(
    HOST,
    'this must be host:port, such as registry.npmjs.org:443; a leading *. matches subdomains',
  )
  .refine(
    (host) => Number(host.slice(host.lastIndexOf(':') + 1)) <= 65_535,
    'a port is at most 65535',
  )
  .refine((host) => !INSIDE.test(host), INSIDE_TEXT)

/** An entry that says more: which methods and paths, or what is decided about it. */
const Way = z
  .strictObject({
    ...egressMatchFields,
    effect: z.enum(['allow', 'warn', 'ask', 'block']).exactOptional(),
    reason: Line(500).exactOptional(),
  })
  .superRefine(({ host, effect }, { addIssue }) => {
    const isInside = host !== '*' && (INSIDE.test(`${host}:`) || isNotPublic(host))
    if (isInside && effect !== 'block')
      addIssue({ code: 'custom', path: ['host'], message: INSIDE_TEXT })
    if (host === '*' && (effect === 'allow' || effect === 'warn'))
      addIssue({
        code: 'custom',
        path: ['effect'],
        message: 'refused: this would let everything out',
        params: { fix: 'Leave the effect out: then agents may ask for any host.' },
      })
  })

function isNotPublic(host: string): boolean {
  const [address = ''] = host.split('/')
  return parsedAddress(address) !== undefined && whyNotPublic(address, new Set()) !== undefined
}

const Egress = z.union([Destination, Way])

/** Tools that would let an agent change its own bounds. */
const FORBIDDEN_TOOLS = new Set([
  '*',
  'gateway',
  'plugins',
  'secrets',
  'terminal',
  'nodes',
  'group:plugins',
  'group:nodes',
  'group:automation',
])

const Tool = z
  .string()
  .regex(
    /^(\*|(group:)?[a-z][a-z0-9_-]{0,63})$/,
    'a tool is a name such as read, or a group such as group:fs',
  )
const AllowedTool = Tool.refine(
  (tool) => !FORBIDDEN_TOOLS.has(tool),
  'refused: with this tool an agent could change its own bounds',
)

const Exec = z
  .strictObject({
    mode: z.enum(['deny', 'allowlist', 'ask']).optional(),
    security: z.enum(['deny', 'allowlist']).optional(),
    ask: z.enum(['off', 'on-miss', 'always']).optional(),
    timeoutSeconds: z.number().int().min(1).max(86_400).optional(),
    safeBins: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'a safe program is a bare name'))
      .max(32)
      .optional(),
    applyPatch: z
      .strictObject({ enabled: z.boolean().optional(), workspaceOnly: z.literal(true).optional() })
      .optional(),
    strictInlineEval: z.literal(true).default(true),
  })
  .superRefine((exec, context) => {
    const pair = exec.security !== undefined || exec.ask !== undefined
    if (pair && exec.mode !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['mode'],
        message: 'mode cannot be combined with security and ask',
        params: { fix: 'Keep either mode, or security and ask.' },
      })
    if (pair && exec.security === undefined)
      context.addIssue({
        code: 'custom',
        path: ['ask'],
        message: 'ask requires security',
        params: { fix: 'Add security: allowlist (or deny).' },
      })
    if (!pair && exec.mode === undefined)
      context.addIssue({
        code: 'custom',
        path: [],
        message: 'without a mode OpenClaw would run every command without asking',
        params: { fix: 'Add mode: ask, allowlist or deny.' },
      })
  })

const Openclaw = z
  .strictObject({
    displayName: Line(64).min(1),
    tools: z.strictObject({
      allow: z.array(AllowedTool).min(1).max(64),
      deny: z.array(Tool).max(64).default([]),
    }),
    exec: Exec,
    web: z.boolean().default(false),
  })
  .superRefine(({ tools, web }, context) => {
    const fetches = tools.allow.findIndex((tool) => tool === 'web_fetch' || tool === 'group:web')
    if (fetches >= 0 && !web)
      context.addIssue({
        code: 'custom',
        path: ['tools', 'allow', fetches],
        message: 'this tool requires web: true',
        params: { fix: 'Set openclaw.web to true, or remove the tool.' },
      })
  })

const Limits = z.strictObject({
  memoryMiB: z.number().int().min(16).max(1_048_576).default(2048),
  cpus: z.number().min(0.05).max(256).default(2),
  pids: z.number().int().min(8).max(32_768).default(512),
  tmpMiB: z.number().int().min(1).max(65_536).default(256),
})

const Shape = z.strictObject({
  name: TemplateName,
  description: Line(300),
  image: Image.default('localhost/clawdeck-agent:latest'),
  runtime: z
    .strictObject({ argv: z.array(Line(4096).min(1)).min(1).max(64) })
    .default({ argv: ['/sbin/deck-init'] }),
  limits: Limits.default({ memoryMiB: 2048, cpus: 2, pids: 512, tmpMiB: 256 }),
  workspace: z.enum(['rw', 'ro']).default('ro'),
  env: z.record(EnvName, Line(4096)).default({}),
  guard: Guard,
  gated: z.array(Gated).max(128).default([]),
  egress: z.array(Egress).max(128).default([]),
  openclaw: Openclaw,
})

/**
 * Checks a template: first refuses dangerous settings with a reason, then checks every key and
 * value.
 */
export const TemplateSchema: z.ZodType<Template> = z.unknown().superRefine(refuseUnsafe).pipe(Shape)
