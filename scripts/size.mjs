// What a page pays for: each entry bundled and minified for the browser out of the built packages.
// Fails when one is over its budget. A raise needs its reason beside the number.
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './aliases.mjs'

const KB = 1024

/**
 * What is only for servers and tests; no page pays for it.
 */
const wayBack = /encode-re(ply|sponse)|encode-error|decode-request|encoder|valibot/

/**
 * `without` names sources of which no byte may be in the bundle, `dialects` the formats that alone
 * may be: nobody who imports one provider pays for another.
 * @type {{ name: string, budget: number, reason: string, code: string, without?: RegExp, dialects?: string[] }[]}
 */
const entries = [
  {
    name: 'gateway + openrouter',
    budget: 11.6 * KB,
    reason:
      'the promise of the README: streaming from any model costs a page 11.6 KB, all included; 0.65 of it, here and below, for comparing what events repeat instead of parsing it, which halves their time; 0.3 for reading without a promise and a timer a chunk; 0.15 of it for images and free text of models, 0.25 for the door to their lists',
    code: `
      export { createGateway } from 'ratatoskr'
      export { openrouter } from 'ratatoskr/openrouter'`,
    dialects: ['openai-chat'],
    without: /accents/,
  },
  {
    name: 'gateway + anthropic',
    budget: 12.5 * KB,
    reason:
      'the same promise; blocks, signatures, documents, and giving them back in order cost more',
    code: `
      export { createGateway } from 'ratatoskr'
      export { anthropic } from 'ratatoskr/anthropic'`,
    dialects: ['anthropic'],
  },
  {
    name: 'gateway + ollama',
    budget: 9.8 * KB,
    reason: 'lines and whole calls are less than events; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { ollama } from 'ratatoskr/ollama'`,
    dialects: ['ollama'],
    without: /sse/,
  },
  {
    name: 'gateway + openaiResponses',
    budget: 13.4 * KB,
    reason: 'items, their places and what they hold for the next turn; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { openaiResponses } from 'ratatoskr/openai'`,
    dialects: ['openai-responses'],
  },
  {
    name: 'gateway + google',
    budget: 13.6 * KB,
    reason: 'sources, signatures and arguments value by value; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { google } from 'ratatoskr/google'`,
    dialects: ['gemini'],
  },
  {
    name: 'gateway + vertex',
    budget: 13.6 * KB,
    reason: 'the same as google, with another address; measured + 3 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { vertex } from 'ratatoskr/vertex'`,
    dialects: ['gemini'],
  },
  {
    name: 'gateway + cohere',
    budget: 11.2 * KB,
    reason: 'measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { cohere } from 'ratatoskr/cohere'`,
    dialects: ['cohere'],
  },
  {
    name: 'gateway + bedrock',
    budget: 15.8 * KB,
    reason: 'binary frames with two checksums, and aws4fetch to sign; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { bedrock } from 'ratatoskr/bedrock'`,
    dialects: ['bedrock'],
    without: /sse/,
  },
  {
    name: 'gateway + workersAI',
    budget: 13.1 * KB,
    reason: 'two formats in one stream; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { workersAI } from 'ratatoskr/workers-ai'`,
    dialects: ['openai-chat'],
  },
  {
    name: 'gateway + browserAI',
    budget: 5.4 * KB,
    reason: 'no bytes, no frames, no JSON; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { browserAI } from 'ratatoskr/browser'`,
    dialects: [],
    without: /sse|ndjson|json-decoder/,
  },
  {
    name: 'gateway + five providers',
    budget: 22 * KB,
    reason: 'the promise of the README: the five main providers together cost a page 22 KB',
    code: `
      export { createGateway } from 'ratatoskr'
      export { openrouter } from 'ratatoskr/openrouter'
      export { openai } from 'ratatoskr/openai'
      export { anthropic } from 'ratatoskr/anthropic'
      export { google } from 'ratatoskr/google'
      export { ollama } from 'ratatoskr/ollama'`,
    dialects: ['openai-chat', 'anthropic', 'gemini', 'ollama'],
    without: /openai-responses/,
  },
  {
    name: 'relay',
    budget: 38.6 * KB,
    reason:
      'a Worker that lends a gateway, without its providers: valibot, running streams, signatures, and three protocols with all that they read and write, and useChat’s; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { createRelay } from '@ratatoskr/relay'`,
    without: /providers\//,
  },
  {
    name: 'relay + cloudflare',
    budget: 43.4 * KB,
    reason: 'the same in Durable Objects; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export * from '@ratatoskr/relay/cloudflare'`,
    without: /providers\//,
  },
  {
    name: 'gateway + relay client',
    budget: 9 * KB,
    reason:
      'what a page pays that asks a relay, fetch-event-source and the whole way back from a lost connection with it; measured + 5 %',
    code: `
      export { createGateway } from 'ratatoskr'
      export { relay } from '@ratatoskr/relay/client'`,
    dialects: [],
    without: /relay\/dist\/(server|chat|v1|ui|cloudflare|create-relay)/,
  },
  {
    name: 'SseDecoderStream',
    budget: 1.5 * KB,
    reason: 'what a page pays that wants the frames alone; measured + 10 %',
    code: `export { SseDecoderStream } from 'ratatoskr/streams'`,
  },
  {
    name: 'anthropic to openai-chat',
    budget: 7.9 * KB,
    reason:
      'a Worker that gives one provider the format of another, without gateway; measured + 10 %',
    code: `
      export { ChatEventDecoderStream, ChatEventEncoderStream, JsonDecoderStream, SseDecoderStream, SseEncoderStream } from 'ratatoskr/streams'
      import * as anthropic from 'ratatoskr/dialects/anthropic'
      import * as openaiChat from 'ratatoskr/dialects/openai-chat'
      export const parts = [anthropic.frame, anthropic.decodeReply, openaiChat.encodeReply]`,
    without: /decode-request|gateway|transport|valibot/,
  },
  {
    name: 'openai-chat as streams',
    budget: 6.65 * KB,
    reason: 'bytes to events by pipeThrough, without gateway and transport; measured + 10 %',
    code: `
      export { SseDecoderStream, JsonDecoderStream, ChatEventDecoderStream } from 'ratatoskr/streams'
      import * as openaiChat from 'ratatoskr/dialects/openai-chat'
      export const parts = [openaiChat.frame, openaiChat.decodeReply]`,
    without: /anthropic|\/encode|encoder|decode-request|gateway|transport|valibot/,
  },
]

let over = 0
console.log(
  `${'entry'.padEnd(28)} ${'min'.padStart(8)} ${'gzip'.padStart(8)} ${'brotli'.padStart(8)} ${'budget'.padStart(8)}`,
)
for (const { name, budget, code, without, dialects } of entries) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    // Not the workspace's `paths`, which lead to the sources.
    tsconfigRaw: {},
    bundle: true,
    splitting: true,
    outdir: 'out',
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  })
  // What is imported when it is first needed is a file of its own, and not loaded before.
  const paths = loadedAtOnce(metafile.outputs)
  const files = outputFiles.filter(({ path }) => paths.some((loaded) => path.endsWith(loaded)))
  const bytes = Buffer.concat(files.map(({ contents }) => contents))
  const gzip = gzipSync(bytes, { level: 9 }).length
  const columns = [bytes.length, gzip, brotliCompressSync(bytes).length, budget]
  const verdict = gzip > budget ? `  over by ${gzip - budget} bytes` : ''
  if (gzip > budget) over += 1
  console.log(
    name.padEnd(28),
    ...columns.map((size) => `${(size / KB).toFixed(2)} K`.padStart(8)),
    verdict,
  )
  const bundled = paths.flatMap((path) => Object.entries(metafile.outputs[path]?.inputs ?? {}))
  for (const [source, { bytesInOutput }] of bundled) {
    const [, dialect] = /\/dialects\/([\w-]+)\//.exec(source) ?? []
    const isOther = dialects && ((dialect && !dialects.includes(dialect)) || wayBack.test(source))
    if (bytesInOutput === 0 || !(isOther || without?.test(source))) continue
    over += 1
    console.log(`  ${name} must not hold ${source} (${bytesInOutput} bytes)`)
  }
}
process.exitCode = over > 0 ? 1 : 0

/**
 * The entry, and all that it imports before it runs.
 * @param {import('esbuild').Metafile['outputs']} outputs
 */
function loadedAtOnce(outputs) {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint?.includes('stdin'))
  const paths = entry === undefined ? [] : [entry]
  for (const path of paths) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'dynamic-import' && !paths.includes(next)) paths.push(next)
    }
  }
  return paths
}
