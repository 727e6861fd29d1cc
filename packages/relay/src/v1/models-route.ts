import type { ModelList } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import { noSuchModel } from '../server/check-allowed.ts'
import type { RelayCore } from '../server/relay-core.ts'
import { requestIdHeaders } from '../server/request-id.ts'
import type { Route } from '../server/route.ts'
import { encodeV1Error, isAnthropic } from './encode-v1-error.ts'

/** `GET /v1/models`, in the words of Anthropic where the client speaks them, else in OpenAI's. */
export const modelsRoute: Route = {
  method: 'GET',
  path: '/v1/models',
  async handle({ request, caller, core }) {
    const names = await namesFor(core, caller)
    const data = names.map((name) => describe(request, name))
    const body = isAnthropic(request)
      ? { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null }
      : { object: 'list', data }
    return answer(request, body)
  },
  encodeError: encodeV1Error,
}

/** `GET /v1/models/:id`: one that the list has. */
export const modelRoute: Route = {
  method: 'GET',
  path: '/v1/models/:id*',
  async handle({ request, caller, core, id }) {
    const name = decoded(id)
    if (name === undefined || !(await namesFor(core, caller)).includes(name)) throw noSuchModel()
    return answer(request, describe(request, name))
  },
  encodeError: encodeV1Error,
}

function describe(request: Request, id: string): { [field: string]: unknown } {
  return isAnthropic(request)
    ? { type: 'model', id, display_name: id, created_at: epoch }
    : { id, object: 'model', created: 0, owned_by: 'relay' }
}

function answer(request: Request, body: unknown): Response {
  const headers = { 'cache-control': 'private, no-cache', ...requestIdHeaders(request) }
  return Response.json(body, { headers })
}

/** When they were made, nobody says. */
const epoch = '1970-01-01T00:00:00Z'

function decoded(id: string): string | undefined {
  try {
    return decodeURIComponent(id)
  } catch {
    return undefined
  }
}

/** Milliseconds for which a list is not asked for again. */
const fresh = 300_000

/** The same for one that lacks a provider's: no client makes the relay ask on and on. */
const incomplete = 10_000

interface Listed {
  list: Promise<ModelList>
  until: number
}

const listed = new WeakMap<RelayCore, Listed>()

/** The names that this caller may ask for: those that are listed, and those that the options name in full. */
async function namesFor(core: RelayCore, caller: Caller): Promise<string[]> {
  const { models, failures } = await listOf(core)
  const isSingle = core.gateway.providers.length === 1
  const names = models.map(({ provider, id }) => {
    const full = `${provider}:${id}`
    return isSingle || !core.allowsModel(caller, full) ? id : full
  })
  const written = [...(core.models ?? []), ...(caller.models ?? [])].filter(
    (pattern) => !pattern.includes('*'),
  )
  const allowed = new Set([...names, ...written].filter((name) => core.allowsModel(caller, name)))
  if (allowed.size === 0 && failures[0]) throw failures[0]
  return [...allowed]
}

function listOf(core: RelayCore): Promise<ModelList> {
  const known = listed.get(core)
  if (known && known.until > Date.now()) return known.list
  const asked: Listed = { list: core.listModels(), until: Date.now() + fresh }
  listed.set(core, asked)
  const shorten = (): void => {
    asked.until = Math.min(asked.until, Date.now() + incomplete)
  }
  asked.list.then(({ failures }) => failures[0] && shorten(), shorten)
  return asked.list
}
