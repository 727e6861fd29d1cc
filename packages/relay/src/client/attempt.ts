import { isRatatoskrError, RatatoskrError } from 'ratatoskr'

const provider = 'relay'

/** One connection, which ends when its signal aborts or when it is given up. */
export class Attempt extends AbortController {
  constructor(signal: AbortSignal) {
    super()
    if (signal.aborted) this.abort()
    // The signal is as short-lived as this.
    signal.addEventListener('abort', () => this.abort(), { once: true })
  }

  /**
   * The promise's value; gives the connection up, with an error that is worth another try, when the promise rejects or the time has run out.
   */
  async within<Value>(promise: Promise<Value>, time: number | false, late: string): Promise<Value> {
    let timer: ReturnType<typeof setTimeout> | undefined
    let abort = (): void => {}
    const ended = new Promise<never>((_, reject) => {
      // Not every fetch listens to its signal.
      abort = () => reject(lost('The request was given up.'))
      if (this.signal.aborted) abort()
      this.signal.addEventListener('abort', abort)
      if (time !== false) {
        timer = setTimeout(() => {
          reject(
            new RatatoskrError('timeout', `${late} (${time} ms).`, { provider, retryable: true }),
          )
        }, time)
      }
    })
    try {
      return await Promise.race([promise, ended])
    } catch (cause) {
      promise.catch(() => {})
      this.abort()
      if (isRatatoskrError(cause)) throw cause
      throw lost(
        'Cannot reach the relay: down, offline, or blocked (CORS, mixed content, CSP).',
        cause,
      )
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener('abort', abort)
    }
  }
}

/** A failure that another try may mend. */
export function lost(message: string, cause?: unknown): RatatoskrError {
  return new RatatoskrError('network', message, {
    provider,
    retryable: true,
    ...(cause !== undefined && { cause }),
  })
}
