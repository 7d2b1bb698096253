/** Hours in which nobody is to be disturbed, by the local time of this machine. */
export interface QuietHours {
  isQuiet(at: number): boolean
  /** When the quiet hours that this time is in will end; undefined outside of them. */
  endsAt(at: number): number | undefined
}

const HOURS = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/

/** Reads `22:00-07:00` or `22-7`. Any other text means that there are none. */
export function quietHoursOf(text: string | null | undefined): QuietHours {
  const match = HOURS.exec(text ?? '')
  if (match === null) return { isQuiet: () => false, endsAt: () => undefined }
  const from = Number(match[1]) * 60 + Number(match[2] ?? 0)
  const to = Number(match[3]) * 60 + Number(match[4] ?? 0)
  const isQuiet = (at: number): boolean => {
    const minute = minuteOfDay(new Date(at))
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to
  }
  return { isQuiet, endsAt: (at) => (isQuiet(at) ? nextTime(at, to) : undefined) }
}

/** From this risk on a question disturbs in quiet hours too, unless settings say otherwise. */
export const URGENT_RISK = 70

/** Whether a question of this risk waits for the end of quiet hours. */
export function isHeldBack(
  { hours, urgentRisk }: { hours: QuietHours; urgentRisk: number },
  risk: number,
  at: number,
): boolean {
  return risk < urgentRisk && hours.isQuiet(at)
}

function nextTime(after: number, minute: number): number {
  const time = new Date(after)
  time.setHours(0, minute, 0, 0)
  if (time.getTime() <= after) time.setDate(time.getDate() + 1)
  return time.getTime()
}

function minuteOfDay(time: Date): number {
  return time.getHours() * 60 + time.getMinutes()
}
