// What a page pays for: each entry bundled and minified for the browser out of the built packages.
// Fails when one is over its budget. A raise needs its reason beside the number.
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './aliases.mjs'

const KB = 1024

/** @type {{ name: string, budget: number, reason: string, code: string }[]} */
const entries = [
  {
    name: 'gateway + openrouter',
    budget: 10 * KB,
    reason: 'the promise of the README: streaming from any model costs a page 10 KB, all included',
    code: `
      export { createGateway } from 'ratatoskr'
      export { openrouter } from 'ratatoskr/openrouter'`,
  },
  {
    name: 'gateway + anthropic',
    budget: 11 * KB,
    reason: 'the same promise; blocks, signatures and documents cost a little more',
    code: `
      export { createGateway } from 'ratatoskr'
      export { anthropic } from 'ratatoskr/anthropic'`,
  },
  {
    name: 'SseDecoderStream',
    budget: 1.5 * KB,
    reason: 'what a page pays that wants the frames alone; measured + 10 %',
    code: `export { SseDecoderStream } from 'ratatoskr/streams'`,
  },
  {
    name: 'openai-chat as streams',
    budget: 9 * KB,
    reason: 'bytes to events by pipeThrough, without gateway and transport; measured + 10 %',
    code: `
      export { SseDecoderStream, JsonDecoderStream, ChatEventDecoderStream } from 'ratatoskr/streams'
      import { openaiChat } from 'ratatoskr/dialects'
      export const parts = [openaiChat.frame, openaiChat.decodeReply]`,
  },
]

let over = 0
console.log(
  `${'entry'.padEnd(28)} ${'min'.padStart(8)} ${'gzip'.padStart(8)} ${'brotli'.padStart(8)} ${'budget'.padStart(8)}`,
)
for (const { name, budget, code } of entries) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    // Not the workspace's `paths`, which lead to the sources.
    tsconfigRaw: {},
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  })
  const bytes = outputFiles[0]?.contents ?? new Uint8Array()
  const gzip = gzipSync(bytes, { level: 9 }).length
  const columns = [bytes.length, gzip, brotliCompressSync(bytes).length, budget]
  const verdict = gzip > budget ? `  over by ${gzip - budget} bytes` : ''
  if (gzip > budget) over += 1
  console.log(
    name.padEnd(28),
    ...columns.map((size) => `${(size / KB).toFixed(2)} K`.padStart(8)),
    verdict,
  )
}
process.exitCode = over > 0 ? 1 : 0
