// Many streams at once through a server, read by a bare loop: the same for every server, so that what differs is its own.

import { AgeSink } from './hold-streams.mjs'
import { checkOpenFiles } from './open-files.mjs'
import { percentile } from './statistics.mjs'

/**
 * @template {string} Step
 * @typedef {{ step: Step, url: string, isRelay: boolean, streams: number }} Opening
 */

/** @type {{ sinks: AgeSink[], reads: Promise<void>[] }} */
let held = { sinks: [], reads: [] }

/**
 * Reads so many replies, ten at a time; opens so many streams more; or waits for the end of all that are open.
 * @param {Opening<'warm'> | Opening<'open'> | { step: 'end', events: number }} job
 * @returns {Promise<{ p50?: number, p99?: number }>} milliseconds from when the provider sent an event until it came
 */
export async function readRelayed(job) {
  if (job.step === 'warm') {
    for (let left = job.streams; left > 0; left -= 10) {
      const some = Array.from({ length: Math.min(10, left) }, () => new AgeSink())
      await Promise.all(some.map((sink) => read(job.url, job.isRelay, sink)))
    }
    return {}
  }
  if (job.step === 'open') {
    checkOpenFiles(job.streams)
    // Some at a time: a server's queue of connections is short.
    for (let left = job.streams; left > 0; left -= 50) {
      const sinks = Array.from({ length: Math.min(50, left) }, () => new AgeSink())
      const reads = sinks.map((sink) => read(job.url, job.isRelay, sink))
      // It is told at the end, or here where the stream has not begun.
      for (const reading of reads) reading.catch(() => {})
      await Promise.all(sinks.map((sink, at) => Promise.race([sink.begun, reads[at]])))
      held.sinks.push(...sinks)
      held.reads.push(...reads)
    }
    return {}
  }
  const { sinks, reads } = held
  held = { sinks: [], reads: [] }
  await Promise.all(reads)
  const ages = sinks.flatMap((sink) => sink.ages)
  const expected = sinks.length * job.events
  if (ages.length !== expected) throw new Error(`${ages.length} of ${expected} events came`)
  return { p50: percentile(ages, 0.5), p99: percentile(ages, 0.99) }
}

/** @param {string} url @param {boolean} isRelay @param {AgeSink} sink */
async function read(url, isRelay, sink) {
  const messages = [{ role: 'user', content: 'Go on.' }]
  const id = crypto.randomUUID().replaceAll('-', '')
  const response = await fetch(url + (isRelay ? '/chat' : '/v1/chat/completions'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      isRelay
        ? { id, messages, options: { model: 'any' } }
        : { model: 'any', stream: true, messages },
    ),
  })
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  const reader = response.body?.getReader()
  const utf8 = new TextDecoder()
  let rest = ''
  let isWhole = false
  for (;;) {
    const piece = await reader?.read()
    if (piece?.value === undefined) break
    const events = (rest + utf8.decode(piece.value, { stream: true })).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const text = /"(?:text|content)":"([^"]+)"/.exec(event)?.[1]
      if (text !== undefined) sink.text(text)
      isWhole ||= event.includes('data: [DONE]') || event.includes('"type":"done"')
    }
  }
  if (!isWhole) throw new Error('A stream was cut off')
}
