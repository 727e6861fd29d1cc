import { observe } from './observed.mjs'

/**
 * The testkit's simulator in the fixture server. Each client says in its address what is simulated
 * for it: `/simulated/<id>/<options as JSON>/…`, and then any path of a service. The options are the
 * simulator's, and `repeat`: the script so many times.
 * @param {import('../build.mjs').Suite} suite
 * @param {Map<string, import('./observed.mjs').Observed>} observations
 */
export function simulatedProvider({ testkit, testkitNode }, observations) {
  /** A simulator counts its requests, so each id has its own. */
  /** @type {Map<string, ReturnType<typeof testkit.simulator>>} */
  const simulators = new Map()

  /** @param {string} id @param {string} setup */
  function simulatorOf(id, setup) {
    const known = simulators.get(id)
    if (known) return known
    /** @type {import('../conformance/server.ts').Simulated} */
    const { repeat = 1, script, ...options } = JSON.parse(setup)
    const steps = Array.isArray(script)
      ? Array.from({ length: repeat }, () => script).flat()
      : script
    const made = testkit.simulator({ ...options, ...(steps && { script: steps }) })
    simulators.set(id, made)
    return made
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {string} id
   * @param {string} setup
   */
  return (request, response, id, setup) => {
    const handle = testkitNode.middleware(async (asked) => {
      const observed = observe(observations, id, request, response, await asked.clone().json())
      const write = response.write.bind(response)
      response.write = (/** @type {Uint8Array} */ part) => {
        observed.bytesWritten += part.length
        return write(part)
      }
      return simulatorOf(id, setup)(asked)
    })
    handle(request, response)
  }
}
