// Our own contestants, to be bundled for engines that cannot read files.

import * as floor from '../contestants/floor.mjs'
import * as ratatoskrDecoders from '../contestants/ratatoskr-decoders.mjs'
import * as ratatoskrNoCollect from '../contestants/ratatoskr-no-collect.mjs'
import * as ratatoskrStreams from '../contestants/ratatoskr-streams.mjs'
import * as ratatoskr from '../contestants/ratatoskr.mjs'
import { workloadOf } from '../lib/replies.mjs'
import { readCounted, verify } from '../lib/rounds.mjs'
import { serve } from '../lib/serve.mjs'

/** @type {Record<string, Required<import('../lib/types.ts').Contestant>>} */
const contestants = {
  floor,
  ratatoskr,
  'ratatoskr-no-collect': ratatoskrNoCollect,
  'ratatoskr-streams': ratatoskrStreams,
  'ratatoskr-decoders': ratatoskrDecoders,
}

/** @type {{ read: import('../lib/types.ts').Read, length: number } | undefined} */
let prepared

/**
 * Makes the reply and the client, reads once, and throws where it is not whole.
 * @param {string} name
 * @param {string} workload
 */
export async function prepare(name, workload) {
  const reply = workloadOf(workload).make()
  const contestant = contestants[name]
  if (!contestant) throw new Error(`No contestant is named ${name}.`)
  const host = serve(reply.chunks)
  const read = reply.wire === 'anthropic' ? contestant.anthropic(host) : contestant.openaiChat(host)
  prepared = { read, length: await verify(read, reply) }
}

/** @param {number} count */
export async function round(count) {
  if (!prepared) throw new Error('Nothing is prepared.')
  await readCounted(prepared.read, prepared.length, count)
}
