/** Most open files, and most processes of the pods' user, unless the machine allows fewer. */
const MAX_RLIMIT = 16_384

/**
 * The resource limits of a pod's processes: at most our own hard limits, given as the text of
 * `/proc/self/limits`. The engine's defaults may be higher, and raising a limit requires
 * CAP_SYS_RESOURCE.
 */
export function processLimits(ownLimits: string): { type: string; soft: number; hard: number }[] {
  const hard = (name: string): number =>
    Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(ownLimits)?.[1] ?? MAX_RLIMIT)
  return [
    ['nofile', 'Max open files'],
    ['nproc', 'Max processes'],
  ].map(([type = '', name = '']) => {
    const limit = Math.min(hard(name), MAX_RLIMIT)
    return { type, soft: limit, hard: limit }
  })
}
