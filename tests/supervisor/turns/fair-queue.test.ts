import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue } from '../../../src/supervisor/turns/fair-queue.ts'

/** Serves everything that waits, each item taking what `costs` says, and returns the order. */
function serve(queue: FairQueue<string>, costs: Record<string, number>): string {
  const order: string[] = []
  for (let turn = queue.next(); turn !== undefined; turn = queue.next()) {
    order.push(turn.item)
    queue.charge(turn.agent, costs[turn.agent] ?? 1)
  }
  return order.join(' ')
}

describe('whose turn is next', () => {
  it.each<[string, string[], Record<string, number>, string]>([
    ['one agent keeps its order', ['a1', 'a2', 'a3'], {}, 'a1 a2 a3'],
    ['equal agents alternate', ['a1', 'a2', 'a3', 'b1', 'b2'], {}, 'a1 b1 a2 b2 a3'],
    ['the costly one comes seldom', ['a1', 'a2', 'b1', 'b2', 'b3'], { a: 10 }, 'a1 b1 b2 b3 a2'],
    [
      'whoever costs twice as much comes half as often',
      ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4'],
      { a: 2 },
      'a1 b1 b2 a2 b3 b4 a3',
    ],
    ['three agents', ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], {}, 'a1 b1 c1 a2 c2 a3'],
  ])('%s', (_, items, costs, order) => {
    const queue = new FairQueue<string>(9)
    for (const item of items) expect(queue.push(item[0] ?? '', item)).toBe(true)
    expect(serve(queue, costs)).toBe(order)
    expect(queue.size).toBe(0)
  })

  it('is not decided by time that was saved up while away', () => {
    const queue = new FairQueue<string>(9)
    queue.push('b', 'b0')
    expect(serve(queue, {})).toBe('b0')
    queue.push('a', 'a0')
    expect(serve(queue, { a: 100 })).toBe('a0')
    for (const item of ['a1', 'a2', 'b1', 'b2', 'b3']) queue.push(item[0] ?? '', item)
    // A begins 100 behind the time of b: what b did not use before counts for nothing.
    expect(serve(queue, {}).startsWith('b1')).toBe(true)
    for (const item of ['b4', 'a3']) queue.push(item[0] ?? '', item)
    expect(serve(queue, {})).toBe('b4 a3')
  })

  it('refuses an agent more than may wait, and nobody else', () => {
    const queue = new FairQueue<string>(2)
    expect(['a1', 'a2', 'a3'].map((item) => queue.push('a', item))).toEqual([true, true, false])
    expect(queue.push('b', 'b1')).toBe(true)
    expect(queue.size).toBe(3)
    queue.next()
    expect(queue.push('a', 'a4')).toBe(true)
  })

  it('remembers who is ahead, and forgets who is not', () => {
    const queue = new FairQueue<string>(9)
    for (const item of ['a1', 'b1']) queue.push(item[0] ?? '', item)
    expect(serve(queue, { a: 50 })).toBe('a1 b1')
    queue.prune()
    for (const item of ['a2', 'b2', 'b3']) queue.push(item[0] ?? '', item)
    expect(serve(queue, {})).toBe('b2 b3 a2')
  })
})

const agent = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  fc.record({ push: agent, cost: fc.integer({ min: 1, max: 50 }) }),
  fc.constant({ serve: true as const }),
)

describe('for all agents and costs', () => {
  it('keeps the order within an agent, loses nothing, and lets nobody wait beyond its share', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new FairQueue<{ id: number; cost: number }>(500)
        const waiting = new Map<string, number[]>()
        /** Per agent, how often each other one was served since its oldest item came first. */
        const overtaken = new Map<string, Map<string, number>>()
        const serveOne = (): void => {
          const turn = queue.next()
          if (turn === undefined) return
          queue.charge(turn.agent, turn.item.cost)
          expect(waiting.get(turn.agent)?.shift()).toBe(turn.item.id)
          overtaken.delete(turn.agent)
          for (const [other, ids] of waiting) {
            if (ids.length === 0 || other === turn.agent) continue
            const counts = overtaken.get(other) ?? new Map<string, number>()
            overtaken.set(
              other,
              counts.set(turn.agent, (counts.get(turn.agent) ?? 0) + turn.item.cost),
            )
          }
          // While an agent waits, another is served for at most the longest item beyond its own.
          for (const counts of overtaken.values())
            for (const ms of counts.values()) expect(ms).toBeLessThanOrEqual(100)
        }
        steps.forEach((one, id) => {
          if ('serve' in one) return serveOne()
          queue.push(one.push, { id, cost: one.cost })
          waiting.set(one.push, [...(waiting.get(one.push) ?? []), id])
        })
        while (queue.size > 0) serveOne()
        expect([...waiting.values()].flat()).toEqual([])
      }),
    )
  })

  it('spends the same time on agents that always wait, up to one item', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 300, maxLength: 300 }),
        (costs) => {
          const queue = new FairQueue<number>(1000)
          costs.forEach((cost, i) => queue.push(`agent ${i % 3}`, cost))
          const spent = new Map<string, number>()
          for (let turn = 0; turn < 90; turn++) {
            const next = queue.next()
            if (next === undefined) break
            queue.charge(next.agent, next.item)
            spent.set(next.agent, (spent.get(next.agent) ?? 0) + next.item)
          }
          const all = [...spent.values()]
          expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(50)
        },
      ),
    )
  })
})
