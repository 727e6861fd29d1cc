// How many files and sockets a process may have open.

/** What Node says of it, where the system tells. @returns {number | undefined} */
export function openFilesLimit() {
  /** @type {{ userLimits?: { open_files?: { soft?: number | string } } }} */
  const report = JSON.parse(JSON.stringify(process.report?.getReport() ?? {}))
  const soft = report.userLimits?.open_files?.soft
  return soft === 'unlimited' ? Infinity : typeof soft === 'number' ? soft : undefined
}

/** What a process has open besides its streams. */
const others = 200

/**
 * Throws where a process cannot hold so many connections.
 * @param {number} connections
 * @param {number | undefined} limit
 */
export function checkOpenFiles(connections, limit = openFilesLimit()) {
  const needed = connections + others
  if (limit === undefined || limit >= needed) return
  const said = (/** @type {number} */ count) => count.toLocaleString('en')
  throw new Error(
    `${said(connections)} connections in one process need ${said(needed)} open files, and ${said(limit)} are allowed: try \`ulimit -n ${needed}\` before`,
  )
}
