/**
 * The number of the chunk with which each recorded reply of Gemini's may end, counted from 1: the
 * first with a finish reason or the reason why a prompt was blocked. Found by a search for these
 * words, so that the decoder is not its own judge.
 */
export const geminiTerminals: { readonly [recording: string]: number } = {
  'pydantic-ai__google-code-execution-stream': 6,
  'pydantic-ai__google-model-file-search-grounding-gemini-3-true-i3': 8,
  'pydantic-ai__google-model-thinking-part-iter-hb487d60': 35,
  'pydantic-ai__google-streaming-tool-call-thought-signature': 2,
  'ruby_llm__google-thinking-gemini-gemini-3-flash-preview-hff4037a': 28,
  'ruby_llm__google-vertex-ar-thinking-vertexai-gemini-3-flash-preview-i1-h0950693': 14,
  'ruby_llm__google-vertex-fc-vertexai-gemini-2-5-flash-noparam-multiturn-i3-hff4037a': 1,
  'vercel-ai__google-stream-no-args-tool-call': 15,
  'vercel-ai__google-vertex-stream-tool-call-arguments-nested-1': 76,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-finish-reason-safety': 1,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-prompt-blocked-safety-with-message': 1,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-recitation-no-content': 1,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-failure-unknown-finish-enum': 1,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-success-basic-reply-long': 4,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-success-basic-reply-parts': 8,
  'vertexai-sdk-test-data__google-vertex-vertex-streaming-success-code-execution': 7,
  'vertexai-sdk-test-data__googleai-streaming-failure-prompt-blocked-safety': 1,
  'vertexai-sdk-test-data__googleai-streaming-failure-recitation-no-content': 9,
  'vertexai-sdk-test-data__googleai-streaming-success-empty-parts': 7,
  'vertexai-sdk-test-data__googleai-streaming-success-no-content-parts': 5,
}
