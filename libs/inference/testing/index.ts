export { openSession } from '../open-session.ts'
export { type MadeBundle, type MakeBundleOptions, makeBundle } from './make-bundle.ts'
export { makeCalibration } from './make-calibration.ts'
export { seededRandom } from './random-trees.ts'
