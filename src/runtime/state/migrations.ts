import type { Database, Sql } from './database.ts'

/**
 * The service's own tables, beside pg-boss's. A migration is never changed once released; a new one is added at the end.
 *
 * `job.claim` names the attempt that may write for a job; `job.wave` rises whenever its work is put into the queue anew, so that
 * whatever an earlier wave left behind is refused.
 */
const MIGRATIONS: readonly string[] = [
  `
create table nestwave.job (
  id uuid primary key,
  number bigint generated always as identity unique,
  owner text not null,
  kind text not null,
  title text not null,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  study jsonb not null,
  mesh_name text not null,
  mesh_sha256 text not null,
  options jsonb not null,
  priority smallint not null,
  limits jsonb not null,
  parent uuid,
  revision int not null default 1,
  wave int not null default 1,
  step int not null default 0,
  claim text,
  attempts int not null default 0,
  remaining int not null default 0,
  waiting_stage uuid,
  reason text,
  error jsonb,
  stage text,
  stage_done bigint not null default 0,
  stage_found bigint not null default 0,
  stage_total bigint not null default 0,
  stage_detail text not null default '',
  stage_started timestamptz,
  progress_at timestamptz,
  cpu_seconds double precision not null default 0,
  bytes bigint not null default 0,
  event_seq bigint not null default 0,
  idempotency_key text,
  request_hash text,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  ended_at timestamptz,
  unique (owner, idempotency_key)
);
create index job_by_owner on nestwave.job (owner, number desc);
create index job_by_state on nestwave.job (owner, state, number desc);
create index job_active on nestwave.job (state) where state in ('queued', 'running');
create index job_waiting on nestwave.job (waiting_stage) where waiting_stage is not null;

create table nestwave.job_event (
  job uuid not null references nestwave.job on delete cascade,
  seq bigint not null,
  at timestamptz not null default clock_timestamp(),
  type text not null,
  data jsonb not null,
  primary key (job, seq)
);

-- Numbers a job's events without gaps in the order in which they commit: the row lock makes writers queue.
create function nestwave.tell(job_id uuid, event_type text, event_data jsonb) returns void language plpgsql as $$
declare n bigint;
begin
  update nestwave.job set event_seq = event_seq + 1 where id = job_id returning event_seq into n;
  insert into nestwave.job_event (job, seq, type, data) values (job_id, n, event_type, event_data);
  perform pg_notify('nestwave_event', job_id::text);
end $$;

create table nestwave.stage (
  id uuid primary key default gen_random_uuid(),
  owner text not null,
  name text not null check (name in ('dataset', 'model', 'estimate')),
  hash text not null,
  title text not null,
  number bigint generated always as identity unique,
  holder uuid references nestwave.job on delete set null,
  complete boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  unique (owner, name, hash)
);

create table nestwave.job_stage (
  job uuid not null references nestwave.job on delete cascade,
  stage uuid not null references nestwave.stage on delete cascade,
  primary key (job, stage)
);
create index job_stage_by_stage on nestwave.job_stage (stage);

-- folder: the id of a job or of a stage.
create table nestwave.file (
  folder uuid not null,
  path text collate "C" not null,
  sha256 text not null,
  size bigint not null,
  written_at timestamptz not null default clock_timestamp(),
  primary key (folder, path)
);
create index file_by_content on nestwave.file (sha256);

create table nestwave.chunk (
  id uuid primary key,
  job uuid not null references nestwave.job on delete cascade,
  owner text not null,
  wave int not null,
  folder uuid not null,
  path text not null,
  task text not null,
  setup_sha256 text not null,
  input_sha256 text not null,
  samples int not null,
  tag int not null,
  done_at timestamptz,
  worker text,
  attempt int
);
create index chunk_by_job on nestwave.chunk (job, wave);
create index chunk_waiting on nestwave.chunk (owner, tag) where done_at is null;

create table nestwave.mesh (
  owner text not null,
  name text not null,
  sha256 text not null,
  size bigint not null,
  survey jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (owner, name)
);

create table nestwave.api_key (
  id uuid primary key,
  owner text not null,
  name text not null,
  prefix text not null,
  hash bytea not null unique,
  scopes text[] not null,
  requests_per_minute int,
  max_active_jobs int,
  max_bytes bigint,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);

create table nestwave.webhook (
  id uuid primary key,
  owner text not null,
  url text not null,
  events text[] not null,
  secret text not null,
  last_status text,
  created_at timestamptz not null default clock_timestamp()
);
create index webhook_by_owner on nestwave.webhook (owner);

create table nestwave.audit (
  number bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  owner text not null,
  key_id uuid,
  address text,
  request_id text,
  action text not null,
  subject text,
  status int
);

create table nestwave.worker (
  id uuid primary key,
  host text not null,
  pid int not null,
  slots int not null,
  version text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);
`,
]

/** Any fixed number: one process migrates, the others wait for it. */
const LOCK = 7_246_013

const versionOf = async (sql: Sql): Promise<number> => {
  await sql.query('create schema if not exists nestwave')
  await sql.query('create table if not exists nestwave.version (version int not null)')
  const [row] = await sql.query<{ version: number }>('select version from nestwave.version')
  if (row === undefined) await sql.query('insert into nestwave.version values (0)')
  return row?.version ?? 0
}

/**
 * Brings the tables to this program's version, one transaction for all.
 * @throws Error when a newer Nestwave has used this database
 */
export const migrate = (database: Database): Promise<void> =>
  database.transaction(async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK])
    const version = await versionOf(sql)
    if (version > MIGRATIONS.length)
      throw new Error(
        `the database is of version ${version}, this Nestwave knows ${MIGRATIONS.length}: use the Nestwave that wrote it, or a newer one`,
      )
    for (const step of MIGRATIONS.slice(version)) await sql.query(step)
    await sql.query('update nestwave.version set version = $1', [MIGRATIONS.length])
  })
