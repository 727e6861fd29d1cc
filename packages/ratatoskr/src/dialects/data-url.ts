/** What a `data:` URL of base64 holds; undefined for any other address. */
export function dataUrl(url: string): { data: string; mediaType: string } | undefined {
  const [, mediaType, data] = /^data:([^,]+);base64,(.+)/is.exec(url) ?? []
  return mediaType && data ? { data, mediaType } : undefined
}
