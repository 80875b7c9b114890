import { ADMIN, createAuthenticator } from "./auth/authenticate.ts";
import { openFsBlobStore } from "./blobs/fs/index.ts";
import type { ServeConfig } from "./config.ts";
import { lockData, tryLock } from "./file-lock.ts";
import { openDatabase } from "./db/index.ts";
import { type Listener, listen } from "./http/listen.ts";
import { startJobs } from "./jobs/start-jobs.ts";
import { openInstanceKey } from "./keys.ts";
import { createSmtpMail } from "./mail/smtp.ts";
import { createLog } from "./log.ts";
import { createMetrics, fileBytes } from "./metrics.ts";
import { openReserve, withReserve } from "./reserve.ts";
import { createInspectionPool } from "./sandbox/inspection-pool.ts";
import { finishCollection } from "./service/store/collect-garbage.ts";
import { reissueRepositories } from "./service/repositories/keep-up.ts";
import { reissueChannelDocuments } from "./service/channels/channel-documents.ts";
import type { Instance } from "./service/instance.ts";
import { createReceiver } from "./service/uploads/receive.ts";

/** How long requests under way may take to end after a signal. */
const GRACE_MS = 8_000;

export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** Puts the whole server together and starts it. */
export async function serve(config: ServeConfig): Promise<Served> {
  const log = createLog(config.logLevel);
  const unlock = lockData(config.data.lock);
  const reserve = openReserve(config.data.reserve);
  const db = withReserve(await openDatabase(config.database), reserve, log);
  const blobs = await openFsBlobStore(config.data.path);
  const pool = createInspectionPool();
  const key = openInstanceKey(config.data.key);

  // The address is known once we listen, and the routes need it: they are made with a getter.
  let listener: Listener | undefined;
  const instance: Instance = {
    db,
    blobs,
    key,
    origin: "distd",
    get baseUrl() {
      return config.publicUrl ?? `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${listener?.port ?? config.port}`;
    },
    inspect: pool.inspect,
    verify: pool.verify,
    mail: config.smtp && createSmtpMail(config.smtp),
    lockCollection: () => tryLock(config.data.collectionLock),
    leaseMs: config.leaseSeconds * 1000,
    log,
    now: Date.now,
    changed: () => listener?.forget(),
  };
  const authenticator = createAuthenticator(db.read, { adminToken: config.adminToken, now: Date.now });
  const gauges = async () => {
    const head = await db.read.selectFrom("audit_head").select("size").executeTakeFirstOrThrow();
    return {
      distd_audit_events: head.size,
      distd_database_bytes: fileBytes(config.data.database),
      distd_wal_bytes: fileBytes(`${config.data.database}-wal`),
      distd_free_bytes: (await blobs.free()).bytes,
    };
  };
  listener = listen(
    { instance, receiver: createReceiver(instance), authenticator, metrics: createMetrics() },
    { host: config.host, port: config.port, gauges },
  );
  await reissueChannelDocuments(instance, { principal: ADMIN });
  await reissueRepositories(instance, { principal: ADMIN });
  // Until what an interrupted collection marked is gone, nobody can bring those bytes back.
  await finishCollection(instance);
  const jobs = startJobs(instance, authenticator, reserve, { gcSeconds: config.gcSeconds });
  if (config.adminToken === undefined) log("warn", "DISTD_ADMIN_TOKEN is not set: only tokens made earlier can sign in");
  log("info", "listening", { url: instance.baseUrl, data: config.data.path, engine: db.traits.engine });

  return {
    url: `http://${config.host}:${listener.port}`,
    async stop() {
      log("info", "stopping");
      await listener.stop(GRACE_MS);
      await jobs.stop();
      pool.close();
      await db.close();
      unlock();
    },
  };
}
