// Node, Deno and Bun: `<engine> process.mjs <context as JSON>`.

import { main } from './main.ts'
import type { ConformanceContext } from '../index.ts'

// The installed packages lie beside the bundle.
for (const name of ['ratatoskr', '@ratatoskr/testkit']) {
  const found = import.meta.resolve(name)
  const own = new URL(`node_modules/${name}/dist/index.js`, import.meta.url).href
  if (found !== own) throw new Error(`Not the packed ${name}: ${found}`)
}

const { process } = globalThis as unknown as { process: { argv: string[] } }

await main(JSON.parse(process.argv[2] ?? '') as ConformanceContext)
