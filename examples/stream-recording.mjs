// Serves a recorded reply over HTTP on this machine and prints it through the gateway as it comes:
//
//   npm run build && node examples/stream-recording.mjs [--file reply.sse] [--fast]
//
// Without --file it takes a recording of OpenRouter where the recordings are at hand, else the fixture
// beside this script. --fast leaves the pauses out.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createGateway, isRatatoskrError, user } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'

const recording = new URL(
  '../../shared/recordings/openai-chat/ruby_llm__openrouter-reasoning-details-round-trip-accumulates-reasoning-de.sse',
  import.meta.url,
)
const fixture = new URL('fixtures/reply.sse', import.meta.url)
const replyTime = 4000
const pauseTime = 15
let current = 'nothing'
// Whoever reads this may have had enough: `… | head`.
process.stdout.on('error', () => process.exit())

const options = readOptions()
const path = options.file ?? fileURLToPath(existsSync(recording) ? recording : fixture)
const bytes = readFileSync(path)
const { baseURL, server } = await serve(bytes, options.fast)
console.log(`Serving ${relative('.', path) || path} (${bytes.length} bytes) at ${baseURL}\n`)
try {
  await print(baseURL)
} catch (error) {
  if (!isRatatoskrError(error)) throw error
  section('', 'failed: ')
  write(`${error.code}: ${error.message}\n`, red)
  if (error.providerMessage !== undefined) write(`        ${error.providerMessage}\n`, dim)
  process.exitCode = 1
} finally {
  server.close()
  server.closeAllConnections()
}

/** @param {string} url */
async function print(url) {
  const gateway = createGateway({
    providers: [openaiCompatible({ name: 'recording', baseURL: url })],
  })
  const began = performance.now()
  const stream = await gateway.chatStream([user('Say it again.')], { model: 'recorded' })
  const first = performance.now() - began

  /** @type {string[]} */
  const tools = []
  for await (const event of stream) {
    switch (event.type) {
      case 'reasoning':
        section('reasoning', dim('reasoning: '))
        write(event.text, dim)
        break
      case 'content':
        section('content', '')
        write(event.text)
        break
      case 'refusal':
        section('refusal', 'refused: ')
        write(event.text, red)
        break
      case 'tool_call_start':
        tools[event.index] = event.name
        section(`call ${event.index}`, '→ ')
        write(`${event.name} `, cyan)
        break
      case 'tool_call_delta':
        section(`call ${event.index}`, `→ ${tools[event.index]} … `)
        write(event.arguments)
        break
      case 'tool_call_end':
        section(`call ${event.index}`, `→ ${tools[event.index]} …`)
        write(' ✓ complete', green)
        break
      case 'citation':
        section('', 'source: ')
        write(event.citation.url ?? event.citation.title ?? '')
        break
      case 'image':
        section('', 'image: ')
        write(event.image.url ?? event.image.mediaType)
        break
      case 'usage':
        section('', 'usage: ')
        write(describeUsage(event.usage), dim)
        break
      case 'done':
        section('', 'done:  ')
        write(event.finishReason, green)
        write(`, from ${event.model ?? 'a model without a name'}`, dim)
        break
      case 'provider':
        break
    }
  }
  const whole = performance.now() - began
  console.log(dim(`\n       first event after ${seconds(first)}, the last after ${seconds(whole)}`))
}

/**
 * Begins a section, unless it is the one that is being written.
 * @param {string} name
 * @param {string} label
 */
function section(name, label) {
  if (name !== '' && name === current) return
  if (current !== 'nothing') process.stdout.write(name === '' && current === '' ? '\n' : '\n\n')
  process.stdout.write(label)
  current = name
}

/**
 * What a model says may hold control characters: a terminal would obey them.
 * @param {string} text
 * @param {(text: string) => string} [style]
 */
function write(text, style = (plain) => plain) {
  process.stdout.write(style(text.replace(/[^\P{Cc}\n\t]/gu, '')))
}

/** @param {import('ratatoskr').Usage} usage */
function describeUsage(usage) {
  const { promptTokens, completionTokens, totalTokens, cachedTokens, reasoningTokens, cost } = usage
  const cached = cachedTokens ? ` (${cachedTokens} cached)` : ''
  const thought = reasoningTokens ? ` (${reasoningTokens} reasoning)` : ''
  const price = cost === undefined ? '' : `, $${Number(cost.toFixed(6))}`
  return `${totalTokens} tokens: ${promptTokens} in${cached}, ${completionTokens} out${thought}${price}`
}

/** @param {number} milliseconds */
function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

/** @param {string} text */
function dim(text) {
  return paint(2, text)
}

/** @param {string} text */
function red(text) {
  return paint(31, text)
}

/** @param {string} text */
function green(text) {
  return paint(32, text)
}

/** @param {string} text */
function cyan(text) {
  return paint(36, text)
}

/**
 * @param {number} code
 * @param {string} text
 */
function paint(code, text) {
  const colours = process.stdout.isTTY && !process.env['NO_COLOR']
  return colours ? `\u001B[${code}m${text}\u001B[0m` : text
}

/**
 * A provider that gives the same reply to everybody.
 * @param {Buffer} reply
 * @param {boolean} fast
 */
async function serve(reply, fast) {
  const provider = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'recorded-1' })
    void send(reply, response, fast)
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const address = provider.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { baseURL: `http://127.0.0.1:${address.port}/v1`, server: provider }
}

/**
 * Sends the reply in pieces that respect neither events nor characters.
 * @param {Buffer} reply
 * @param {import('node:http').ServerResponse} response
 * @param {boolean} fast
 */
async function send(reply, response, fast) {
  const scale = Math.max(1, Math.ceil((reply.length * pauseTime) / replyTime / 13))
  const sizes = [1, 29, 2, 13, 3, 17, 5, 23, 7, 31].map((size) => size * scale)
  let at = 0
  for (let i = 0; at < reply.length && !response.destroyed; i += 1) {
    const size = sizes[i % sizes.length] ?? 1
    response.write(reply.subarray(at, at + size))
    at += size
    if (!fast) await pause(pauseTime)
  }
  response.end()
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { file: { type: 'string' }, fast: { type: 'boolean', default: false } },
    })
    if (values.file !== undefined && !existsSync(values.file)) {
      throw new Error(`There is no file ${values.file}.`)
    }
    return { file: values.file, fast: values.fast }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    console.error('Usage: node examples/stream-recording.mjs [--file reply.sse] [--fast]')
    process.exit(2)
  }
}
