import { apiError, maxBody } from './dialects/api-error.ts'
import { isRatatoskrError, need, RatatoskrError } from './errors.ts'
import { fieldsOf, isRecord, textOf } from './json/shape.ts'
import type { Model, ModelCapability, ModelList } from './model.ts'
import type { ModelListing, Provider } from './provider.ts'
import { readText } from './transport/read-text.ts'
import { throwWithout } from './transport/throw-without.ts'
import { within } from './transport/within.ts'

type Json = { readonly [field: string]: unknown }

/** Milliseconds for one provider's whole list. */
const patience = 30_000

/** A list of all models that a provider has may be long: OpenRouter's has a Mi of characters. */
const longestList = 2 ** 25

/** Asks all providers that list their models, at once; those that cannot be asked are told. */
export async function listModels(
  providers: readonly Provider[],
  signal: AbortSignal | undefined,
): Promise<ModelList> {
  const failures: RatatoskrError[] = []
  const lists = await Promise.all(
    providers.map(async ({ name, listing }) => {
      if (!listing) return []
      try {
        return await ask(name, listing, signal)
      } catch (error) {
        signal?.throwIfAborted()
        const cause = isRatatoskrError(error)
          ? error
          : new RatatoskrError('network', `Cannot list the models of ${name}.`, { cause: error })
        cause.provider ??= name
        failures.push(cause)
        return []
      }
    }),
  )
  return { models: lists.flat(), failures }
}

async function ask(
  provider: string,
  listing: ModelListing,
  signal: AbortSignal | undefined,
): Promise<Model[]> {
  const { url, fetch = globalThis.fetch } = listing
  const headers = await listing.headers()
  const over = new AbortController()
  const late = (): never => {
    throw new RatatoskrError('timeout', `${provider} took over ${patience} ms to list its models.`)
  }
  try {
    const asked = fetch(url, { headers, signal: over.signal })
    const response = await within(asked, patience, late, signal)
    const body = await within(
      readText(response.body, longestList, patience),
      patience,
      late,
      signal,
    )
    const { status, ok } = response
    if (!ok) throw apiError({ provider, status, body: body.slice(0, maxBody) })
    return readModels(provider, body)
  } catch (error) {
    return throwWithout(headers, error)
  } finally {
    over.abort()
  }
}

/**
 * Reads a list in whatever format: they differ in the names of a few fields, and each name means
 * the same wherever it stands.
 */
function readModels(provider: string, body: string): Model[] {
  let sent: unknown
  try {
    sent = JSON.parse(body)
  } catch {}
  const { data, models, modelSummaries, result } = fieldsOf(sent)
  const list = [data, models, modelSummaries, result, sent].find(Array.isArray)
  need(list, 'protocol', `${provider} must answer with a list of models`)
  return [list ?? []]
    .flat()
    .filter(isRecord)
    .flatMap((model) => readModel(provider, model))
}

function readModel(provider: string, sent: Json): Model[] {
  // Cloudflare's ids mean nothing to those who run the model.
  const own = textOf(sent['name']).startsWith('@') ? sent['name'] : sent['id']
  const named = textOf(sent['modelId'] ?? own ?? sent['model'] ?? sent['name'])
  const id = named.replace(/^models\//, '')
  const methods = sent['supportedGenerationMethods']
  // Google's and Mistral's lists also have models that do not chat.
  const isOther = Array.isArray(methods) && !methods.includes('generateContent')
  if (!id || isOther || fieldsOf(sent['capabilities'])['completion_chat'] === false) return []
  const name = textOf(
    sent['display_name'] ?? sent['displayName'] ?? sent['modelName'] ?? sent['name'],
  )
  const contextWindow = firstNumber(
    sent['context_length'],
    sent['context_window'],
    sent['max_context_length'],
    sent['inputTokenLimit'],
    sent['max_input_tokens'],
    sent['max_model_len'],
    propertyOf(sent, 'context_window'),
  )
  const maxTokens = firstNumber(
    fieldsOf(sent['top_provider'])['max_completion_tokens'],
    sent['max_completion_tokens'],
    sent['outputTokenLimit'],
    sent['max_tokens'],
  )
  const price = readPrice(sent['pricing'])
  const capabilities = readCapabilities(sent)
  return [
    {
      id,
      provider,
      ...(name && name !== id && { name }),
      ...(contextWindow && { contextWindow }),
      ...(maxTokens && { maxTokens }),
      ...(price && { price }),
      ...(capabilities[0] && { capabilities }),
    },
  ]
}

function firstNumber(...values: readonly unknown[]): number | undefined {
  return values
    .map((value) => Number(value ?? Number.NaN))
    .find((value) => value > 0 && value < Infinity)
}

/** Cloudflare's properties are a list. */
function propertyOf({ properties }: Json, id: string): unknown {
  const found = [properties].flat().find((property) => fieldsOf(property)['property_id'] === id)
  return fieldsOf(found)['value']
}

/** OpenRouter tells dollars for one token, as texts; Together dollars for a million, as numbers. */
function readPrice(sent: unknown): Model['price'] | undefined {
  const { prompt, completion, input, output } = fieldsOf(sent)
  const read = (one: unknown, million: unknown): number | undefined => {
    const value = one === undefined ? Number(million ?? Number.NaN) : Number(one) * 1e6
    // Binary fractions: 0.0000003 times a million is not quite 0.3.
    return value >= 0 && value < Infinity ? Number(value.toPrecision(12)) : undefined
  }
  const [forPrompt, forCompletion] = [read(prompt, input), read(completion, output)]
  if ((forPrompt ?? forCompletion) === undefined) return undefined
  return {
    ...(forPrompt !== undefined && { prompt: forPrompt }),
    ...(forCompletion !== undefined && { completion: forCompletion }),
  }
}

const words: readonly (readonly [ModelCapability, RegExp])[] = [
  ['tools', /^(tools|function_calling|tool_use)$/i],
  ['reasoning', /^(reasoning|thinking)$/i],
  ['json_schema', /^(structured_outputs?|json_schema)$/i],
  ['image_input', /^(vision|image_input|in:image)$/i],
  ['file_input', /^(in:(file|pdf)|pdf_input)$/i],
  ['audio_input', /^(audio|in:audio)$/i],
  ['image_output', /^(out:image)$/i],
]

function readCapabilities(sent: Json): ModelCapability[] {
  const { architecture, capabilities, supported_parameters, features, thinking, properties } = sent
  const { input_modalities, output_modalities } = fieldsOf(architecture)
  const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : [])
  const flags = Object.entries(Array.isArray(capabilities) ? {} : fieldsOf(capabilities))
  const said = [
    ...list(capabilities),
    ...list(supported_parameters),
    ...list(features),
    // Anthropic's flags are objects that say whether they are supported.
    ...flags.flatMap(([name, value]) =>
      value === true || fieldsOf(value)['supported'] === true ? [name] : [],
    ),
    ...list(input_modalities ?? sent['inputModalities']).map((word) => `in:${word}`),
    ...list(output_modalities ?? sent['outputModalities']).map((word) => `out:${word}`),
    ...[properties ?? []].flat().flatMap((property) => {
      const { property_id, value } = fieldsOf(property)
      return value === 'true' || value === true ? [textOf(property_id)] : []
    }),
    ...(thinking === true ? ['thinking'] : []),
  ]
  return words.flatMap(([capability, pattern]) =>
    said.some((word) => pattern.test(word)) ? [capability] : [],
  )
}
