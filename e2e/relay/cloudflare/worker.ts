// A relay as a Worker, whose objects can be looked into, and evicted.
import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import type { LogEntry, RelayOptions, RequestContext } from '@ratatoskr/relay'
import {
  durableObjectContinuationStore,
  durableObjectHost,
  durableObjectLimiter,
  relayObject,
  relayWorker,
  type ObjectNamespace,
  type ObjectState,
  type SqlValue,
} from '@ratatoskr/relay/cloudflare'

interface Env {
  readonly RELAY: ObjectNamespace
  /** The provider's address. */
  readonly UPSTREAM: string
  readonly OPTIONS: Partial<RelayOptions>
}

/** What workerd has besides what the relay uses. */
interface FullState {
  abort(reason: string): void
  readonly storage: Omit<ObjectState['storage'], 'sql'> & {
    getAlarm(): Promise<number | null>
    readonly sql: { exec(query: string, ...bindings: SqlValue[]): Cursor }
  }
}
interface Cursor {
  toArray(): { [column: string]: SqlValue }[]
  readonly rowsWritten: number
}

const entries: LogEntry[] = []
const usages: unknown[] = []
/** Of all objects of this isolate. */
const billed = { requests: 0, alarms: 0, rowsWritten: 0 }

const options = (env: Env): RelayOptions => ({
  gateway: createGateway({
    retry: false,
    providers: [
      openaiCompatible({
        name: 'upstream',
        baseURL: `${env.UPSTREAM}/v1`,
        apiKey: 'sk-upstream-0123456789',
      }),
    ],
  }),
  authorize({ headers }) {
    const [, id] = /^Bearer (\w+)$/.exec(headers.get('authorization') ?? '') ?? []
    return id === undefined ? undefined : { id }
  },
  signingKey: 'the-key-of-a-test-0123456789',
  host: durableObjectHost(env.RELAY),
  limiter: durableObjectLimiter(env.RELAY),
  continuationStore: durableObjectContinuationStore(env.RELAY),
  log: (entry) => entries.push(entry),
  onUsage: (caller, report) => usages.push([caller.id, report.usage.completionTokens]),
  ...env.OPTIONS,
})

export class Relay extends relayObject(options) {
  readonly #state: FullState

  constructor(state: FullState, env: Env) {
    super(counting(state), env)
    this.#state = state
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const { storage } = this.#state
    if (pathname === '/test/evict') this.#state.abort('evicted by a test')
    if (pathname !== '/test/storage') {
      billed.requests += 1
      return super.fetch(request)
    }
    const query =
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'"
    const tables: { [name: string]: unknown } = {}
    for (const { name } of storage.sql.exec(query).toArray()) {
      if (typeof name === 'string') {
        tables[name] = storage.sql.exec(`SELECT * FROM ${name}`).toArray()
      }
    }
    return Response.json({ alarm: await storage.getAlarm(), tables })
  }

  override alarm(): Promise<void> {
    billed.alarms += 1
    return super.alarm()
  }
}

/** Counts what an object writes. */
function counting({ storage }: FullState): ObjectState {
  return {
    storage: {
      sql: {
        exec(query, ...bindings) {
          const cursor = storage.sql.exec(query, ...bindings)
          const rows = cursor.toArray()
          billed.rowsWritten += cursor.rowsWritten
          return { toArray: () => rows }
        },
      },
      setAlarm(time) {
        billed.rowsWritten += 1
        return storage.setAlarm(time)
      },
      deleteAlarm: () => storage.deleteAlarm(),
      deleteAll: () => storage.deleteAll(),
    },
  }
}

const worker = relayWorker(options)

export default {
  async fetch(request: Request, env: Env, context: RequestContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (!pathname.startsWith('/test/')) return worker.fetch(request, env, context)
    if (pathname === '/test/seen') return Response.json({ entries, usages, billed })
    if (pathname === '/test/store') {
      const asked = (await request.json()) as {
        put?: string
        keys?: string[]
        keptMs?: number
        get?: string
      }
      const { put, keys = [], keptMs = 60_000, get = '' } = asked
      const store = durableObjectContinuationStore(env.RELAY, { keptMs })
      if (put !== undefined) await store.put('ann', keys, put)
      return Response.json((await store.get('ann', get)) ?? null)
    }
    const stub = env.RELAY.get(env.RELAY.idFromName(searchParams.get('name') ?? ''))
    try {
      return await stub.fetch(`https://relay${pathname}`)
    } catch (error) {
      return new Response(String(error))
    }
  },
}
