/** Whether an expression repeats something without a bound. */
export function isUnbounded({ source }: RegExp): boolean {
  const bare = source.replace(/\\./g, '').replace(/\[[^\]]*\]/g, 'c')
  return /[*+]|\{\d+,\}/.test(bare)
}

/** Texts of a length that are to cost as much as possible: fragments over and over. */
export const FRAGMENTS = [
  'a',
  ' ',
  '\n',
  'sk-',
  'sk-ant-',
  'eyJ',
  'eyJaaaaa.',
  'eyJaaaaa.bbbbb.',
  'password="',
  "password='",
  'password="\'pwd=\'"',
  'password="abc\n',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----a-b',
  'api_key = ',
  'bearer            ',
  'postgres://',
  '[REDACTED:jwt]',
  '[REDACTED:',
  'ignore all the your previous ',
  'ignore all ',
  'from now on, you ',
  '\\x41',
  '<|',
  'IMPORTANT',
  '\u200b',
  'ｉｇｎｏｒｅ ',
] as const
