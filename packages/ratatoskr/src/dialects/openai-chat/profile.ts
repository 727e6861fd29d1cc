/** An option whose name a profile can list as one that its host does not have. */
export type OptionName =
  | 'tools'
  | 'toolChoice'
  | 'topK'
  | 'stop'
  | 'seed'
  | 'frequencyPenalty'
  | 'presencePenalty'
  | 'parallelToolCalls'
  | 'responseFormat.json'
  | 'responseFormat.json_schema'
  | 'reasoning'

/**
 * How a host bends the format. Everything is data; a field that is left out means what OpenAI's
 * own description says, and that every option is understood.
 */
export interface OpenAIChatProfile {
  /** Options that the host does not have: an error, instead of a parameter that has no effect. */
  readonly unsupported?: readonly OptionName[]
  /** The field for `maxTokens`. Default: `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
  /** The field for `seed`. Default: `seed`. */
  readonly seedField?: 'seed' | 'random_seed'
  /** The word for "must call some tool". Default: `required`. */
  readonly requiredToolChoice?: 'required' | 'any'
  /** Usage comes by itself, and must not be asked for. Default: false. */
  readonly usageAlways?: boolean
  /** The host pads its chunks unless told not to. Default: false. */
  readonly obfuscates?: boolean
  /**
   * Where the reasoning options go: `effort` (a `reasoning_effort` field, no more) or `object` (a
   * `reasoning` object with effort, max_tokens and exclude). Default: `effort`.
   */
  readonly reasoning?: 'effort' | 'object'
  /** The field that holds back the thoughts, for hosts with `reasoning: 'effort'`. */
  readonly includeReasoningField?: string
  /**
   * How a prompt is cached: by itself, by `cache_control` on its parts, or not at all. Default:
   * `automatic`.
   */
  readonly promptCaching?: 'automatic' | 'cache_control' | 'none'
  /** Files may be given by URL. Default: false. */
  readonly fileUrls?: boolean
  /** What the host wants given back with the next turn. Default: nothing. */
  readonly returns?: 'reasoning_details' | 'reasoning_content'
  /** The ids of tool calls that the host accepts; others are rewritten. Default: up to 40 characters. */
  readonly toolCallId?: { readonly pattern: RegExp; readonly length: number }
}
