/** By what a browser says of it, what is not the page of this machine's own server. */
export const strangers: readonly (readonly [string, { readonly [name: string]: string }])[] = [
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ['an address that was typed', { 'sec-fetch-site': 'none' }],
  ['a name that was rebound to this machine', { host: 'evil.example:5173' }],
  ['a name that begins like it', { host: 'localhost.evil.example' }],
]
