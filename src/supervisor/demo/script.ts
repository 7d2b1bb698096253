import type { ScopeName, WidthName } from '../../domain/rules/types.ts'
import type { OperatorPolicy } from '../../domain/policy/types.ts'
import type { LeaseTerms } from '../../domain/leases/types.ts'

/** What an agent of the demo asks for, with what it logs before and after. */
export interface Idea {
  thought: string
  question: Record<string, unknown>
  done: string
}

export interface DemoAgent {
  name: string
  template: string
  starts: boolean
  mebibytes: number
  /** What it asks for first. */
  first?: Idea
  ideas: readonly Idea[]
}

const exec = (
  command: string,
  thought: string,
  done: string,
  more: Record<string, unknown> = {},
): Idea => ({
  thought,
  done,
  question: { type: 'exec', target: command, argv: command.split(' '), cwd: '/workspace', ...more },
})
const net = (target: string, thought: string, done: string): Idea => ({
  thought,
  done,
  question: { type: 'net', target },
})
const file = (target: string, thought: string, done: string): Idea => ({
  thought,
  done,
  question: { type: 'file', target },
})

export const DEMO_POLICIES: readonly Omit<OperatorPolicy, 'id'>[] = [
  { effect: 'allow', type: 'exec', target: 'git status*', reason: 'reading is fine' },
  { effect: 'allow', type: 'exec', target: 'npm test*', reason: 'tests may always run' },
  {
    effect: 'warn',
    type: 'file',
    target: 'write docs/*',
    reason: 'documentation is reviewed later',
  },
  {
    effect: 'block',
    type: 'net',
    target: '*169.254.169.254*',
    reason: 'nobody needs the metadata service',
  },
]

/**
 * A question of the past and how it was decided, `times` times. `ends`: the result that the agent
 * reported. What a rule allows by then needs no decision.
 */
export interface DemoPast {
  agent: string
  question: Record<string, unknown>
  allow: boolean
  note: string
  lease?: LeaseTerms
  times?: number
  ends?: 'success' | 'failure'
  rule?: { width: WidthName; scope: ScopeName; days: number; decision: 'allow' | 'ask' }
}

const push = exec('git push origin main', '', '', {
  reversible: false,
  systems: ['production'],
}).question
const asked = (command: string) => exec(command, '', '').question
/** What is allowed several times, without a note. */
const routine = (command: string, times: number, ends: 'success' | 'failure'): DemoPast => ({
  agent: 'backend',
  question: asked(command),
  allow: true,
  note: '',
  times,
  ends,
})

/** What a colleague allows while the demo runs: the third approval, which confirms a rule. */
export const DEMO_LESSON = exec('docker compose pull', 'are there newer images?', '3 images pulled')

/**
 * What was decided before the demo begins, so that there are learned rules and a past to replay.
 */
export const DEMO_PAST: readonly DemoPast[] = [
  { agent: 'backend', question: push, allow: true, note: 'reviewed, go ahead' },
  { agent: 'backend', question: push, allow: true, note: 'same branch as before' },
  {
    agent: 'backend',
    question: push,
    allow: false,
    note: 'the build is red, fix it first',
    rule: { width: 'exact', scope: 'global', days: 30, decision: 'ask' },
  },
  {
    agent: 'ops',
    question: asked('kubectl get pods -n prod'),
    allow: true,
    note: 'looking is fine',
    lease: { target: 'kubectl get *', uses: 50, minutes: 240 },
  },
  routine('npm install zod@4', 3, 'success'),
  routine('pip install requests', 3, 'success'),
  routine('pip install requests', 2, 'failure'),
  {
    agent: 'backend',
    question: asked('git push origin feature/login'),
    allow: true,
    note: 'branches of features are yours',
    rule: { width: 'kind', scope: 'project', days: 7, decision: 'allow' },
  },
  routine('npm run build', 1, 'success'),
  routine('npm run typecheck', 3, 'success'),
  routine('npx prisma generate', 2, 'success'),
  {
    agent: 'ops',
    question: asked('systemctl status api'),
    allow: true,
    note: 'looking is fine',
    times: 1,
    ends: 'success',
    rule: { width: 'kind', scope: 'domain', days: 30, decision: 'allow' },
  },
  {
    agent: 'ops',
    question: DEMO_LESSON.question,
    allow: true,
    note: '',
    times: 2,
    ends: 'success',
  },
]

/** Its rule is archived, so that the archive is not empty. */
export const DEMO_ARCHIVED: DemoPast = {
  agent: 'backend',
  question: asked('npm run lint'),
  allow: true,
  note: '',
}

/** Advice as a project keeps it. Importing it makes a hint. */
export const DEMO_ADVICE = '# Agents\n\n## Operation Rules\n\n- Run the tests before you push.\n'

export const DEMO_FLEET: readonly DemoAgent[] = [
  {
    name: 'backend',
    template: 'coder',
    starts: true,
    mebibytes: 212,
    ideas: [
      exec('git push origin main', 'the fix is green, time to push', 'pushed 2 commits to main', {
        reversible: false,
        systems: ['production'],
        goal: 'ship the login fix',
      }),
      exec('git status --short', 'what did I change?', 'three files changed'),
      exec('npm test -- login', 'run the tests before I push', '42 passed'),
      exec('npm install zod@4', 'a schema would make this safe', 'added 1 package', {
        goal: 'validate input',
      }),
      exec('npm run build', 'does it still build?', 'built in 4 s'),
      exec('git push origin feature/login', 'share the branch', 'pushed 1 commit'),
    ],
  },
  {
    name: 'scout',
    template: 'security',
    starts: true,
    mebibytes: 64,
    ideas: [
      net(
        'POST https://api.stripe.com/v1/refunds',
        'reproduce the refund report',
        'the API answered 200',
      ),
      exec('nmap -sV staging.internal', 'which services are open on staging?', '4 ports open', {
        systems: ['staging'],
      }),
      net(
        'http://169.254.169.254/latest/meta-data',
        'are cloud credentials reachable?',
        'no answer',
      ),
    ],
  },
  {
    name: 'reviewer',
    template: 'reviewer',
    starts: true,
    mebibytes: 48,
    ideas: [
      exec('git log --oneline -20', 'read the history of this change', '20 commits read'),
      file('write docs/plan.md', 'note down the review plan', 'docs/plan.md written'),
    ],
  },
  {
    name: 'ops',
    template: 'devops',
    starts: true,
    mebibytes: 97,
    first: DEMO_LESSON,
    ideas: [
      DEMO_LESSON,
      exec(
        'kubectl rollout restart deploy/api -n prod',
        'pods of api leak memory, restart them',
        'deployment restarted',
        { reversible: true, systems: ['production'], goal: 'stop the memory growth' },
      ),
      exec(
        'terraform plan -out tf.plan',
        'what would the change do?',
        'plan: 1 to add, 0 to destroy',
      ),
      exec('terraform destroy -auto-approve', 'clean up the old workspace', 'destroyed', {
        reversible: false,
        systems: ['production', 'database'],
      }),
    ],
  },
  { name: 'archivist', template: 'reviewer', starts: false, mebibytes: 30, ideas: [] },
]
