/**
 * How a host bends the format. Everything is data; what is left out means: as OpenAI describes it,
 * and every option is understood.
 */
export interface OpenAIChatProfile {
  /** The field in which the host wants the shown reasoning back, with calls. Default: none. */
  readonly reasoningField?: 'reasoning_content'
  /**
   * Options that the host does not have: an error, instead of a parameter without effect. Names of
   * `ChatOptions`, or `responseFormat.json`, `responseFormat.json_schema`.
   */
  readonly unsupported?: readonly string[]
  /** The field for `maxTokens`. Default: `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
  /** The field for `seed`. Default: `seed`. */
  readonly seedField?: 'seed' | 'random_seed'
  /** The word for "must call some tool". Default: `required`. */
  readonly requiredToolChoice?: 'any'
  /**
   * What is asked of the stream; `false` where usage comes by itself and must not be asked for.
   * Default: `{ include_usage: true }`.
   */
  readonly streamOptions?: { readonly [option: string]: boolean } | false
  /** The field that, set to false, holds the reasoning back. Default: there is none. */
  readonly includeReasoningField?: 'include_reasoning'
  /** The ids of tool calls that the host takes; others are rewritten. Default: any. */
  readonly callIdPattern?: RegExp
  /**
   * The part for documents, which may also be given by URL. Default: `file`, with data alone.
   */
  readonly documentPart?: 'document_url'
}
