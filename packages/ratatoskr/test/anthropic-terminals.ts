/**
 * The number of the event with which each recorded reply of Anthropic's Messages is complete, counted
 * from 1: its `message_stop`. Found by searching the recordings, so that the decoder is not its own
 * judge.
 */
export const anthropicTerminals: { readonly [recording: string]: number } = {
  'anthropic-sdk-ts__anthropic-basic-response': 9,
  'anthropic-sdk-ts__anthropic-incomplete-partial-json-response': 16,
  'anthropic-sdk-ts__anthropic-stream-a-refusal': 14,
  'anthropic-sdk-ts__anthropic-stream-b-fallback': 21,
  'dd-trace-py__anthropic-completion-beta-tools-stream': 36,
  'dd-trace-py__anthropic-completion-stream-cache-write': 14,
  'llm-anthropic__anthropic-fixed-version-tool-chain-with-thinking-display-regression': 13,
  'llm-anthropic__anthropic-opus-46-adaptive-thinking': 29,
  'llm-anthropic__anthropic-thinking-prompt-h29bce51': 21,
  'llm-anthropic__anthropic-web-search': 120,
  'llmrb__anthropic-chat-llm-chat-stream-tool': 16,
  'pydantic-ai__anthropic-advisor-tool-stream': 21,
  'pydantic-ai__anthropic-compaction-usage-with-cache-streaming': 12,
  'pydantic-ai__anthropic-mcp-servers-stream': 63,
  'pydantic-ai__anthropic-model-thinking-part-redacted-stream': 27,
  'pydantic-ai__anthropic-text-editor-code-execution-tool-stream': 62,
  'pydantic-ai__anthropic-web-fetch-tool-stream': 52,
  'ruby_llm__anthropic-citations-with-anthropic-claude-haiku-4-5-streams-citations-hf6c0e66': 8,
  'vercel-ai__anthropic-advisor-stop-reasons': 11,
  'vercel-ai__anthropic-clear-thinking-1': 22,
  'vercel-ai__anthropic-code-execution-20250825-pptx-skill': 691,
  'vercel-ai__anthropic-compaction-1': 749,
  'vercel-ai__anthropic-duplicate-message-start': 7,
  'vercel-ai__anthropic-fallback': 9,
  'vercel-ai__anthropic-programmatic-tool-calling-1-part1': 167,
  'vercel-ai__anthropic-programmatic-tool-calling-1-part2-i1': 2,
  'vercel-ai__anthropic-web-fetch-tool-20260209-1': 50,
}
