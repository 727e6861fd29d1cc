/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return /^(::1|(::ffff:)?127\..*)$/.test(address)
}

/** Whether a host, with or without a port, is a name of this machine's own. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)
}
