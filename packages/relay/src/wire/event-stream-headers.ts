/**
 * Of an answer that streams: nothing on the way may keep, change or compress it, for each of these holds events back.
 * `x-accel-buffering` is nginx's.
 */
export const eventStreamHeaders: { readonly [name: string]: string } = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
}
