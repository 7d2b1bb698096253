import { describe, expect, test } from 'vitest'
import {
  compareRuns,
  hasConverged,
  trainingMonitor,
  hasPlateaued,
  fitSaturation,
} from '../../../src/clawpolicy/rl/optional/monitoring.ts'
import { eventFileName, tensorboardSink } from '../../../src/clawpolicy/rl/optional/tensorboard.ts'

describe('monitoring', () => {
  const watched = (
    values: readonly number[],
    sink?: Parameters<typeof trainingMonitor>[0]['sink'],
  ) => {
    const held = trainingMonitor({
      now: () => 1_700_000_000_000,
      ...(sink === undefined ? {} : { sink }),
    })
    values.forEach((value, step) => held.scalar('loss', value, step))
    return held
  }

  test('sums up a series', () => {
    expect(watched([1, 2, 3, NaN, 6]).summary('loss')).toEqual({
      count: 4,
      mean: 3,
      std: Math.sqrt(3.5),
      min: 1,
      max: 6,
      latest: 6,
      first: 1,
      improvement: 5,
    })
    expect(watched([]).summary('loss')).toBeUndefined()
    expect(JSON.parse(watched([0.5]).json())).toEqual({
      loss: [{ step: 0, value: 0.5, at: 1_700_000_000_000 }],
    })
  })

  test('keeps the latest', () => {
    const held = trainingMonitor({ now: () => 0, kept: 3 })
    for (let i = 0; i < 9; i++) held.scalar('x', i, i)
    expect(held.points('x').map(({ value }) => value)).toEqual([6, 7, 8])
  })

  test('compares runs, best first', () =>
    expect(
      compareRuns({ a: watched([1]), b: watched([2]), c: watched([]) }, 'loss').map(
        ({ run }) => run,
      ),
    ).toEqual(['b', 'a']))

  test('knows convergence and plateaus', () => {
    const still = Array.from({ length: 20 }, () => 0.5)
    expect([
      hasConverged(still),
      hasConverged(still.slice(11)),
      hasConverged([...still, 9]),
      hasPlateaued(still),
      hasPlateaued(still.slice(1)),
      hasPlateaued([...still, 0.6]),
    ]).toEqual([true, false, false, true, false, false])
  })

  test('fits the limit that values approach', () => {
    const fit = fitSaturation(
      Array.from({ length: 60 }, (_, step) => 0.9 - 0.5 * Math.exp(-0.1 * step)),
    )
    expect([fit?.limit, fit?.span, fit?.rate]).toEqual([
      expect.closeTo(0.9, 2),
      expect.closeTo(0.5, 2),
      expect.closeTo(0.1, 2),
    ])
    expect(fitSaturation([1, 2])).toBeUndefined()
  })

  test('writes records that TensorBoard can check', () => {
    const records: Uint8Array[] = []
    watched(
      [0.5],
      tensorboardSink((bytes) => {
        records.push(bytes)
      }, 1_700_000_000_000),
    )
    expect(
      records.map((bytes) => [bytes.length - 16, new DataView(bytes.buffer).getUint32(0, true)]),
    ).toEqual([
      [26, 26],
      [26, 26],
    ])
    expect(Buffer.from(records[0] as Uint8Array).toString('latin1')).toContain('brain.Event:2')
    expect(
      Buffer.from(records[1] as Uint8Array)
        .subarray(12, -4)
        .toString('hex'),
    ).toBe('0900000040fc54d941' + '1000' + '2a0d' + '0a0b' + '0a046c6f7373' + '150000003f')
    // The checksum of this length, as every event file of TensorBoard begins.
    const points: Uint8Array[] = []
    tensorboardSink((bytes) => points.push(bytes), 0)('lo', { step: 1, value: 0.5, at: 0 })
    expect(
      Buffer.from(points[1] as Uint8Array)
        .subarray(0, 12)
        .toString('hex'),
    ).toBe('1800000000000000a37f4b22')
    expect(eventFileName(1_700_000_000_000)).toBe('events.out.tfevents.1700000000.clawdeck')
  })
})
