// STUB by the page's author; the owner of this folder overwrites it.
export const hostileMarkdown: readonly string[] = ['[x](javascript:alert(1))']
