import { describe, expect, it } from 'vitest'
import { Turns } from '../../../src/supervisor/turns/turns.ts'

/** Turns with a clock that only work moves, and a loop that turns when it is told to. */
function bench() {
  let now = 0
  let due: (() => void)[] = []
  const done: string[] = []
  const turns = new Turns({ now: () => now, later: (work) => due.push(work) })
  const turn = async (): Promise<void> => {
    const works = due
    due = []
    for (const work of works) work()
    for (let i = 0; i < 9; i++) await Promise.resolve()
  }
  return {
    turns,
    done,
    /** Everything that was put off, once; and what follows from it. */
    turn,
    /** Turns until nothing is put off. */
    async settle(): Promise<void> {
      while (due.length > 0) await turn()
    },
    spend(ms: number): void {
      now += ms
    },
    /** An agent's question that takes so many milliseconds. */
    ask: (name: string, ms: number) =>
      turns.take(name[0] ?? '', async () => {
        now += ms
        done.push(name)
      }),
  }
}

describe('turns', () => {
  it('do the work at once when nobody waits', () => {
    const { ask, done } = bench()
    ask('a1', 1)
    expect(done).toEqual(['a1'])
  })

  it('do many cheap questions in one turn of the loop, and costly ones one by one', async () => {
    const one = bench()
    for (let i = 0; i < 9; i++) one.ask(`a${i}`, 0.01)
    await one.turn()
    expect(one.done.length).toBe(9)
    const other = bench()
    for (let i = 0; i < 4; i++) other.ask(`a${i}`, 30)
    expect(other.done.length).toBe(1)
    for (const count of [2, 3, 4]) {
      await other.turn()
      expect(other.done.length).toBe(count)
    }
  })

  it('go to the agent on which less time was spent', async () => {
    const { ask, done, settle } = bench()
    for (let i = 0; i < 5; i++) ask(`a${i}`, 100)
    for (let i = 0; i < 5; i++) ask(`b${i}`, 1)
    await settle()
    expect(done.join(' ')).toBe('a0 b0 b1 b2 b3 b4 a1 a2 a3 a4')
  })

  it('do a cheap question of another agent before the next turn, not all of them', async () => {
    const { ask, done, turn } = bench()
    for (const name of ['b0', 'c0']) ask(name, 0.1)
    await turn()
    for (let i = 0; i < 5; i++) ask(`a${i}`, 100)
    await turn()
    expect(done.join(' ')).toBe('b0 c0 a0 a1')
    for (let i = 1; i < 30; i++) ask(`b${i}`, 0.1)
    ask('a5', 100)
    expect(done.slice(0, 6).join(' ')).toBe('b0 c0 a0 a1 b1 b2')
    expect(done.length).toBeLessThan(20)
  })

  it('count what is done later as time of its agent', async () => {
    const { turns, ask, done, spend, turn, settle } = bench()
    const { promise, resolve } = Promise.withResolvers<() => void>()
    void turns.take('a', async () => {
      resolve(turns.timed(() => spend(100)))
      await turn()
    })
    const judge = await promise
    judge()
    await settle()
    ask('x0', 30)
    for (const name of ['a1', 'b1', 'b2', 'b3']) ask(name, 20)
    await settle()
    expect(done.join(' ')).toBe('x0 b1 b2 b3 a1')
  })

  it('refuse what an agent may not have waiting', async () => {
    const { ask, done, settle } = bench()
    ask('x', 30)
    const asked = Array.from({ length: 200 }, (_, i) => ask(`a${i}`, 1))
    expect(asked.filter((answer) => answer === undefined).length).toBe(200 - 128)
    expect(ask('b', 1)).toBeDefined()
    await settle()
    expect(done.length).toBe(1 + 128 + 1)
  })

  it('pass on what goes wrong, and go on', async () => {
    const { turns, ask, done } = bench()
    await expect(turns.take('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    ask('a1', 1)
    expect(done).toEqual(['a1'])
  })

  it('let operators go first, but not for ever', async () => {
    const { turns, ask, done, turn, settle } = bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    const listed = turns.first(() => promise)
    ask('a1', 1)
    for (let i = 0; i < 8; i++) {
      await turn()
      expect(done).toEqual([])
    }
    await turn()
    expect(done).toEqual(['a1'])
    ask('a2', 1)
    await turn()
    expect(done).toEqual(['a1'])
    resolve()
    await listed
    await settle()
    expect(done).toEqual(['a1', 'a2'])
  })

  it('do not wait for an operator who only watches, or who failed', () => {
    const { turns, ask, done } = bench()
    turns.first(() => ({ watch: true }))
    expect(() =>
      turns.first(() => {
        throw new Error('usage')
      }),
    ).toThrow('usage')
    ask('a1', 1)
    expect(done).toEqual(['a1'])
  })
})
