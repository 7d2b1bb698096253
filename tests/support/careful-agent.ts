import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shipped } from '../../src/config/data.ts'
import type { TestAgent, TestDeck } from './deck.ts'

/** A running agent whose template leaves to two people what a person decides. */
export async function carefulAgent(deck: TestDeck, name: string): Promise<TestAgent> {
  const text = readFileSync(join(shipped('templates'), 'coder.yaml'), 'utf8')
  mkdirSync(deck.home.templates, { recursive: true })
  writeFileSync(
    join(deck.home.templates, 'careful.yaml'),
    text
      .replace('name: coder', 'name: careful')
      .replace('maxAutoRisk: 40', 'maxAutoRisk: 40\n  people: 2')
      .replace("- { type: message, target: '*' }", "- { type: message, target: '*', people: 3 }"),
  )
  return deck.agent(name, 'careful')
}
