// Node, Deno and Bun: `<engine> process.mjs <context as JSON>`.

import { main } from './main.ts'
import type { ConformanceContext } from '../index.ts'

// An engine that reads the workspace's tsconfig.json would run the sources instead.
const library = import.meta.resolve('ratatoskr')
if (!library.endsWith('/dist/index.js')) throw new Error(`Not the built library: ${library}`)

const { process } = globalThis as unknown as { process: { argv: string[] } }

await main(JSON.parse(process.argv[2] ?? '') as ConformanceContext)
