import * as z from 'zod'
import { Fault } from '../../base/fault.ts'

/** The parts of the engine's answers that we use. Every answer is checked against these. */
export const InfoAnswer = z.object({
  host: z.object({
    cgroupVersion: z.string().default(''),
    cgroupControllers: z
      .array(z.string())
      .nullish()
      .transform((list) => list ?? []),
    hostname: z.string().default(''),
    kernel: z.string().default(''),
    os: z.string().default('linux'),
    idMappings: z
      .object({
        uidmap: z.array(z.object({ container_id: z.number(), host_id: z.number() })).nullish(),
        gidmap: z.array(z.object({ container_id: z.number(), host_id: z.number() })).nullish(),
      })
      .nullish(),
    security: z.object({ rootless: z.boolean(), seccompEnabled: z.boolean().default(false) }),
  }),
  version: z.object({ Version: z.string() }),
})

export const ContainerAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ConmonPid: z.number().default(0),
    ExitCode: z.number(),
    StartedAt: z.string(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z
    .object({ LogConfig: z.object({ Path: z.string().default('') }).nullish() })
    .nullish(),
})

export type ContainerAnswer = z.infer<typeof ContainerAnswer>

export const ListAnswer = z
  .array(
    z.object({
      Id: z.string(),
      Names: z
        .array(z.string())
        .nullish()
        .transform((list) => list ?? []),
      ImageID: z.string().default(''),
      State: z.string(),
      Pid: z.number().default(0),
      ExitCode: z.number().default(0),
      StartedAt: z.number().default(0),
      Labels: z
        .record(z.string(), z.string())
        .nullish()
        .transform((labels) => labels ?? {}),
    }),
  )
  .nullish()
  .transform((list) => list ?? [])
export type ListedContainer = z.infer<typeof ListAnswer>[number]

export const IdAnswer = z.object({ Id: z.string() })
export const ExecAnswer = z.object({
  Pid: z.number().default(0),
  Running: z.boolean(),
  ExitCode: z.number(),
})
export const ImageAnswer = z.object({ Id: z.string() })
export const BuildLine = z.object({ stream: z.string().optional(), error: z.string().optional() })
export const EventLine = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
})

/** Checks an answer. Fault `backend.failed` when it has another shape. */
export function expect<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new Fault(
    'backend.failed',
    `This version of clawdeck does not understand Podman's answer about ${what}`,
    { cause: parsed.error, hint: 'Podman 4.3 or newer is required.' },
  )
}
