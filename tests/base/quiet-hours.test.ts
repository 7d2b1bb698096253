import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHeldBack, quietHoursOf } from '../../src/base/quiet-hours.ts'

/** A local time of one day. */
const at = (hour: number, minute = 0) => new Date(2026, 0, 15, hour, minute).getTime()

test('quiet hours may go over midnight; nonsense means none', () => {
  const night = quietHoursOf('22:30-07:00')
  const times = [at(22, 29), at(22, 30), at(0), at(6, 59), at(7)]
  expect(times.map(night.isQuiet)).toEqual([false, true, true, true, false])
  const day = quietHoursOf('9-17')
  expect([8, 9, 16, 17].map((hour) => day.isQuiet(at(hour)))).toEqual([false, true, true, false])
  for (const none of ['soon', '', null, undefined]) {
    expect(quietHoursOf(none).isQuiet(at(3))).toBe(false)
    expect(quietHoursOf(none).endsAt(at(3))).toBeUndefined()
  }
})

test('they end at their end, today or tomorrow', () => {
  const night = quietHoursOf('22:00-07:00')
  expect(night.endsAt(at(23))).toBe(at(24 + 7))
  expect(night.endsAt(at(3))).toBe(at(7))
  expect(night.endsAt(at(12))).toBeUndefined()
})

const minutes = fc.integer({ min: 0, max: 1439 })
const text = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

test('every quiet time has an end within a day, and it is quiet until then', () => {
  fc.assert(
    fc.property(minutes, minutes, minutes, (from, to, now) => {
      const hours = quietHoursOf(`${text(from)}-${text(to)}`)
      const time = at(0, now)
      const end = hours.endsAt(time)
      expect(end !== undefined).toBe(hours.isQuiet(time))
      if (end === undefined) return
      expect(end).toBeGreaterThan(time)
      expect(end - time).toBeLessThanOrEqual(25 * 3_600_000)
      expect(hours.isQuiet(end - 60_000)).toBe(true)
      expect(hours.isQuiet(end)).toBe(from === to)
    }),
  )
})

test('what is urgent is never held back, and nothing is outside of quiet hours', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 101 }),
      minutes,
      (risk, urgentRisk, now) => {
        const hours = quietHoursOf('22-7')
        expect(isHeldBack({ hours, urgentRisk }, risk, at(0, now))).toBe(
          risk < urgentRisk && hours.isQuiet(at(0, now)),
        )
      },
    ),
  )
})
