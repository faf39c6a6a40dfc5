export { type Clock, systemClock } from './clock.ts'
export { countryOfTimeZone } from './country-of-time-zone.ts'
export { createLogger, type Log } from './create-logger.ts'
export { ConfigError, configFragments, loadConfig } from './load-config.ts'
export { loadSystems, parseSystems, type System, SystemConfig, type WeatherLocation } from './load-systems.ts'
export { messageOf } from './message-of.ts'
export { type OpenTracer, openTracer, type TracerOptions } from './open-tracer.ts'
export { remember } from './remember.ts'
export { runService, type Service, type ServiceContext } from './run-service.ts'
export {
  carryTrace,
  noTracer,
  type SpanOptions,
  type Traceparent,
  type Tracer,
  traceparentHeader,
} from './tracer.ts'
export { UnavailableError } from './unavailable-error.ts'
