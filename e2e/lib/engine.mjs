/**
 * @typedef {import('../conformance/types.ts').Capabilities} Capabilities
 */

/**
 * One run of the suite in one engine.
 * @typedef {object} Job
 * @property {import('../conformance/types.ts').ConformanceContext} context
 * @property {import('../build.mjs').Suite} suite
 * @property {Promise<void>} ended settles when the suite says that it has run to its end
 */

/**
 * An engine that is there.
 * @typedef {object} Found
 * @property {string} version
 * @property {(job: Job) => Promise<void>} run starts it, waits for the suite, and ends it
 */

/**
 * An engine that is not, and why.
 * @typedef {object} Missing
 * @property {string} missing
 */

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {import('../conformance/types.ts').Place} [place] in a browser; else the page itself
 * @property {Capabilities} capabilities
 * @property {() => Promise<Found | Missing>} find
 */

/** @type {Capabilities} */
export const runtime = {
  pausesSocket: true,
  cancelCloses: true,
  preflights: false,
  recordings: true,
}
/** @type {Capabilities} */
export const browser = {
  pausesSocket: false,
  cancelCloses: true,
  preflights: true,
  recordings: true,
}

/**
 * A browser, and its workers as engines of their own.
 * @param {Engine} page
 * @param {readonly import('../conformance/types.ts').Place[]} places
 * @returns {Engine[]}
 */
export const withWorkers = (page, places) => [
  page,
  ...places.map((place) => ({
    ...page,
    name: `${page.name}-${place}`,
    place,
    // They take longest, and the page has played them.
    capabilities: { ...page.capabilities, recordings: false },
  })),
]

/** The page that runs the suite in a browser. @param {Job} job */
export const pageOf = ({ context }) =>
  `${context.controlURL}/#${encodeURIComponent(JSON.stringify(context))}`
