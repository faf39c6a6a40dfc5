/** Compiles the modules of `assembly`. `--check` compares and fails instead. */
import { readFileSync, writeFileSync } from 'node:fs'
import { main as compile } from 'assemblyscript/asc'

const compiledOf = async (name: string): Promise<Uint8Array> => {
  let binary = new Uint8Array()
  const { error, stderr } = await compile(
    [`${name}.ts`, '--outFile', `${name}.wasm`, '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    {
      readFile: (file) => {
        try {
          return readFileSync(new URL(`./assembly/${file}`, import.meta.url), 'utf8')
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
  return binary
}

for (const name of ['tree-sums', 'matrix']) {
  const path = `libs/inference/generated/${name}.wasm`
  const file = new URL(`../../${path}`, import.meta.url)
  const binary = await compiledOf(name)
  if (!process.argv.includes('--check')) writeFileSync(file, binary)
  else if (!readFileSync(file).equals(binary)) {
    console.error(`${path} is out of date: run \`node libs/inference/generate.ts\``)
    process.exitCode = 1
  }
}
