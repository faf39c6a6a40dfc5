/** Compiles `assembly/tree-sums.ts`. `--check` compares and fails instead. */
import { readFileSync, writeFileSync } from 'node:fs'
import { main as compile } from 'assemblyscript/asc'

const path = 'libs/inference/generated/tree-sums.wasm'
const file = new URL(`../../${path}`, import.meta.url)

let binary = new Uint8Array()
const { error, stderr } = await compile(
  [
    'tree-sums.ts',
    '--outFile',
    'tree-sums.wasm',
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
  ],
  {
    readFile: (name) => {
      try {
        return readFileSync(new URL(`./assembly/${name}`, import.meta.url), 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (_, content) => {
      binary = content as Uint8Array<ArrayBuffer>
    },
    listFiles: () => [],
  },
)
if (error) {
  console.error(stderr.toString())
  throw error
}

if (!process.argv.includes('--check')) writeFileSync(file, binary)
else if (!readFileSync(file).equals(binary)) {
  console.error(`${path} is out of date: run \`node libs/inference/generate.ts\``)
  process.exitCode = 1
}
