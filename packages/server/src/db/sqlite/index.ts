import { Database as SqliteFile } from "bun:sqlite";
import { DistError } from "@distd/core";
import { CompiledQuery, type DatabaseConnection, Kysely, type SqliteDatabase, SqliteDialect, SqliteDriver } from "kysely";
import type { Database } from "../database.ts";
import type { Schema } from "../schema.ts";

/** The oldest engine without the WAL-reset bug. */
const OLDEST_SQLITE = [3, 51, 3];

/** How long a write waits for the lock of another process, and how often it asks. */
const LOCK_TIMEOUT_MS = 10_000;
const LOCK_POLL_MS = 5;

/** Statements that stay compiled. Bun keeps 20, and a promotion alone has a hundred. */
const COMPILED_STATEMENTS = 500;
SqliteFile.MAX_QUERY_CACHE_SIZE = COMPILED_STATEMENTS;

/** `bun:sqlite` in the shape Kysely's own SQLite dialect wants. */
function adapt(file: SqliteFile): SqliteDatabase {
  return {
    close: () => file.close(),
    prepare(sql) {
      const statement = file.query(sql);
      const bind = (values: readonly unknown[]) => values as (string | number | null)[];
      return {
        reader: statement.columnNames.length > 0,
        all: (values) => statement.all(...bind(values)),
        run: (values) => statement.run(...bind(values)),
        iterate: (values) => statement.iterate(...bind(values)),
      };
    },
  };
}

/** Takes the write lock at `begin`: a transaction that reads first and writes later would else fail with SQLITE_BUSY. */
class ImmediateDriver extends SqliteDriver {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    super({ database: adapt(file) });
    this.#file = file;
  }

  /** SQLite's own waiting would stop the whole process, so we ask again ourselves while another process writes. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
      try {
        await connection.executeQuery(CompiledQuery.raw("begin immediate"));
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== "SQLITE_BUSY" || waitedMs >= LOCK_TIMEOUT_MS) throw error;
      }
      await Bun.sleep(LOCK_POLL_MS);
    }
  }

  /** On a full disk SQLite has rolled back by itself; a second rollback would fail and hide why. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.inTransaction) await super.rollbackTransaction(connection);
  }
}

class BunSqliteDialect extends SqliteDialect {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    super({ database: adapt(file) });
    this.#file = file;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#file);
  }
}

/** SQLite in one file: WAL, a sync on every commit, one connection that writes and one that only reads. */
export function openSqlite(path: string): Database {
  const writer = new SqliteFile(path, { create: true });
  const version = (writer.query("select sqlite_version() as version").get() as { version: string }).version;
  requireSqlite(version);
  for (const pragma of [
    "busy_timeout = 5000",
    "temp_store = memory",
    "journal_mode = wal",
    "synchronous = full",
    "foreign_keys = on",
    "journal_size_limit = 67108864",
  ]) {
    writer.run(`pragma ${pragma}`);
  }
  // From here on only `begin` can meet another writer, and that waits by itself.
  writer.run("pragma busy_timeout = 0");
  const reader = new SqliteFile(path, { readonly: true });
  reader.run("pragma busy_timeout = 5000");
  reader.run("pragma temp_store = memory");
  reader.run("pragma query_only = on");
  const write = new Kysely<Schema>({ dialect: new BunSqliteDialect(writer) });
  const read = new Kysely<Schema>({ dialect: new BunSqliteDialect(reader) });
  return {
    traits: { engine: "sqlite", sharedByProcesses: false },
    read,
    write: (body) => write.transaction().execute(body),
    async close() {
      await read.destroy();
      await write.destroy();
    },
  };
}

function requireSqlite(version: string): void {
  const have = version.split(".").map(Number);
  const difference = OLDEST_SQLITE.map((part, index) => (have[index] ?? 0) - part).find((delta) => delta !== 0) ?? 0;
  if (difference < 0)
    throw new DistError("config/invalid", `SQLite ${version} is older than ${OLDEST_SQLITE.join(".")}`, {
      hint: "use the Bun version this project pins",
    });
}
