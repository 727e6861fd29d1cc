// 96 MiB through a small heap.

import { writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { entryOf, load } from '../contestants/index.mjs'
import { chatEnd, chatStart, chatText } from './replies.mjs'
import { baseURL, eventStream } from './serve.mjs'
import { CountingSink } from './sinks.mjs'

const MiB = 2 ** 20
const utf8 = new TextEncoder()

/**
 * @param {{ name: string, deltaLength: number, size: number }} job the characters of one event's text, and the
 *   bytes of the reply
 * @returns {Promise<{ time: number, heap: number, rss: number }>} milliseconds; the heap's peak and the process's,
 *   in bytes
 */
export async function readLong({ name, deltaLength, size }) {
  const event = utf8.encode(chatText('x'.repeat(deltaLength)))
  const perChunk = Math.max(1, Math.floor((64 * 1024) / event.length))
  const chunk = utf8.encode(chatText('x'.repeat(deltaLength)).repeat(perChunk))
  const chunks = Math.ceil(size / chunk.length)
  let heap = 0
  let sent = -1
  const host = {
    baseURL,
    fetch: async () =>
      eventStream(
        new ReadableStream(
          {
            async pull(controller) {
              // As from a network, a chunk comes in a turn of its own.
              await setImmediate()
              if (sent < 0) controller.enqueue(utf8.encode(chatStart))
              // A copy, as a network's chunks are.
              else if (sent < chunks) controller.enqueue(chunk.slice())
              else if (sent === chunks) controller.enqueue(utf8.encode(chatEnd()))
              else controller.close()
              sent += 1
              if (sent % 16 === 0) heap = Math.max(heap, process.memoryUsage().heapUsed)
              // At once, for a process that dies says nothing more.
              if (sent % 64 === 0) writeSync(1, `sent ${Math.floor((sent * chunk.length) / MiB)}\n`)
            },
          },
          { highWaterMark: 0 },
        ),
      ),
  }
  const { framesOnly = false } = entryOf(name)
  const read = await load(name, 'openai-chat', host)
  const sink = new CountingSink()
  const start = performance.now()
  await read(sink)
  const time = performance.now() - start
  const expected =
    chunks * perChunk * (framesOnly ? event.length - 'data: \n\n'.length : deltaLength)
  // Frames also tell of the beginning and the end.
  if (framesOnly ? sink.length <= expected : sink.length !== expected) {
    throw new Error(`${sink.length} of ${expected} characters came`)
  }
  return { time, heap, rss: process.resourceUsage().maxRSS * 1024 }
}
