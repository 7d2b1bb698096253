import type { MethodsOf } from '../core/route.ts'
import { actionRoutes } from './actions.ts'
import { complianceRoutes } from './compliance.ts'
import { contextRoutes } from './context.ts'
import { driftRoutes } from './drift.ts'
import { evaluationRoutes } from './evaluations.ts'
import { evidenceRoutes } from './evidence.ts'
import { learningRoutes } from './learning.ts'
import { messageRoutes } from './messages.ts'
import { orgRoutes } from './orgs.ts'
import { preferenceRoutes } from './preferences.ts'
import { presenceRoutes } from './presence.ts'
import { promptRoutes } from './prompts.ts'
import { recordRoutes } from './records.ts'
import { taskRoutes } from './routing.ts'
import { scoringRoutes } from './scoring.ts'
import { securityRoutes } from './security.ts'
import { studioRoutes } from './studio.ts'

/** The rows of all tables. Written out, since rows are typed by names of their own files. */
export type ClientRoutes = typeof actionRoutes &
  typeof evidenceRoutes &
  typeof presenceRoutes &
  typeof learningRoutes &
  typeof scoringRoutes &
  typeof evaluationRoutes &
  typeof promptRoutes &
  typeof messageRoutes &
  typeof contextRoutes &
  typeof preferenceRoutes &
  typeof recordRoutes &
  typeof securityRoutes &
  typeof orgRoutes &
  typeof complianceRoutes &
  typeof driftRoutes &
  typeof taskRoutes &
  typeof studioRoutes

/** Every method that is one request. */
export const CLIENT_ROUTES: ClientRoutes = {
  ...actionRoutes,
  ...evidenceRoutes,
  ...presenceRoutes,
  ...learningRoutes,
  ...scoringRoutes,
  ...evaluationRoutes,
  ...promptRoutes,
  ...messageRoutes,
  ...contextRoutes,
  ...preferenceRoutes,
  ...recordRoutes,
  ...securityRoutes,
  ...orgRoutes,
  ...complianceRoutes,
  ...driftRoutes,
  ...taskRoutes,
  ...studioRoutes,
}

export type RouteMethods = MethodsOf<ClientRoutes>
