// Asks a model in the terminal: deno task ask "Why is the sky blue?"
import { simulatorFetch } from '@ratatoskr/testkit'
import { createGateway, isRatatoskrError, user } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'

const question = Deno.args.join(' ')
if (question === '') {
  console.error('Usage: deno task ask "Why is the sky blue?"')
  Deno.exit(2)
}

const apiKey = Deno.env.get('OPENROUTER_API_KEY')
const baseURL = Deno.env.get('OPENROUTER_BASE_URL')
if (!apiKey) console.error('OPENROUTER_API_KEY is not set: a simulated model answers.\n')
const provider = openrouter(
  apiKey
    ? { apiKey, ...(baseURL && { baseURL }) }
    : { apiKey: 'simulated', fetch: simulatorFetch({ pace: { delay: 40 } }) },
)
const gateway = createGateway({ providers: [provider] })

// Ctrl+C stops the reply, and closes the connection.
const stopping = new AbortController()
Deno.addSignalListener('SIGINT', () => stopping.abort(new Error('Stopped')))

const encoder = new TextEncoder()
try {
  const stream = await gateway.chatStream([user(question)], {
    model: Deno.env.get('MODEL') ?? 'anthropic/claude-sonnet-4',
    signal: stopping.signal,
  })
  for await (const event of stream) {
    if (event.type === 'content') await write(event.text)
  }
  const { finishReason, usage } = await stream.response()
  console.error(`\n\n${finishReason}${usage ? `, ${usage.totalTokens} tokens` : ''}`)
  Deno.exit(0)
} catch (error) {
  if (!isRatatoskrError(error) && !stopping.signal.aborted) throw error
  console.error(`\n${error instanceof Error ? error.message : error}`)
  Deno.exit(1)
}

async function write(text: string): Promise<void> {
  for (let bytes = encoder.encode(text); bytes.length > 0;) {
    bytes = bytes.subarray(await Deno.stdout.write(bytes))
  }
}
