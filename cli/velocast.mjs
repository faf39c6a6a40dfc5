#!/usr/bin/env node
// `npx velocast …`: the same front door as `npm run demo` and `npm test`.
import '../scripts/run.mjs'
