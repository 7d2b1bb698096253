/** Matches any of these phrases as whole words, whatever the case and however wide the gaps. */
export function words(...phrases: string[]): RegExp {
  const patterns = phrases.map((p) =>
    p
      .split(' ')
      .map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('\\s+'),
  )
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${patterns.join('|')})(?![\\p{L}\\p{N}_])`, 'iu')
}

/** Paths that hold credentials. */
export const SECRETS =
  /(?:^|[\s/'"=:@])(?:\.env(?:\.(?!(?:example|sample|template|dist)\b)[\w-]+)?|\.ssh|\.aws|\.gnupg|\.kube|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.docker\/config\.json|id_(?:rsa|dsa|ecdsa|ed25519)|credentials?(?:\.\w+)?|secrets?(?:\.\w+)?|shadow|[\w.-]+\.(?:pem|p12|pfx|kdbx|key))(?=$|[\s/'":])/i
