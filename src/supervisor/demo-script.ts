import type { LeaseTerms } from '../domain/approvals/types.ts'
import type { OperatorPolicy } from '../domain/policy/types.ts'

/** Something an agent of the demo comes to want. */
export interface Idea { thought: string; question: Record<string, unknown>; done: string }

export interface DemoAgent { name: string; template: string; starts: boolean; mebibytes: number; ideas: readonly Idea[] }

const exec = (command: string, thought: string, done: string, more: Record<string, unknown> = {}): Idea => ({ thought, done, question: { type: 'exec', target: command, argv: command.split(' '), cwd: '/workspace', ...more } })
const net = (target: string, thought: string, done: string): Idea => ({ thought, done, question: { type: 'net', target } })
const file = (target: string, thought: string, done: string): Idea => ({ thought, done, question: { type: 'file', target } })

export const DEMO_POLICIES: readonly Omit<OperatorPolicy, 'id'>[] = [
  { effect: 'allow', type: 'exec', target: 'git status*', reason: 'reading is fine' },
  { effect: 'allow', type: 'exec', target: 'npm test*', reason: 'tests may always run' },
  { effect: 'warn', type: 'file', target: 'write docs/*', reason: 'documentation is reviewed later' },
  { effect: 'block', type: 'net', target: '*169.254.169.254*', reason: 'nobody needs the metadata service' },
]

export interface DemoPast { agent: string; question: Record<string, unknown>; allow: boolean; note: string; lease?: LeaseTerms }

const push = { type: 'exec', target: 'git push origin main', argv: ['git', 'push', 'origin', 'main'], cwd: '/workspace', reversible: false, systems: ['production'] }

/** What was decided before anyone looked, so that there is a past to compare with. */
export const DEMO_PAST: readonly DemoPast[] = [
  { agent: 'backend', question: push, allow: true, note: 'reviewed, go ahead' },
  { agent: 'backend', question: push, allow: true, note: 'same branch as before' },
  { agent: 'backend', question: push, allow: false, note: 'the build is red, fix it first' },
  { agent: 'ops', question: { type: 'exec', target: 'kubectl get pods -n prod', argv: ['kubectl', 'get', 'pods', '-n', 'prod'] }, allow: true, note: 'looking is fine', lease: { target: 'kubectl get *', uses: 50, minutes: 240 } },
]

export const DEMO_FLEET: readonly DemoAgent[] = [
  {
    name: 'backend', template: 'coder', starts: true, mebibytes: 212, ideas: [
      exec('git push origin main', 'the fix is green, time to push', 'pushed 2 commits to main', { reversible: false, systems: ['production'], goal: 'ship the login fix' }),
      exec('git status --short', 'what did I change?', 'three files changed'),
      exec('npm test -- login', 'run the tests before I push', '42 passed'),
      exec('npm install zod@4', 'a schema would make this safe', 'added 1 package', { goal: 'validate input' }),
    ],
  },
  {
    name: 'scout', template: 'security', starts: true, mebibytes: 64, ideas: [
      net('POST https://api.stripe.com/v1/refunds', 'reproduce the refund report', 'the API answered 200'),
      exec('nmap -sV staging.internal', 'which services are open on staging?', '4 ports open', { systems: ['staging'] }),
      net('http://169.254.169.254/latest/meta-data', 'are cloud credentials reachable?', 'no answer'),
    ],
  },
  {
    name: 'reviewer', template: 'reviewer', starts: true, mebibytes: 48, ideas: [
      exec('git log --oneline -20', 'read the history of this change', '20 commits read'),
      file('write docs/plan.md', 'note down the review plan', 'docs/plan.md written'),
    ],
  },
  {
    name: 'ops', template: 'devops', starts: true, mebibytes: 97, ideas: [
      exec('kubectl rollout restart deploy/api -n prod', 'pods of api leak memory, restart them', 'deployment restarted', { reversible: true, systems: ['production'], goal: 'stop the memory growth' }),
      exec('terraform plan -out tf.plan', 'what would the change do?', 'plan: 1 to add, 0 to destroy'),
      exec('terraform destroy -auto-approve', 'clean up the old workspace', 'destroyed', { reversible: false, systems: ['production', 'database'] }),
    ],
  },
  { name: 'archivist', template: 'reviewer', starts: false, mebibytes: 30, ideas: [] },
]
