import { describe, expect, it } from 'vitest'
import { Descriptors } from '../../src/supervisor/descriptors.ts'

/** Descriptors of a process that has opened so many itself, besides connections of agents. */
function descriptors(limit: number, own: number, connections = 0): Descriptors {
  let agents = 0
  const all = new Descriptors({ limit, open: () => own + agents, now: () => 0 })
  for (; agents < connections; agents++) all.opened()
  return all
}

describe('what agents may open together', () => {
  it.each([
    ['a quarter is kept, at least 32', 100, 40, 28],
    ['a quarter is kept', 1024, 40, 728],
    ['a quarter is kept, at most 512', 1_000_000, 40, 999_448],
    ['nothing when there is only the reserve', 100, 70, 0],
    ['no limit is known', Infinity, 40, Infinity],
  ])('%s', (_, limit, own, left) => {
    expect(descriptors(limit, own).forAgents()).toBe(left)
    expect(descriptors(limit, own, 20).forAgents()).toBe(left)
  })
})

describe('what one door may open', () => {
  it.each<[string, Descriptors, { doors: number; open: number }, number]>([
    ['everything when it is alone', descriptors(100, 40), { doors: 1, open: 0 }, 28],
    ['its share of several', descriptors(100, 40), { doors: 4, open: 0 }, 7],
    ['one even of very many', descriptors(100, 40), { doors: 400, open: 0 }, 1],
    ['what others left', descriptors(100, 40, 26), { doors: 2, open: 0 }, 2],
    ['no more when all is taken', descriptors(100, 40, 28), { doors: 400, open: 0 }, 0],
    ['nothing without descriptors', descriptors(100, 90), { doors: 1, open: 0 }, 0],
    ['as much as it wishes', descriptors(Infinity, 40, 99), { doors: 9, open: 5 }, Infinity],
  ])('%s', (_, all, { doors, open }, most) => {
    expect(all.forDoor(doors, open)).toBe(most)
  })

  it('counts connections that were closed as free again', () => {
    const all = new Descriptors({ limit: 100, open: () => 67, now: () => 0 })
    expect(all.forDoor(1, 0)).toBe(1)
    const closed = all.opened()
    expect(all.forDoor(400, 0)).toBe(0)
    closed()
    expect(all.forDoor(400, 0)).toBe(1)
  })

  it('reads the limit and the open files of this process', () => {
    const left = new Descriptors().forAgents()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(2 ** 31)
  })
})
