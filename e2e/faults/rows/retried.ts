import { begin, page, start, stream, whole } from './answers.ts'
import type { Fault } from './fault.ts'

/** Requests that are sent again. */
export const retried: readonly Fault[] = [
  {
    name: 'reset twice, and then a reply',
    async answer(connection, wire, request) {
      if (request < 3) connection.reset()
      else await stream(connection, wire, wire.body)
    },
    outcome: 'done',
    requests: 3,
    retry: { minDelay: 1 },
  },
  {
    name: 'reset before the first event, and then a reply',
    async answer(connection, wire, request) {
      if (request > 1) return stream(connection, wire, wire.body)
      await start(connection, wire)
      return connection.reset()
    },
    outcome: 'done',
    requests: 2,
    retry: { minDelay: 1 },
  },
  {
    name: 'silence for three times',
    answer: () => {},
    outcome: 'opening timeout',
    requests: 3,
    retry: { minDelay: 1 },
    timeouts: { headers: 30 },
  },
  {
    name: 'a page of HTML, which is not asked for again',
    answer: (connection) => whole(connection, { 'content-type': 'text/html' }, page),
    outcome: 'opening protocol',
    retry: { minDelay: 1 },
  },
  {
    name: 'a reset behind the first event, which is not asked for again',
    async answer(connection, wire) {
      await begin(connection, wire)
      connection.reset()
    },
    outcome: 'reading truncated',
    retry: { minDelay: 1 },
  },
]
