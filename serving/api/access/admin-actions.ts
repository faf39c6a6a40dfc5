import type { KafkaClient } from '@velocast/kafka'
import { createMlflowStages, promoteVersion, type VersionPromotion } from '@velocast/promotion'
import type { Clock } from '@velocast/runtime'
import type { AuditEntry } from '@velocast/schemas'
import type { Reload } from '../model-life.ts'
import type { Replica } from '../open-replica.ts'

/** What an administrator may do over HTTP, for systems that are there. */
export interface AdminActions {
  /** Loads the newest promoted model once more, on this replica. */
  readonly reload: (systemId: string) => Promise<Reload>
  /** Promotes the version as the command line does, for all replicas. Throws an UnavailableError, or the signal's reason. */
  readonly rollback: (request: RollbackRequest) => Promise<VersionPromotion>
  /** Writes down what was done or tried. Must not reject. */
  readonly audit: (entry: Omit<AuditEntry, 'auditId' | 'happenedAt' | 'replicaId'>) => void
}

export interface RollbackRequest {
  systemId: string
  modelVersion: string
  /** In a sentence: who asked for it, and what for. */
  reason: string
  signal: AbortSignal
}

export interface AdminOptions {
  replicas: ReadonlyMap<string, Replica>
  kafka: KafkaClient
  mlflowUrl: string
  replicaId: string
  clock: Clock
  newId: () => string
  onAudited: (entry: AuditEntry) => void
}

export const createAdminActions = (options: AdminOptions): AdminActions => {
  const { replicas, kafka, mlflowUrl, clock } = options
  return {
    reload: (systemId) => replicas.get(systemId)!.reload(),
    rollback: (request) =>
      promoteVersion({
        kafka,
        stages: createMlflowStages(mlflowUrl, fetch),
        mlflowUrl,
        clock,
        modelName: replicas.get(request.systemId)!.knowledge.system.modelName,
        ...request,
      }),
    audit: (entry) =>
      options.onAudited({
        ...entry,
        auditId: options.newId(),
        happenedAt: clock.now(),
        replicaId: options.replicaId,
      }),
  }
}
