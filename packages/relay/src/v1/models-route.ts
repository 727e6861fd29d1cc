import type { ModelList } from 'ratatoskr'
import * as anthropic from 'ratatoskr/dialects/anthropic'
import * as openaiChat from 'ratatoskr/dialects/openai-chat'
import type { Caller } from '../caller.ts'
import type { RelayCore } from '../server/relay-core.ts'
import type { Route } from '../server/route.ts'

/** `GET /v1/models`, in the words of Anthropic where the client speaks them, else in OpenAI's. */
export const modelsRoute: Route = {
  method: 'GET',
  path: '/v1/models',
  async handle({ request, caller, core }) {
    const names = await namesFor(core, caller)
    const body = isAnthropic(request)
      ? {
          data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: epoch })),
          has_more: false,
          first_id: names[0] ?? null,
          last_id: names.at(-1) ?? null,
        }
      : {
          object: 'list',
          data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'relay' })),
        }
    return Response.json(body, { headers: { 'cache-control': 'private, no-cache' } })
  },
  encodeError: (error, request) =>
    isAnthropic(request) ? anthropic.encodeError(error) : openaiChat.encodeError(error),
}

/** When they were made, nobody says. */
const epoch = '1970-01-01T00:00:00Z'

function isAnthropic({ headers }: Request): boolean {
  return headers.has('anthropic-version')
}

/** Milliseconds for which a list is not asked for again. */
const fresh = 300_000

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
  const list = core.listModels()
  const forget = (): void => {
    listed.delete(core)
  }
  listed.set(core, { list, until: Date.now() + fresh })
  // What failed is asked again.
  list.then(({ failures }) => failures[0] && forget(), forget)
  return list
}
