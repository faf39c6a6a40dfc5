export { type MadeBundle, type MakeBundleOptions, makeBundle } from './make-bundle.ts'
export { seededRandom } from './random-trees.ts'
