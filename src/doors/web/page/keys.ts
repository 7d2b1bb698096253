import { base64 } from './digest.ts'

/** The key of this phone, and what it is good for. */
export interface PhoneKey {
  keys: CryptoKeyPair
  /** The public half, as base64 of the SPKI DER. */
  spki: string
  /** The device that the deck trusts; undefined until the pairing is confirmed. */
  device?: string
  /** A pairing that waits for confirmation. */
  pending?: { id: string; token: string; code: string; expiresAt: number }
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

/** A new key. Its private half can be used here, and never be read. */
export async function makeKey(): Promise<PhoneKey> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  return { keys, spki: base64(await crypto.subtle.exportKey('spki', keys.publicKey)) }
}

/** Base64 of a signature over a text. */
export async function signWith({ keys }: PhoneKey, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text)
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  return base64(await crypto.subtle.sign(how, keys.privateKey, bytes))
}

export function loadKey(): Promise<PhoneKey | undefined> {
  return inStore('readonly', (store) => store.get(NAME) as IDBRequest<PhoneKey | undefined>)
}

export async function saveKey(key: PhoneKey): Promise<void> {
  await inStore('readwrite', (store) => store.put(key, NAME))
}

export async function forgetKey(): Promise<void> {
  await inStore('readwrite', (store) => store.delete(NAME))
}

const [DATABASE, STORE, NAME] = ['clawdeck', 'keys', 'phone']

async function inStore<T>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  const database = await result(opening)
  try {
    return await result(use(database.transaction(STORE, mode).objectStore(STORE)))
  } finally {
    database.close()
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'))
  })
}
