/**
 * What the fixture server saw of the requests of one id; times in milliseconds.
 * @typedef {object} Observed
 * @property {number} count requests with this id so far
 * @property {boolean} started the latest request has arrived
 * @property {boolean} finished its reply was sent to the end
 * @property {boolean} closedByClient its connection was closed before that
 * @property {number | null} closedAfterMs from its arrival to that close
 * @property {number} bytesWritten bytes of the reply handed to the socket
 * @property {Record<string, string>} headers
 * @property {unknown} body
 * @property {() => void} reset breaks the connection; no part of its JSON
 */

/** @returns {Observed} */
export const nothingObserved = () => ({
  count: 0,
  started: false,
  finished: false,
  closedByClient: false,
  closedAfterMs: null,
  bytesWritten: 0,
  headers: {},
  body: null,
  reset: () => {},
})

/**
 * Remembers a request under its id, and what becomes of its reply.
 * @param {Map<string, Observed>} observations
 * @param {string} id
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {unknown} body
 * @returns {Observed}
 */
export function observe(observations, id, request, response, body) {
  const observed = observations.get(id) ?? nothingObserved()
  observations.set(id, observed)
  const arrived = performance.now()
  Object.assign(observed, nothingObserved(), {
    count: observed.count + 1,
    started: true,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    body,
    reset: () => response.socket?.resetAndDestroy(),
  })
  response.on('finish', () => {
    observed.finished = true
  })
  response.on('close', () => {
    if (observed.finished) return
    observed.closedByClient = true
    observed.closedAfterMs = performance.now() - arrived
  })
  return observed
}
