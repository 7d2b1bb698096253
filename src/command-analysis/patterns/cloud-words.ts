import type { Invocation } from '../invocation.ts'
import type { Command } from '../types.ts'

/** What a word does besides being one of its kind. */
export interface Danger {
  says: string
  /** How much of the word has to be spelled out. */
  literal: number
  usual?: boolean
}

/** Text in which something stands for what a file holds, or says where to write. */
export const SENT_FILE = /^[\w-]*@|%output\{|(?:^|=)fileb?:\/\//

/**
 * An address to get something from, or send it to: with a scheme, `name@host:`, `host:`, or with a
 * helper (`ext::`).
 */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/]*|\w+::|[^/\s]*@[^/\s]*:?|[^/\s:]+:)/i
/** How much of a text names a machine; 0 where none does. */
export function isAddress(text: string): number {
  return ADDRESS.exec(text)?.[0].length ?? 0
}

/** What changes something, or hands out what it should not. */
const ACTS =
  /^(?:access|add|approve|assign|attach|bind|browse|call|cancel|connect|cp|create|delete|decrypt|deploy|destroy|detach|disable|download|drop|enable|encrypt|execute|export|failover|grant|import|install|invoke|kill|lock|login|mb|move|mv|patch|pause|promote|proxy|publish|purge|rb|recreate|regenerate|reject|remove|renew|replace|reset|resize|restart|restore|resume|revoke|rm|rollback|rotate|rsync|run|scp|send|set|sign|signurl|ssh|start|stop|submit|suspend|swap|sync|tunnel|undelete|unlock|unset|update|upgrade|upload)(?:-|$)|^(?:get|print)-(?:credentials|access-token|identity-token)$/
/** What only looks. */
const LOOKS = /^(?:check|describe|exists|find|get|info|list|lookup|ls|read|search|show|tail)(?:-|$)/
/** Of what there are keys and passwords, these are what is shown. */
const SECRET =
  /^(?:(?:list-)?keys?|credentials?|secrets?|tokens?|passwords?|(?:list-)?connection-strings?|list-publishing-.*)$/
/** How many words there are of a cloud's command, at most, before those that name things. */
const MOST_VERBS = 5

/** A command of a cloud is known by the word among its first that says what is done. */
export function ofCloudWord(text: string, { invocation }: Command): Danger | undefined {
  if (SECRET.test(text) && firstWords(invocation).includes(text))
    return { says: 'holds secrets', literal: text.length }
  const says = 'changes what there is, or reaches elsewhere'
  if (ACTS.test(text) || SENT_FILE.test(text)) return { says, literal: text.length }
  const known = clear.get(invocation) ?? firstWords(invocation).some(isKnown)
  clear.set(invocation, known)
  if (!known) return { says, literal: text.length }
  const literal = isAddress(text)
  return literal === 0 ? undefined : { says: 'reaches elsewhere', literal }
}

/** Whether it is known of a command what it does. */
const clear = new WeakMap<Invocation, boolean>()

function firstWords({ operands }: Invocation): string[] {
  return operands.slice(0, MOST_VERBS).map(({ word }) => word.text ?? '')
}

function isKnown(word: string): boolean {
  return LOOKS.test(word) || ACTS.test(word)
}

/** Goals of other plugins fetch them, and do what nobody knows. */
const PLAIN_PLUGIN =
  /^(?:dependency:(?:tree|analyze|list|resolve)|help:(?:describe|effective-pom|active-profiles|help)|versions:display-[\w-]+|spotless:(?:check|apply)|checkstyle:check|spotbugs:check|pmd:check|compiler:\w+|resources:\w+|surefire:test|failsafe:[\w-]+|jacoco:(?:report|check|prepare-agent)|jar:jar|formatter:\w+|enforcer:enforce|clean:clean|license:check)$/
const ODD_GOAL = /:.*:|^(?:exec|antrun|release|wagon)\b|\b(?:deploy|publish)/i

/** What is to be done; for Maven a colon stands between a plugin and what it does. */
export function ofGoal(text: string, { invocation: { name } }: Command): Danger | undefined {
  const isOdd =
    ODD_GOAL.test(text) || (name === 'mvn' && text.includes(':') && !PLAIN_PLUGIN.test(text))
  return isOdd ? { says: 'runs a plugin or publishes', literal: text.length } : undefined
}
