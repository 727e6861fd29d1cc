import { isSignature, signatureOf } from '../sign.ts'
import { listOf, textOf, type Json } from './json.ts'

/** Ends the request with status 400 and these words. */
type Refuse = (message: string) => never

/**
 * Checks a conversation as Anthropic does: each result follows its call at once, each call has its
 * result, and thinking comes back as it was sent.
 *
 * @param isBudgeted Thinking has a budget: then the last turn of a tool loop must begin with it.
 */
export function checkMessages(
  messages: readonly Json[],
  isBudgeted: boolean,
  refuse: Refuse,
): void {
  if (messages.length === 0) refuse('messages: at least one message is required')
  const ids = new Set<string>()
  for (const [i, message] of messages.entries()) {
    const blocks = blocksOf(message)
    for (const [n, block] of blocks.entries()) {
      const place = `messages.${i}.content.${n}`
      checkBlock(block, place, refuse)
      if (block['type'] !== 'tool_use') continue
      const id = textOf(block['id'])
      if (ids.has(id)) refuse(`${place}: \`tool_use\` ids must be unique`)
      ids.add(id)
    }
    checkCalls(blocks, messages[i - 1], messages[i + 1], i, refuse)
  }
  if (isBudgeted) checkLoop(messages, refuse)
}

function checkBlock(block: Json, place: string, refuse: Refuse): void {
  const { type, text, thinking, signature, data, id } = block
  if (type === 'text' && text === '') {
    refuse('messages: text content blocks must be non-empty')
  }
  if (type === 'tool_use' && !/^[\w-]+$/.test(textOf(id))) {
    refuse(`${place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
  }
  if (type === 'redacted_thinking' && !isSignature(textOf(data))) {
    refuse(`${place}: Invalid \`data\` in \`redacted_thinking\` block`)
  }
  if (type !== 'thinking') return
  if (signature === undefined) refuse(`${place}.thinking.signature: Field required`)
  if (signature !== signatureOf(textOf(thinking))) {
    refuse(`${place}: Invalid \`signature\` in \`thinking\` block`)
  }
}

function checkCalls(
  blocks: readonly Json[],
  before: Json | undefined,
  after: Json | undefined,
  i: number,
  refuse: Refuse,
): void {
  const called = new Set(before?.['role'] === 'assistant' ? callsOf(before) : [])
  for (const [n, { type, tool_use_id: id }] of blocks.entries()) {
    if (type !== 'tool_result' || called.has(textOf(id))) continue
    refuse(
      `messages.${i}.content.${n}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ` +
        `${textOf(id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in ` +
        'the previous message.',
    )
  }
  // The results stand first in the message that follows: what comes after other blocks is not seen.
  const next = blocksOf(after)
  const others = next.findIndex(({ type }) => type !== 'tool_result')
  const results = next.slice(0, others === -1 ? next.length : others)
  const answered = new Set(results.map(({ tool_use_id }) => tool_use_id))
  const missing = callsOf({ content: blocks }).filter((id) => !answered.has(id))
  if (missing.length === 0) return
  refuse(
    `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
      `${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` ` +
      'block in the next message.',
  )
}

/** The last turn of a tool loop, while it goes on, begins with the thoughts that led to its calls. */
function checkLoop(messages: readonly Json[], refuse: Refuse): void {
  if (!blocksOf(messages.at(-1)).some(({ type }) => type === 'tool_result')) return
  const at = messages.map(({ role }) => role).lastIndexOf('assistant')
  const first = textOf(blocksOf(messages[at])[0]?.['type'])
  if (first === 'thinking' || first === 'redacted_thinking') return
  refuse(
    `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found ` +
      `\`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a ` +
      'thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks).',
  )
}

function blocksOf(message: Json | undefined): Json[] {
  const content = message?.['content']
  return typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)
}

function callsOf(message: Json): string[] {
  return blocksOf(message)
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => textOf(id))
}
