import { RatatoskrError } from 'ratatoskr'

/** Where the relay is, and who asks. */
export interface RelayAddress {
  /** With its base path: `https://relay.example.com`, or `/relay` on the page's own origin. */
  url: string
  /** Sent with each request. A function is called anew for each, also when it reconnects: a token may be another by then. */
  headers?:
    | { readonly [name: string]: string }
    | (() => { readonly [name: string]: string } | Promise<{ readonly [name: string]: string }>)
  /** `include` for a cookie on another origin. Default: the platform's, `same-origin`. */
  credentials?: RequestCredentials
  /** Used instead of the platform's `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** Sends requests to one relay. */
export interface Ask {
  /** The whole address of a path. */
  url(path: string): string
  /** What was given, made anew. */
  headers: () => Promise<{ readonly [name: string]: string }>
  /** The platform's, with the credentials that were given. */
  fetch(url: string, init: RequestInit): Promise<Response>
  /**
   * Asks below the relay's address. Rejects with code `configuration` where a header cannot be sent, else as `fetch`
   * does.
   */
  send(path: string, init: RequestInit & { headers?: Headers }): Promise<Response>
}

/** Makes an {@link Ask}. Throws with code `configuration` where there is no address. */
export function createAsk(address: RelayAddress): Ask {
  if (typeof address?.url !== 'string') {
    throw new RatatoskrError('configuration', 'url must be the address of the relay.')
  }
  const base = address.url.replace(/\/+$/, '')
  const { headers: given, credentials, fetch } = address
  const url = (path: string): string => base + path
  const headers = async (): Promise<{ readonly [name: string]: string }> =>
    (typeof given === 'function' ? await given() : given) ?? {}
  const own: Ask['fetch'] = (to, init) =>
    (fetch ?? globalThis.fetch)(to, { ...init, ...(credentials && { credentials }) })

  return {
    url,
    headers,
    fetch: own,
    async send(path, { headers: all = new Headers(), ...init }) {
      for (const [name, value] of Object.entries(await headers())) {
        try {
          all.set(name, value)
        } catch {
          // The platform's error holds the value, which may be a key.
          throw new RatatoskrError('configuration', `The header ${name} cannot be sent.`)
        }
      }
      return own(url(path), { ...init, headers: all })
    },
  }
}
